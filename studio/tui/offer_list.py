"""What would complete the line being typed: a few lines, one of them marked.

One widget of fixed height that draws its lines itself: a list of options would have the screen laid out anew at every
key, whenever their number changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from textual.content import Content
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message
from textual.widget import Widget

from studio.tui.shown import column

_MARKED = "$block-cursor-foreground on $block-cursor-background"


class Offer(NamedTuple):
    """A completion: what is put from `start` up to the cursor, what is said beside it, and what stands for it if not
    the text itself.
    """

    text: str
    note: str
    start: int
    label: str = ""

    @property
    def shown(self) -> str:
        """What stands for it in the list."""
        return self.label or self.text


class OfferList(Widget):
    """The lines. It posts which one was clicked."""

    class Taken(Message):
        """An offer was clicked."""

        def __init__(self, offer: Offer) -> None:
            super().__init__()
            self.offer = offer

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.offers: Sequence[Offer] = ()
        self._marked = 0
        self._first = 0

    def show(self, offers: Sequence[Offer]) -> None:
        """Show offers, the first one marked."""
        if offers or self.offers:
            self.offers = offers
            self._marked = self._first = 0
            self.refresh()

    @property
    def marked(self) -> Offer | None:
        """The marked offer."""
        return self.offers[self._marked] if self.offers else None

    def move(self, step: int) -> None:
        """Mark the next or previous offer, round and round."""
        if self.offers:
            self._marked = (self._marked + step) % len(self.offers)
            rows = max(1, self.size.height)
            self._first = min(max(self._first, self._marked - rows + 1), self._marked)
            self.refresh()

    def render(self) -> Content:
        """The lines that have room, and how many there are below."""
        width = self.size.width
        names = min(max((cell_len(offer.shown) for offer in self.offers), default=0) + 2, width * 3 // 5)
        lines: list[Content] = []
        for index in range(self._first, min(self._first + self.size.height, len(self.offers))):
            offer = self.offers[index]
            name, note = column(offer.shown, names - 1), column(offer.note, max(8, width - names - 2))
            if index == self._marked:
                lines.append(Content.styled(f" {name} {note} ", _MARKED))
            else:
                lines.append(Content.assemble(f" {name} ", (note, "$foreground-muted")))
        return Content("\n").join(lines)

    def on_click(self, event: Click) -> None:
        index = self._first + event.y
        if index < len(self.offers):
            self.post_message(self.Taken(self.offers[index]))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self.move(1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self.move(-1)
