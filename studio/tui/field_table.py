"""The action's fields: label, type, binding in the one-line notation, the value on the current sample or what is wrong.

A widget that draws its own lines, since of Textual's `DataTable` a changed cell has every row drawn anew, at every key.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import ClassVar, TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size, Spacing
from textual.message import Message
from textual.strip import Strip
from textual.style import Style

from studio.bindings import FieldPath
from studio.cli.text import shortened
from studio.evaluation import FieldRow
from studio.tui.line_cursor import LineCursor
from studio.tui.shown import fitted, value_text

_TITLES = ("Field", "Type", "Binding", "On this sample")
_TYPES_IN_SHORT = {"boolean": "bool", "datetime": "time"}
_ROOMY = 80
"""Columns of the table from which on types are written out and sub-fields stand well to the right."""

_Texts: TypeAlias = tuple[str, str, str, str]
_UNSTYLED = ("", "", "", "")


class FieldTable(LineCursor):
    """The table. It posts which field is chosen and what is asked for."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"fields--header", "fields--cursor"}
    DEFAULT_CSS = """
    FieldTable {
        background: $surface;
        overflow-x: hidden;
        & > .fields--header { background: $panel; color: $foreground; text-style: bold; }
        & > .fields--cursor { background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground; }
        &:focus > .fields--header { background-tint: $foreground 5%; }
        &:focus > .fields--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "ask('edit')", "Bind", tooltip="Choose the field's value, or type its binding"),
        Binding("delete,x", "ask('clear')", "Clear", tooltip="Take the binding out"),
        Binding("plus", "ask('key')", "Add key", tooltip="Add a key of your own to an object", show=False),
        Binding("h", "ask('hidden')", "Hidden", tooltip="Show hidden fields too", show=False),
    ]
    titles: ClassVar[int] = 1
    FOCUS_ON_CLICK: ClassVar[bool] = False  # the screen moves the focus, behind the click

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
        super().__init__(id="fields")
        self.rows: Sequence[FieldRow] = ()
        self._trapped: Set[FieldPath] = frozenset()
        self._note = ""

    def show(self, rows: Sequence[FieldRow], chosen: FieldPath, trapped: Set[FieldPath], note: str = "") -> None:
        """Show the rows with the chosen field under the cursor. Rows that are as they were are not drawn anew.

        Those that are `trapped` have a mark: there is something to say about their binding. A `note` stands in the
        place of rows where there are none.
        """
        if note != self._note:
            self._note = note
            self.refresh()
        before, self.rows = self.rows, rows
        cursor = next((number for number, row in enumerate(rows) if row.path == chosen), 0)
        if len(before) != len(rows) or trapped != self._trapped:
            self._trapped = trapped
            self._cursor = cursor
            self.virtual_size = Size(0, len(rows) + 1)
            self.refresh()
        else:
            for number, (old, row) in enumerate(zip(before, rows, strict=True)):
                if old != row:
                    self._draw(number)
            self._put_cursor(cursor)
        self._scroll_to_cursor()

    @property
    def chosen(self) -> FieldRow | None:
        """The row under the cursor."""
        return self.rows[self._cursor] if self._cursor < len(self.rows) else None

    def texts(self, row: FieldRow) -> _Texts:
        """What the columns say of a row: all of it, but for a long label, whose marks must be seen."""
        label = row.field.label if row.field else row.path[-1]
        marks = "*" if row.field and row.field.required else ""
        marks += " !" if row.path in self._trapped else ""
        if row.problem:
            result = f"! {row.problem}"
        elif row.opens and row.depth == 0 and row.field and row.field.fields:
            result = ""
        else:
            result = value_text(row.value)
        is_roomy = self.size.width >= _ROOMY
        label_room = _widths(self.size.width)[0] - len(marks)
        indent = row.depth * (2 if is_roomy else 1)
        label = f"{' ' * indent}{shortened(label, max(4, label_room - indent))}{marks}"
        return label, _type_text(row, is_roomy=is_roomy), row.notation, result

    def render_line(self, y: int) -> Strip:
        """The titles stay at the top; the rows move below them."""
        number = y - 1 + self.scroll_offset.y
        if y == 0:
            return self._strip(_TITLES, _UNSTYLED, "fields--header")
        if number == 0 and not self.rows and self._note:
            return self._note_strip()
        if number >= len(self.rows):
            return self._strip(_UNSTYLED, _UNSTYLED)
        row = self.rows[number]
        if number == self._cursor:
            return self._strip(self.texts(row), _UNSTYLED, "fields--cursor")
        label = "$text-warning" if row.path in self._trapped else "dim" if row.field and row.field.hidden else ""
        result = "$text-error" if row.problem else "$text-success" if row.notation else "dim"
        return self._strip(self.texts(row), (label, "dim", "", result))

    def _strip(self, texts: _Texts, styles: _Texts, *component: str) -> Strip:
        width = self.size.width
        base = self.get_visual_style(*component)
        variables = self.app.theme_variables
        segments: list[Segment] = []
        room = width
        for text, style, column in zip(texts, styles, _widths(width), strict=True):
            cell = fitted(text, column)
            look = base + Style.parse(style, variables) if style else base
            blanks = " " * (column - cell_len(cell) + 1)
            segments += [Segment(cell, look.rich_style), Segment(blanks, base.rich_style)]
            room -= column + 1
        segments.append(Segment(" " * max(0, room), base.rich_style))
        return Strip(segments).simplify().crop(0, width)

    def _note_strip(self) -> Strip:
        base = self.get_visual_style()
        look = base + Style.parse("$text-warning", self.app.theme_variables)
        note = Strip([Segment(fitted(self._note, self.size.width), look.rich_style)])
        return note.adjust_cell_length(self.size.width, base.rich_style)

    def _draw(self, number: int) -> None:
        """Have a row drawn anew. The titles take the first line."""
        self.refresh_line(number + 1)

    def _put_cursor(self, number: int) -> None:
        if number != self._cursor:
            self._draw(self._cursor)
            self._draw(number)
            self._cursor = number

    def _scroll_to_cursor(self) -> None:
        place = Region(0, self._cursor + 1, max(1, self.size.width), 1)
        self.scroll_to_region(place, spacing=Spacing(1, 0, 0, 0), animate=False, force=True)

    @property
    def lines_there(self) -> int:
        """As many as there are rows."""
        return len(self.rows)

    def go_to(self, number: int) -> None:
        """Choose a row."""
        self._put_cursor(number)
        self._scroll_to_cursor()
        self.post_message(self.Chosen(self.rows[number].path))

    def on_click(self, event: Click) -> None:
        """A click chooses a field; on the chosen one it edits."""
        place = event.get_content_offset(self)
        if place is None or place.y == 0:
            return
        number = place.y - 1 + self.scroll_offset.y
        if number == self._cursor:
            self.action_ask("edit")
        elif number < len(self.rows):
            self.go_to(number)

    def on_resize(self) -> None:
        self._scroll_to_cursor()

    def action_ask(self, what: str) -> None:
        """Ask for something to be done."""
        self.post_message(self.Asked(what))


def _type_text(row: FieldRow, *, is_roomy: bool) -> str:
    if row.field is None:
        return ""
    text = row.field.type_text
    if is_roomy:
        return text
    return "list" if row.field.multiple else _TYPES_IN_SHORT.get(text, text)


def _widths(width: int) -> tuple[int, int, int, int]:
    """The columns' widths, without the blank behind each."""
    room = max(40, width - 4)
    label = min(24, max(12, room // 4))
    kind = 15 if width >= _ROOMY else 6
    notation = (room - label - kind) * 11 // 20
    return label, kind, notation, room - label - kind - notation
