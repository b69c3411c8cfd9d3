"""The line that a binding is typed on: at rest it shows how the binding begins, while one types where the cursor is."""

from __future__ import annotations

from textual.events import Focus

from studio.tui.text_line import TextLine

_HOW = "$.path · text · Hi {{path}} · = function(…)"


class FormulaLine(TextLine):
    """The line."""

    def __init__(self) -> None:
        super().__init__(id="formula", compact=True, select_on_focus=False, placeholder=_HOW)

    def rest(self) -> None:
        """Show the beginning, with the cursor at the end for who types next."""
        self.cursor_position = len(self.value)
        self.scroll_to(x=0, force=True, animate=False, immediate=True)

    def on_focus(self, event: Focus) -> None:  # noqa: ARG002 - Textual's signature
        """Show the end, where the cursor is."""
        if self.cursor_position == len(self.value):
            self.scroll_to(x=self.max_scroll_x, force=True, animate=False, immediate=True)
