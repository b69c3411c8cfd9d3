"""Reads triggers that are sound, without the grammar.

The grammar takes a tenth of a second to load, for everybody who opens a configuration. It stays what the language is
and says what is wrong with a text; this reads the same language as far as it is nested as people nest, and tests hold
the two together.
"""

from __future__ import annotations

import re

from actions.triggers.functions import FUNCTIONS
from actions.triggers.leaves import number_of, path_of, text_of, word_of
from actions.triggers.nodes import Call, Compare, Every, Group, In, ListOf, Node, Not, Some

_DEEPEST = 20
"""Levels. What is nested more deeply is left to the grammar, which does not need Python's stack."""

_BLANKS = re.compile(r"\s*")
_OPERAND = re.compile(
    r"""(?P<opens>[\[(])"""
    r"""|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<word>(?:true|false|null)(?![\w.\\\[-]))"""
    r"""|(?P<function>(?!(?:and|or|in|not)\s*\()[a-z]\w*(?=\s*\())"""
    r"""|(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?(?![\w.-]))"""
    r"""|(?P<path>(?!(?:and|or|in)(?![\w.\\\[-]))(?:[\w-]|\\.)+(?:\.(?:[\w-]|\\.)+|\[[0-9]+\])*)""",
    re.IGNORECASE | re.DOTALL,
)
_OPERATOR = re.compile(r"!=|>=|<=|[=<>)\],]|(?:and|or|in|contains)(?![\w-])|\Z", re.IGNORECASE)
_COMPARATORS = frozenset(("=", "!=", ">", ">=", "<", "<="))


class _NotRead(Exception):
    """The text is no trigger, or more deeply nested than is read here."""


def read(fql: str) -> Node | None:
    """The tree of a trigger; None where the grammar is to be asked."""
    reader = _Reader(fql)
    try:
        root = reader.condition(0)
    except _NotRead:
        return None
    return root if reader.operator == "" else None


class _Reader:
    """A place in the text. `operator` is what stands behind the operand that was read last, empty at the end."""

    def __init__(self, fql: str) -> None:
        self.operator = ""
        self._fql = fql
        self._at = 0
        self._end = 0

    def condition(self, depth: int) -> Node:
        """Conditions with `or` between them."""
        start = self._skip_blanks()
        parts = [self._conjunction(depth)]
        while self.operator == "or":
            parts.append(self._conjunction(depth))
        return parts[0] if len(parts) == 1 else _made(Some(self._since(start), tuple(parts)))

    def _conjunction(self, depth: int) -> Node:
        start = self._skip_blanks()
        parts = [self._negation(depth)]
        while self.operator == "and":
            parts.append(self._negation(depth))
        return parts[0] if len(parts) == 1 else _made(Every(self._since(start), tuple(parts)))

    def _negation(self, depth: int) -> Node:
        start = self._skip_blanks()
        if not self._fql.startswith("!", start):
            return self._comparison(depth)
        self._at = start + 1
        denied = self._negation(_deeper(depth))
        return _made(Not(self._since(start), denied))

    def _comparison(self, depth: int) -> Node:
        start = self._skip_blanks()
        left = self._operand(depth)
        operator = self.operator
        if operator in _COMPARATORS:
            right = self._operand(depth)
            return _made(Compare(self._since(start), left, operator, right))
        if operator == "in":
            right = self._operand(depth)
            return _made(In(self._since(start), left, right))
        if operator == "contains":
            right = self._operand(depth)
            return _made(Call(self._since(start), "contains", (left, right)))
        return left

    def _operand(self, depth: int) -> Node:
        start = self._skip_blanks()
        found = _OPERAND.match(self._fql, start)
        if found is None:
            raise _NotRead
        self._at = found.end()
        text = found[0]
        match found.lastgroup:
            case "opens" if text == "(":
                inner = self.condition(_deeper(depth))
                self._close(")")
                node = Group(self._since(start), inner)
            case "opens":
                members = self._operands("]", _deeper(depth))
                node = ListOf(self._since(start), members)
            case "function":
                node = self._call(text.lower(), start, depth)
            case "number":
                node = number_of(text)
            case "text":
                node = text_of(text)
            case "word":
                node = word_of(text)
            case _:
                node = path_of(text)
        if node is None:
            raise _NotRead
        self._read_operator()
        return _made(node)

    def _call(self, name: str, start: int, depth: int) -> Node:
        self._at = self._skip_blanks() + 1  # the parenthesis without which it would be no function
        arguments = self._operands(")", _deeper(depth))
        function = FUNCTIONS.get(name)
        if function is None or len(arguments) != len(function.parameters):
            raise _NotRead
        return Call(self._since(start), name, arguments)

    def _operands(self, closing: str, depth: int) -> tuple[Node, ...]:
        """Operands with commas between them, up to what closes them."""
        at = self._skip_blanks()
        if self._fql.startswith(closing, at):
            self._at = self._end = at + 1
            return ()
        operands = [self._operand(depth)]
        while self.operator == ",":
            operands.append(self._operand(depth))
        self._close(closing)
        return tuple(operands)

    def _close(self, closing: str) -> None:
        if self.operator != closing:
            raise _NotRead
        self._end = self._at

    def _read_operator(self) -> None:
        self._end = self._at
        found = _OPERATOR.match(self._fql, self._skip_blanks())
        if found is None:
            raise _NotRead
        self.operator = found[0].lower()
        self._at = found.end()

    def _skip_blanks(self) -> int:
        found = _BLANKS.match(self._fql, self._at)
        return found.end() if found else self._at

    def _since(self, start: int) -> str:
        """The text from a place to the end of the last operand."""
        return self._fql[start : self._end]


def _deeper(depth: int) -> int:
    if depth == _DEEPEST:
        raise _NotRead
    return depth + 1


def _made(node: Node) -> Node:
    """A node whose functions are made now, on top of its parts' own."""
    _ = node.value, node.test
    return node
