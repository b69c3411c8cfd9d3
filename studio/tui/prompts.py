"""Small questions: yes or no, what to do with unsaved work, and one line of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, Literal, NamedTuple, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Static

from studio.cli.text import printable
from studio.tui.dialog import Dialog
from studio.tui.text_line import TextLine

AnswerT = TypeVar("AnswerT")
_TITLE_WIDTH = 60


class Answer(NamedTuple, Generic[AnswerT]):
    """One of the answers to a question: what it gives, what it does in words, and the key that is shown with it.

    A `dangerous` one looks so.
    """

    gives: AnswerT
    text: str
    key: str
    dangerous: bool = False


class Question(Dialog[AnswerT]):
    """A question with a few answers, which are named for what they do: "Delete" and "Keep", not "Yes" and "No".

    `first` is the place of the answer that Enter means until somebody moves to another: one that does no harm. A
    subclass binds the keys.
    """

    DEFAULT_CSS = """
    Question {
        #question { width: auto; max-width: 72; padding: 1 1 0 1; }
        #answers { width: auto; min-width: 100%; height: auto; align-horizontal: right; padding: 1 0 0 0; }
        #answers Button { margin-left: 2; background: $panel; color: $text; }
        #answers Button:focus { background: $primary; text-style: bold; }
        #answers Button.-error { background: $error-muted; color: $text-error; }
        #answers Button.-error:focus { background: $error; color: $text; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "app.focus_previous", "Other answer", tooltip="Move to the other answer"),
        Binding("right", "app.focus_next", "Other answer", tooltip="Move to the other answer", show=False),
    ]

    def __init__(self, question: str, answers: Sequence[Answer[AnswerT]], first: int) -> None:
        super().__init__("Please confirm", small=True)
        self._question = question
        self._answers = answers
        self._first = first

    def contents(self) -> ComposeResult:
        """The question over its answers."""
        yield Static(Content(printable(self._question)), id="question")
        with Horizontal(id="answers"):
            for answer in self._answers:
                text = Content(f"{printable(answer.text, one_line=True)} ({answer.key})")
                yield Button(text, "error" if answer.dangerous else "default", id=f"answer-{answer.key}", compact=True)

    def on_mount(self) -> None:
        """Begin at the answer that does no harm."""
        list(self.query(Button))[self._first].focus()

    @on(Button.Pressed)
    def _press(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_answer(list(self.query(Button)).index(event.button))

    def action_answer(self, place: int) -> None:
        """Answer and close."""
        self.dismiss(self._answers[place].gives)


class Confirm(Question[bool]):
    """A question with two answers, yes and no in other words. Enter means no where yes is `dangerous`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(0)", "Yes", tooltip="Answer yes"),
        Binding("n,escape", "answer(1)", "No", tooltip="Answer no"),
    ]

    def __init__(self, question: str, yes: str, no: str, *, dangerous: bool = False) -> None:
        super().__init__(question, [Answer(True, yes, "y", dangerous), Answer(False, no, "n")], first=int(dangerous))


class Leave(Question[Literal["save", "drop", "stay"]]):
    """What is to become of unsaved work. `loses` says that saving loses something else; Enter then means staying."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(0)", "Save", tooltip="Save, then leave"),
        Binding("d", "answer(1)", "Do not save", tooltip="Leave without saving"),
        Binding("n,escape", "answer(2)", "Stay", tooltip="Stay here"),
    ]

    def __init__(self, question: str, *, loses: bool) -> None:
        super().__init__(
            question,
            [
                Answer("save", "Save the rest" if loses else "Save", "y"),
                Answer("drop", "Do not save", "d", dangerous=True),
                Answer("stay", "Stay", "n"),
            ],
            first=2 if loses else 0,
        )


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
