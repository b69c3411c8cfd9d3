"""The samples, each with what it is and which mappings fire on it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import MouseMove
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from studio.cli.text import shortened
from studio.evaluation import Firing
from studio.samples import Sample
from studio.tui.asking_list import AskingList
from studio.tui.one_line import OneLine
from studio.tui.shown import column, fitted

_KIND = 8
"""Columns for the type of call."""

_LEAST_NUMBERS = 7
"""Columns for the numbers of the mappings, whatever the sample's name: `✓12 +37`."""


class SampleList(AskingList):
    """The list. It posts what is chosen and what is asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "ask('new')", "Add", tooltip="Add samples: a kind of event, pasted, or from a file"),
        Binding("e", "ask('edit')", "Edit", tooltip="Edit the sample's JSON"),
        Binding("c", "ask('duplicate')", "Copy", tooltip="Duplicate the sample"),
        Binding("slash", "ask('filter')", "Filter", tooltip="Show only samples whose type, name or id has a text"),
        Binding("delete,d", "ask('delete')", "Delete", tooltip="Take it out; undo brings it back", show=False),
    ]
    enter_asks = "event"

    def __init__(self) -> None:
        super().__init__(id="samples")
        self._indices: Sequence[int] = ()
        self._shown: tuple[object, ...] = ()
        self._firing = Firing(())

    def show(self, samples: Sequence[Sample], firing: Firing, indices: Sequence[int], chosen: int) -> None:
        """Show those samples with the mappings that fire on each; `chosen` is an index among all."""
        key = (id(samples), firing, tuple(indices))
        with self.prevent(OptionList.OptionHighlighted):
            if key != self._shown:
                self._shown, self._indices, self._firing = key, indices, firing
                self.set_options(
                    [Option(OneLine(partial(_prompt, samples[index], firing, index))) for index in indices]
                )
            self.highlighted = indices.index(chosen) if chosen in indices else None

    def on_mouse_move(self, event: MouseMove) -> None:
        """Tell by name what fires on the sample that the mouse points at."""
        line = event.style.meta.get("option")
        fires = self._firing.on(self._indices[line]) if isinstance(line, int) and line < len(self._indices) else []
        names = [f"{index + 1} {shortened(name, 60)}" for index, name in fires]
        told = Content("\n".join(["Fires here:", *names])) if names else None
        if told != self.tooltip:
            self.tooltip = told

    def index_at(self, line: int) -> int:
        """The index, among all samples, of the one at a line."""
        return self._indices[line]


def _prompt(sample: Sample, firing: Firing, index: int, width: int) -> Content:
    title = fitted(sample.title, width)
    room = width - _KIND - 2
    fires = _numbers([number + 1 for number, _ in firing.on(index)], max(_LEAST_NUMBERS, room - cell_len(title)))
    name = column(title, max(4, room - len(fires)))
    return Content.assemble((column(sample.kind, _KIND), "dim"), f" {name} ", (fires, "$text-success"))


def _numbers(numbers: Sequence[int], room: int) -> str:
    """The numbers of the mappings that fire, as many as there is room for: `✓1 3 +4`."""
    for count in range(len(numbers), 0, -1):
        more = f" +{len(numbers) - count}" if count < len(numbers) else ""
        text = f"✓{' '.join(map(str, numbers[:count]))}{more}"
        if len(text) <= room or count == 1:
            return text
    return ""
