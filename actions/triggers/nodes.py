"""The parts of a trigger. Each knows its text, what it reads, and makes itself a plain function of the event."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, cast

from actions.triggers.functions import FUNCTIONS
from actions.triggers.globs import compile_glob
from actions.triggers.values import contains, equal, ordered
from actions.values import MISSING, Json, Missing

Value: TypeAlias = Callable[[Json], "Json | Missing"]
Test: TypeAlias = Callable[[Json], bool]

_ORDERS: dict[str, Callable[[Json, Json], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a trigger: its text as it was written."""

    text: str

    @property
    def parts(self) -> tuple[Node, ...]:
        """What it is made of."""
        return ()

    @property
    def asks(self) -> bool:
        """Whether it is a condition, rather than a value."""
        return False

    def value(self) -> Value:
        """The part's value as a function of the event."""
        return self.test()

    def test(self) -> Test:
        """The part as a condition: a bare value holds only if it is the boolean true."""
        value = self.value()
        return lambda event: value(event) is True


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A value in the text. `pattern` is a text with its escapes as they stand, for `match`."""

    literal: Json
    pattern: str | None = None

    def value(self) -> Value:
        """The value itself."""
        literal = self.literal
        return lambda _: literal


@dataclass(frozen=True, slots=True)
class PathNode(Node):
    """A field of the event, by its keys. Only keys of the event itself are read, and places in lists."""

    keys: tuple[str, ...]

    def value(self) -> Value:
        """What the event has there, or MISSING."""
        keys = self.keys
        if len(keys) == 1:
            key = keys[0]
            return lambda event: event.get(key, MISSING) if isinstance(event, dict) else MISSING

        def find(event: Json) -> Json | Missing:
            found = event
            for key in keys:
                if isinstance(found, dict):
                    found = cast("dict[str, Json]", found).get(key, MISSING)
                elif isinstance(found, list) and key.isdecimal() and int(key) < len(cast("list[Json]", found)):
                    found = cast("list[Json]", found)[int(key)]
                else:
                    return MISSING
            return found

        return find


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """A list of values."""

    members: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """Its members."""
        return self.members

    def value(self) -> Value:
        """The members' values; what is missing is null."""
        values = [member.value() for member in self.members]
        return lambda event: [None if (found := value(event)) is MISSING else found for value in values]


@dataclass(frozen=True, slots=True)
class Group(Node):
    """Something in parentheses."""

    inner: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        """What stands in them."""
        return (self.inner,)

    @property
    def asks(self) -> bool:
        """As what stands in them."""
        return self.inner.asks

    def value(self) -> Value:
        """The value of what stands in them."""
        return self.inner.value()

    def test(self) -> Test:
        """The condition in them."""
        return self.inner.test()


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function with its arguments."""

    name: str
    arguments: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """Its arguments."""
        return self.arguments

    @property
    def asks(self) -> bool:
        """Whether the function answers a question."""
        return FUNCTIONS[self.name].asks

    def value(self) -> Value:
        """The function's result."""
        pattern = self.arguments[1] if self.name == "match" else None
        if isinstance(pattern, Literal) and pattern.pattern is not None:
            text, matches = self.arguments[0].value(), compile_glob(pattern.pattern).fullmatch
            return lambda event: isinstance(found := text(event), str) and matches(found) is not None
        call = FUNCTIONS[self.name].call
        values = [argument.value() for argument in self.arguments]
        return lambda event: call(*(value(event) for value in values))


@dataclass(frozen=True, slots=True)
class _Condition(Node):
    """A part that is true or false by itself."""

    @property
    def asks(self) -> bool:
        """It does."""
        return True

    def value(self) -> Value:
        """Whether it holds."""
        return self.test()


@dataclass(frozen=True, slots=True)
class Compare(_Condition):
    """Two values compared."""

    left: Node
    operator: str
    right: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        """The values."""
        return (self.left, self.right)

    def test(self) -> Test:
        """Whether the comparison holds: of one type for `=`, numbers or texts for an order, else false."""
        left, right = self.left.value(), self.right.value()
        if self.operator in _ORDERS:
            compare = _ORDERS[self.operator]
            return lambda event: ordered(ours := left(event), theirs := right(event)) and compare(ours, theirs)
        negated = self.operator == "!="
        if isinstance(self.right, Literal) and isinstance(self.right.literal, str):
            literal = self.right.literal  # the common case: only a text equals a text
            return (lambda event: left(event) != literal) if negated else (lambda event: left(event) == literal)
        return lambda event: equal(left(event), right(event)) is not negated


@dataclass(frozen=True, slots=True)
class In(_Condition):
    """A value looked for in a list."""

    member: Node
    members: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        """The value and the list."""
        return (self.member, self.members)

    def test(self) -> Test:
        """Whether it is there; never where that is no list."""
        member, members = self.member.value(), self.members.value()
        return lambda event: contains(members(event), member(event))


@dataclass(frozen=True, slots=True)
class Not(_Condition):
    """A condition turned round."""

    inner: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        """The condition."""
        return (self.inner,)

    def test(self) -> Test:
        """Whether the condition does not hold."""
        inner = self.inner.test()
        return lambda event: not inner(event)


@dataclass(frozen=True, slots=True)
class Every(_Condition):
    """Conditions of which all must hold."""

    conditions: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """The conditions."""
        return self.conditions

    def test(self) -> Test:
        """Whether all hold."""
        if len(self.conditions) == 2:
            first, second = (condition.test() for condition in self.conditions)
            return lambda event: first(event) and second(event)
        tests = [condition.test() for condition in self.conditions]
        return lambda event: all(test(event) for test in tests)


@dataclass(frozen=True, slots=True)
class Some(_Condition):
    """Conditions of which one must hold."""

    conditions: tuple[Node, ...]

    @property
    def parts(self) -> tuple[Node, ...]:
        """The conditions."""
        return self.conditions

    def test(self) -> Test:
        """Whether one holds."""
        tests = [condition.test() for condition in self.conditions]
        return lambda event: any(test(event) for test in tests)
