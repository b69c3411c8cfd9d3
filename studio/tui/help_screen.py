"""The keys in force, in groups, with a filter."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from studio.cli.text import shortened
from studio.keymap import keymap_path
from studio.tui.dialog import Dialog
from studio.tui.payload_text import FittedText
from studio.tui.text_line import TextLine

_LONGEST_KEYS = 24
_NARROWEST = 20
_GROUPS = {
    "MappingList": "Mappings",
    "SampleList": "Samples",
    "EventTree": "Event",
    "FieldTable": "Fields",
    "BindingEditor": "Binding",
    "FormulaLine": "Binding",
    "TextPane": "Wire",
    "HistoryList": "Wire",
    "TabLine": "Wire",
}
"""What the parts of the screen are called in the help."""


class HelpScreen(Dialog[None]):
    """The keys. `bindings` are a group, a key and what it does, in the order in which they are shown."""

    DEFAULT_CSS = """
    HelpScreen {
        #dialog { max-width: 84; }
        TextLine { margin: 0 0 1 0; }
        VerticalScroll { height: 1fr; }
        #keys { padding: 0 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll('down')", "Down", tooltip="Scroll down", key_display="↓", priority=True),
        Binding("up", "scroll('up')", "Up", tooltip="Scroll up", key_display="↑", priority=True),
        Binding("pagedown", "scroll('page_down')", "Page down", tooltip="Scroll down a page", show=False),
        Binding("pageup", "scroll('page_up')", "Page up", tooltip="Scroll up a page", show=False),
        Binding("escape,f1", "close", "Close", tooltip="Back to where you were"),
    ]

    def __init__(self, bindings: Sequence[tuple[str, str, str]]) -> None:
        super().__init__("Keys")
        self._rows = bindings

    def contents(self) -> ComposeResult:
        """The filter over the keys."""
        yield TextLine(placeholder="Type to filter", compact=True)
        with VerticalScroll(can_focus=False):
            yield Static(id="keys")

    def on_mount(self) -> None:
        """Begin in the filter; arrows scroll meanwhile."""
        self.query_one(TextLine).focus()
        self.say_in_border(f"changed in {keymap_path()}")
        self._show("")

    @on(TextLine.Changed)
    def _filter(self, event: TextLine.Changed) -> None:
        event.stop()
        self._show(event.value)

    def action_scroll(self, how: str) -> None:
        """Move the keys while the filter keeps the cursor."""
        keys = self.query_one(VerticalScroll)
        {
            "down": keys.scroll_down,
            "up": keys.scroll_up,
            "page_down": keys.scroll_page_down,
            "page_up": keys.scroll_page_up,
        }[how](animate=False)

    def action_close(self) -> None:
        """Close."""
        self.dismiss(None)

    def _show(self, wanted: str) -> None:
        words = wanted.casefold().split()
        found = [row for row in self._rows if all(word in " ".join(row).casefold() for word in words)]
        keys = max((len(shortened(key, _LONGEST_KEYS)) for _, key, _ in self._rows), default=0)
        nothing = Content.styled("No key does that.", "$foreground-muted")
        self.query_one("#keys", Static).update(FittedText(partial(_keys_text, found, keys)) if found else nothing)
        self.query_one(VerticalScroll).scroll_home(animate=False)


def keys_in_force(screen: Screen[Any]) -> list[tuple[str, str, str]]:
    """The keys of a screen, by the part of it that they belong to: first what they do, then how they move."""
    found: dict[tuple[str, str], list[str]] = {}
    active = sorted(screen.active_bindings.values(), key=lambda active: not active.tooltip)
    for node, binding in ((one.node, one.binding) for one in active):
        what = binding.tooltip or binding.description
        if what:
            group = _GROUPS.get(type(node).__name__, "Everywhere")
            found.setdefault((group, what), []).append(binding.key)
    return [(group, ", ".join(keys), what) for (group, what), keys in found.items()]


def _keys_text(rows: Sequence[tuple[str, str, str]], keys: int, width: int) -> Content:
    """The groups, each with its keys; what they do stands below itself where it takes more than a line."""
    parts: list[str | tuple[str, str]] = []
    room = max(_NARROWEST, width - keys - 5)
    for group in dict.fromkeys(group for group, _, _ in rows):
        parts += ["\n\n" if parts else "", (shortened(group, 60), "bold $text-primary")]
        for key, what in ((key, what) for of, key, what in rows if of == group):
            lines = textwrap.wrap(shortened(what, 200), room)
            below = "".join(f"\n{'':{keys + 5}}{line}" for line in lines[1:])
            parts += [(f"\n  {shortened(key, _LONGEST_KEYS):{keys}}", "bold"), f"   {lines[0] if lines else ''}{below}"]
    return Content.assemble(*parts)
