"""The arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Config: TypeAlias = Annotated[
    Path | None, typer.Argument(metavar="CONFIG", help="A configuration (TOML). Left out: the starter preset.")
]
_EVENTS = "Files with events (JSON, NDJSON, gzip of either), folders, patterns, or - for standard input. Left out: "
Events: TypeAlias = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="EVENTS", help=f"{_EVENTS}NAME.samples.ndjson beside the configuration, or the starter's samples."
    ),
]
EventsOrSamples: TypeAlias = Annotated[
    list[str] | None, typer.Argument(metavar="EVENTS", help=f"{_EVENTS}the starter's samples.")
]
"""The events of a command that knows no configuration."""
To: TypeAlias = Annotated[
    str,
    typer.Option(
        "--to", metavar="TARGET", help="sandbox, klaviyo, or the address of a `studio sandbox` on this machine."
    ),
]
Fresh: TypeAlias = Annotated[bool, typer.Option("--fresh", help="Empty the sandbox first.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="JSON on standard output, one document a line.")]

FailedFile: TypeAlias = Annotated[
    Path | None,
    typer.Option("--failed", metavar="FILE", help="Write the events that failed, with their reasons, as NDJSON."),
]


def example(text: str) -> str:
    """The examples behind a command's help, each on its own line."""
    return f"\b\nExamples:\n{text}"
