"""The samples, each with what it is and how many mappings fire on it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from studio.cli.text import shortened
from studio.samples import Sample
from studio.tui.asking_list import AskingList
from studio.tui.one_line import OneLine


class SampleList(AskingList):
    """The list. It posts what is chosen and what is asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "ask('new')", "Add", tooltip="Add samples: a kind of event, pasted, or from a file"),
        Binding("e", "ask('edit')", "Edit", tooltip="Edit the sample's JSON"),
        Binding("c", "ask('duplicate')", "Copy", tooltip="Duplicate the sample"),
        Binding("slash", "ask('filter')", "Filter", tooltip="Show only samples whose type or name has a text"),
        Binding("delete,d", "ask('delete')", "Delete", tooltip="Take it out; undo brings it back", show=False),
    ]
    enter_asks = "event"

    def __init__(self) -> None:
        super().__init__(id="samples")
        self._indices: Sequence[int] = ()
        self._shown: tuple[object, ...] = ()

    def show(self, samples: Sequence[Sample], counts: Sequence[int], indices: Sequence[int], chosen: int) -> None:
        """Show those samples; `counts` says how many mappings fire on each, `chosen` is an index among all."""
        key = (id(samples), id(counts), tuple(indices))
        with self.prevent(OptionList.OptionHighlighted):
            if key != self._shown:
                self._shown, self._indices = key, indices
                self.set_options(
                    [Option(OneLine(partial(_prompt, samples[index], counts[index]))) for index in indices]
                )
            self.highlighted = indices.index(chosen) if chosen in indices else None

    def index_at(self, line: int) -> int:
        """The index, among all samples, of the one at a line."""
        return self._indices[line]


def _prompt(sample: Sample, count: int, width: int) -> Content:
    fires = f"✓{count}" if count else ""
    kind = f"{shortened(sample.kind, 8):8} "
    name = shortened(sample.label if sample.label != sample.kind else "", max(4, width - len(fires) - len(kind) - 1))
    gap = " " * max(1, width - len(fires) - len(kind) - len(name))
    return Content.assemble((kind, "$foreground-muted"), name, (f"{gap}{fires}", "$text-success"))
