"""The action's fields: label, binding in the one-line notation, the value on the sample or what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.message import Message
from textual.widgets import DataTable

from studio.bindings import FieldPath
from studio.evaluation import FieldRow
from studio.tui.shown import cell, value_text

_AROUND = 9
"""Columns of a table that are no text: its border, its scrollbar, a blank at each side of its cells."""


class FieldTable(DataTable[Text]):
    """The table. It posts which field is chosen and what is asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,f2", "ask('edit')", "Bind", tooltip="Edit the field's binding"),
        Binding("delete,x", "ask('clear')", "Clear", tooltip="Take the binding out"),
        Binding("plus", "ask('key')", "Add key", tooltip="Add a key of your own to an object", show=False),
        Binding("h", "ask('hidden')", "Hidden", tooltip="Show hidden fields too", show=False),
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
    ]

    class Chosen(Message):
        """Another field was chosen."""

        def __init__(self, path: FieldPath) -> None:
            super().__init__()
            self.path = path

    class Asked(Message):
        """Something is to be done with the chosen field."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    def __init__(self) -> None:
        super().__init__(id="fields", cursor_type="row", zebra_stripes=False, cell_padding=1)
        self._rows: Sequence[FieldRow] = ()
        self._fits = (0, 0, 0)
        self._width = 0

    def show(self, rows: Sequence[FieldRow], chosen: FieldPath) -> None:
        """Show the rows with the chosen field under the cursor."""
        before, self._rows = self._rows, rows
        same = [row.path for row in before] == [row.path for row in rows]
        if same and self.row_count == len(rows) and self.chosen is not None and self.chosen.path == chosen:
            self._replace(before)
        else:
            self._rebuild(chosen)

    @property
    def chosen(self) -> FieldRow | None:
        """The row under the cursor."""
        return self._rows[self.cursor_row] if 0 <= self.cursor_row < len(self._rows) else None

    def fit(self, width: int) -> None:
        """Make the columns fit the table's width, its border included."""
        if width != self._width:
            self._width = width
            self._rebuild(self.chosen.path if self.chosen else ())

    def _rebuild(self, chosen: FieldPath) -> None:
        room = max(30, self._width - _AROUND)
        first = min(22, max(14, room // 4))
        second = (room - first) * 11 // 20
        widths = (first, second, room - first - second)
        scroll = self.scroll_offset
        with self.prevent(DataTable.RowHighlighted):
            if widths != self._fits:
                self.clear(columns=True)
                for title, width in zip(("Field", "Binding", "On this sample"), widths, strict=True):
                    self.add_column(title, width=width)
                self._fits = widths
            else:
                self.clear()
            for row in self._rows:
                self.add_row(self._label(row), cell(row.notation, "", widths[1]), self._result(row))
            index = next((number for number, row in enumerate(self._rows) if row.path == chosen), 0)
            self.move_cursor(row=index, animate=False)
            self.scroll_to(y=scroll.y, animate=False, immediate=True)
            self.move_cursor(row=index, animate=False, scroll=True)

    def _replace(self, before: Sequence[FieldRow]) -> None:
        """Put in what is different, while somebody types."""
        for index, (old, row) in enumerate(zip(before, self._rows, strict=True)):
            if old != row:
                cells = (self._label(row), cell(row.notation, "", self._fits[1]), self._result(row))
                for column, content in enumerate(cells):
                    if content != self.get_cell_at(Coordinate(index, column)):
                        self.update_cell_at(Coordinate(index, column), content)

    def _label(self, row: FieldRow) -> Text:
        field = row.field
        name = field.label if field else row.path[-1]
        required = "*" if field and field.required else ""
        style = "dim" if field and field.hidden else ""
        return cell(f"{'  ' * row.depth}{name}{required}", style, self._fits[0])

    def _result(self, row: FieldRow) -> Text:
        colors = self.app.theme_variables
        if row.problem:
            return cell(f"! {row.problem}", colors.get("text-error", "red"), self._fits[2])
        if row.opens and row.depth == 0 and row.field and row.field.fields:
            return cell("")
        style = colors.get("text-success", "") if row.notation else "dim"
        return cell(value_text(row.value, self._fits[2]), style, self._fits[2])

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        if self.chosen is not None:
            self.post_message(self.Chosen(self.chosen.path))

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        self.post_message(self.Asked("edit"))

    def action_ask(self, what: str) -> None:
        """Ask for something to be done."""
        self.post_message(self.Asked(what))
