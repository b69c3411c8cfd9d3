"""The titles of tabs in a line, and below it a mark for the one that is open.

One widget that draws both: of Textual's `Tabs`, a widget for each part and each title, the mark comes only with a
picture of its own, when all the others have been laid out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click, Leave, MouseMove
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class TabLine(Widget, can_focus=True):
    """The titles. It posts which one is opened; `opened` is its number."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"tabs--cursor"}
    DEFAULT_CSS = """
    TabLine {
        height: 2;
        pointer: pointer;
        & > .tabs--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "open_next(-1)", "Previous tab", show=False),
        Binding("right", "open_next(1)", "Next tab", show=False),
    ]
    ALLOW_SELECT: ClassVar[bool] = False
    FOCUS_ON_CLICK: ClassVar[bool] = False  # the screen moves the focus, behind the click

    opened: reactive[int] = reactive(0, init=False)
    _pointed: reactive[int | None] = reactive(None, init=False)

    class Opened(Message):
        """Another tab was opened."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, titles: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._titles = titles

    def watch_opened(self) -> None:
        self.post_message(self.Opened(self.opened))

    def render(self) -> Content:
        """The titles, a blank on either side of each, and the mark below the open one."""
        before = self.column_of(self.opened)
        mark = len(self._titles[self.opened])
        after = max(0, self.size.width - before - mark - 2)
        bar = f"$foreground {30 if self.has_focus else 10}%"
        return Content.assemble(
            *map(self._title, range(len(self._titles))),
            "\n",
            (f"{'━' * before}╸", bar),
            ("━" * mark, "$block-cursor-background"),
            (f"╺{'━' * after}", bar),
        )

    def column_of(self, number: int) -> int:
        """The column at which a title begins, with the blank before it."""
        return sum(len(title) + 2 for title in self._titles[:number])

    def _title(self, number: int) -> Content:
        title = self._titles[number]
        if number == self.opened and self.has_focus:
            return Content.styled(f" {title} ", self.get_visual_style("tabs--cursor"))
        style = "$foreground" if number in (self.opened, self._pointed) else "$foreground 50%"
        return Content.assemble(" ", (title, style), " ")

    def _at(self, column: int) -> int | None:
        """The tab at a column."""
        ends = 0
        for number, title in enumerate(self._titles):
            ends += len(title) + 2
            if column < ends:
                return number
        return None

    def on_click(self, event: Click) -> None:
        number = self._at(event.x)
        if number is not None:
            self.opened = number

    def on_mouse_move(self, event: MouseMove) -> None:
        self._pointed = self._at(event.x) if event.y == 0 else None

    def on_leave(self, _: Leave) -> None:
        self._pointed = None

    def action_open_next(self, by: int) -> None:
        """Open the next tab or the one before, round and round."""
        self.opened = (self.opened + by) % len(self._titles)
