"""What somebody else has changed in the file: the difference to what is here, line by line."""

from __future__ import annotations

import difflib
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from studio.cli.text import printable
from studio.tui.dialog import Dialog

_STYLES = {"+": "$text-success", "-": "$text-error", "@": "$foreground-muted"}
_LINES_SHOWN = 2000


class DifferenceScreen(Dialog[None]):
    """The difference between two texts: `-` is there on disk only, `+` is here only."""

    DEFAULT_CSS = "DifferenceScreen VerticalScroll { height: 1fr; padding: 0 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "close", "Close", tooltip="Back to the question"),
    ]

    def __init__(self, on_disk: str, here: str) -> None:
        super().__init__("On disk (-) and here (+)")
        self._on_disk, self._here = on_disk, here

    def contents(self) -> ComposeResult:
        """The lines that differ, with some around them."""
        with VerticalScroll():
            yield Static(self._difference())

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def action_close(self) -> None:
        """Close."""
        self.dismiss(None)

    def _difference(self) -> Content:
        lines = list(difflib.unified_diff(self._on_disk.splitlines(), self._here.splitlines(), lineterm="", n=2))[2:]
        if not lines:
            return Content("Both say the same.")
        shown = [Content.styled(printable(line), _STYLES.get(line[:1], "")) for line in lines[:_LINES_SHOWN]]
        return Content("\n").join(shown)
