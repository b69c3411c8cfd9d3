"""Glob patterns of `match`: `*` any text, `?` one character, `[abc]` and `[a-z]` one of a set, `\\x` the x itself."""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST_PATTERN = 1000


@lru_cache(maxsize=512)
def compile_glob(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression for a whole text. A bracket that is not closed stands for itself.

    Between two stars the shortest text is taken for good (an atomic group), so that no text takes exponential time.
    """
    parts: list[str] = [""]
    position = 0
    while position < len(pattern):
        character = pattern[position]
        position += 1
        if character == "*":
            parts.append("")
        elif character == "?":
            parts[-1] += "."
        elif character == "\\" and position < len(pattern):
            parts[-1] += re.escape(pattern[position])
            position += 1
        elif character == "[" and (end := pattern.find("]", position + 1)) > 0:
            parts[-1] += _set(pattern[position:end])
            position = end + 1
        else:
            parts[-1] += re.escape(character)
    first, *rest = parts
    if not rest:
        return re.compile(first, re.DOTALL)
    *middle, last = rest
    between = "".join(f"(?>.*?{part})" for part in middle if part)
    return re.compile(f"{first}{between}.*{last}", re.DOTALL)


def _set(members: str) -> str:
    """A set of characters; ranges from high to low are taken as their three characters."""
    negated = members[0] in "!^" and len(members) > 1
    members = members[1:] if negated else members
    parts: list[str] = []
    position = 0
    while position < len(members):
        low, dash, high = members[position : position + 3].ljust(3)[:3]
        if dash == "-" and position + 2 < len(members) and low <= high:
            parts.append(f"{re.escape(low)}-{re.escape(high)}")
            position += 3
        else:
            parts.append(re.escape(low))
            position += 1
    return f"[{'^' if negated else ''}{''.join(parts)}]"
