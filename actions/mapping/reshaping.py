"""The directives that reshape objects and lists."""

from __future__ import annotations

import re
from typing import cast

from pydantic_core import from_json

from actions.mapping.compiler import NOTHING, Compiler, Place, Resolver, named, null_if_missing
from actions.mapping.paths import compile_path
from actions.values import MISSING, Json, finite, json_text

_HUGE_NUMBER = re.compile(r"[eE]\+?\d{3}|\d{309}", re.ASCII)


def array_path(compiler: Compiler, value: Json, place: Place) -> Resolver:
    """`@arrayPath`: a list, each item of which is given a shape. One object counts as a list of one."""
    if not isinstance(value, list) or not value:
        return compiler.problem(place, f"should be a list of a path and a shape but it is {named(value)}.")
    source, shape = [*cast("list[Json]", value), None][:2]
    at = place.into(0, erases=place.erases and not shape)
    get = compile_path(source) if isinstance(source, str) else compiler.text_or_directive(source, at)
    of_item = compiler.compile(shape, place.into(1))
    if not isinstance(shape, dict) or not shape:
        return get

    def resolve(event: Json) -> Json:
        found = get(event)
        if isinstance(found, dict):
            return [null_if_missing(of_item(found))]
        if isinstance(found, list):
            return [null_if_missing(of_item(item)) for item in cast("list[Json]", found)]
        return found

    return resolve


def flatten(compiler: Compiler, value: Json, place: Place) -> Resolver:
    """`@flatten`: nested objects (and lists, unless `omitArrays`) as one object, keys joined by `separator`."""
    options = compiler.options(value, place, "separator", "value")
    if options is None:
        return NOTHING
    separator = options.get("separator", ".")
    if not isinstance(separator, str) or not separator:
        compiler.problem(
            place.into("separator"), f"should be text of at least one character but it is {named(separator)}."
        )
    keep_lists = options.get("omitArrays", False)
    if not isinstance(keep_lists, bool):
        compiler.problem(place.into("omitArrays"), f"should be true or false but it is {named(keep_lists)}.")
    get = compiler.compile(options.get("value"), place.into("value"))

    def resolve(event: Json) -> Json:
        flat: dict[str, Json] = {}
        found = get(event)
        if found is not MISSING:
            _flatten(found, "", separator, keep_lists, flat)
        return flat

    return resolve


def _flatten(value: Json, name: str, separator: str, keep_lists: bool, flat: dict[str, Json]) -> None:
    if isinstance(value, dict):
        members = cast("dict[str, Json]", value).items()
    elif isinstance(value, list) and not keep_lists:
        members = ((str(index), item) for index, item in enumerate(cast("list[Json]", value)))
    else:
        flat[name] = value
        return
    for key, item in members:
        _flatten(item, f"{name}{separator}{key}" if name else key, separator, keep_lists, flat)


def json_directive(compiler: Compiler, value: Json, place: Place) -> Resolver:
    """`@json`: a value as JSON text (`encode`), or JSON text as its value (`decode`)."""
    options = compiler.options(value, place, "mode", "value")
    if options is None:
        return NOTHING
    mode = compiler.choice(options["mode"], place.into("mode"), "encode", "decode") if "mode" in options else "encode"
    given = options.get("value")
    if "value" in options and not given and not isinstance(given, list | dict):
        # Segment refuses every event here
        compiler.problem(place.into("value"), f"should be something to {mode} but it is {named(given)}.")
    get = compiler.compile(given, place.into("value", erases=place.erases))
    if mode == "decode":
        return lambda event: _decoded(get(event))

    def encode(event: Json) -> Json:
        found = get(event)
        return MISSING if found is MISSING else json_text(found)

    return encode


def _decoded(value: Json) -> Json:
    if not isinstance(value, str):
        return value
    try:
        decoded = from_json(value, allow_inf_nan=False)
    except (ValueError, TypeError):  # TypeError: text with half a surrogate pair
        return value
    return finite(decoded) if _HUGE_NUMBER.search(value) else decoded


def merge(compiler: Compiler, value: Json, place: Place) -> Resolver:
    """`@merge`: one object of several, key by key. With the direction `right` later objects win, with `left` earlier.

    Members that give no object are passed over. A key that a member written as an object lists, but whose value finds
    nothing, is erased.
    """
    options = compiler.options(value, place, "direction", "objects")
    if options is None:
        return NOTHING
    direction = "right"
    if "direction" in options:
        direction = compiler.choice(options["direction"], place.into("direction"), "right", "left")
    objects = options.get("objects", [])
    if not isinstance(objects, list):
        return compiler.problem(place.into("objects"), f"should be a list of objects but it is {named(objects)}.")
    members: list[Resolver] = []
    for index, member in enumerate(cast("list[Json]", objects)):
        at = place.into("objects").into(index, erases=True)
        if isinstance(member, dict):
            members.append(compiler.compile(member, at))
        else:
            compiler.problem(at, f"should be an object or a directive but it is {named(member)}.")
    if direction == "left":
        members.reverse()

    def resolve(event: Json) -> Json:
        merged: dict[str, Json] = {}
        for member in members:
            found = member(event)
            if isinstance(found, dict):
                merged.update(cast("dict[str, Json]", found))
        return merged if place.erases else {key: item for key, item in merged.items() if item is not MISSING}

    return resolve


def transform(compiler: Compiler, value: Json, place: Place) -> Resolver:
    """`@transform`: `apply` builds a new event, and `mapping` is resolved against that."""
    options = compiler.options(value, place, "apply", "mapping")
    if options is None:
        return NOTHING
    first = compile_apply(compiler, options.get("apply", {}), place.into("apply"))
    mapping = options.get("mapping", {})
    if not isinstance(mapping, dict):
        return compiler.problem(
            place.into("mapping"), f"should be an object or a directive but it is {named(mapping)}."
        )
    then = compiler.compile(mapping, place.into("mapping", erases=place.erases))
    return lambda event: then(first(event))


def compile_apply(compiler: Compiler, apply: Json, place: Place) -> Resolver:
    """The `apply` of a transform: an object or a directive, never another literal."""
    if not isinstance(apply, dict):
        return compiler.problem(place, f"should be an object or a directive but it is {named(apply)}.")
    return compiler.compile(apply, place)


def exclude_when_null(compiler: Compiler, value: Json, place: Place) -> Resolver:
    """`@excludeWhenNull`: null is missing, and so are nulls in objects within; lists stay as they are."""
    get = compiler.compile(value, place)
    clean = _erase_nulls if place.erases else _without_nulls

    def resolve(event: Json) -> Json:
        found = get(event)
        if isinstance(found, dict):
            return clean(cast("dict[str, Json]", found))
        return MISSING if found is None else found

    return resolve


def _without_nulls(members: dict[str, Json]) -> Json:
    return {
        key: _without_nulls(cast("dict[str, Json]", value)) if isinstance(value, dict) else value
        for key, value in members.items()
        if value is not None
    }


def _erase_nulls(members: dict[str, Json]) -> Json:
    cleaned = _without_nulls(members)
    return {key: cleaned.get(key, MISSING) for key in members}
