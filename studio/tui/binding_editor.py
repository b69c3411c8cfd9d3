"""The binding of the chosen field as one line, with completion, and what it gives while it is being typed."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import DescendantFocus, Key
from textual.message import Message
from textual.widgets import Input, Static

from actions.values import MISSING, Json
from studio.bindings import FieldPath
from studio.cli.text import printable, shortened
from studio.evaluation import Reading
from studio.event_paths import PathIndex
from studio.formula.functions import FUNCTIONS
from studio.formula.syntax import FormulaError
from studio.samples import Sample
from studio.tui.formula_line import FormulaLine
from studio.tui.offer_list import Offer, OfferList
from studio.tui.shown import value_text
from studio.tui.signature_text import signature_text
from studio.tui.steady_text import SteadyText
from studio.tui.typing_history import TypingHistory

_EMPTY = "Empty: the field is not bound."

_CORNERS = 6
"""Columns of the lower border that are not the signature's."""

BindingPlace: TypeAlias = tuple[int, FieldPath]
"""A field of a mapping: the mapping's index and the field's path."""


class BindingEditor(Vertical):
    """The editor. It posts each readable binding as it is typed, then the one that is meant."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "apply", "Apply", tooltip="Bind the field to this", priority=True),
        Binding("escape", "cancel", "Cancel", tooltip="Leave the binding as it was", priority=True),
        Binding("tab", "complete", "Complete", tooltip="Take the completion that is marked", priority=True),
    ]

    class Typed(Message):
        """The text reads as a binding; None where it was emptied."""

        def __init__(self, binding: Json | None) -> None:
            super().__init__()
            self.binding = binding

    class Applied(Message):
        """The binding of the field at `place` is meant; None takes it out. `leaves` the line for the table."""

        def __init__(self, place: BindingPlace, binding: Json | None, *, leaves: bool) -> None:
            super().__init__()
            self.place = place
            self.binding = binding
            self.leaves = leaves

    class Unreadable(Message):
        """The line was left with a text that cannot be read; it waits there."""

        def __init__(self, problem: str) -> None:
            super().__init__()
            self.problem = problem

    class Cancelled(Message):
        """Nothing is to change."""

    def __init__(self) -> None:
        super().__init__(id="binding")
        self._paths = PathIndex()
        self._sample: Sample | None = None
        self._place: BindingPlace = (0, ())
        self._original = ""
        self._is_touched = False
        self._unfinished: dict[BindingPlace, tuple[str, str]] = {}
        self._history = TypingHistory()

    def compose(self) -> ComposeResult:
        """The line, what it gives, and what would complete it."""
        yield FormulaLine()
        yield SteadyText(id="formula-reading")
        yield OfferList(id="formula-offers")

    def use(self, paths: PathIndex, sample: Sample | None) -> None:
        """Complete from those paths, with the values that they have on the sample."""
        self._paths, self._sample = paths, sample

    def load(
        self, place: BindingPlace, title: str, notation: str, hint: str, *, warns: bool = False, is_typed: bool = True
    ) -> None:
        """Show the binding of a field; `hint` says what the field means or, where it `warns`, what is wrong.

        `place` names the field. What was left there unreadable, while the binding was the same, is there again. What is
        not typed can only be read here.
        """
        self._place, self._original = place, notation
        self.border_title = Content(title)
        unfinished = self._unfinished.get(place)
        text = unfinished[1] if unfinished and unfinished[0] == notation else notation
        line = self.query_one(FormulaLine)
        with line.prevent(Input.Changed):
            line.value = text
        line.disabled = not is_typed
        self._history = TypingHistory(text)
        line.rest()
        self._is_touched = False
        told = Content.styled(f"! {hint}", "$text-warning") if warns else Content.styled(hint, "$foreground-muted")
        if text != notation:
            told = Content.styled("! not applied, for it cannot be read: f2 goes on, escape drops it", "$text-warning")
        self.query_one("#formula-reading", Static).update(told)
        self.border_subtitle = ""
        self._offers.show(())

    def tell(self, reading: Reading) -> None:
        """Say what the typed binding gives."""
        found = f"found on {reading.found_on} of {reading.of} samples"
        if reading.is_fixed:
            found = "the same for every event"
        if reading.problem:
            value = "" if reading.value is MISSING else f"{value_text(reading.value, 60)}  "
            told = Content.assemble(
                (value, "$foreground-muted"),
                (f"! {shortened(reading.problem, 200)}", "$text-error"),
                (f"  {found}", "$foreground-muted"),
            )
        elif reading.value is MISSING:
            told = Content.assemble(("nothing on this sample", "$text-warning"), (f"  {found}", "$foreground-muted"))
        else:
            shown = value_text(reading.value, 120)
            told = Content.assemble((shown, "$text-success"), (f"  {found}", "$foreground-muted"))
        self.query_one("#formula-reading", Static).update(told)

    @property
    def unfinished(self) -> list[str]:
        """The texts that cannot be read and wait in their lines."""
        return [text for _, text in self._unfinished.values()]

    def forget(self) -> None:
        """Drop what waits: the document that it is about is gone."""
        self._unfinished.clear()

    def edit(self) -> None:
        """Begin to type."""
        self.query_one("#formula", Input).focus()

    @property
    def editing(self) -> bool:
        """Whether somebody is typing here."""
        return self.query_one("#formula", Input).has_focus

    def insert_placeholder(self, path: str) -> str:
        """Make the line a template with the path in it, and go on typing; gives what there is to say about it."""
        from studio.formula.completion import with_placeholder  # what only typing needs, here as below

        line = self.query_one("#formula", Input)
        made = with_placeholder(line.value, line.cursor_position, path)
        if made is None:
            return "No template can hold this path: a key has a brace in it."
        text, cursor, is_new = made
        self.go_on(text, cursor)
        return "No template can hold what was bound, so it begins anew; escape puts it back." if is_new else ""

    def undo(self) -> bool:
        """Take a step of what is typed back; whether there was one."""
        return self.editing and self._retype(self._history.undo())

    def redo(self) -> bool:
        """Type again what was undone; whether there was anything."""
        return self.editing and self._retype(self._history.redo())

    def _retype(self, text: str | None) -> bool:
        if text is not None:
            line = self.query_one("#formula", Input)
            line.value, line.cursor_position = text, len(text)
        return text is not None

    def go_on(self, text: str, cursor: int) -> None:
        """Put a text in the place of the binding and go on typing in it."""
        line = self.query_one("#formula", Input)
        line.focus()
        line.value, line.cursor_position = text, cursor

    @property
    def value(self) -> str:
        """The line as it stands."""
        return self.query_one("#formula", Input).value

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if not self.editing:
            return
        self._history.note(event.value)
        self._is_touched = True
        self._complete_from(event.value, event.input.cursor_position)
        if not event.value.strip():
            self.query_one("#formula-reading", Static).update(Content.styled(_EMPTY, "$foreground-muted"))
            self.post_message(self.Typed(None))
            return
        try:
            self.post_message(self.Typed(_read(event.value)))
        except FormulaError as error:
            self.call_after_refresh(self._tell_mistake, event.value, error)  # when the line has moved to its cursor

    def _tell_mistake(self, text: str, error: FormulaError) -> None:
        """Say what is wrong, below its place in the line."""
        line, reading = self.query_one("#formula", Input), self.query_one("#formula-reading", Static)
        if line.value != text or not line.has_focus:
            return
        width = max(20, reading.content_size.width)
        column = max(0, min(cell_len(text[: error.position]) - line.scroll_offset.x, width - 1))
        message = printable(error.message, one_line=True)
        if column + 2 + cell_len(message) <= width:
            told = f"{' ' * column}^ {message}"
        elif cell_len(message) < column:
            told = f"{' ' * (column - 1 - cell_len(message))}{message} ^"
        else:
            told = f"{' ' * column}^\n{message}"
        reading.update(Content.styled(told, "$text-error"))

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Show what would complete the line as it is."""
        del event
        line = self.query_one("#formula", Input)
        self._complete_from(line.value, line.cursor_position)

    def on_key(self, event: Key) -> None:
        """Up and down move through the completions while typing goes on."""
        if event.key in ("down", "up") and self._offers.offers:
            event.stop()
            event.prevent_default()
            self._is_touched = True
            self._offers.move(1 if event.key == "down" else -1)

    def on_offer_list_taken(self, event: OfferList.Taken) -> None:
        event.stop()
        self._take(event.offer)

    def action_complete(self) -> None:
        """Take the marked completion; without one, or in a line that nobody has touched, go on to the next widget."""
        offer = self._offers.marked
        if offer is not None and self._is_touched:
            self._take(offer)
        else:
            self.screen.focus_next()

    def action_apply(self) -> None:
        """Post the binding, if the line reads as one."""
        try:
            applied = self.Applied(self._place, self._binding(), leaves=True)
        except FormulaError as error:
            self.query_one("#formula", Input).cursor_position = min(error.position, len(self.value))
            return
        self._done()
        self.post_message(applied)

    def action_cancel(self) -> None:
        """Put back what was there."""
        line = self.query_one("#formula", Input)
        with line.prevent(Input.Changed):
            line.value = self._original
        self._done()
        self.post_message(self.Cancelled())

    def on_input_blurred(self, event: Input.Blurred) -> None:
        """Somebody went elsewhere in the middle: what was typed counts, and what cannot be read waits in the line."""
        event.stop()
        left = self.finish() if self.app.app_focus else None  # otherwise it is the whole terminal that was left
        if left is not None:
            self.post_message(left)

    def finish(self) -> Applied | Unreadable | None:
        """What is to become of what was typed, if anything was."""
        if self.value == self._original or self._unfinished.get(self._place) == (self._original, self.value):
            return None
        try:
            applied = self.Applied(self._place, self._binding(), leaves=False)
        except FormulaError as error:
            self._unfinished[self._place] = (self._original, self.value)
            return self.Unreadable(error.message)
        self._done()
        return applied

    def _binding(self) -> Json | None:
        """The binding that the line says; None where it is empty. Raises `FormulaError`."""
        return _read(self.value) if self.value.strip() else None

    def _done(self) -> None:
        self._original = self.value
        self._unfinished.pop(self._place, None)

    def _complete_from(self, text: str, cursor: int) -> None:
        from studio.formula.cursor import context_at
        from studio.tui.formula_offers import offers_for

        context = context_at(text, cursor)
        signature = FUNCTIONS.get(context.function or "")
        room = self.size.width - _CORNERS
        self.border_subtitle = signature_text(signature, context.parameter, room) if signature else ""
        self._offers.show(offers_for(context, text, cursor, self._paths, self._sample))

    @property
    def _offers(self) -> OfferList:
        return self.query_one(OfferList)

    def _take(self, offer: Offer) -> None:
        line = self.query_one("#formula", Input)
        text = line.value
        line.value = text[: offer.start] + offer.text + text[line.cursor_position :]
        line.cursor_position = offer.start + len(offer.text)
        line.focus()


def _read(text: str) -> Json:
    """The binding that a text says. Raises `FormulaError`."""
    from studio.formula.parser import parse_formula

    return parse_formula(text)
