"""A table of records with the chosen one's details beside it, or below it where the screen is narrow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import DataTable, Static

from studio.tui.shown import cell


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its cells, what the filter looks in, and its details, which are made when they are shown.

    `key` tells records apart; none of the texts needs to be safe to show.
    """

    key: str
    cells: tuple[str, ...]
    searched: str
    detail: Callable[[], Content]


class RecordTable(DataTable[Text]):
    """The table."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "Down", show=False),
        Binding("up,k", "cursor_up", "Up", show=False),
    ]


class Records(Container):
    """The table and the details. `columns` are titles with widths in cells; `nothing` is said where it is empty."""

    DEFAULT_CSS = """
    Records {
        layout: vertical;
        height: 1fr;
        RecordTable { width: 100%; height: auto; max-height: 50%; background: $surface; scrollbar-size-horizontal: 0; }
        .detail { width: 100%; height: 1fr; padding: 0 1; border-top: solid $primary-muted; }
        .detail:focus { border-top: solid $primary; }
        .nothing { padding: 1 2; color: $text-muted; display: none; }
        &.-empty { .nothing { display: block; } RecordTable { display: none; } .detail { display: none; } }
    }
    """

    def __init__(self, columns: Sequence[tuple[str, int]], nothing: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._columns = columns
        self._nothing = nothing
        self._all: Sequence[Record] = ()
        self._shown: Sequence[Record] = ()
        self._wanted = ""

    def compose(self) -> ComposeResult:
        """The table, the details, and what is said where there is nothing."""
        yield RecordTable(cursor_type="row", zebra_stripes=False, cell_padding=1)
        with VerticalScroll(classes="detail"):
            yield Static(classes="detail-text")
        yield Static(classes="nothing")

    def on_mount(self) -> None:
        """Give the table its columns."""
        table = self.query_one(RecordTable)
        for title, width in self._columns:
            table.add_column(Text(title), width=width)

    def show(self, records: Sequence[Record]) -> None:
        """Show these; the chosen one stays chosen where it is still there."""
        self._all = records
        self._fill()

    def filter(self, wanted: str) -> None:
        """Show only those that hold every word."""
        if wanted != self._wanted:
            self._wanted = wanted
            self._fill()

    def begin(self) -> None:
        """Begin to move through them."""
        self.query_one(RecordTable).focus()

    @on(DataTable.RowHighlighted)
    def _show_detail(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        self._detail(event.cursor_row)

    def _fill(self) -> None:
        words = self._wanted.casefold().split()
        table = self.query_one(RecordTable)
        chosen = self._shown[table.cursor_row].key if table.cursor_row < len(self._shown) else ""
        self._shown = [record for record in self._all if all(word in record.searched for word in words)]
        table.clear()
        for record in self._shown:
            cells = zip(record.cells, self._columns, strict=True)
            table.add_row(*(cell(text, width=width) for text, (_, width) in cells))
        row = next((at for at, record in enumerate(self._shown) if record.key == chosen), 0)
        table.move_cursor(row=row)
        self._detail(row)
        nothing = "Nothing here holds that text." if self._all else self._nothing
        self.query_one(".nothing", Static).update(Content(nothing))
        self.set_class(not self._shown, "-empty")

    def _detail(self, row: int) -> None:
        text = self._shown[row].detail() if 0 <= row < len(self._shown) else Content("")
        self.query_one(".detail-text", Static).update(text)
        self.query_one(VerticalScroll).scroll_home(animate=False)
