"""Lines that a widget draws itself, with a cursor that is moved by keys."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.scroll_view import ScrollView


class LineCursor(ScrollView, can_focus=True):
    """Base of such a widget, which says how many lines there are and goes to one of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("home,ctrl+home", "first", "First", show=False),
        Binding("end,ctrl+end", "last", "Last", show=False),
    ]
    ALLOW_SELECT: ClassVar[bool] = False
    titles: ClassVar[int] = 0
    """Lines at the top that stay."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._cursor = 0

    @property
    def lines_there(self) -> int:
        """How many lines the cursor can go to."""
        raise NotImplementedError

    def go_to(self, number: int) -> None:
        """Go to a line that is there."""
        raise NotImplementedError

    def action_move(self, by: int) -> None:
        """Go up or down."""
        self._go_within(self._cursor + by)

    def action_page(self, by: int) -> None:
        """Go up or down by what is seen at once, but for one line."""
        self._go_within(self._cursor + by * max(1, self.size.height - self.titles - 1))

    def action_first(self) -> None:
        """Go to the first line."""
        self._go_within(0)

    def action_last(self) -> None:
        """Go to the last line."""
        self._go_within(self.lines_there - 1)

    def _go_within(self, number: int) -> None:
        number = max(0, min(number, self.lines_there - 1))
        if self.lines_there and number != self._cursor:
            self.go_to(number)
