"""From mapping JSON to closures: objects, lists, literals, and the directives handed to it.

Everything that can be known of a mapping is decided here, once; for an event only the closures run. All problems of a
mapping are collected before any is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, NoReturn, TypeAlias, cast

from actions.errors import MappingError, Problem
from actions.values import MISSING, Json, type_name

Resolver: TypeAlias = Callable[[Json], Json]
"""From an event to a value, or to `MISSING`."""

DEEPEST = 100
"""How many levels a mapping may be nested. Nobody writes so many, and the closures must fit the stack."""


class Place(NamedTuple):
    """Where in a mapping something stands: its JSON pointer, and how deep.

    With `erases`, an object compiled here keeps the keys whose value finds nothing (as `MISSING`), because it is a
    member of a `@merge`, where such a key erases that of other members.
    """

    pointer: str = ""
    depth: int = 0
    erases: bool = False

    def into(self, key: str | int, *, erases: bool = False) -> Place:
        """The place of a member of this one."""
        step = str(key).replace("~", "~0").replace("/", "~1")
        return Place(f"{self.pointer}/{step}", self.depth + 1, erases)

    def fail(self, message: str) -> NoReturn:
        """Give up on an event because of what stands here."""
        raise MappingError([Problem(message, self.pointer)])


Directive: TypeAlias = "Callable[[Compiler, Json, Place], Resolver]"
"""Compiles what stands behind a directive's key. The place is that of the key."""


@dataclass(frozen=True, slots=True, eq=False)  # it holds functions, which are like no others
class Compiler:
    """Compiles mappings with the given directives and collects their problems."""

    directives: Mapping[str, Directive]
    problems: list[Problem] = field(default_factory=list[Problem])

    def compile(self, mapping: Json, place: Place) -> Resolver:
        """The closure of any piece of a mapping."""
        if place.depth > DEEPEST:
            return self.problem(place, f"is nested more than {DEEPEST} levels deep; make the mapping flatter.")
        if isinstance(mapping, dict):
            members = cast("dict[str, Json]", mapping)
            if any(key.startswith("@") for key in members):
                return self._directive(members, place)
            return self._object(members, place)
        if isinstance(mapping, list):
            return self._list(cast("list[Json]", mapping), place)
        return constant(mapping)

    def problem(self, place: Place, message: str) -> Resolver:
        """Note a problem. The closure returned stands in for what cannot be compiled."""
        self.problems.append(Problem(message, place.pointer))
        return NOTHING

    def options(self, value: Json, place: Place, *required: str) -> dict[str, Json] | None:
        """The options of a directive that takes an object; None, with the problem noted, where it is no such object."""
        if not isinstance(value, dict):
            self.problem(place, f"should be an object but it is {named(value)}.")
            return None
        options = cast("dict[str, Json]", value)
        if misplaced := next((key for key in options if key.startswith("@")), None):
            self.problem(place, f"should have options but it has the directive {misplaced}.")
            return None
        for key in required:
            if key not in options:
                self.problem(place, f"should have the key {key} but it doesn't.")
        return options

    def text_or_directive(self, value: Json, place: Place) -> Resolver:
        """The closure of an option that is text or computed by a directive."""
        if isinstance(value, str) or is_directive(value):
            return self.compile(value, place)
        return self.problem(place, f"should be text or a directive but it is {named(value)}.")

    def choice(self, value: Json, place: Place, *choices: str) -> str:
        """The one of the choices an option names, in capitals or not; the first where it names none."""
        if isinstance(value, str) and value.lower() in choices:
            return value.lower()
        self.problem(place, f"should be {' or '.join(choices)} but it is {named(value)}.")
        return choices[0]

    def _directive(self, members: dict[str, Json], place: Place) -> Resolver:
        names = [key for key in members if key.startswith("@")]
        others = [key for key in members if not key.startswith("@") and key != "_metadata"]
        if len(names) > 1 or others:
            count = len(names) if len(names) > 1 else len(members)
            return self.problem(place, f"should only have one @-prefixed key but it has {count} keys.")
        name = names[0]
        directive = self.directives.get(name)
        if directive is None:
            return self.problem(place, f"has the unknown directive {name}; there are {', '.join(self.directives)}.")
        return directive(self, members[name], place.into(name, erases=place.erases))

    def _object(self, members: dict[str, Json], place: Place) -> Resolver:
        resolvers = tuple((key, self.compile(value, place.into(key))) for key, value in members.items())
        if place.erases:
            return lambda event: {key: resolver(event) for key, resolver in resolvers}

        def build(event: Json) -> Json:
            result: dict[str, Json] = {}
            for key, resolver in resolvers:
                value = resolver(event)
                if value is not MISSING:
                    result[key] = value
            return result

        return build

    def _list(self, items: list[Json], place: Place) -> Resolver:
        resolvers = tuple(self.compile(item, place.into(index)) for index, item in enumerate(items))
        if not any(isinstance(item, dict | list) for item in items):
            return lambda event: items.copy()  # noqa: ARG005 - literals are the same for every event
        return lambda event: [null_if_missing(resolver(event)) for resolver in resolvers]


def constant(value: Json) -> Resolver:
    """The closure of a literal. The value is shared by all results, so it must be immutable."""
    return lambda event: value  # noqa: ARG005 - a literal is the same for every event


NOTHING: Final[Resolver] = constant(MISSING)
"""The closure that finds nothing."""


def is_directive(value: Json) -> bool:
    """Whether a piece of mapping is meant as a directive, sound or not."""
    return isinstance(value, dict) and any(key.startswith("@") for key in cast("dict[str, Json]", value))


def null_if_missing(value: Json) -> Json:
    """An item of a list: JSON has no gaps, so what is missing is null."""
    return None if value is MISSING else value


def named(value: Json) -> str:
    """A value as problems name it: short text itself, otherwise its type."""
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 30 else f"text of {len(value)} characters"
    if is_directive(value):
        return "a directive"
    name = type_name(value)
    return name if name == "null" else f"{'an' if name[0] in 'ao' else 'a'} {name}"
