"""From FQL's text to its tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actions.errors import TriggerError
from actions.triggers.functions import FUNCTIONS
from actions.triggers.leaves import number_of, path_of, text_of, word_of
from actions.triggers.nodes import Call, Compare, Every, Group, In, ListOf, Node, Not, Some
from actions.triggers.reader import read
from actions.triggers.syntax_errors import error_at, syntax_error

if TYPE_CHECKING:
    from lark import Token, Tree

LONGEST_TRIGGER = 10_000
"""Characters."""
DEEPEST = 100
"""Levels of parentheses, brackets and `!` inside each other."""

_NESTING = ("group", "call", "list_of", "negate")


def parse_tree(fql: str) -> Node:
    """The tree of a trigger. Raises `TriggerError`."""
    if len(fql) > LONGEST_TRIGGER:
        raise TriggerError(f"the trigger has {len(fql):,} characters; at most {LONGEST_TRIGGER:,} are read", 1, 1)
    if not fql.strip():
        raise TriggerError('the trigger is empty; write which events it takes, for example: type = "track"', 1, 1)
    return read(fql) or parse_by_grammar(fql)


def parse_by_grammar(fql: str) -> Node:
    """The tree of any text, or what is wrong with it. Raises `TriggerError`."""
    from lark.exceptions import UnexpectedInput

    try:
        tree = _grammar()(fql)
    except UnexpectedInput as error:
        raise syntax_error(fql, error) from None
    return _Builder(fql).build(tree)


@cache
def _grammar() -> Callable[[str], Tree[Token]]:
    from lark import Lark  # a tenth of a second that nobody pays whose triggers are sound

    text = Path(__file__).with_name("fql.lark").read_text(encoding="utf-8")
    lark: Any = Lark(text, parser="lalr", propagate_positions=True, maybe_placeholders=False)
    return lark.parse


class _Builder:
    """Makes the nodes of a parse tree; knows the text, so that every node can show its part of it."""

    def __init__(self, fql: str) -> None:
        self._fql = fql
        self._made: dict[int, Node] = {}

    def build(self, root: Tree[Token]) -> Node:
        """The tree's node. Parts come before what they are part of: no depth of nesting needs Python's stack."""
        for tree in reversed(self._checked(root)):
            node = self._made[id(tree)] = self._node(tree)
            _ = node.value, node.test  # made now, on top of the parts' own
        return self._made[id(root)]

    def _checked(self, root: Tree[Token]) -> list[Tree[Token]]:
        """All subtrees, the outer before the inner, in the order of the text; the first that is wrong is told."""
        order: list[Tree[Token]] = []
        waiting = [(root, 0)]
        while waiting:
            tree, depth = waiting.pop()
            depth += tree.data in _NESTING
            if depth > DEEPEST:
                raise self._problem(tree, f"parentheses and ! are nested more than {DEEPEST} levels deep here")
            if tree.data == "call":
                self._check_call(tree)
            order.append(tree)
            waiting += reversed([(child, depth) for child in _subtrees(tree.children)])
        return order

    def _check_call(self, tree: Tree[Token]) -> None:
        name, *arguments = tree.children
        function = FUNCTIONS.get(str(name).lower())
        if function is None:
            near = get_close_matches(str(name).lower(), FUNCTIONS, 1)
            meant = f"; did you mean {near[0]}?" if near else "."
            raise self._problem(tree, f'FQL has no function "{name}"{meant} It has {", ".join(FUNCTIONS)}')
        if len(arguments) != len(function.parameters):
            signature, wanted = function.signature(str(name)), len(function.parameters)
            values = f"{wanted} value{'s' if wanted > 1 else ''}"
            raise self._problem(tree, f"{signature} takes {values}, not {len(arguments)}")

    def _node(self, tree: Tree[Token]) -> Node:
        text = self._fql[tree.meta.start_pos : tree.meta.end_pos]
        parts = tuple(self._made[id(child)] for child in _subtrees(tree.children))
        match str(tree.data):
            case "any_of":
                return Some(text, parts)
            case "all_of":
                return Every(text, parts)
            case "negate":
                return Not(text, parts[0])
            case "group":
                return Group(text, parts[0])
            case "compare":
                return Compare(text, parts[0], str(tree.children[1]), parts[1])
            case "is_in":
                return In(text, parts[0], parts[1])
            case "infix_contains":
                return Call(text, "contains", parts)
            case "call":
                return Call(text, str(tree.children[0]).lower(), parts)
            case "list_of":
                return ListOf(text, parts)
            case leaf:
                return self._leaf(leaf, tree, text)

    def _leaf(self, rule: str, tree: Tree[Token], text: str) -> Node:
        match rule:
            case "path":
                return path_of(text)
            case "text":
                return text_of(text)
            case "number":
                number = number_of(text)
                if number is None:
                    raise self._problem(tree, f"the number {text} is too large")
                return number
            case _:
                return word_of(text)

    def _problem(self, tree: Tree[Token], message: str) -> TriggerError:
        return error_at(self._fql, tree.meta.start_pos, message)


def _subtrees(children: Iterable[Tree[Token] | Token]) -> list[Tree[Token]]:
    return [child for child in children if not isinstance(child, str)]
