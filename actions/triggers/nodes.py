"""The parts of a trigger. Each knows its text, its own parts, and what it comes to as a plain function of the event.

Those functions are made once. The parser asks for them from the innermost part outwards, so making one never goes
deeper than the parts that are made already.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from actions.triggers.functions import FUNCTIONS
from actions.triggers.globs import compile_glob
from actions.triggers.values import Found, contains, equal, ordered
from actions.values import MISSING, Json

Value: TypeAlias = Callable[[Json], Found]
Test: TypeAlias = Callable[[Json], bool]

_ORDERS: dict[str, Callable[[Json, Json], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_INDEX_DIGITS = 9


@dataclass(eq=False, repr=False)
class Node:
    """A part of a trigger: its text as it was written.

    What shows and compares parts is written once: `dataclass` would make it anew for each kind of part, which takes
    longer than all else in this module.
    """

    text: str

    def __eq__(self, other: object) -> bool:
        own = self.__match_args__
        return type(self) is type(other) and all(getattr(self, name) == getattr(other, name) for name in own)

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(repr(getattr(self, name)) for name in self.__match_args__)})"

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return ()

    @cached_property
    def asks(self) -> bool:
        """Whether it is a condition, rather than a value."""
        return False

    @cached_property
    def value(self) -> Value:
        """The part's value as a function of the event."""
        return self.test

    @cached_property
    def test(self) -> Test:
        """The part as a condition: a bare value holds only if it is the boolean true."""
        value = self.value
        return lambda event: value(event) is True


@dataclass(eq=False, repr=False)
class Literal(Node):
    """A value in the text. `pattern` is a text as `match` reads it: with the escapes that are the glob's."""

    literal: Json
    pattern: str | None = None

    @cached_property
    def value(self) -> Value:
        """The value itself."""
        literal = self.literal
        return lambda _: literal


@dataclass(eq=False, repr=False)
class PathNode(Node):
    """A field of the event, by its keys. Only the event's own keys are read, and places in lists."""

    keys: tuple[str, ...]

    @cached_property
    def value(self) -> Value:
        """What the event has there, or MISSING."""
        if len(self.keys) == 1:
            name = self.keys[0]

            def find_name(event: Found) -> Found:
                return event.get(name, MISSING) if isinstance(event, dict) else MISSING

            return find_name
        steps = [(key, _index(key)) for key in self.keys]

        def find(event: Json) -> Found:
            found: Found = event
            for key, index in steps:
                if isinstance(found, dict):
                    found = found.get(key, MISSING)
                elif index is not None and isinstance(found, list) and index < len(found):
                    found = found[index]
                else:
                    return MISSING
            return found

        return find


def _index(key: str) -> int | None:
    """The place in a list that a key names, if it does."""
    return int(key) if key.isascii() and key.isdecimal() and len(key) <= _INDEX_DIGITS else None


@dataclass(eq=False, repr=False)
class ListOf(Node):
    """A list of values."""

    members: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """Its members."""
        return self.members

    @cached_property
    def value(self) -> Value:
        """The members' values; what is missing is null."""
        values = [member.value for member in self.members]
        if all(isinstance(member, Literal) for member in self.members):
            literals = [value(None) for value in values]
            return lambda _: literals
        return lambda event: [None if (found := value(event)) is MISSING else found for value in values]


@dataclass(eq=False, repr=False)
class Group(Node):
    """Something in parentheses."""

    inner: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        """What stands in them."""
        return (self.inner,)

    @cached_property
    def asks(self) -> bool:
        """As what stands in them."""
        return self.inner.asks

    @cached_property
    def value(self) -> Value:
        """The value of what stands in them."""
        return self.inner.value

    @cached_property
    def test(self) -> Test:
        """The condition in them."""
        return self.inner.test


@dataclass(eq=False, repr=False)
class Call(Node):
    """A function with its arguments."""

    name: str
    arguments: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """Its arguments."""
        return self.arguments

    @cached_property
    def asks(self) -> bool:
        """Whether the function answers a question."""
        return FUNCTIONS[self.name].asks

    @cached_property
    def value(self) -> Value:
        """The function's result."""
        call = FUNCTIONS[self.name].call
        first = self.arguments[0].value
        if len(self.arguments) == 1:
            return lambda event: call(first(event))
        pattern = within(self.arguments[1])
        if self.name == "match" and isinstance(pattern, Literal) and pattern.pattern is not None:
            matches = compile_glob(pattern.pattern).fullmatch
            return lambda event: isinstance(text := first(event), str) and matches(text) is not None
        second = self.arguments[1].value
        return lambda event: call(first(event), second(event))


class _Condition(Node):
    """A part that is true or false by itself."""

    @cached_property
    def asks(self) -> bool:
        """It does."""
        return True


@dataclass(eq=False, repr=False)
class Compare(_Condition):
    """Two values compared."""

    left: Node
    operator: str
    right: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        """The values."""
        return (self.left, self.right)

    @cached_property
    def test(self) -> Test:
        """Whether the comparison holds: of one type for `=`, numbers or texts for an order, else false."""
        left, right = self.left.value, self.right.value
        if self.operator in _ORDERS:
            compare = _ORDERS[self.operator]
            return lambda event: ordered(ours := left(event), theirs := right(event)) and compare(ours, theirs)
        negated = self.operator == "!="
        if isinstance(self.right, Literal) and isinstance(self.right.literal, str):
            literal = self.right.literal  # the usual case, and Python's rule is FQL's: only a text equals a text
            return (lambda event: left(event) != literal) if negated else (lambda event: left(event) == literal)
        return lambda event: equal(left(event), right(event)) is not negated


@dataclass(eq=False, repr=False)
class In(_Condition):
    """A value looked for in a list."""

    member: Node
    members: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        """The value and the list."""
        return (self.member, self.members)

    @cached_property
    def test(self) -> Test:
        """Whether it is there; never where that is no list."""
        member, members = self.member.value, self.members.value
        return lambda event: contains(members(event), member(event))


@dataclass(eq=False, repr=False)
class Not(_Condition):
    """A condition turned round."""

    inner: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        """The condition."""
        return (self.inner,)

    @cached_property
    def test(self) -> Test:
        """Whether the condition does not hold."""
        inner = self.inner.test
        return lambda event: not inner(event)


@dataclass(eq=False, repr=False)
class Every(_Condition):
    """Conditions of which all must hold."""

    conditions: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """The conditions."""
        return self.conditions

    @cached_property
    def test(self) -> Test:
        """Whether all hold."""
        tests = [condition.test for condition in self.conditions]
        if len(tests) == 2:
            first, second = tests
            return lambda event: first(event) and second(event)

        def every(event: Json) -> bool:
            for test in tests:  # noqa: SIM110 - `all` with a generator takes twice as long, and runs for every event
                if not test(event):
                    return False
            return True

        return every


@dataclass(eq=False, repr=False)
class Some(_Condition):
    """Conditions of which one must hold."""

    conditions: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """The conditions."""
        return self.conditions

    @cached_property
    def test(self) -> Test:
        """Whether one holds."""
        tests = [condition.test for condition in self.conditions]

        def some(event: Json) -> bool:
            for test in tests:  # noqa: SIM110 - `any` with a generator takes twice as long, and runs for every event
                if test(event):
                    return True
            return False

        return some


def within(node: Node) -> Node:
    """The part without parentheses around it."""
    while isinstance(node, Group):
        node = node.inner
    return node
