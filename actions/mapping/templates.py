"""`@template`: text with `{{path}}` in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from actions.mapping.paths import Getter, compile_keys
from actions.values import MISSING, Json, text

if TYPE_CHECKING:
    from collections.abc import Callable

BLANKS = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What JavaScript trims and its `\\s` matches."""

_TRIPLE = re.compile(r"\{\{\{([^}]+)\}\}\}")
_DOUBLE = re.compile(r"\{\{([^}]+)\}\}")
_OPENING = re.compile(r"\{\{(?!\}\})")


def compile_template(template: str) -> Callable[[Json], str]:
    """A function from an event to the text. `{{a.b}}` and `{{{a.b}}}` mean the same, nothing is escaped.

    What is missing or null gives no text, other values JavaScript's text. The text of a value is never read as a
    template again.
    """
    lead, *rest = _parts(template)
    pieces = tuple((compile_keys(rest[at].strip(BLANKS)), rest[at + 1]) for at in range(0, len(rest), 2))
    if not pieces:
        return lambda event: lead  # noqa: ARG005 - nothing of the event is in it
    if len(pieces) == 1:
        return _single(lead, *pieces[0])

    def render(event: Json) -> str:
        texts = [lead]
        for get, tail in pieces:
            texts += _text(get(event)), tail
        return "".join(texts)

    return render


def template_paths(template: str) -> list[str]:
    """The paths that a template reads, as they are written in it."""
    return [part.strip(BLANKS) for part in _parts(template)[1::2]]


def unclosed_placeholder(template: str) -> str:
    """From the first `{{` of a template on that nothing closes, as far as it is told; empty where all are closed.

    It stays text as at Segment, or makes what follows it a path that no event has.
    """
    for at, part in enumerate(_parts(template)):
        if at % 2 and (part.startswith("{") or "{{" in part):
            return f"{{{{{part}"
        opening = None if at % 2 else _OPENING.search(part)
        if opening is not None:
            return part[opening.start() :]
    return ""


def _single(lead: str, get: Getter, tail: str) -> Callable[[Json], str]:
    return lambda event: f"{lead}{_text(get(event))}{tail}"


def _parts(template: str) -> list[str]:
    """Literal text and paths in turn. Triple braces are found first, as Segment does."""
    outer = _TRIPLE.split(template)
    parts = _DOUBLE.split(outer[0])
    for at in range(1, len(outer), 2):
        parts += [outer[at], *_DOUBLE.split(outer[at + 1])]
    return parts


def _text(value: Json) -> str:
    if type(value) is str:
        return value
    return "" if value is None or value is MISSING else text(value)
