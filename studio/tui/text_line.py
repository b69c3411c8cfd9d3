"""A line to type on that stays safe for the terminal whatever is pasted into it."""

from __future__ import annotations

from typing import Self

from textual.events import Paste
from textual.geometry import Region
from textual.widgets import Input

from studio.cli.text import printable


class TextLine(Input):
    """An input whose pasted text shows its control characters instead of using them.

    Its cursor stands still: a blinking one would paint twice a second while nobody types. It is as large as its place,
    whatever is typed, so that a key never has the screen laid out anew.
    """

    def on_mount(self) -> None:
        self.cursor_blink = False

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw it again. `layout` is what `Input` asks for at every letter."""
        del layout
        return super().refresh(*regions, repaint=repaint, recompose=recompose)

    def on_paste(self, event: Paste) -> None:
        """Take the first line that holds something, as a person would who meant one line."""
        event.prevent_default()
        event.stop()
        lines = [line for line in event.text.splitlines() if line.strip()]
        if lines:
            self.replace(printable(lines[0], one_line=True), *self.selection)
