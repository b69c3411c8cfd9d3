"""The mappings, each with its number and its state: fires here, on how many samples, off, has problems."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from studio.tui.asking_list import AskingList
from studio.tui.one_line import OneLine
from studio.tui.shown import column

_ROOMY = 30
_MANY = 100
"""From so many samples on, their number, which stands below the list of samples, leaves its columns to the names."""


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
        Binding("a", "ask('action')", "Action", tooltip="Give it another action; bindings that fit stay", show=False),
        Binding("l", "ask('connect')", "List", tooltip="Connect it to a list that everybody joins", show=False),
        Binding("o", "ask('rows')", "Rows", tooltip="Choose which warehouse rows it takes", show=False),
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
    of = "" if width < _ROOMY and state.of >= _MANY else f"/{state.of}"
    count = f"{state.fires_on}{of}" if state.enabled else "off"
    trap = "! " if state.warnings and not state.errors else ""
    name = column(state.name, max(4, width - len(number) - len(trap) - len(count) - 3))
    return Content.assemble(
        (number, "dim"),
        (f"{mark} ", style),
        (name, "" if state.enabled else "dim"),
        (f" {trap}", "$text-warning"),
        (count, "dim"),
    )


def _mark(state: MappingState) -> tuple[str, str]:
    if state.errors:
        return "✗", "$text-error"
    if not state.enabled:
        return "○", "dim"
    return ("✓", "$text-success") if state.fires else ("·", "dim")
