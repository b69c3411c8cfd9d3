"""The innermost parts of a trigger from how they are written: fields, texts, numbers, true, false and null."""

from __future__ import annotations

import math
import re

from actions.triggers.nodes import Literal, PathNode

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SEGMENT = re.compile(r"\[([0-9]+)\]|((?:[^.\\\[]|\\.)+)", re.DOTALL)
_CONTROL = {"n": "\n", "t": "\t"}
_WHOLE = re.compile(r"[+-]?[0-9]{1,300}")
_WORDS = {"true": True, "false": False, "null": None}


def path_of(text: str) -> PathNode:
    """A field: what a backslash stands before is part of a key, `[0]` is the key `0`."""
    keys = [found[1] or _ESCAPED.sub(r"\1", found[2]) for found in _SEGMENT.finditer(text)]
    return PathNode(text, tuple(keys))


def text_of(text: str) -> Literal:
    """A text in its quotes."""
    inner = text[1:-1]
    return Literal(text, _ESCAPED.sub(_plain, inner), pattern=_ESCAPED.sub(_for_glob, inner))


def number_of(text: str) -> Literal | None:
    """A number; None for one that is too large."""
    value = int(text) if _WHOLE.fullmatch(text) else float(text)
    return Literal(text, value) if math.isfinite(value) else None


def word_of(text: str) -> Literal:
    """`true`, `false` or `null`, in capitals or not."""
    return Literal(text, _WORDS[text.lower()])


def _plain(escape: re.Match[str]) -> str:
    return _CONTROL.get(escape[1], escape[1])


def _for_glob(escape: re.Match[str]) -> str:
    return _CONTROL.get(escape[1], escape[0])
