"""The binding of the chosen field as one line, with completion, and what it gives while it is being typed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.message import Message
from textual.widgets import Input, Static

from actions.values import MISSING, Json
from studio.cli.text import shortened
from studio.evaluation import Reading
from studio.event_paths import PathIndex
from studio.formula import FUNCTIONS, FormulaError, context_at, parse_formula
from studio.samples import Sample
from studio.tui.offer_list import Offer, OfferList
from studio.tui.shown import value_text
from studio.tui.steady_text import SteadyText
from studio.tui.text_line import TextLine

_OFFERED = 30


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
        """The binding is meant; None takes it out."""

        def __init__(self, binding: Json | None) -> None:
            super().__init__()
            self.binding = binding

    class Cancelled(Message):
        """Nothing is to change."""

    def __init__(self) -> None:
        super().__init__(id="binding")
        self._paths = PathIndex()
        self._sample: Sample | None = None
        self._original = ""

    def compose(self) -> ComposeResult:
        """The line, what it gives, and what would complete it."""
        yield TextLine(id="formula", compact=True, select_on_focus=False)
        yield SteadyText(id="formula-reading")
        yield OfferList(id="formula-offers")

    def use(self, paths: PathIndex, sample: Sample | None) -> None:
        """Complete from those paths, with the values that they have on the sample."""
        self._paths, self._sample = paths, sample

    def load(self, title: str, notation: str, hint: str) -> None:
        """Show a field's binding; `hint` says what the field means."""
        self._original = notation
        self.border_title = Content(title)
        line = self.query_one("#formula", Input)
        with line.prevent(Input.Changed):
            line.value = notation
        line.cursor_position = len(notation)
        self.query_one("#formula-reading", Static).update(Content.styled(hint, "$foreground-muted"))
        self._offers.show(())

    def tell(self, reading: Reading | None) -> None:
        """Say what the typed binding gives."""
        if reading is None:
            return
        found = f"found on {reading.found_on} of {reading.of} samples"
        if reading.problem:
            told = Content.assemble(
                (f"! {shortened(reading.problem, 200)}", "$text-error"), (f"  {found}", "$foreground-muted")
            )
        elif reading.value is MISSING:
            told = Content.assemble(("nothing on this sample", "$text-warning"), (f"  {found}", "$foreground-muted"))
        else:
            shown = value_text(reading.value, 120)
            told = Content.assemble((shown, "$text-success"), (f"  {found}", "$foreground-muted"))
        self.query_one("#formula-reading", Static).update(told)

    def edit(self) -> None:
        """Begin to type."""
        self.query_one("#formula", Input).focus()

    @property
    def editing(self) -> bool:
        """Whether somebody is typing here."""
        return self.query_one("#formula", Input).has_focus

    def insert(self, text: str) -> None:
        """Put text in at the cursor and go on typing."""
        line = self.query_one("#formula", Input)
        line.focus()
        line.insert_text_at_cursor(text)

    @property
    def value(self) -> str:
        """The line as it stands."""
        return self.query_one("#formula", Input).value

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if not self.editing:
            return
        self._complete_from(event.value, event.input.cursor_position)
        if not event.value.strip():
            self.post_message(self.Typed(None))
            return
        try:
            self.post_message(self.Typed(parse_formula(event.value)))
        except FormulaError as error:
            caret = f"{' ' * min(error.position, 60)}^ "
            told = Content.assemble((f"{caret}{error.message}", "$text-error"))
            self.query_one("#formula-reading", Static).update(told)

    def on_key(self, event: Key) -> None:
        """Up and down move through the completions while typing goes on."""
        if event.key in ("down", "up") and self._offers.offers:
            event.stop()
            event.prevent_default()
            self._offers.move(1 if event.key == "down" else -1)

    def on_offer_list_taken(self, event: OfferList.Taken) -> None:
        event.stop()
        self._take(event.offer)

    def action_complete(self) -> None:
        """Take the marked completion; without one, go on to the next widget."""
        offer = self._offers.marked
        if offer is not None:
            self._take(offer)
        else:
            self.screen.focus_next()

    def action_apply(self) -> None:
        """Post the binding, if the line reads as one."""
        text = self.value
        if not text.strip():
            self.post_message(self.Applied(None))
            return
        try:
            self.post_message(self.Applied(parse_formula(text)))
        except FormulaError as error:
            self.query_one("#formula", Input).cursor_position = min(error.position, len(text))

    def action_cancel(self) -> None:
        """Put back what was there."""
        self.post_message(self.Cancelled())

    def _complete_from(self, text: str, cursor: int) -> None:
        context = context_at(text, cursor)
        signature = FUNCTIONS.get(context.function or "")
        self.border_subtitle = Content(f"{signature}  {context.parameter or ''}".rstrip()) if signature else ""
        if context.kind in ("path", "placeholder"):
            matches = self._paths.matches(context.prefix, self._sample, _OFFERED)
            bare = context.kind == "placeholder"
            self._offers.show(
                [
                    Offer(
                        match.path.removeprefix("$.") if bare else match.path,
                        f"{value_text(match.value, 40) or 'not here'}  {match.found_on}/{match.of}",
                        context.start,
                    )
                    for match in matches
                ]
            )
        elif context.kind in ("function", "argument"):
            known = [item for item in FUNCTIONS.values() if item.name.startswith(context.prefix.lower())]
            offers = [Offer(f"{item.name}(", f"{item}  {item.description}", context.start) for item in known]
            if not context.prefix:
                offers += [
                    Offer(match.path, value_text(match.value, 40) or "not here", context.start)
                    for match in self._paths.matches("", self._sample, 12)
                ]
            self._offers.show(offers)
        else:
            self._offers.show(())

    @property
    def _offers(self) -> OfferList:
        return self.query_one(OfferList)

    def _take(self, offer: Offer) -> None:
        line = self.query_one("#formula", Input)
        text = line.value
        line.value = text[: offer.start] + offer.text + text[line.cursor_position :]
        line.cursor_position = offer.start + len(offer.text)
        line.focus()
