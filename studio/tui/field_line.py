"""A line for a field of the event, with the paths of the samples that would complete it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import DescendantBlur, Key
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from studio.cli.text import shortened
from studio.tui.text_line import TextLine

_OFFERED = 40


class FieldLine(Vertical):
    """The line. It posts its text whenever it changes by hand; its list lies over what is below it."""

    DEFAULT_CSS = """
    FieldLine {
        height: 1;
        OptionList {
            display: none;
            overlay: screen;
            constrain: inside inside;
            width: 100%;
            min-width: 36;
            height: auto;
            max-height: 8;
            scrollbar-size-vertical: 1;
            border: none;
            padding: 0;
            background: $panel;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "leave", "Next", tooltip="Go on with the field as it is typed", show=False),
        Binding("escape", "close", "Close", tooltip="Close the list of fields", show=False),
    ]

    class Changed(Message):
        """Another field was typed or taken."""

    def __init__(self, field: str, fields: Sequence[str]) -> None:
        super().__init__()
        self._field = field
        self._fields = fields
        self._offered: Sequence[str] = ()

    def compose(self) -> ComposeResult:
        """The line and its list."""
        yield TextLine(self._field, placeholder="field, ↓ lists them", select_on_focus=False, compact=True)
        yield OptionList(compact=True)

    @property
    def field(self) -> str:
        """The field as it stands."""
        return self.query_one(TextLine).value.strip()

    def show(self, field: str) -> None:
        """Show another field, without posting it."""
        line = self.query_one(TextLine)
        if line.value.strip() != field:
            with line.prevent(Input.Changed):
                line.value = field
        self._offer(())

    def edit(self) -> None:
        """Begin to type."""
        self.query_one(TextLine).focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Escape closes the list only while it is open; otherwise it is the screen's."""
        return action != "close" or bool(self._offered)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Offer what fits."""
        event.stop()
        if event.input.has_focus:
            self._offer(matching_fields(self._fields, event.value))
        self.post_message(self.Changed())

    def on_descendant_blur(self, event: DescendantBlur) -> None:  # noqa: ARG002 - Textual's signature
        """Close the list when the focus has gone elsewhere."""
        self.call_after_refresh(self._close_unless_used)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the marked field, if any, and go on to the operator."""
        event.stop()
        marked = self.query_one(OptionList).highlighted
        if self._offered and marked is not None:
            self._take(marked)
        self.screen.focus_next()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the field that was clicked on."""
        event.stop()
        self._take(event.option_index)
        self.edit()

    def on_key(self, event: Key) -> None:
        """Up and down open the list and move through it while typing goes on."""
        line = self.query_one(TextLine)
        if event.key not in ("down", "up") or not line.has_focus:
            return
        event.stop()
        event.prevent_default()
        if not self._offered:
            self._offer(matching_fields(self._fields, "" if line.value in self._fields else line.value))
            return
        offers = self.query_one(OptionList)
        step = 1 if event.key == "down" else -1
        offers.highlighted = ((offers.highlighted or 0) + step) % len(self._offered)

    def action_leave(self) -> None:
        """Go on to the operator, leaving the list."""
        self._offer(())
        self.screen.focus_next()

    def action_close(self) -> None:
        """Close the list and go on typing."""
        self._offer(())
        self.edit()

    def _take(self, index: int) -> None:
        line = self.query_one(TextLine)
        with line.prevent(Input.Changed):
            line.value = self._offered[index]
        line.cursor_position = len(line.value)
        self._offer(())
        self.post_message(self.Changed())

    def _offer(self, fields: Sequence[str]) -> None:
        if not fields and not self._offered:
            return
        self._offered = fields
        offers = self.query_one(OptionList)
        offers.set_options([Option(Content(shortened(field, 200))) for field in fields])
        offers.highlighted = 0 if fields else None
        offers.display = bool(fields)

    def _close_unless_used(self) -> None:
        if not self.has_focus_within:
            self._offer(())


def matching_fields(fields: Sequence[str], typed: str) -> list[str]:
    """The fields that a typed text could mean: those that begin with it, a key of which does, that hold it."""
    wanted = typed.strip().casefold()
    ranked: list[tuple[int, str]] = []
    for field in fields:
        folded = field.casefold()
        if folded.startswith(wanted):
            ranked.append((0, field))
        elif f".{wanted}" in folded:
            ranked.append((1, field))
        elif wanted in folded:
            ranked.append((2, field))
    ranked.sort(key=lambda item: item[0])
    return [field for _, field in ranked[:_OFFERED] if field != typed.strip()]
