"""`studio [CONFIG]`: the terminal app."""

from __future__ import annotations

import sys
from difflib import get_close_matches

import typer
from typer.core import TyperGroup

from studio.cli import arguments
from studio.cli.failures import UsageFailure, command
from studio.cli.opening import open_studio

EXAMPLES = arguments.example(
    """\
  studio              the starter preset with its samples, before the sandbox
  studio shop.toml    your configuration; one that is not there is offered to be made"""
)


@command
def open_app(context: typer.Context, config: arguments.Config = None) -> None:
    """Open the studio: map fields with live previews, send test events, see what goes over the wire."""
    missing = config if config is not None and not config.exists() else None
    if missing is not None and missing.suffix != ".toml":
        suggestion = _suggestion(str(missing), context)
        raise UsageFailure(f"there is neither a command nor a file {str(missing)!r}{suggestion}")
    if missing is not None and not missing.parent.is_dir():
        text = f"{missing} cannot be made, for there is no folder {str(missing.parent)!r}; make it first."
        raise UsageFailure(text)
    if (
        missing is not None
        and sys.stdin.isatty()
        and not typer.confirm(f"{missing} does not exist. Create it?", default=True, err=True)
    ):
        return
    open_studio(config)


def _suggestion(word: str, context: typer.Context) -> str:
    """The command that is nearest to a word."""
    root = context.find_root()
    names = root.command.list_commands(root) if isinstance(root.command, TyperGroup) else []
    near = get_close_matches(word, names, 1)
    return f"; did you mean `studio {near[0]}`?" if near else "."
