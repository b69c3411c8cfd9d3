"""The frame that every secondary screen has: a titled box over the main screen with its keys at the foot."""

from __future__ import annotations

from typing import TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from studio.cli.text import shortened
from studio.tui.key_line import KeyLine

ResultT = TypeVar("ResultT")
_LONGEST_TITLE = 120
_WIDTHS = [(0, "-narrow"), (110, "-wide")]


class Dialog(ModalScreen[ResultT]):
    """A modal screen. A subclass yields its widgets in `contents`; what it is for stands in the border.

    A `small` dialog is as high as its contents; the others take the screen, up to a size that reads well. On a wide
    screen the screen has the class `-wide`, otherwise `-narrow`.
    """

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        #dialog {
            width: 100%;
            height: 100%;
            max-width: 132;
            max-height: 44;
            padding: 0 1;
            background: $surface;
            border: round $primary;
            border-title-color: $text;
            border-title-style: bold;
            border-subtitle-color: $text-muted;
        }
        &.-small #dialog {
            width: auto;
            min-width: 44;
            max-width: 76;
            height: auto;
            max-height: 90%;
        }
        KeyLine {
            background: $surface;
        }
    }
    """
    HORIZONTAL_BREAKPOINTS = _WIDTHS

    def __init__(self, title: str, *, small: bool = False) -> None:
        super().__init__(classes="-small" if small else None)
        self._title = title

    def compose(self) -> ComposeResult:
        """The box with the contents, and the keys."""
        with Vertical(id="dialog") as box:
            box.border_title = Content(shortened(self._title, _LONGEST_TITLE))
            yield from self.contents()
            if not self.has_class("-small"):
                yield KeyLine()

    def contents(self) -> ComposeResult:
        """What is in the box."""
        raise NotImplementedError

    @property
    def unapplied(self) -> bool:
        """Whether something was typed here that leaving the app would lose."""
        return False

    def say_in_border(self, text: str) -> None:
        """Say something short in the lower border."""
        self.query_one("#dialog", Vertical).border_subtitle = Content(shortened(text, _LONGEST_TITLE))
