"""Text on its way to a terminal: data from events and answers shows its control characters instead of using them."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from actions.values import Json

_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\ufff9-\ufffb\ud800-\udfff"
_DIRECTIONS = "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
# Characters without a look of their own. Of some (the selectors behind an emoji, the fillers) terminals disagree how
# wide they are, which would put the rest of a line out of its columns.
_BLANKS = "\u115f\u1160\u3164\uffa0"
_INVISIBLE = "\u00ad\u034f\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff"
_UNSAFE = re.compile(f"[{_CONTROLS}{_DIRECTIONS}{_BLANKS}{_INVISIBLE}]")
_UNSAFE_IN_LINE = re.compile(f"{_UNSAFE.pattern[:-1]}\t\n]")


def printable(text: str, *, one_line: bool = False) -> str:
    """The text with control characters, direction marks and other invisible ones as escapes such as `\\u202e`.

    Tabs and line ends stay, unless the text has to stay on one line.
    """
    return (_UNSAFE_IN_LINE if one_line else _UNSAFE).sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def json_escape(character: str) -> str:
    """A character as JSON escapes it: one beyond the first plane as a pair of surrogates."""
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))


def json_line(value: Json) -> str:
    """The value as JSON on one line, safe for a terminal and still JSON."""
    return json_safe(_dumped(value, separators=(",", ":")))


def json_block(value: Json) -> str:
    """The value as indented JSON, safe for a terminal and still JSON."""
    return json_safe(_dumped(value, indent=2))


def _dumped(value: Json, **layout: Any) -> str:
    """The value as JSON. An infinite number, which an event's `1e999` is, is null, as it goes over the wire."""
    write = partial(json.dumps, ensure_ascii=False, default=str, allow_nan=False, **layout)
    try:
        return write(value)
    except ValueError:  # rare, so not looked for beforehand
        from actions.values import finite  # with all of the engine, which `--help` does not need

        return write(finite(value))


def json_head(value: Json, lines: int, characters: int) -> tuple[str, bool]:
    """The beginning of `json_block`, and whether it was cut: a value of megabytes is not written out to show a page."""
    parts: list[str] = []
    room, left = characters, lines
    for part in json.JSONEncoder(ensure_ascii=False, indent=2, default=str).iterencode(value):
        left -= part.count("\n")
        if left <= 0 or len(part) > room:
            parts.append(part[:room] if left > 0 else "")
            return json_safe("".join(parts)), True
        parts.append(part)
        room -= len(part)
    return json_safe("".join(parts)), False


def json_safe(text: str) -> str:
    """JSON text, or text with JSON in it, with the invisible characters as JSON's escapes."""
    return _UNSAFE.sub(lambda found: json_escape(found[0]), text)


def shortened(text: str, width: int) -> str:
    """The text on one line of at most `width` characters, with an ellipsis where it was cut."""
    line = printable(text, one_line=True)
    return line if len(line) <= width else f"{line[: width - 1]}…"
