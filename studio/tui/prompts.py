"""Two small questions: yes or no, and one line of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Static

from studio.cli.text import printable
from studio.tui.dialog import Dialog
from studio.tui.text_line import TextLine

_TITLE_WIDTH = 60


class Confirm(Dialog[bool]):
    """A question with two answers, which are named for what they do: "Delete" and "Keep", not "Yes" and "No".

    A `dangerous` yes looks so, and Enter then means no until somebody moves to it.
    """

    DEFAULT_CSS = """
    Confirm {
        #question { width: auto; max-width: 72; padding: 1 1 0 1; }
        #answers { width: auto; min-width: 100%; height: auto; align-horizontal: right; padding: 1 0 0 0; }
        #answers Button { margin-left: 2; background: $panel; color: $text; }
        #answers Button:focus { background: $primary; text-style: bold; }
        #answers Button.-error { background: $error-muted; color: $text-error; }
        #answers Button.-error:focus { background: $error; color: $text; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", tooltip="Answer yes"),
        Binding("n,escape", "answer(False)", "No", tooltip="Answer no"),
        Binding("left", "app.focus_previous", "Other answer", tooltip="Move to the other answer"),
        Binding("right", "app.focus_next", "Other answer", tooltip="Move to the other answer", show=False),
    ]

    def __init__(self, question: str, yes: str, no: str, *, dangerous: bool = False) -> None:
        super().__init__("Please confirm", small=True)
        self._question = question
        self._yes = yes
        self._no = no
        self._dangerous = dangerous

    def contents(self) -> ComposeResult:
        """The question over its answers."""
        yield Static(Content(printable(self._question)), id="question")
        with Horizontal(id="answers"):
            yes, no = printable(self._yes, one_line=True), printable(self._no, one_line=True)
            yield Button(Content(f"{yes} (y)"), "error" if self._dangerous else "default", id="yes", compact=True)
            yield Button(Content(f"{no} (n)"), id="no", compact=True)

    def on_mount(self) -> None:
        """Begin at the answer that does no harm."""
        self.query_one("#no" if self._dangerous else "#yes", Button).focus()

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        """Answer and close."""
        self.dismiss(answer)


class Ask(Dialog[str | None]):
    """A question whose answer is a line of text; None where it was cancelled.

    `check` says what is wrong with an answer, or None; what it says is shown while typing.
    """

    DEFAULT_CSS = """
    Ask {
        #dialog { width: 76; }
        #question { padding: 1 1 0 1; }
        #answer { margin: 1 1 0 1; }
        #wrong { color: $text-error; padding: 0 1; min-height: 1; }
        #answers { height: auto; align-horizontal: right; padding: 1 1 0 1; }
        #answers Button { margin-left: 2; background: $panel; color: $text; }
        #answers Button:focus { background: $primary; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", tooltip="Leave everything as it is"),
    ]

    def __init__(self, question: str, value: str, check: Callable[[str], str | None]) -> None:
        self._fits = len(question) <= _TITLE_WIDTH and "\n" not in question
        super().__init__(question if self._fits else "Please answer", small=True)
        self._question = question
        self._value = value
        self._shown = printable(value, one_line=True)
        self._check = check

    def contents(self) -> ComposeResult:
        """The question, unless the border has it, the line, what is wrong with it."""
        if not self._fits:
            yield Static(Content(printable(self._question)), id="question")
        yield TextLine(self._shown, id="answer", compact=True)
        yield Static(id="wrong")
        with Horizontal(id="answers"):
            yield Button(Content("OK (enter)"), id="ok", compact=True)
            yield Button(Content("Cancel (esc)"), id="cancel", compact=True)

    def on_mount(self) -> None:
        """Begin to type, in place of what is there."""
        self.query_one(TextLine).focus()

    @on(TextLine.Changed)
    def _check_text(self, event: TextLine.Changed) -> None:
        event.stop()
        wrong = self._check(self._answer(event.value)) or ""
        self.query_one("#wrong", Static).update(Content(printable(wrong)))
        self.query_one("#ok", Button).disabled = bool(wrong)

    @on(TextLine.Submitted)
    def _submit(self, event: TextLine.Submitted) -> None:
        event.stop()
        self._accept()

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "ok":
            self._accept()
        else:
            self.dismiss(None)

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    def _accept(self) -> None:
        answer = self._answer(self.query_one(TextLine).value)
        if not self._check(answer):
            self.dismiss(answer)

    def _answer(self, text: str) -> str:
        """What the text means: left as it was, it is the value, whose control characters are only shown."""
        return self._value if text == self._shown else text
