"""A list that says what is chosen in it and what is asked for, and leaves the doing to the screen."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.widgets import OptionList

_DOUBLE = 2


class AskingList(OptionList):
    """Base of the lists of mappings and samples. `index_at` tells what stands at a line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "Down", show=False),
        Binding("up,k", "cursor_up", "Up", show=False),
    ]
    FOCUS_ON_CLICK: ClassVar[bool] = False  # the screen moves the focus, behind the click
    enter_asks: ClassVar[str] = ""
    """What Enter asks for."""

    class Chosen(Message):
        """Another item was chosen."""

        def __init__(self, sender: AskingList, index: int) -> None:
            super().__init__()
            self.sender = sender
            self.index = index

        @property
        def control(self) -> AskingList:
            """The list, for selectors of handlers."""
            return self.sender

    class Asked(Message):
        """Something is to be done with the chosen item."""

        def __init__(self, sender: AskingList, what: str) -> None:
            super().__init__()
            self.sender = sender
            self.what = what

        @property
        def control(self) -> AskingList:
            """The list, for selectors of handlers."""
            return self.sender

    def index_at(self, line: int) -> int:
        """The index of the item at a line."""
        return line

    def on_click(self, event: Click) -> None:
        """A click chooses; two do what Enter does. One alone would leave the list, and its keys at the foot with it."""
        event.prevent_default()
        line = event.style.meta.get("option")
        if isinstance(line, int):
            self.highlighted = line
            if event.chain == _DOUBLE:
                self.action_select()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.post_message(self.Chosen(self, self.index_at(event.option_index)))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Asked(self, self.enter_asks))

    def action_ask(self, what: str) -> None:
        """Ask for something to be done."""
        self.post_message(self.Asked(self, what))
