"""Paths into an event: `$.traits.email`, `$.products[0].sku`, `$['key.with.dots']`.

A path is Segment's: keys between dots, indices in brackets or between dots, no wildcards. What is falsy in JavaScript
(null, 0, false, empty text) and met on the way is itself the result, as in Segment's engine. Beyond Segment, a quoted
key in brackets may hold dots.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias, cast

from actions.values import MISSING, Json

Getter: TypeAlias = Callable[[Json], Json]
"""From an event to a value, or to `MISSING`."""

_QUOTED_KEY = re.compile(r"""\[(?:"([^"]*)"|'([^']*)')\]""")
_SEPARATOR = re.compile(r"""\[(?=["'\d])|\.|(?<=["'\d])\]+""", re.ASCII)
_QUOTES = re.compile("[\"']")
_INDEX = re.compile(r"0|[1-9]\d{0,9}", re.ASCII)


def compile_path(path: str) -> Getter:
    """The getter of an `@path`: the empty path is the whole event, the first `$.` does not count."""
    if path.startswith(("$['", '$["')):
        return compile_keys(path[1:])
    return compile_keys(path.replace("$.", "", 1))


def compile_keys(path: str) -> Getter:
    """The getter of a path in a template, where `$` is a key like any other."""
    keys = tuple(_keys(path))
    walk = _walker(keys)
    match keys:
        case ():
            return _whole
        case (key,):
            return _one_key(key, walk)
        case (first, second):
            return _two_keys(first, second, walk)
        case (first, second, third):
            return _three_keys(first, second, third, walk)
        case _:
            return walk


def property_of(value: Json, key: str, index: int | None) -> Json:
    """What JavaScript's `value[key]` gives of a value's own properties; `index` is the key where it is an index."""
    if isinstance(value, dict):
        return cast("dict[str, Json]", value).get(key, MISSING)
    if isinstance(value, list):
        items = cast("list[Json]", value)
        if index is not None:
            return items[index] if index < len(items) else MISSING
        return len(items) if key == "length" else MISSING
    if isinstance(value, str):
        if index is not None:
            return _character(value, index)
        return utf16_length(value) if key == "length" else MISSING
    return MISSING


def index_of(key: str) -> int | None:
    """The index that a key is for a list or a text, None where it is none."""
    return int(key) if _INDEX.fullmatch(key) else None


def utf16_length(text: str) -> int:
    """The length JavaScript gives a text: characters outside the basic plane count twice."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _character(text: str, index: int) -> Json:
    if text.isascii():
        return text[index] if index < len(text) else MISSING
    unit = text.encode("utf-16-le", "surrogatepass")[2 * index : 2 * index + 2]
    # half of a pair cannot be sent as JSON, so it becomes what it would become on the wire
    return unit.decode("utf-16-le", "replace") if unit else MISSING


def keys_of(path: str) -> list[str]:
    """The keys of a path, without the `$` that it may begin with."""
    keys = _keys(path)
    return keys[1:] if keys[:1] == ["$"] else keys


def _keys(path: str) -> list[str]:
    keys: list[str] = []
    end = 0
    for quoted in _QUOTED_KEY.finditer(path):
        keys += _plain_keys(path[end : quoted.start()])
        keys.append(quoted[1] if quoted[1] is not None else quoted[2])
        end = quoted.end()
    return keys + _plain_keys(path[end:])


def _plain_keys(path: str) -> list[str]:
    return [_QUOTES.sub("", part) for part in _SEPARATOR.split(path) if part]


def _walker(keys: tuple[str, ...]) -> Getter:
    steps = tuple((key, index_of(key)) for key in keys)

    def walk(value: Json) -> Json:
        for key, index in steps:
            if value is None or value is MISSING or value is False:
                return value
            if isinstance(value, str | int | float) and (not value or value != value):  # noqa: PLR0124 - NaN is falsy
                return value
            value = property_of(value, key, index)
        return value

    return walk


def _whole(event: Json) -> Json:
    return event


# Nearly every path of a real mapping reads one to three keys of plain objects: these three getters do so without a
# loop and leave everything else to `walk`. They compare classes because that is the fastest test there is.


def _one_key(key: str, walk: Getter) -> Getter:
    def get(event: Json) -> Json:
        if event.__class__ is dict:
            return event.get(key, MISSING)
        return walk(event)

    return get


def _two_keys(first: str, second: str, walk: Getter) -> Getter:
    def get(event: Json) -> Json:
        if event.__class__ is dict:
            value = event.get(first, MISSING)
            if value.__class__ is dict:
                return value.get(second, MISSING)
            if value is MISSING:
                return MISSING
        return walk(event)

    return get


def _three_keys(first: str, second: str, third: str, walk: Getter) -> Getter:
    def get(event: Json) -> Json:
        if event.__class__ is dict:
            value = event.get(first, MISSING)
            if value.__class__ is dict:
                value = value.get(second, MISSING)
                if value.__class__ is dict:
                    return value.get(third, MISSING)
            if value is MISSING:
                return MISSING
        return walk(event)

    return get
