"""`studio init`: a configuration to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import presets
from studio.cli import arguments
from studio.cli.failures import UsageFailure, command
from studio.cli.text import printable
from studio.documents import samples_beside

EXAMPLES = arguments.example(
    """\
  studio init                           klaviyo.toml and klaviyo.samples.ndjson
  studio init shop --preset ecommerce   shop.toml for a shop's events"""
)


def _preset_names() -> list[str]:
    return presets.names()


@command
def init(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The file's name; .toml may be left out.")] = "klaviyo",
    preset: Annotated[
        str,
        typer.Option(
            "--preset", metavar="P", help="What to start from; a wrong name lists them.", autocompletion=_preset_names
        ),
    ] = presets.STARTER,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Write a configuration to start from, and its sample events beside it."""
    from actions import Config, ConfigError  # the engine, which `--help` does not need
    from studio.samples import read_samples, write_samples

    if preset not in presets.names():
        raise UsageFailure(f"there is no preset {preset!r}; there are {', '.join(presets.names())}.")
    config = Path(name if name.endswith(".toml") else f"{name}.toml")
    samples = samples_beside(config)
    there = [str(path) for path in (config, samples) if path.exists()]
    if there and not force:
        raise UsageFailure(f"already there: {', '.join(there)}; --force replaces.")
    try:
        write_samples(samples, read_samples(presets.samples_path(preset)).samples)
        Config.load(presets.config_path(preset)).save(config)
    except OSError as error:
        raise UsageFailure(f"{samples} cannot be written: {error.strerror or error}.") from error
    except ConfigError as error:
        raise UsageFailure(str(error)) from error
    typer.echo(printable(f"Wrote {config} and {samples}. Next: studio preview {config}"))
