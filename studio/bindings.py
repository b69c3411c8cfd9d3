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
    inner = cast("dict[str, Json]", inner) if is_plain_object(inner) else {}
    return {**fields, key: with_binding(inner, tuple(rest), binding)}


def is_plain_object(binding: Json) -> bool:
    """Whether a binding is an object of bindings, and no directive."""
    return isinstance(binding, dict) and not any(key.startswith("@") for key in cast("dict[str, Json]", binding))


def without_binding(fields: dict[str, Json], path: FieldPath) -> dict[str, Json]:
    """The fields with one unbound; an object that is empty then goes too."""
    key, *rest = path
    inner = fields.get(key)
    if rest and isinstance(inner, dict):
        left = without_binding(cast("dict[str, Json]", inner), tuple(rest))
        if left:
            return {**fields, key: left}
    return {name: value for name, value in fields.items() if name != key}
