"""The arguments and options that several commands share."""

from __future__ import annotations

import os
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

Only: TypeAlias = Annotated[
    list[str] | None, typer.Option("--only", metavar="MAPPING", help="This mapping only; may be given again.")
]
Wait: TypeAlias = Annotated[bool, typer.Option("--wait", help="Follow import jobs until they have ended.")]
Workers: TypeAlias = Annotated[
    int,
    typer.Option("--workers", min=1, metavar="N", help="Processes that map events or rows. Left out: one a core."),
]
CORES = os.cpu_count() or 1
GiveUp: TypeAlias = Annotated[
    str, typer.Option("--give-up", metavar="TIME", help="How long a request is tried again: 30s, 10m, 4h.")
]
FOUR_HOURS = "4h"
"""How long Segment tries again, and so what is meant where `--give-up` is left out."""
Yes: TypeAlias = Annotated[
    bool, typer.Option("--yes", help="Do not ask before many people gain or lose something at the real Klaviyo.")
]
FailedFile: TypeAlias = Annotated[
    Path | None,
    typer.Option("--failed", metavar="FILE", help="Write the events that failed, with their reasons, as NDJSON."),
]


def example(text: str) -> str:
    """The examples behind a command's help, each on its own line."""
    return f"\b\nExamples:\n{text}"
