"""Bindings within a mapping's fields: put in and taken out without changing what is there."""

from __future__ import annotations

from typing import TypeAlias, cast

from actions.values import Json

FieldPath: TypeAlias = tuple[str, ...]
"""A field of an action by its key, or a sub-field: `("location", "zip")`."""


def with_binding(fields: dict[str, Json], path: FieldPath, binding: Json) -> dict[str, Json]:
    """The fields with one bound; what stands in the way of a sub-field gives way to an object."""
    key, *rest = path
    if not rest:
        return {**fields, key: binding}
    inner = fields.get(key)
    is_object = isinstance(inner, dict) and not any(name.startswith("@") for name in cast("dict[str, Json]", inner))
    return {**fields, key: with_binding(cast("dict[str, Json]", inner) if is_object else {}, tuple(rest), binding)}


def without_binding(fields: dict[str, Json], path: FieldPath) -> dict[str, Json]:
    """The fields with one unbound; an object that is empty then goes too."""
    key, *rest = path
    inner = fields.get(key)
    if rest and isinstance(inner, dict):
        left = without_binding(cast("dict[str, Json]", inner), tuple(rest))
        if left:
            return {**fields, key: left}
    return {name: value for name, value in fields.items() if name != key}
