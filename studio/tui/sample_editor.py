"""A sample's event as JSON to edit, told while typing whether it is one."""

from __future__ import annotations

from typing import ClassVar

from pydantic_core import to_json
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from actions.values import Json
from studio.cli.text import shortened
from studio.samples import Sample
from studio.tui.dialog import Dialog
from studio.tui.event_text import Fault, caret, event_text, read_event
from studio.tui.json_area import LARGEST_TEXT, JsonArea
from studio.tui.prompts import Confirm


class SampleEditor(Dialog[dict[str, Json] | None]):
    """The editor. It gives the changed event, or None where it was left as it was."""

    DEFAULT_CSS = """
    SampleEditor {
        JsonArea, JsonArea:focus { height: 1fr; border: none; padding: 0; background: $surface; }
        #verdict { height: 4; padding: 0 1; border-top: solid $primary-muted; }
        #refusal { padding: 1 2; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "apply", "Apply", tooltip="Use this as the sample; a mistake is pointed at", priority=True),
        Binding("ctrl+l", "format", "Format", tooltip="Write the JSON with the usual line breaks", priority=True),
        Binding("escape", "cancel", "Cancel", tooltip="Leave the sample as it was", priority=True),
    ]

    def __init__(self, event: dict[str, Json]) -> None:
        super().__init__(f"Edit sample: {Sample(event).label}")
        self._original = ""
        self._refusal = ""
        size = len(to_json(event))
        if size <= LARGEST_TEXT:
            try:
                self._original = event_text(event)
            except ValueError as error:
                self._refusal = f"This event cannot be written as JSON ({error})."
            else:
                size = len(self._original)
        if size > LARGEST_TEXT:
            self._refusal = (
                f"This event has {size_text(size)} of JSON; up to {size_text(LARGEST_TEXT)} can be edited here.\n\n"
                "To change it, save, edit its line in the .samples.ndjson file beside the configuration with a text "
                "editor, and open the configuration again. Previews and sending work with it as it is."
            )

    def contents(self) -> ComposeResult:
        """The text and what is wrong with it, or why there is none."""
        if self._refusal:
            yield Static(Content(self._refusal), id="refusal")
            return
        yield JsonArea(self._original)
        yield Static(id="verdict")

    def on_mount(self) -> None:
        """Begin to type; say where the text stands."""
        if not self._refusal:
            self.query_one(JsonArea).focus()
            self._judge()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Without a text there is only leaving."""
        return action not in ("apply", "format") or not self._refusal

    @on(JsonArea.Changed)
    def _judge_text(self, event: JsonArea.Changed) -> None:
        event.stop()
        self._judge()

    @on(JsonArea.TooLong)
    def _refuse(self, event: JsonArea.TooLong) -> None:
        event.stop()
        self.app.notify(
            f"That would make {size_text(event.length)}; up to {size_text(LARGEST_TEXT)} can be edited here. "
            "Nothing was put in.",
            severity="warning",
            markup=False,
        )

    def action_apply(self) -> None:
        """Close with the event, or go to what is wrong."""
        found = self._judge()
        if not isinstance(found, Fault):
            self.dismiss(found if self.unapplied else None)
        elif found.line:
            area = self.query_one(JsonArea)
            area.move_cursor((found.line - 1, found.column - 1), center=True)
            area.focus()
        else:
            self.app.bell()

    def action_format(self) -> None:
        """Write the JSON anew; undo in the text takes it back."""
        found = self._judge()
        area = self.query_one(JsonArea)
        if isinstance(found, Fault):
            self.action_apply()
        elif (text := event_text(found)) != area.text:
            area.replace(text, area.document.start, area.document.end)
            area.move_cursor((0, 0))

    async def action_cancel(self) -> None:
        """Close without an event, after a question where something was typed."""
        if not self.unapplied:
            self.dismiss(None)
            return
        question = Confirm("Leave the editor and lose what you changed?", "Lose it", "Go on editing", dangerous=True)
        await self.app.push_screen(question, self._leave)

    def _leave(self, leave: bool | None) -> None:
        if leave:
            self.dismiss(None)

    @property
    def unapplied(self) -> bool:
        """Whether the event was changed."""
        return not self._refusal and self.query_one(JsonArea).text != self._original

    def _judge(self) -> dict[str, Json] | Fault:
        text = self.query_one(JsonArea).text
        found = read_event(text)
        if isinstance(found, Fault):
            told = Content.assemble((f"✗ {found}", "$text-error"))
            if found.line:
                told = Content.assemble(told, "\n", caret(text, found))
        else:
            sample = Sample(found)
            named = shortened(f"{sample.kind} · {sample.label}", 60)
            told = Content.assemble(("✓ ", "$text-success"), (f"{named} · {size_text(len(text))}", "$foreground-muted"))
        self.query_one("#verdict", Static).update(told)
        return found


def size_text(characters: int) -> str:
    """A size for people, as files are measured."""
    if characters < 1000:
        return f"{characters} bytes"
    if characters < 1_000_000:
        return f"{characters / 1000:.0f} KB"
    return f"{characters / 1_000_000:.1f} MB"
