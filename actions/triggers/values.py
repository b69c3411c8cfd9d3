"""Values in FQL: when two are equal, which is less, and what the language calls their types.

FQL compares strictly: a number is never equal to a text, and what is missing is null.
"""

from __future__ import annotations

import math
from typing import TypeAlias

from actions.values import MISSING, Json, Missing, json_text, number, text

Found: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | Missing | None"
"""What a path can find: a JSON value, spelt out so that `isinstance` tells what a list or an object holds."""


def equal(left: Found, right: Found) -> bool:
    """Whether two values have the same type and are the same, lists and objects by their members."""
    waiting: list[tuple[Found, Found]] = [
        (left, right)
    ]  # a list instead of recursion: events may nest deeper than Python does
    while waiting:
        ours, theirs = waiting.pop()
        if isinstance(ours, list) and isinstance(theirs, list):
            if len(ours) != len(theirs):
                return False
            waiting += zip(ours, theirs, strict=True)
        elif isinstance(ours, dict) and isinstance(theirs, dict):
            if ours.keys() != theirs.keys():
                return False
            waiting += ((value, theirs[key]) for key, value in ours.items())
        elif not _same_scalar(ours, theirs):
            return False
    return True


def _same_scalar(left: Found, right: Found) -> bool:
    left, right = (None if left is MISSING else left), (None if right is MISSING else right)
    if left is None or right is None or isinstance(left, bool) or isinstance(right, bool):
        return left is right  # Python's True is 1, FQL's is not
    if isinstance(left, dict | list) or isinstance(right, dict | list):
        return False
    return bool(left == right)


def ordered(left: Found, right: Found) -> bool:
    """Whether two values have an order: two numbers, or two texts (which puts ISO times in order)."""
    if isinstance(left, str):
        return isinstance(right, str)
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    return isinstance(left, int | float) and isinstance(right, int | float)


def contains(members: Found, value: Found) -> bool:
    """Whether a list has a member equal to the value. What is no list has none."""
    if not isinstance(members, list):
        return False
    if isinstance(value, str):  # the usual case, and Python's rule is FQL's: only a text equals a text
        return value in members
    return any(equal(member, value) for member in members)


def type_of(value: Found) -> str:
    """FQL's name of a type: `null` (also for what is missing), `bool`, `number`, `string`, `list`.

    Segment documents no name for an object; it is `object` here.
    """
    if value is None or isinstance(value, Missing):
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "list" if isinstance(value, list) else "object"


def as_text(value: Found) -> str | None:
    """`string(value)`: numbers and booleans as JavaScript writes them, lists and objects as JSON; null stays null."""
    if value is None or isinstance(value, Missing):
        return None
    if not isinstance(value, dict | list):
        return text(value)
    try:
        return json_text(value)
    except RecursionError:
        return None  # nested deeper than Python can write


def as_number(value: Found) -> int | float | None:
    """`number(value)`: numbers, texts that are numbers, 1 or 0 for a boolean; null for the rest."""
    if isinstance(value, bool):
        return int(value)
    found = number(value) if isinstance(value, str) else value
    if isinstance(found, float):
        return found if math.isfinite(found) else None
    return found if isinstance(found, int) else None


def as_bool(value: Found) -> bool | None:
    """`bool(value)`: booleans, numbers (0 is false), the texts `true` and `false` in any case; null for the rest."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return bool(value) if isinstance(value, int | float) else None
