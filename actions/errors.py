"""What can be wrong with a mapping, a trigger or a configuration, told so that a person can mend it.

Every error carries all problems at once, each with its place.
"""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """One thing that is wrong.

    `message` says what is wrong and what to do. `place` says where, in the terms of what was read: a JSON pointer
    into a mapping (`/email/@replace/pattern`), `""` for the whole.
    """

    message: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.place} {self.message}".strip()


class MappingError(ValueError):
    """A mapping that cannot be compiled, or that fails on one event. `problems` holds everything found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


class TriggerError(ValueError):
    """A trigger that is not FQL. `line` and `column` count from 1; `expected` lists what could stand there."""

    def __init__(self, message: str, line: int, column: int, expected: tuple[str, ...] = ()) -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.message = message
        self.line = line
        self.column = column
        self.expected = expected
