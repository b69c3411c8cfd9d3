"""Questions before something that many people would feel; where nobody can be asked, an option answers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from studio.cli.failures import UsageFailure
from studio.cli.words import say

if TYPE_CHECKING:
    from actions import Config

MANY_PEOPLE = 1000
"""More than so many are asked about."""


def consent_changing(config: Config) -> list[str]:
    """The names of the mappings that are on and change whom one may write to, in order."""
    from actions.klaviyo import KLAVIYO  # the declarations, which `--help` does not need

    return [own.name for own in config.mappings if own.enabled and KLAVIYO.actions[own.action].changes_consent]


def confirm(text: str, otherwise: str) -> None:
    """Ask whether to go on. Raises `UsageFailure` where that is refused, or where there is no terminal to ask in."""
    if not sys.stdin.isatty():
        raise UsageFailure(f"{text} Nothing was sent. {otherwise}")
    say(text)
    if not typer.confirm("Go on?", err=True):
        raise UsageFailure("nothing was sent.")
