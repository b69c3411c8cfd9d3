"""Durations as people give them to options: 30s, 10m, 4h."""

from __future__ import annotations

import re

from studio.cli.failures import UsageFailure

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)?", re.ASCII)
_SECONDS = {None: 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds_of(text: str, option: str) -> float:
    """The seconds that a text stands for; a number alone counts seconds."""
    found = _DURATION.fullmatch(text.strip().lower())
    if not found:
        raise UsageFailure(f"{option} {text!r} is no time; write 30s, 10m or 4h.")
    return float(found[1]) * _SECONDS[found[2]]
