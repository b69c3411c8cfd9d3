"""FQL's functions. What is given the wrong type gives null, or false where it answers a question."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

from actions.triggers import values
from actions.triggers.globs import compile_glob
from actions.triggers.values import Found
from actions.values import Json

_BETWEEN_WORDS = re.compile(r"[\s_-]+")


class Function(NamedTuple):
    """A function: its parameters' names, and what it does. `asks` says that it answers a question."""

    parameters: tuple[str, ...]
    call: Callable[..., Json]
    asks: bool = False

    def signature(self, name: str) -> str:
        """How it is written: `contains(text, part)`."""
        return f"{name}({', '.join(self.parameters)})"


def _contains(text: Found, part: Found) -> bool:
    """Whether a text holds another. Of a list it is false, as at Segment: there it is `part in list`."""
    return isinstance(text, str) and isinstance(part, str) and part in text


def _match(text: Found, pattern: Found) -> bool:
    return isinstance(text, str) and isinstance(pattern, str) and compile_glob(pattern).fullmatch(text) is not None


def _length(value: Found) -> int:
    """A text's length in bytes of UTF-8, a list's or object's members, 0 for the rest."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass"))
    return len(value) if isinstance(value, list | dict) else 0


def _on_text(change: Callable[[str], str]) -> Callable[[Found], str | None]:
    return lambda value: change(value) if isinstance(value, str) else None


def _words(text: str) -> list[str]:
    """A text's words: they end at blanks, `_`, `-`, and where a capital follows a small letter."""
    spaced = text[:1]
    for before, after in pairwise(text):
        spaced += f" {after}" if before.islower() and after.isupper() else after
    return [word for word in _BETWEEN_WORDS.split(spaced) if word]


def _snake_case(text: str) -> str:
    return "_".join(_words(text)).lower()


def _kebab_case(text: str) -> str:
    return "-".join(_words(text)).lower()


def _title_case(text: str) -> str:
    return " ".join(f"{word[0].upper()}{word[1:].lower()}" for word in _words(text))


FUNCTIONS: dict[str, Function] = {
    "contains": Function(("text", "part"), _contains, asks=True),
    "match": Function(("text", "pattern"), _match, asks=True),
    "length": Function(("value",), _length),
    "lowercase": Function(("text",), _on_text(str.lower)),
    "uppercase": Function(("text",), _on_text(str.upper)),
    "snakecase": Function(("text",), _on_text(_snake_case)),
    "kebabcase": Function(("text",), _on_text(_kebab_case)),
    "titlecase": Function(("text",), _on_text(_title_case)),
    "typeof": Function(("value",), values.type_of),
    "bool": Function(("value",), values.as_bool),
    "string": Function(("value",), values.as_text),
    "number": Function(("value",), values.as_number),
}
