"""Values in FQL: when two are equal, which is less, and what the language calls their types.

FQL compares strictly: a number is never equal to a text, and what is missing is null.
"""

from __future__ import annotations

from typing import Any, cast

from actions.values import MISSING, Json, Missing, number, text


def equal(left: Json | Missing, right: Json | Missing) -> bool:
    """Whether two values have the same type and are the same, lists and objects by their members."""
    left = None if left is MISSING else left
    right = None if right is MISSING else right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left == right
    if isinstance(left, list) and isinstance(right, list):
        ours, theirs = cast("list[Json]", left), cast("list[Json]", right)
        return len(ours) == len(theirs) and all(map(equal, ours, theirs))
    if isinstance(left, dict) and isinstance(right, dict):
        mine, yours = cast("dict[str, Any]", left), cast("dict[str, Any]", right)
        return mine.keys() == yours.keys() and all(equal(mine[key], yours[key]) for key in mine)
    return type(left) is type(right) and left == right  # pyright: ignore[reportUnknownArgumentType] - texts and null are left


def ordered(left: Json | Missing, right: Json | Missing) -> bool:
    """Whether two values have an order: two numbers, or two texts (which puts ISO times in order)."""
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    return numbers or (isinstance(left, str) and isinstance(right, str))


def contains(members: Json | Missing, value: Json | Missing) -> bool:
    """Whether a list has a member equal to the value."""
    return isinstance(members, list) and any(equal(member, value) for member in cast("list[Json]", members))


def type_of(value: Json | Missing) -> str:
    """FQL's name of a type: `null`, `bool`, `number`, `string`, `list` or `object`."""
    if value is None or isinstance(value, Missing):
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "list" if isinstance(value, list) else "object"


def as_text(value: Json | Missing) -> str | None:
    """`string(value)`: texts, numbers and booleans as text; None for the rest."""
    return text(value) if isinstance(value, str | int | float) else None


def as_number(value: Json | Missing) -> float | None:
    """`number(value)`: numbers, texts that are numbers, and 1 or 0 for a boolean; None for the rest."""
    if isinstance(value, str):
        return number(value)
    return value if isinstance(value, int | float) else None


def as_bool(value: Json | Missing) -> bool | None:
    """`bool(value)`: booleans and the texts `true` and `false`; None for the rest."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None
