"""When the chosen mapping fires, and whether it does on the sample, or why not."""

from __future__ import annotations

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from actions.config import Mapping
from actions.errors import TriggerError
from actions.triggers import Trigger
from studio.cli.text import shortened
from studio.samples import Sample

_ROWS = 2
_LONGEST_PROBLEM = 200


class TriggerLine(Static):
    """The line, which takes two rows where it must. There the trigger is cut, not the answer.

    What is wrong with the mapping as a whole, or a trap of its trigger, stands below it.
    """

    class Asked(Message):
        """The trigger is to be edited."""

    def __init__(self) -> None:
        super().__init__(id="trigger-line")
        self.tooltip = "Edit the trigger (f3)"

    def on_click(self) -> None:
        self.post_message(self.Asked())

    def show(
        self,
        mapping: Mapping | None,
        trigger: Trigger | TriggerError | None,
        sample: Sample | None,
        problem: str,
    ) -> None:
        """Show a mapping's trigger on a sample."""
        told = Content.styled(f"! {shortened(problem, _LONGEST_PROBLEM)}", "$text-warning") if problem else Content("")
        if mapping is None or trigger is None:
            none = Content.styled("No mapping yet: press n in Mappings to add one.", "$foreground-muted")
            self.update(told if problem else none)
            return
        why = _why(trigger, sample)
        room = max(20, _ROWS * (self.size.width or 120) - why.cell_length - 30)
        text = shortened(mapping.trigger, min(room, 110))
        line = Content.assemble(("fires when ", "$foreground-muted"), (text, "$text-accent"), "  ") + why
        if not problem:
            self.update(line)
        else:
            lines = [line, told] if isinstance(trigger, Trigger) else [told, line]  # a long mistake fills the rows
            self.update(Content("\n").join(lines))


def _why(trigger: Trigger | TriggerError, sample: Sample | None) -> Content:
    if not isinstance(trigger, Trigger):
        return Content.styled(f"✗ {shortened(str(trigger), 120)}", "$text-error")
    if sample is None:
        return Content("")
    explanation = trigger.explain(sample.event)
    if explanation.result is True:
        return Content.styled("✓ fires here", "$text-success")
    return Content.styled(f"✗ {shortened(explanation.reason(), 160)}", "$text-warning")
