"""The tokens of a formula, for reading one and for what is typed. Showing bindings takes none of it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from studio.formula.syntax import NAME, PATH

UNFINISHED_PATH: Final = re.compile(rf"(?:{PATH.pattern}|\$)(?:\[(?:[0-9]*|'[^']*|\"[^\"]*))?\Z")
"""A path that may go on at the end of the text, or a bare `$` there."""

TOKEN: Final = re.compile(
    rf"""\s*(?:(?P<path>{PATH.pattern})
    |(?P<text>"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')
    |(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.]))
    |(?P<name>{NAME.pattern})
    |(?P<sign>\?\?|[()\[\]{{}},:])
    |(?P<end>\Z)
    |(?P<bad>.))""",
    re.DOTALL | re.VERBOSE,
)
"""The next token, blanks before it skipped. It matches at every offset."""


class Token(NamedTuple):
    """One token: its kind (a group of `TOKEN`), its text, and its offsets in the formula."""

    kind: str
    text: str
    start: int
    end: int


def token_at(formula: str, offset: int) -> Token:
    """The first token at or after an offset; of kind `end` where none is left, `bad` where none can begin."""
    found = TOKEN.match(formula, offset)
    assert found is not None, "TOKEN matches at every offset"  # noqa: S101 - tells the type checker what holds
    kind = found.lastgroup or "bad"
    return Token(kind, found[kind], found.start(kind), found.end(kind))
