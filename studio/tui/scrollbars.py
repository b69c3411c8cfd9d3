"""Scrollbars from the first picture on.

Textual finds out that a widget needs a scrollbar when it has laid everything out, then lays it out once more and
draws all of it anew. Who opens the app waits for that, so the main screen foresees them, from what there is to show
and about how much room `studio.tcss` gives it. Where that is wrong, they come or go with a second layout as ever.
"""

from __future__ import annotations

from textual.geometry import Size
from textual.widget import Widget

from studio.tui.event_tree import EventTree
from studio.tui.field_table import FieldTable
from studio.tui.wire_panel import WirePanel


def foresee_scrollbars(screen: Size, fields: FieldTable, event: EventTree, wire: WirePanel) -> None:
    """Give the parts of the main screen their scrollbars before they are laid out for the first time."""
    left = min(max(27, screen.width * 28 // 100), 46)
    _foresee(fields, fields.virtual_size, Size(screen.width - left, screen.height // 2 - 2))
    lines = event.last_line + 1  # asking makes the tree find out how large it is
    _foresee(event, Size(event.virtual_size.width, lines), Size(left - 3, screen.height * 2 // 5 - 1))
    width = screen.width - left - 5
    _foresee(wire.payload, Size(width, wire.payload.lines_in(width)), Size(width, screen.height // 4))


def _foresee(widget: Widget, content: Size, room: Size) -> None:
    if content.height > room.height:
        widget.show_vertical_scrollbar = True
        widget.vertical_scrollbar.display = True
    if content.width > room.width:
        widget.show_horizontal_scrollbar = True
        widget.horizontal_scrollbar.display = True
