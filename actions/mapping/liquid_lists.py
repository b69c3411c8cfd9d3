"""LiquidJS's filters on lists, and those that take any value."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Final, cast

from actions.mapping.liquid_numbers import whole
from actions.mapping.liquid_values import (
    LARGEST,
    bounded,
    equals,
    is_truthy,
    plain,
    read_path,
    read_property,
    size_of,
    stringify,
    to_list,
    to_number,
)
from actions.mapping.paths import utf16_length
from actions.values import MISSING, Json, json_text, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _join(value: Json, separator: Json = MISSING) -> Json:
    items = to_list(value)
    between = " " if plain(separator) is None or separator is MISSING else stringify(separator)
    texts = ["" if plain(item) is None or item is MISSING else text(plain(item)) for item in items]
    bounded(sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)


def _first(value: Json) -> Json:
    return _end(plain(value), 0)


def _last(value: Json) -> Json:
    return _end(plain(value), -1)


def _end(value: Json, index: int) -> Json:
    if isinstance(value, list):
        return cast("list[Json]", value)[index] if value else MISSING
    return value[index] if isinstance(value, str) and value else ""


def _size(value: Json) -> Json:
    value = plain(value)
    if isinstance(value, str):
        return utf16_length(value)
    if isinstance(value, dict):
        return read_property(cast("dict[str, Json]", value), "length") or 0
    return len(cast("list[Json]", value)) if isinstance(value, list) else 0


def _compact(value: Json) -> Json:
    return [item for item in to_list(value) if plain(item) is not None and item is not MISSING]


def _push(value: Json, item: Json = MISSING) -> Json:
    return [*to_list(value), item]


def _unshift(value: Json, item: Json = MISSING) -> Json:
    return [item, *to_list(value)]


def _pop(value: Json) -> Json:
    return to_list(value)[:-1]


def _shift(value: Json) -> Json:
    return to_list(value)[1:]


def _slice(value: Json, begin: Json = MISSING, length: Json = MISSING) -> Json:
    value = plain(value)
    if value is None or value is MISSING:
        return []
    given: list[Json] | str = cast("list[Json]", value) if isinstance(value, list) else stringify(value)
    start = whole(begin)
    count = 1 if length is MISSING else whole(length)
    start += len(given) if start < 0 else 0
    return given[start : start + count] if start >= 0 and count >= 0 else given[:0]


def _sum(value: Json, name: Json = MISSING) -> Json:
    keys = cast("list[Json]", stringify(name).split("."))
    numbers = [to_number(_property(item, keys) if is_truthy(name) and name != "" else item) for item in to_list(value)]
    return sum(found for found in numbers if found == found)  # noqa: PLR0124 - NaN counts as nothing


def _property(item: Json, keys: list[Json]) -> Json:
    for key in keys:
        item = read_property(item, key)
    return item


def _where(value: Json, name: Json = MISSING, expected: Json = MISSING) -> Json:
    keys = cast("list[Json]", stringify(name).split("."))
    found = [(item, read_path(item, keys)) for item in to_list(value)]
    if expected is MISSING:
        return [item for item, property_ in found if is_truthy(property_)]
    return [item for item, property_ in found if equals(property_, expected)]


def _sample(value: Json, count: Json = MISSING) -> Json:
    value = plain(value)
    given = list(value) if isinstance(value, str) else to_list(value)
    most = 1 if count is MISSING else max(whole(count), 0)
    chosen = secrets.SystemRandom().sample(given, min(most, len(given)))
    return chosen if most != 1 else next(iter(chosen), MISSING)


# Any value


def _default(value: Json, otherwise: Json = MISSING, *options: Json) -> Json:
    value = plain(value)
    if isinstance(value, str | list):
        return cast("Json", value) or otherwise
    if value is False and any(option == ["allow_false", True] for option in options):
        return value
    return value if is_truthy(value) else otherwise


def _raw(value: Json) -> Json:
    return value


def _to_integer(value: Json) -> Json:
    return to_number(value)


def _to_json(value: Json, space: Json = MISSING) -> Json:
    value = plain(value)
    if value is MISSING:
        return MISSING
    bounded(size_of(value, LARGEST, within_objects=True))
    indent = space[:10] if isinstance(space, str) else " " * min(max(whole(space), 0), 10)
    return _indented(value, indent, "\n") if indent else json_text(value)


def _indented(value: Json, indent: str, newline: str) -> str:
    inner = newline + indent
    if isinstance(value, list) and value:
        items = [_indented(item, indent, inner) for item in cast("list[Json]", value)]
        return f"[{inner}{f',{inner}'.join(items)}{newline}]"
    if isinstance(value, dict) and value:
        members = cast("dict[str, Json]", value).items()
        lines = [f"{json.dumps(key, ensure_ascii=False)}: {_indented(item, indent, inner)}" for key, item in members]
        return f"{{{inner}{f',{inner}'.join(lines)}{newline}}}"
    return json_text(value)


FILTERS: Final[Mapping[str, Callable[..., Json]]] = {
    "compact": _compact,
    "default": _default,
    "first": _first,
    "inspect": _to_json,
    "join": _join,
    "json": _to_json,
    "jsonify": _to_json,
    "last": _last,
    "pop": _pop,
    "push": _push,
    "raw": _raw,
    "sample": _sample,
    "shift": _shift,
    "size": _size,
    "slice": _slice,
    "sum": _sum,
    "to_integer": _to_integer,
    "unshift": _unshift,
    "where": _where,
}
"""The filters by name."""
