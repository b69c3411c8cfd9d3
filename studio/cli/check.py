"""`studio check`: every problem and trap of a configuration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studio.cli import arguments
from studio.cli.failures import EXIT_FAILED, UsageFailure, command
from studio.cli.text import json_line, printable
from studio.cli.words import tell

if TYPE_CHECKING:
    from actions.config import ConfigProblem

EXAMPLES = arguments.example(
    """\
  studio check shop.toml          problems and traps with their lines
  studio check shop.toml --json   the same for an editor or CI"""
)


@command
def check(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="A configuration (TOML).")],
    as_json: arguments.AsJson = False,
) -> int:
    """Find every problem and trap in a configuration, with line numbers. Exit 1 if there is an error."""
    from actions import ConfigError  # the engine, which `--help` does not need
    from actions.config.checks import check_file

    try:
        findings = check_file(config)
        findings = sorted([*findings, *_of_source(config)], key=lambda finding: finding.line)
    except ConfigError as error:
        raise UsageFailure(str(error)) from error
    errors = [finding for finding in findings if finding.severity == "error"]
    for finding in findings:
        typer.echo(json_line(finding.document()) if as_json else printable(str(finding)))
    warnings = len(findings) - len(errors)
    found = f"{_count(len(errors), 'error')}, {_count(warnings, 'warning')}." if findings else "sound."
    tell(f"{config}: {found}")
    return EXIT_FAILED if errors else 0


def _of_source(config: Path) -> list[ConfigProblem]:
    """What is wrong between the mappings and the model of the source, where there is one."""
    from actions import Config

    if Config.read(config)[0].source is None:
        return []
    from actions.warehouse.model_rows import check_model  # a database, for those who have a source

    return check_model(config)


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"
