"""A trigger as rows of field, operator and value, for those who do not write FQL."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Select, Static

from studio.cli.text import printable
from studio.conditions import Condition, JoinedBy, Operator, from_fql, read_value, to_fql, write_value
from studio.tui.field_line import FieldLine
from studio.tui.text_line import TextLine

_CONDITIONS_AT_MOST = 20
_TOO_RICH = "This trigger says more than rows can show; it stays as it is. Edit it as text."
_BROKEN = "The text has a mistake; mend it there, then its conditions show here."
_UNSEEN = "This trigger holds invisible characters; it stays as it is. Edit it as text."
_VALUE_TOOLTIP = (
    '10, true and null are what they say; "10" in quotes is text. In patterns * is any text, ? one character'
)
_JOINS: tuple[tuple[str, JoinedBy], ...] = (("all of these hold", "all"), ("any of these holds", "any"))


class ConditionRow(Horizontal):
    """One condition: its field, what is asked of it, and the value."""

    DEFAULT_CSS = """
    ConditionRow {
        height: 1;
        FieldLine { width: 5fr; }
        Select { width: 21; margin: 0 1; }
        SelectOverlay { max-height: 10; scrollbar-size-vertical: 1; }
        .value { width: 4fr; }
        .value.-unused { visibility: hidden; }
        Button { min-width: 3; width: 3; margin-left: 1; }
    }
    """

    class Changed(Message):
        """The condition is another now."""

    class Removed(Message):
        """The row is not wanted any more."""

        def __init__(self, row: ConditionRow) -> None:
            super().__init__()
            self.row = row

    def __init__(self, condition: Condition, fields: Sequence[str]) -> None:
        super().__init__()
        self._shown = condition
        self._fields = fields

    def compose(self) -> ComposeResult:
        """The parts in a line."""
        operator = self._shown.operator
        yield FieldLine(self._shown.field, self._fields)
        yield Select(
            [(item.value, item) for item in Operator],
            value=operator,
            allow_blank=False,
            compact=True,
            tooltip="What is asked of the field",
        )
        yield TextLine(
            _typed(self._shown),
            placeholder="value",
            classes="value" if operator.takes_value else "value -unused",
            select_on_focus=False,
            compact=True,
            tooltip=_VALUE_TOOLTIP,
        )
        yield Button("✕", compact=True, tooltip="Remove this condition")

    @property
    def condition(self) -> Condition:
        """The condition as the row has it."""
        operator = self.query_one(Select).value
        assert isinstance(operator, Operator)  # noqa: S101 - its options are nothing else
        field, typed = self.query_one(FieldLine).field, self.query_one(".value", TextLine).value
        if not operator.takes_value:
            return Condition(field, operator)
        return Condition(field, operator, typed if operator.takes_pattern else read_value(typed))

    def show(self, condition: Condition) -> None:
        """Show another condition, without posting it."""
        if _same(condition, self.condition):
            return
        self._shown = condition
        self.query_one(FieldLine).show(condition.field)
        self._show_operator(condition.operator)
        value = self.query_one(".value", TextLine)
        with value.prevent(Input.Changed):
            value.value = _typed(condition)

    def edit(self) -> None:
        """Begin at the field."""
        self.query_one(FieldLine).edit()

    def on_field_line_changed(self, event: FieldLine.Changed) -> None:
        """Another field makes another condition."""
        event.stop()
        self._post()

    def on_input_changed(self, event: Input.Changed) -> None:
        """So does another value."""
        event.stop()
        self._post()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on, as tab does."""
        event.stop()
        self.screen.focus_next()

    def on_select_changed(self, event: Select.Changed) -> None:
        """Another operator may take a value or none."""
        event.stop()
        self._show_operator(self.condition.operator)
        self._post()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Ask to be removed."""
        event.stop()
        self.post_message(self.Removed(self))

    def _show_operator(self, operator: Operator) -> None:
        select = self.query_one(Select)
        with select.prevent(Select.Changed):
            select.value = operator
        self.query_one(".value").set_class(not operator.takes_value, "-unused")

    def _post(self) -> None:
        if not _same(self.condition, self._shown):
            self._shown = self.condition
            self.post_message(self.Changed())


class ConditionBuilder(Vertical):
    """The builder. It posts the trigger that its rows say, each time they change."""

    DEFAULT_CSS = """
    ConditionBuilder {
        height: auto;
        #conditions { height: auto; max-height: 7; scrollbar-size-vertical: 1; }
        #joined { height: 1; }
        #joined Static { width: auto; color: $text-muted; margin-right: 1; }
        #joined Select { width: 25; }
        #joined Button { margin-left: 1; min-width: 7; }
        #unbuildable { color: $text-muted; display: none; }
        &.-unbuildable {
            #joined, #conditions { display: none; }
            #unbuildable { display: block; }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "add", "Add", tooltip="Add a condition"),
        Binding("f4", "remove", "Remove", tooltip="Remove the condition that has the focus"),
    ]

    class Written(Message):
        """The rows say this trigger now."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(id="builder")
        self._fields = fields
        self._text: str | None = None
        self._making = asyncio.Lock()  # a row that is half made cannot be shown another condition

    def compose(self) -> ComposeResult:
        """How the conditions are joined, and their rows."""
        yield Static(id="unbuildable")
        with Horizontal(id="joined"):
            yield Static("Fires when")
            yield Select(_JOINS, value="all", allow_blank=False, compact=True, tooltip="Whether one is enough")
            yield Button("+ Add", compact=True, tooltip="Add a condition (ctrl+n)")
        yield VerticalScroll(id="conditions", can_focus=False)

    @property
    def buildable(self) -> bool:
        """Whether it shows the trigger, so that there is something to edit."""
        return not self.has_class("-unbuildable")

    @property
    def rows(self) -> list[ConditionRow]:
        """The rows from the top."""
        return list(self.query(ConditionRow))

    def edit(self) -> None:
        """Begin at the first condition."""
        if self.buildable and self.rows:
            self.rows[0].edit()

    async def load(self, text: str, *, is_sound: bool) -> None:
        """Show a trigger that was edited as text; what the rows say already changes nothing."""
        async with self._making:
            if text != self._text:
                self._text = text
                await self._load(text, is_sound=is_sound)

    async def _load(self, text: str, *, is_sound: bool) -> None:
        read = from_fql(text)
        if read is None:
            self._leave_alone(_TOO_RICH if is_sound else _BROKEN)
            return
        conditions, joined_by = read
        if len(conditions) > _CONDITIONS_AT_MOST:
            self._leave_alone(_TOO_RICH)
        elif not all(map(_is_visible, conditions)):
            self._leave_alone(_UNSEEN)
        else:
            self.remove_class("-unbuildable")
            if len(conditions) > 1:
                select = self._joins
                with select.prevent(Select.Changed):
                    select.value = joined_by
            await self._show(conditions or (_blank(),))

    def on_condition_row_changed(self, event: ConditionRow.Changed) -> None:
        """Write what the rows say now."""
        event.stop()
        self._write()

    async def on_condition_row_removed(self, event: ConditionRow.Removed) -> None:
        """Take the row out."""
        event.stop()
        await self._remove(event.row)

    def on_select_changed(self, event: Select.Changed) -> None:
        """Write how the conditions are joined now."""
        event.stop()
        self._write()

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Add a row."""
        event.stop()
        await self.action_add()

    async def action_add(self) -> None:
        """Add a row and begin at it."""
        if not self.buildable:
            return
        if len(self.rows) == _CONDITIONS_AT_MOST:
            self.app.bell()
            return
        async with self._making:
            await self.query_one("#conditions").mount(ConditionRow(_blank(), self._fields))
        self.rows[-1].edit()
        self.call_after_refresh(self.rows[-1].scroll_visible, animate=False)  # it has no place before

    async def action_remove(self) -> None:
        """Remove the row that has the focus."""
        row = next((row for row in self.rows if row.has_focus_within), None)
        if row:
            await self._remove(row)

    async def _remove(self, row: ConditionRow) -> None:
        async with self._making:
            if row not in self.rows:
                return  # it was asked for twice
            index = self.rows.index(row)
            await row.remove()
            if not self.rows:
                await self._show((_blank(),))
        self.rows[min(index, len(self.rows) - 1)].edit()
        self._write()

    @property
    def _joins(self) -> Select[JoinedBy]:
        return self.query_one("#joined Select", Select)

    def _leave_alone(self, why: str) -> None:
        self.query_one("#unbuildable", Static).update(Content(why))
        self.add_class("-unbuildable")

    async def _show(self, conditions: Sequence[Condition]) -> None:
        rows = self.rows
        for row, condition in zip(rows, conditions, strict=False):
            row.show(condition)
        for row in rows[len(conditions) :]:
            await row.remove()
        new = [ConditionRow(condition, self._fields) for condition in conditions[len(rows) :]]
        await self.query_one("#conditions").mount_all(new)

    def unwritten(self, text: str) -> str | None:
        """What the rows say where `text` says something else; None where they say the same or nothing."""
        read = None if self._text is None else from_fql(text)
        if read is None or not self.buildable:
            return None
        conditions, joined_by = self._said()
        is_same = len(conditions) == len(read[0]) and all(map(_same, conditions, read[0]))
        return None if is_same and (len(conditions) < 2 or joined_by == read[1]) else to_fql(conditions, joined_by)

    def _said(self) -> tuple[list[Condition], JoinedBy]:
        conditions = [condition for row in self.rows if (condition := row.condition).field]
        return conditions, "any" if self._joins.value == "any" else "all"

    def _write(self) -> None:
        if self._text is None:
            return  # what the widgets report before there is a trigger
        text = to_fql(*self._said())
        if text != self._text:
            self._text = text
            self.post_message(self.Written(text))


def _blank() -> Condition:
    return Condition("", Operator.IS)


def _typed(condition: Condition) -> str:
    return str(condition.value) if condition.operator.takes_pattern else write_value(condition.value)


def _same(one: Condition, other: Condition) -> bool:
    """Whether they are equal, and not just as Python sees it, to which 1 is true."""
    return one == other and _typed(one) == _typed(other)


def _is_visible(condition: Condition) -> bool:
    """Whether a line can show the condition without changing it."""
    return all(printable(text, one_line=True) == text for text in (condition.field, _typed(condition)))
