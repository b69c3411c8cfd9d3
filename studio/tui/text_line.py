"""A line to type on that stays safe for the terminal whatever is pasted into it."""

from __future__ import annotations

from textual.events import Paste
from textual.widgets import Input

from studio.cli.text import printable


class TextLine(Input):
    """An input whose pasted text shows its control characters instead of using them.

    Its cursor stands still: a blinking one would paint twice a second while nobody types.
    """

    def on_mount(self) -> None:
        self.cursor_blink = False

    def on_paste(self, event: Paste) -> None:
        """Take the first line that holds something, as a person would who meant one line."""
        event.prevent_default()
        event.stop()
        lines = [line for line in event.text.splitlines() if line.strip()]
        if lines:
            self.replace(printable(lines[0], one_line=True), *self.selection)
