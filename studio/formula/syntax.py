"""What a formula is made of: how its kind shows, its paths and names, and JSON text on one line."""

from __future__ import annotations

import json
import re
from typing import Final, Literal

from actions.values import Json

DEEPEST: Final = 100
"""How many levels a formula may be nested. The compiler of mappings takes no more either."""

LARGEST: Final = 10_000
"""How many values a formula may stand for. Every `??` writes its left side twice, so short text can mean very much."""

# Controls, line separators and what changes the direction of writing would not be seen on one line. Half a surrogate
# pair cannot be shown; only the first of two that stand together is escaped, because two escapes would be one pair.
_HIDDEN = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
HIDDEN: Final = re.compile(rf"[{_HIDDEN}\ud800-\udbff]|(?<![\ud800-\udbff])[\udc00-\udfff]")
"""A character that is shown as an escape."""

_VISIBLE = rf"[^'\"{_HIDDEN}\ud800-\udfff]"
PATH: Final = re.compile(rf"\$(?:\.[\w-]*|\[(?:[0-9]+|'{_VISIBLE}*'|\"{_VISIBLE}*\")\])+")
"""A path as it is typed: keys after dots, indices and quoted keys in brackets. Others are written `path("…")`."""

PLACEHOLDER: Final = re.compile(r"\{\{[^}]+\}\}")
"""What makes a text a template."""

NAME: Final = re.compile(r"[^\W\d][\w-]*")
"""The name of a function or an option, and a key that needs no quotes."""


class FormulaError(ValueError):
    """A text that is no formula.

    `message` is for people, `position` counts characters of the text from 0, `expected` lists what could stand there.
    """

    def __init__(self, message: str, position: int, expected: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.expected = expected


def kind_of(text: str) -> Literal["expression", "template", "text"]:
    """How a formula is read, by its first characters, leading blanks aside."""
    text = text.lstrip()
    if text.startswith(("=", '"', "$.", "$[", "[")) or (text.startswith("{") and not text.startswith("{{")):
        return "expression"
    return "template" if PLACEHOLDER.search(text) else "text"


def compact_json(value: Json) -> str:
    """A value as JSON on one line without blanks, all hidden characters escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return HIDDEN.sub(lambda hidden: f"\\u{ord(hidden[0]):04x}", text)


def fits(value: Json) -> bool:
    """Whether a value is neither deeper nor larger than a formula may stand for."""
    level, count = [value], 0
    for _ in range(DEEPEST):
        count += len(level)
        if count > LARGEST:
            return False
        level = [
            member
            for item in level
            if isinstance(item, list | dict)
            for member in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return True
    return False


def shortened(text: str) -> str:
    """A text as messages quote it."""
    return text if len(text) <= 30 else f"{text[:29]}…"
