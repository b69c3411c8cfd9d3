"""Choosing one of many by name, searched as one types: choices, lists of the account, actions, parts of the screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from rich.cells import cell_len
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Key, MouseMove
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from studio.cli.text import printable, shortened
from studio.tui.key_line import KeyLine
from studio.tui.shown import column


@dataclass(frozen=True, slots=True)
class Choice:
    """One of many: what choosing it gives, its name, what is said beside it, and the rest, said while it is marked."""

    value: str
    name: str
    note: str = ""
    more: str = ""


Read: TypeAlias = Sequence[Choice] | str
"""Choices that were read from somewhere, or why they were not and what to do."""


class Chooser(ModalScreen[str | None]):
    """A list with a search line above it. Dismisses with the chosen value, or None.

    `read` gives choices that come before the others (with `read_behind`, after them), or says why there are none; what
    it does meanwhile says `reading`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", tooltip="Choose nothing"),
        Binding("enter", "take", "Choose", tooltip="Choose what is marked", priority=True),
        Binding("pagedown", "read_on(1)", "Read on", tooltip="Go on in what is said of what is marked"),
        Binding("pageup", "read_on(-1)", "Read back", tooltip="Go back in it", show=False),
    ]
    DEFAULT_CSS = """
    Chooser { align: center middle; }
    Chooser > Vertical {
        width: 90%; max-width: 90; height: auto; max-height: 95%;
        border: round $accent; background: $surface; padding: 0 1;
    }
    Chooser Input { margin: 0 0 1 0; }
    Chooser OptionList { height: auto; max-height: 20; border: none; background: $surface; }
    Chooser #told { padding: 0 0 1 0; color: $text-muted; display: none; }
    Chooser #told.-wrong { color: $text-error; }
    Chooser #more-pane {
        height: 9; border-top: solid $panel-lighten-2; padding: 0 0 0 1; display: none; scrollbar-size-vertical: 1;
    }
    Chooser #more { color: $text-muted; }
    Chooser.-says-more OptionList { max-height: 11; }
    Chooser.-says-more #more-pane { display: block; }
    """

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        reading: str = "",
        read: Callable[[], Awaitable[Read]] | None = None,
        read_behind: bool = False,
    ) -> None:
        super().__init__(classes="-says-more" if any(choice.more for choice in choices) else None)
        self._title = title
        self._choices = choices
        self._reading = reading
        self._read = read
        self._read_behind = read_behind
        self._shown: list[Choice] = []
        self._searched = ""

    def compose(self) -> ComposeResult:
        """The search line and the list."""
        with Vertical() as box:
            box.border_title = Content(shortened(self._title, 60))
            yield Input(placeholder="type to search", compact=True)
            yield Static(id="told")
            yield OptionList(compact=True)
            with VerticalScroll(id="more-pane", can_focus=False):
                yield Static(id="more")
        yield KeyLine()

    def on_mount(self) -> None:
        self.call_after_refresh(self._search, "")
        if self._read is not None:
            self._tell(f"{self._reading} … escape cancels.")
            self._take_read(self._read)

    @work
    async def _take_read(self, read: Callable[[], Awaitable[Read]]) -> None:
        """Ends with the screen."""
        found = await read()
        if isinstance(found, str):
            self._tell(found, is_wrong=True)
        else:
            self._tell("")
            self._choices = [*self._choices, *found] if self._read_behind else [*found, *self._choices]
            self._search(self.query_one(Input).value)

    def _tell(self, text: str, *, is_wrong: bool = False) -> None:
        told = self.query_one("#told", Static)
        told.update(Content(printable(text)))
        told.set_class(is_wrong, "-wrong")
        told.display = bool(text)

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.value != self._searched:
            self._search(event.value)

    def on_key(self, event: Key) -> None:
        """Up and down move through the list while typing goes on."""
        if event.key in ("up", "down") and self._shown:
            event.stop()
            event.prevent_default()
            options = self.query_one(OptionList)
            step = 1 if event.key == "down" else -1
            options.highlighted = ((options.highlighted or 0) + step) % len(self._shown)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        self._say_more(event.option_index)

    def on_mouse_move(self, event: MouseMove) -> None:
        """What the mouse points at is told too, since a click on it chooses it."""
        index = event.style.meta.get("option")
        if isinstance(index, int):
            self._say_more(index)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._shown[event.option_index].value)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """There is something to read on in only where choices say more."""
        return action != "read_on" or self.has_class("-says-more")

    def action_read_on(self, by: int) -> None:
        """Scroll what is said of the marked choice."""
        pane = self.query_one("#more-pane", VerticalScroll)
        pane.scroll_relative(y=by * max(1, pane.size.height - 1), animate=False)

    def action_take(self) -> None:
        """Choose what is marked, of what is found for all that was typed: Enter overtakes the message of a change."""
        text = self.query_one(Input).value
        if text != self._searched:
            self._search(text)
        marked = self.query_one(OptionList).highlighted
        if marked is not None and self._shown:
            self.dismiss(self._shown[marked].value)

    def _say_more(self, index: int) -> None:
        if index < len(self._shown):
            self.query_one("#more", Static).update(Content(printable(self._shown[index].more)))
            self.query_one("#more-pane").scroll_home(animate=False)

    def _search(self, text: str) -> None:
        self._searched = text
        wanted = text.lower().split()
        found = [
            choice
            for choice in self._choices
            if all(part in f"{choice.name} {choice.value} {choice.note}".lower() for part in wanted)
        ]
        self._shown = sorted(found, key=lambda choice: not all(part in choice.name.lower() for part in wanted))
        width = max(24, self.query_one(OptionList).size.width - 2)
        longest = max((cell_len(printable(choice.name, one_line=True)) for choice in self._shown), default=0)
        names = min(longest + 2, width * 3 // 5 if self.has_class("-says-more") else width // 2)
        options = self.query_one(OptionList)
        options.set_options([Option(_prompt(choice, names, width)) for choice in self._shown])
        options.highlighted = 0 if self._shown else None
        if not self._shown:
            self.query_one("#more", Static).update("")


def _prompt(choice: Choice, names: int, width: int) -> Content:
    note = shortened(choice.note, max(8, width - names))
    return Content.assemble(f"{column(choice.name, names - 1)} ", (note, "$foreground-muted"))
