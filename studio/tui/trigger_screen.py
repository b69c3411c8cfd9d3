"""The editor of a trigger: its text, its conditions in rows, and what it does on the samples while it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widgets import Button, Static

from actions.errors import TriggerError
from actions.triggers import Trigger, parse
from actions.triggers.parser import LONGEST_TRIGGER
from studio.cli.text import printable, shortened
from studio.conditions import field_of_path
from studio.samples import Sample
from studio.tui.condition_builder import ConditionBuilder
from studio.tui.dialog import Dialog
from studio.tui.event_text import Fault, caret
from studio.tui.explanation_text import explanation_text
from studio.tui.trigger_area import UNSEEN, TriggerArea

_WARNINGS_AT_MOST = 4
_LONGEST_REASON = 400
_QUIET = "$foreground-muted"


class TriggerScreen(Dialog[str | None]):
    """The editor. It gives the new trigger, or None where it was cancelled.

    `sample` is the one that the trigger is explained on, `paths` are the paths of the samples in the mapping language
    (`properties.total`), which complete the fields of conditions.
    """

    DEFAULT_CSS = """
    TriggerScreen {
        #columns { height: 1fr; }
        #writing { height: auto; }
        TriggerArea, #builder, #explanation {
            border: round $panel-lighten-2;
            border-title-color: $text-muted;
            padding: 0 1;
        }
        TriggerArea { height: 5; background: $surface; scrollbar-size-vertical: 1; }
        TriggerArea:focus, #builder:focus-within, #explanation:focus {
            border: round $accent;
            border-title-color: $text-accent;
        }
        #verdict { height: auto; max-height: 7; padding: 0 2; }
        #builder { display: none; }
        &.-building #builder { display: block; }
        &.-narrow.-building TriggerArea { height: 4; }
        #explanation { height: 1fr; min-height: 4; scrollbar-size-vertical: 1; }
        #answers { height: 1; align-horizontal: right; }
        #answers Button { margin-left: 2; }
        &.-wide {
            #columns { layout: horizontal; }
            #writing { width: 1fr; height: 1fr; margin-right: 1; }
            #explanation { width: 1fr; }
            TriggerArea { height: 1fr; min-height: 5; max-height: 9; }
            #verdict { min-height: 3; }
            #builder { display: block; height: 1fr; }
            #joined { margin-bottom: 1; }
            #conditions { height: 1fr; max-height: 100%; }
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "apply", "Apply", tooltip="Use this trigger; a mistake is pointed at", priority=True),
        Binding("f2", "swap", "Text or rows", tooltip="Go over between the text and the rows", priority=True),
        Binding("escape", "cancel", "Cancel", tooltip="Leave the trigger as it was"),
    ]

    def __init__(self, trigger: str, sample: Sample | None, samples: Sequence[Sample], paths: Sequence[str]) -> None:
        super().__init__("Which events fire the mapping")
        self._original = trigger
        self._begun = trigger
        self._sample = sample
        self._samples = samples
        self._fields = list(dict.fromkeys(map(field_of_path, paths)))
        self._judged: Trigger | TriggerError | None = None

    def contents(self) -> ComposeResult:
        """The text with what is wrong with it, the rows, and the explanation."""
        with Vertical(id="columns"):
            with Vertical(id="writing"):
                yield TriggerArea(self._original)
                yield Static(id="verdict")
                yield ConditionBuilder(self._fields)
            with VerticalScroll(id="explanation"):
                yield Static(id="parts")
        with Horizontal(id="answers"):
            apply, cancel = Content.assemble("Apply", (" ^s", "dim")), Content.assemble("Cancel", (" esc", "dim"))
            yield Button(apply, "primary", id="apply", compact=True, tooltip="Use this trigger")
            yield Button(cancel, id="cancel", compact=True, tooltip="Leave the trigger as it was")

    def on_mount(self) -> None:
        """Begin to type; say where the text stands."""
        area = self._area
        area.border_title = "Trigger"
        self._builder.border_title = "Conditions"
        label = f"On this sample: {self._sample.kind} · {self._sample.label}" if self._sample else "No sample"
        self.query_one("#explanation").border_title = Content(shortened(label, 60))
        self._begun = area.text
        area.move_cursor(area.document.end)
        area.focus()
        self._judge()

    def on_resize(self, event: Resize) -> None:  # noqa: ARG002 - Textual's signature
        """The columns of the explanation follow the width; a wide screen has the rows too."""
        self.call_after_refresh(self._explain)
        self.call_after_refresh(self._fill_rows)

    async def on_text_area_changed(self, event: TriggerArea.Changed) -> None:
        """Judge the text, and show it in rows."""
        event.stop()
        self._judge()
        await self._fill_rows()

    def on_trigger_area_too_long(self, event: TriggerArea.TooLong) -> None:
        """Say why nothing was put in."""
        event.stop()
        text = f"A trigger has at most {LONGEST_TRIGGER:,} characters; that would be more. Nothing was put in."
        self.app.notify(text, severity="warning", markup=False)

    def on_condition_builder_written(self, event: ConditionBuilder.Written) -> None:
        """Write what the rows say."""
        event.stop()
        self._area.put(event.text)
        self._judge()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Apply or cancel."""
        event.stop()
        if event.button.id == "apply":
            self.action_apply()
        else:
            self.action_cancel()

    def action_apply(self) -> None:
        """Close with the trigger, or go to what is wrong."""
        if (written := self._unwritten) is not None:
            self._area.put(written)
        self._judge()
        if isinstance(self._judged, TriggerError):
            self._area.move_cursor((self._judged.line - 1, self._judged.column - 1), center=True)
            self._area.focus()
            self.app.bell()
            return
        text = self._area.text
        self.dismiss(self._original if text == self._begun else text)

    def action_cancel(self) -> None:
        """Close without a trigger."""
        self.dismiss(None)

    async def action_swap(self) -> None:
        """Go over between the text and the rows."""
        builder = self._builder
        if builder.has_focus_within or (self.has_class("-building") and not builder.buildable):
            self.remove_class("-building")
            self._area.focus()
        else:
            self.add_class("-building")
            await self._fill_rows()
            builder.edit()

    @property
    def unapplied(self) -> bool:
        """Whether the trigger was changed."""
        return self._unwritten is not None or self._area.text != self._begun

    @property
    def _unwritten(self) -> str | None:
        """What the rows say that is being typed in, where a key came before they had written it."""
        return self._builder.unwritten(self._area.text) if self._builder.has_focus_within else None

    @property
    def _area(self) -> TriggerArea:
        return self.query_one(TriggerArea)

    @property
    def _builder(self) -> ConditionBuilder:
        return self.query_one(ConditionBuilder)

    async def _fill_rows(self) -> None:
        """Show the text in rows, if they are seen: many rows take time to make."""
        if self.has_class("-wide") or self.has_class("-building"):
            await self._builder.load(self._area.text, is_sound=isinstance(self._judged, Trigger))

    def _judge(self) -> None:
        """Read the text, and say what is wrong with it or what it does."""
        text = self._area.text
        try:
            self._judged = parse(text)
        except TriggerError as error:
            self._judged = error
            told = _mistake(text, error)
        else:
            told = self._coverage(self._judged)
        self.query_one("#verdict", Static).update(told)
        self._explain()

    def _coverage(self, trigger: Trigger) -> Content:
        """Whether it fires on the sample, and on how many of all."""
        fired = sum(trigger.matches(sample.event) for sample in self._samples)
        count = f"fires on {fired} of {len(self._samples)} samples" if self._samples else "there are no samples yet"
        if self._sample is None:
            return Content.styled(f"{count[0].upper()}{count[1:]}", _QUIET)
        fires = trigger.matches(self._sample.event)
        here = (
            ("✓ Fires on this sample", "$text-success") if fires else ("✗ Does not fire on this sample", "$text-error")
        )
        return Content.assemble(here, (f" · {count}", _QUIET))

    def _explain(self) -> None:
        """Warn of what is hardly meant, and say part by part what the trigger comes to on the sample."""
        pane = self.query_one("#explanation")
        if not isinstance(self._judged, Trigger):
            told = Content.styled("Once the trigger reads, this shows what it does, part by part.", _QUIET)
        elif self._sample is None:
            quiet = Content.styled("With a sample, this shows what the trigger does, part by part.", _QUIET)
            told = _warnings(self._judged) + quiet
        else:
            explanation = self._judged.explain(self._sample.event)
            reason = shortened(explanation.reason(), _LONGEST_REASON)
            gap = "\n" if self.has_class("-narrow") else "\n\n"
            because = Content.styled(f"Because {reason}{gap}", _QUIET)
            parts = explanation_text(explanation, pane.scrollable_content_region.width)
            told = _warnings(self._judged) + because + parts
        self.query_one("#parts", Static).update(told)


def _warnings(trigger: Trigger) -> Content:
    """What is hardly meant, a line each."""
    unseen = f"it holds characters that cannot be seen, shown as {UNSEEN}"
    found = [unseen] if printable(trigger.text) != trigger.text else []
    found += [shortened(warning, _LONGEST_REASON) for warning in trigger.lint()]
    more = len(found) - _WARNINGS_AT_MOST
    shown = found[:_WARNINGS_AT_MOST] + ([f"and {more} more"] if more > 0 else [])
    return Content("").join(Content.styled(f"! {warning}\n", "$text-warning") for warning in shown)


def _mistake(text: str, error: TriggerError) -> Content:
    """What is wrong, over the place."""
    place = f"line {error.line}, column {error.column}: "
    told = Content.assemble((f"✗ {place}", "$text-error"), (printable(error.message, one_line=True), "$text-error"))
    return Content.assemble(told, "\n", caret(text, Fault(error.message, error.line, error.column)))
