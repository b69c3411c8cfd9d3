"""The mappings, each with its number and its state: fires here, on how many samples, off, has problems."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from studio.cli.text import shortened
from studio.tui.asking_list import AskingList
from studio.tui.one_line import OneLine


class MappingState(NamedTuple):
    """What is shown of a mapping."""

    name: str
    enabled: bool
    fires: bool
    fires_on: int
    of: int
    errors: int
    warnings: int


class MappingList(AskingList):
    """The list. It posts what is chosen and what is asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "ask('new')", "New", tooltip="Add a mapping: choose what it does"),
        Binding("space", "ask('toggle')", "On/off", tooltip="Turn the mapping on or off"),
        Binding("t", "ask('trigger')", "Trigger", tooltip="Edit which events fire it, and see why"),
        Binding("r", "ask('rename')", "Rename", tooltip="Give it another name"),
        Binding("c", "ask('duplicate')", "Copy", tooltip="Duplicate it, turned off", show=False),
        Binding("l", "ask('connect')", "List", tooltip="Connect it to a list that everybody joins", show=False),
        Binding("delete,d", "ask('delete')", "Delete", tooltip="Take it out; undo brings it back", show=False),
        Binding("K,shift+up", "ask('up')", "Move up", tooltip="Move it up", show=False),
        Binding("J,shift+down", "ask('down')", "Move down", tooltip="Move it down", show=False),
    ]
    enter_asks = "fields"

    def __init__(self) -> None:
        super().__init__(id="mappings")

    def show(self, states: Sequence[MappingState], chosen: int) -> None:
        """Show the mappings with the chosen one highlighted."""
        with self.prevent(OptionList.OptionHighlighted):
            digits = len(str(len(states)))
            self.set_options(
                [
                    Option(OneLine(partial(_prompt, state, f"{at:{digits}} ")))
                    for at, state in enumerate(states, start=1)
                ]
            )
            self.highlighted = chosen if states else None


def _prompt(state: MappingState, number: str, width: int) -> Content:
    mark, style = _mark(state)
    count = f"{state.fires_on}/{state.of}" if state.enabled else "off"
    trap = "! " if state.warnings and not state.errors else ""
    taken = len(number) + len(trap) + len(count) + 2
    name = shortened(state.name, max(4, width - taken - 1))
    gap = " " * max(1, width - taken - len(name))
    return Content.assemble(
        (number, "$foreground-muted"),
        (f"{mark} ", style),
        (name, "" if state.enabled else "$foreground-muted"),
        (f"{gap}{trap}", "$text-warning"),
        (count, "$foreground-muted"),
    )


def _mark(state: MappingState) -> tuple[str, str]:
    if state.errors:
        return "✗", "$text-error"
    if not state.enabled:
        return "○", "$foreground-muted"
    return ("✓", "$text-success") if state.fires else ("·", "$foreground-muted")
