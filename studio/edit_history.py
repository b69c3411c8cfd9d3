"""Undo and redo without end: what there was before each edit, and what the edit did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Step(NamedTuple, Generic[T]):
    """What there was on the other side of an edit, and what the edit did, in words."""

    what: str
    state: T


class EditHistory(Generic[T]):
    """The edits of something that is whole at every moment: each puts another state in the place of the last."""

    def __init__(self) -> None:
        self._undo: list[Step[T]] = []
        self._redo: list[Step[T]] = []
        self._merging = ""

    def note(self, what: str, before: T, *, merge: bool = False) -> None:
        """An edit was made to `before`. With `merge`, one of the same name right behind it is undone with it."""
        if not (merge and self._merging == what and self._undo):
            self._undo.append(Step(what, before))
        self._merging = what if merge else ""
        self._redo.clear()

    def undo(self, now: T) -> Step[T] | None:
        """The last edit and the state before it; `now` is what redo comes back to. None where there is none."""
        return self._step(self._undo, self._redo, now)

    def redo(self, now: T) -> Step[T] | None:
        """The edit that was undone last and the state behind it; None where there is none."""
        return self._step(self._redo, self._undo, now)

    def rewrite(self, change: Callable[[T], T]) -> None:
        """Change all states that are kept, where something has changed that is no edit."""
        for steps in (self._undo, self._redo):
            steps[:] = [Step(step.what, change(step.state)) for step in steps]

    def _step(self, source: list[Step[T]], target: list[Step[T]], now: T) -> Step[T] | None:
        if not source:
            return None
        step = source.pop()
        target.append(Step(step.what, now))
        self._merging = ""
        return step
