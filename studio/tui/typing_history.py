"""Undo and redo of what is typed in a line, a word at a time."""

from __future__ import annotations


class TypingHistory:
    """The texts that a line has had since it began with one."""

    def __init__(self, text: str = "") -> None:
        self._undo: list[str] = []
        self._redo: list[str] = []
        self._now = text
        self._in_word = False

    def note(self, text: str) -> None:
        """The line has come to another text; a letter that goes on with a word is no step of its own."""
        if text == self._now:
            return
        goes_on = len(text) == len(self._now) + 1 and text.startswith(self._now) and text[-1].isalnum()
        if not (goes_on and self._in_word):
            self._undo.append(self._now)
        self._in_word = goes_on
        self._redo.clear()
        self._now = text

    def undo(self) -> str | None:
        """The text before the last step; None where nothing was typed."""
        return self._step(self._undo, self._redo)

    def redo(self) -> str | None:
        """The text of the step that was undone last; None where there is none."""
        return self._step(self._redo, self._undo)

    def _step(self, source: list[str], target: list[str]) -> str | None:
        if not source:
            return None
        target.append(self._now)
        self._now = source.pop()
        self._in_word = False
        return self._now
