"""Questions before something that many people would feel; where nobody can be asked, an option answers."""

from __future__ import annotations

import sys

import typer

from studio.cli.failures import UsageFailure
from studio.cli.words import say

MANY_PEOPLE = 1000
"""More than so many are asked about."""


def confirm(text: str, otherwise: str) -> None:
    """Ask whether to go on. Raises `UsageFailure` where that is refused, or where there is no terminal to ask in."""
    if not sys.stdin.isatty():
        raise UsageFailure(f"{text} Nothing was sent. {otherwise}")
    say(text)
    if not typer.confirm("Go on?", err=True):
        raise UsageFailure("nothing was sent.")
