"""Which paths of the event a binding reads, and in which templates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from actions.mapping.templates import template_paths
from actions.values import Json


def root_of(path: str) -> str:
    """The first key of a path: `properties` of `$.properties.email`."""
    return path.removeprefix("$.").partition(".")[0].partition("[")[0]


def paths_read(binding: Json) -> Iterator[str]:
    """The paths of a binding that are read from the event itself, not from an item or a new event."""
    if isinstance(binding, dict):
        for key, value in cast("dict[str, Json]", binding).items():
            if key == "@path" and isinstance(value, str):
                yield value
            elif key == "@template" and isinstance(value, str):
                yield from template_paths(value)
            elif key == "@arrayPath":
                yield from paths_read(cast("list[Json]", value)[0] if isinstance(value, list) and value else None)
            elif key != "@transform":
                yield from paths_read(value)
    elif isinstance(binding, list):
        for item in cast("list[Json]", binding):
            yield from paths_read(item)


def templates_of(binding: Json) -> Iterator[str]:
    """The templates of a binding, wherever in it they stand."""
    if isinstance(binding, dict):
        for key, value in cast("dict[str, Json]", binding).items():
            if key == "@template" and isinstance(value, str):
                yield value
            else:
                yield from templates_of(value)
    elif isinstance(binding, list):
        for item in cast("list[Json]", binding):
            yield from templates_of(item)
