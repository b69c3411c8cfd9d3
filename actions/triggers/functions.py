"""FQL's functions. What is given the wrong type gives null, or false where it is asked a question."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from actions.triggers.globs import compile_glob
from actions.triggers.values import as_bool, as_number, as_text, type_of
from actions.values import Json, Missing

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W_A-Z]+|[^\W_]+")


@dataclass(frozen=True, slots=True)
class Function:
    """A function: its parameters' names, and what it does. `asks` says that it answers a question."""

    parameters: tuple[str, ...]
    call: Callable[..., Json]
    asks: bool = False

    def signature(self, name: str) -> str:
        """How it is written: `contains(text, part)`."""
        return f"{name}({', '.join(self.parameters)})"


def _contains(text: Json | Missing, part: Json | Missing) -> bool:
    return isinstance(text, str) and isinstance(part, str) and part in text


def _match(text: Json | Missing, pattern: Json | Missing) -> bool:
    return isinstance(text, str) and isinstance(pattern, str) and compile_glob(pattern).fullmatch(text) is not None


def _length(value: Json | Missing) -> int:
    """A text's length in bytes of UTF-8, a list's or object's members, 0 for the rest."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass"))
    return len(value) if isinstance(value, list | dict) else 0


def _on_text(change: Callable[[str], str]) -> Callable[[Json | Missing], str | None]:
    return lambda value: change(value) if isinstance(value, str) else None


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


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
    "typeof": Function(("value",), type_of),
    "bool": Function(("value",), as_bool),
    "string": Function(("value",), as_text),
    "number": Function(("value",), as_number),
}
