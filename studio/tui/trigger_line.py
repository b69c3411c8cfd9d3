"""When the chosen mapping fires, and whether it does on the sample, or why not."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from actions.config import Mapping
from actions.errors import TriggerError
from actions.triggers import Trigger
from studio.cli.text import shortened
from studio.samples import Sample

_ROWS = 2


class TriggerLine(Static):
    """The line, which takes two rows where it must. There the trigger is cut, not the answer."""

    def __init__(self) -> None:
        super().__init__(id="trigger-line")

    def show(self, mapping: Mapping | None, trigger: Trigger | TriggerError | None, sample: Sample | None) -> None:
        """Show a mapping's trigger on a sample."""
        if mapping is None or trigger is None:
            self.update(Content.styled("No mapping yet: press n in Mappings to add one.", "$foreground-muted"))
            return
        why = _why(trigger, sample)
        room = max(20, _ROWS * (self.size.width or 120) - why.cell_length - 30)
        text = shortened(mapping.trigger, min(room, 110))
        self.update(Content.assemble(("fires when ", "$foreground-muted"), (text, "$text-accent"), "  ") + why)


def _why(trigger: Trigger | TriggerError, sample: Sample | None) -> Content:
    if not isinstance(trigger, Trigger):
        return Content.styled(f"✗ {shortened(str(trigger), 120)}", "$text-error")
    if sample is None:
        return Content("")
    explanation = trigger.explain(sample.event)
    if explanation.result is True:
        return Content.styled("✓ fires here", "$text-success")
    return Content.styled(f"✗ {shortened(explanation.reason(), 160)}", "$text-warning")
