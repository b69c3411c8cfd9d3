"""From FQL's text to its tree, with errors that people can act on."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from actions.errors import TriggerError
from actions.triggers.functions import FUNCTIONS
from actions.triggers.nodes import (
    Call,
    Compare,
    Every,
    Group,
    In,
    ListOf,
    Literal,
    Node,
    Not,
    PathNode,
    Some,
)

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

LONGEST_TRIGGER = 10_000
DEEPEST = 100

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SEGMENT = re.compile(r"\[([0-9]+)\]|((?:[^.\\\[]|\\.)+)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_NAMES = {
    "TEXT": 'a value such as "text", 10, true or null',
    "PATH": "a field such as properties.total",
    "FUNCTION": "a function such as contains(event, …)",
    "COMPARATOR": "a comparison such as =",
    "_AND": '"and"',
    "_OR": '"or"',
    "_IN": '"in"',
    "RPAR": 'a closing ")"',
    "RSQB": 'a closing "]"',
    "COMMA": '","',
    "$END": "the end",
}
_HINTS = {"&": 'write "and"', "|": 'write "or"', "=": 'write a single "="', "$": "write the field without `$.`"}


def parse_tree(fql: str) -> Node:
    """The tree of a trigger. Raises `TriggerError`."""
    if len(fql) > LONGEST_TRIGGER:
        raise TriggerError(f"the trigger has more than {LONGEST_TRIGGER:,} characters", 1, 1)
    if not fql.strip():
        raise TriggerError('the trigger is empty; write for example type = "track"', 1, 1)
    from lark.exceptions import UnexpectedInput

    try:
        tree = _grammar().parse(fql)
    except UnexpectedInput as error:
        raise _error(fql, error) from None
    return _Builder(fql).build(tree, 0)


@cache
def _grammar() -> Lark:
    from lark import Lark  # a tenth of a second that nobody pays who has no trigger

    text = Path(__file__).with_name("fql.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def _error(fql: str, error: Any) -> TriggerError:
    """What stands in the way, where, and what could stand there."""
    from lark.exceptions import UnexpectedToken

    position = error.pos_in_stream if error.pos_in_stream is not None else len(fql.rstrip())
    at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    if at_end:
        position = len(fql.rstrip())
    raw = error.accepts if isinstance(error, UnexpectedToken) else ()
    expected = tuple(text for name, text in _NAMES.items() if name in raw)
    line = fql.count("\n", 0, position) + 1
    column = position - fql.rfind("\n", 0, position)
    return TriggerError(_message(fql, position, expected, at_end=at_end), line, column, expected)


def _message(fql: str, position: int, expected: tuple[str, ...], *, at_end: bool) -> str:
    wanted = f"; expected {_either(expected)}" if expected else ""
    if at_end:
        return f"the trigger ends too early{wanted}"
    rest = fql[position:]
    if rest[0] in "\"'":
        if not re.match(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", rest, re.DOTALL):
            return f"this text has no closing {rest[0]}"
        return f"a text cannot stand here{wanted}"
    if re.search(r"\bnot\s*$", fql[:position], re.IGNORECASE):
        return 'FQL has no "not": write "!" before what is negated'
    found = re.match(r"[\w.-]+|\S", rest)
    word = found[0] if found else rest[0]
    hint = _HINTS.get(word[0], "")
    return f"{word!r} cannot stand here{f'; {hint}' if hint else wanted}"


def _either(options: tuple[str, ...]) -> str:
    return options[0] if len(options) == 1 else f"{', '.join(options[:-1])} or {options[-1]}"


class _Builder:
    """Makes the nodes of a parse tree; knows the text, so that every node can show its part of it."""

    def __init__(self, fql: str) -> None:
        self._fql = fql

    def build(self, tree: Tree[Token], depth: int) -> Node:
        text = self._fql[tree.meta.start_pos : tree.meta.end_pos]
        if depth > DEEPEST:
            raise self._problem(tree, f"the trigger is nested more than {DEEPEST} levels deep")
        rule = str(tree.data)
        if rule in ("text", "number", "true", "false", "null", "path"):
            return self._leaf(rule, str(tree.children[0]), text)
        if rule == "call":
            return self._call(tree, text, depth)
        if rule == "compare":
            left, operator, right = cast("tuple[Any, Any, Any]", tuple(tree.children))
            return Compare(text, self.build(left, depth + 1), str(operator), self.build(right, depth + 1))
        parts = tuple(self.build(cast("Tree[Token]", child), depth + 1) for child in tree.children)
        match rule:
            case "any_of":
                return Some(text, parts)
            case "all_of":
                return Every(text, parts)
            case "negate":
                return Not(text, parts[0])
            case "group":
                return Group(text, parts[0])
            case "is_in":
                return In(text, parts[0], parts[1])
            case "infix_contains":
                return Call(text, "contains", parts)
            case _:
                return ListOf(text, parts)

    def _leaf(self, rule: str, token: str, text: str) -> Node:
        match rule:
            case "text":
                return Literal(text, _ESCAPED.sub(_unescape, token[1:-1]), pattern=token[1:-1])
            case "number":
                value = float(token)
                return Literal(text, int(value) if value.is_integer() and abs(value) < 2**53 else value)
            case "path":
                return PathNode(text, tuple(_segments(token)))
            case _:
                return Literal(text, {"true": True, "false": False, "null": None}[rule])

    def _call(self, tree: Tree[Token], text: str, depth: int) -> Node:
        name, *arguments = tree.children
        name = str(name).lower()
        function = FUNCTIONS.get(name)
        if function is None:
            near = get_close_matches(name, FUNCTIONS, 1)
            known = f"did you mean {near[0]}?" if near else f"there are {', '.join(FUNCTIONS)}"
            raise self._problem(tree, f"FQL has no function {name!r}; {known}")
        if len(arguments) != len(function.parameters):
            signature = function.signature(name)
            raise self._problem(tree, f"{signature} takes {len(function.parameters)} values, not {len(arguments)}")
        return Call(text, name, tuple(self.build(cast("Tree[Token]", item), depth + 1) for item in arguments))

    def _problem(self, tree: Tree[Token], message: str) -> TriggerError:
        return TriggerError(message, tree.meta.line, tree.meta.column)


def _unescape(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[1], found[1])


def _segments(path: str) -> list[str]:
    """A path's keys: what a backslash stands before is part of a key, `[0]` is the key `0`."""
    return [found[1] or _ESCAPED.sub(r"\1", found[2]) for found in _SEGMENT.finditer(path)]
