"""Values in Liquid templates, as LiquidJS treats them: their texts, numbers, properties and comparisons."""

from __future__ import annotations

import math
from enum import Enum
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any, Final, cast

from actions.mapping.paths import index_of, property_of
from actions.mapping.templates import BLANKS
from actions.values import MISSING, Json, number, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LARGEST = 1_000_000
"""How many characters and list items one template may make in all."""


_OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


class LiquidError(ValueError):
    """A template that cannot be compiled, or that cannot be rendered for one event."""


class Word(Enum):
    """The words of Liquid that compare in their own way. As other values they are null and the empty text."""

    NIL = None
    EMPTY = ""
    BLANK = " "


def plain(value: Json) -> Json:
    """A value as output and most filters take it."""
    if isinstance(value, Word):
        return None if value is Word.NIL else ""
    return value


def stringify(value: Json) -> str:
    """The text of a value: nothing for null, the items of a list one after the other."""
    value = plain(value)
    if isinstance(value, str):
        return value
    if value is None or value is MISSING:
        return ""
    if isinstance(value, list):
        return "".join(map(stringify, cast("list[Json]", value)))
    return text(value)


def is_truthy(value: Json) -> bool:
    """Everything is true in Liquid but false and null."""
    value = plain(value)
    return not (value is None or value is False or value is MISSING)


def to_number(value: Json) -> float:
    """JavaScript's `Number(value)`; NaN for what is no number."""
    value = plain(value)
    if isinstance(value, str):
        stripped = value.strip(BLANKS)
        read = number(stripped) if stripped else 0
        return math.nan if read is None else _double(read)
    if isinstance(value, int | float):
        return _double(value)
    if isinstance(value, list):
        return to_number(text(value))
    return 0.0 if value is None else math.nan


def to_list(value: Json) -> list[Json]:
    """The list that a filter on lists works on: null is empty, anything else that is no list is its only item."""
    value = plain(value)
    if isinstance(value, list):
        return cast("list[Json]", value)
    return [] if value is None or value is MISSING else [value]


def bounded(length: int) -> None:
    """Refuse a result of this length before it is made."""
    if length > LARGEST:
        raise LiquidError(f"the result is larger than {LARGEST:,} characters")


def size_of(value: Json, most: int, *, within_objects: bool = False) -> int:
    """About how many characters and items a value has, counted no further than `most`.

    An object counts as much as it prints, `[object Object]`, unless its members are asked for too.
    """
    if isinstance(value, str):
        return len(value)
    size, items = 1, list[Json]()
    if isinstance(value, list):
        items = cast("list[Json]", value)
    elif isinstance(value, dict):
        members = cast("dict[str, Json]", value)
        size = 15 + sum(map(len, members)) if within_objects else 15
        items = [*members.values()] if within_objects else items
    for item in items:
        size += size_of(item, most - size, within_objects=within_objects)
        if size > most:
            break
    return size


def read_property(value: Json, key: Json) -> Json:
    """`value.key` or `value[key]`: own properties, indices that may count from the end, and `size`, `first`, `last`."""
    if value is None or value is MISSING:
        return value
    key = plain(key)
    if isinstance(value, list) and isinstance(key, int | float) and not isinstance(key, bool):
        return _item(cast("list[Json]", value), key)
    name = text(key)
    found = property_of(value, name, index_of(name))
    if found is not MISSING:
        return found
    if name == "size":
        if isinstance(value, dict):
            return len(cast("dict[str, Json]", value))
        return property_of(value, "length", None)
    if isinstance(value, list) and name in {"first", "last"}:
        return _item(cast("list[Json]", value), 0 if name == "first" else -1)
    return MISSING


def read_path(value: Json, keys: list[Json]) -> Json:
    """Properties of properties. LiquidJS looks up a first name that the value does not have in an empty object."""
    name = text(plain(keys[0]))
    value = value if property_of(value, name, index_of(name)) is not MISSING else {}
    for key in keys:
        value = read_property(value, key)
    return value


def equals(left: Json, right: Json) -> bool:
    """`==`: the same type and value, lists item by item; `nil`, `empty` and `blank` in their own way."""
    if isinstance(left, Word):
        return _matches(left, right)
    if isinstance(right, Word):
        return _matches(right, left)
    if isinstance(left, list):
        items, others = cast("list[Json]", left), cast("list[Json]", right)
        return isinstance(right, list) and len(items) == len(others) and all(map(equals, items, others))
    if _is_number(left) and _is_number(right):
        return left == right
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return left is right


def compare(left: Json, operator: str, right: Json) -> bool:
    """`<`, `<=`, `>` and `>=`: two texts by their characters, otherwise as numbers; never true for NaN or a word."""
    if isinstance(left, Word) or isinstance(right, Word):
        return False
    one, other = _primitive(left), _primitive(right)
    if isinstance(one, str) and isinstance(other, str):
        return _OPERATORS[operator](one, other)
    return _OPERATORS[operator](to_number(one), to_number(other))


def contains(left: Json, right: Json) -> bool:
    """`contains`: an item equal to it, or a text in a text."""
    left = plain(left)
    if isinstance(left, list):
        return any(equals(item, right) for item in cast("list[Json]", left))
    return isinstance(left, str) and text(plain(right)) in left


def _item(items: list[Json], index: float) -> Json:
    if index != index or math.isinf(index) or int(index) != index:  # noqa: PLR0124 - NaN
        return MISSING
    position = int(index) + (len(items) if index < 0 else 0)
    return items[position] if 0 <= position < len(items) else MISSING


def _matches(word: Word, value: Json) -> bool:
    if word is Word.NIL:
        return plain(value) is None or value is MISSING
    if isinstance(value, Word) and value is not Word.NIL:
        return False
    value = plain(value)
    if word is Word.BLANK and (value is None or value is False or value is MISSING):
        return True
    if isinstance(value, str):
        return not (value.strip(BLANKS) if word is Word.BLANK else value)
    return isinstance(value, list | dict) and not value


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _primitive(value: Json) -> Json:
    return text(value) if isinstance(value, list | dict) else value


def _double(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
