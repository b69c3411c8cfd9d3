"""Going to a part of the screen by one letter: each part shows its letter while the choice is open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click, Key
from textual.geometry import Offset
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from studio.tui.key_line import KeyLine
from studio.tui.tab_line import TabLine
from studio.tui.wire_panel import TABS


class Place(NamedTuple):
    """Where a letter stands, None for a part that is not seen now, and what it goes to."""

    at: Offset | None
    goes_to: str


_WIDTH = 3
_TRIGGER = "#trigger-line"
_PARTS = {"m": "#mappings", "s": "#samples", "e": "#event", "t": _TRIGGER, "f": "#fields", "b": "#binding"}
_TABS = {"p": "payload", "r": "requests", "o": "response", "h": "history"}


def places(screen: Screen[Any]) -> dict[str, Place]:
    """The parts of the main screen by their letters, which stand in the border, or below the title of a tab."""
    found: dict[str, Place] = {}
    for letter, selector in _PARTS.items():
        region = screen.query_one(selector).region
        x = region.right - _WIDTH if selector == _TRIGGER else region.x  # its text begins where it does
        found[letter] = Place(Offset(x, region.y) if region else None, selector)
    tabs = screen.query_one(TabLine)
    x, y = tabs.region.offset
    for letter, name in _TABS.items():
        found[letter] = Place(Offset(x + tabs.column_of(TABS.index(name)), y + 1), name)
    return found


class JumpScreen(ModalScreen[str | None]):
    """The letters over the screen. It gives what the pressed one goes to, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Stay", tooltip="Stay where you are")]
    DEFAULT_CSS = """
    JumpScreen {
        background: $background 50%;
        Static { position: absolute; width: 3; height: 1; background: $accent; color: $background; text-style: bold; }
    }
    """

    def __init__(self, places: Mapping[str, Place]) -> None:
        super().__init__()
        self._places = places

    def compose(self) -> ComposeResult:
        """A letter at each part that is seen."""
        for letter, place in self._places.items():
            if place.at is not None:
                label = Static(Content(f" {letter} "), id=letter)
                label.styles.offset = place.at
                yield label
        yield KeyLine()

    def on_key(self, event: Key) -> None:
        """Go where the letter says; other keys do nothing."""
        place = self._places.get(event.key.lower())
        if place is not None:
            event.stop()
            self.dismiss(place.goes_to)

    def on_click(self, event: Click) -> None:
        """A click on a letter is as good."""
        place = self._places.get(event.widget.id or "") if event.widget else None
        self.dismiss(place.goes_to if place else None)
