r"""Glob patterns of `match`.

`*` any text, `?` one character, `[abc]` and `[a-z]` one of a set, `[!a]` one not in the set, `\x` the character x.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SET = re.compile(r"[!^]?(?:\\.|[^\\])(?:\\.|[^\\\]])*\]", re.DOTALL)


@lru_cache(maxsize=512)
def compile_glob(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression for `fullmatch`. A bracket that is never closed stands for itself.

    The parts between stars have fixed lengths, so the first place of each is as good as any other: an atomic group
    keeps it, and no text takes exponential time.
    """
    parts = [""]
    position = 0
    is_closed = True  # where one bracket is never closed, none behind it is: looking on would take quadratic time
    while position < len(pattern):
        character = pattern[position]
        position += 1
        if character == "*":
            parts.append("")
        elif character == "?":
            parts[-1] += "."
        elif character == "[" and is_closed and (end := _set_end(pattern, position)):
            parts[-1] += _set(pattern[position : end - 1])
            position = end
        else:
            is_closed = is_closed and character != "["
            if character == "\\" and position < len(pattern):
                character = pattern[position]
                position += 1
            parts[-1] += re.escape(character)
    first, *rest = parts
    if not rest:
        return re.compile(first, re.DOTALL)
    *middle, last = rest
    between = "".join(f"(?>.*?{part})" for part in middle if part)
    return re.compile(f"{first}{between}.*{last}", re.DOTALL)


def _set_end(pattern: str, start: int) -> int:
    r"""Where the set that opens before `start` is over, 0 if nowhere. A `]` that comes first is a member."""
    found = _SET.match(pattern, start)
    return found.end() if found else 0


def _set(members: str) -> str:
    """A set of characters as a regular expression. A range from high to low is just its three characters."""
    negated = members[0] in "!^" and len(members) > 1
    characters = re.findall(r"\\.|.", members[1:] if negated else members, re.DOTALL)
    parts: list[str] = []
    while characters:
        low = characters.pop(0)
        if len(characters) > 1 and characters[0] == "-" and low[-1] <= characters[1][-1]:
            parts.append(f"{re.escape(low[-1])}-{re.escape(characters[1][-1])}")
            del characters[:2]
        else:
            parts.append(re.escape(low[-1]))
    return f"[{'^' if negated else ''}{''.join(parts)}]"
