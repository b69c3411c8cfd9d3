"""What a TOML text says. Where it says so is another matter, which only problems and saving ask for."""

from __future__ import annotations

import datetime as dates
import math
import tomllib
from typing import Any, TypeAlias, cast

from actions.values import Json

Path: TypeAlias = tuple[str | int, ...]
"""Where something stands in a document: keys, and places in lists."""

_DEEPEST = 150
"""Levels of tables and arrays: more than a mapping may have, fewer than would exhaust Python's stack."""


def parse(text: str) -> dict[str, Json]:
    """What a text says, as JSON has it: times become their ISO texts, integers beyond JSON's numbers infinite.

    Raises `ValueError` with what is wrong, a `tomllib.TOMLDecodeError` where the text is not TOML.
    """
    try:
        return cast("dict[str, Json]", _plain(tomllib.loads(text), 0))
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise ValueError("it is nested too deeply to be read") from None
    except ValueError:
        raise ValueError("a number in it has too many digits to be read") from None


def _plain(value: Any, depth: int) -> Json:
    if depth > _DEEPEST:
        raise RecursionError
    if isinstance(value, dict):
        return {key: _plain(item, depth + 1) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in cast("list[Any]", value)]
    if isinstance(value, dates.date | dates.time):
        return value.isoformat()
    if isinstance(value, int) and value.bit_length() > 1024:  # as JavaScript's JSON.parse reads it
        return math.inf if value > 0 else -math.inf
    return value
