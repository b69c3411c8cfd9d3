"""Data as it may be shown: never markup, no control characters, no longer than there is room for."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual.content import Content

from actions.values import MISSING, Json, Missing, json_text
from studio.cli.text import shortened

LONGEST = 400


def value_text(value: Json | Missing, width: int = LONGEST) -> str:
    """A value in a few words: text as it is, the rest as JSON, cut to the width."""
    if isinstance(value, Missing):
        return ""
    if isinstance(value, str):
        return shortened(value[: LONGEST * 2], width) if value else '""'
    return shortened(_bounded(value), width)


def _bounded(value: Json) -> str:
    """JSON text of a value, without writing out megabytes to show a line of them."""
    if isinstance(value, dict) and len(value) > 50:
        return f"{{ {len(value):,} keys }}"
    if isinstance(value, list) and len(value) > 50:
        return f"[ {len(value):,} items ]"
    if isinstance(value, dict):
        inner = ", ".join(f"{key}: {_member(item)}" for key, item in list(value.items())[:20])
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(_member(item) for item in value[:20])}]"
    return json_text(value)


def _member(value: Json) -> str:
    if isinstance(value, dict):
        return "{…}" if value else "{}"
    if isinstance(value, list):
        return "[…]" if value else "[]"
    return json_text(value[:LONGEST] if isinstance(value, str) else value)


def fitted(text: str, room: int) -> str:
    """Text on one line, cut to so many cells of the terminal; wide characters fill them sooner."""
    cut = shortened(text, room)
    return cut if cell_len(cut) <= room else Content(cut).truncate(room, ellipsis=True).plain


def column(text: str, room: int) -> str:
    """The same, filled up with blanks."""
    cut = fitted(text, room)
    return cut + " " * (room - cell_len(cut))


def line(text: str, width: int = LONGEST) -> Content:
    """Text on one line as content for a widget."""
    return Content(shortened(text, width))


def cell(text: str, style: str = "", width: int = LONGEST) -> Text:
    """Text on one line as a cell of a table."""
    return Text(shortened(text, width), style=style, no_wrap=True, overflow="ellipsis")


def is_missing(value: Json | Missing) -> bool:
    """Whether there is nothing."""
    return value is MISSING
