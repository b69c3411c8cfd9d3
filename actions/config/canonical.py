"""When two documents say the same. To Python `1`, `1.0` and `true` are equal; in a file they are not."""

from __future__ import annotations

import json

from actions.values import Json


def canonical(value: Json) -> str:
    """A text that is the same for values that say the same."""
    return json.dumps(value, sort_keys=True)


def same(one: Json, other: Json) -> bool:
    """Whether two values say the same."""
    return canonical(one) == canonical(other)
