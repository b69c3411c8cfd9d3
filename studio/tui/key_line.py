"""The keys in force, in one line at the foot of a screen; each can be clicked and tells what it does.

One widget for all keys: Textual's `Footer` makes a widget of each, anew whenever the focus moves, which costs more
than everything else on the first screen.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual.content import Content
from textual.events import Click, Leave, MouseMove, Resize
from textual.style import Style
from textual.widget import Widget

from studio.tui.keys import USUAL_KEYS

_BETWEEN = 2
_KEY = "key"
_PLACES = {name: place for place, name in enumerate(USUAL_KEYS)}


class _ShownKey(NamedTuple):
    key: str
    display: str
    description: str
    tooltip: str
    enabled: bool

    def content(self) -> Content:
        key = "$footer-key-foreground bold" if self.enabled else "$foreground-disabled"
        label = "$footer-description-foreground" if self.enabled else "$foreground-disabled"
        text = Content.assemble((self.display, key), (f" {self.description}", label))
        return text.stylize(Style.from_meta({_KEY: self.key}))


class KeyLine(Widget):
    """The line. With `palette`, the key of the command palette stands at its right end."""

    DEFAULT_CSS = """
    KeyLine {
        dock: bottom;
        height: 1;
        padding: 0 1;
        background: $footer-background;
        color: $footer-foreground;
    }
    """
    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, palette: bool = False) -> None:
        super().__init__()
        self._palette = palette
        self._keys: list[_ShownKey] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self._take_keys())
        self._take_keys()

    def on_resize(self, _: Resize) -> None:
        self.refresh()

    def render(self) -> Content:
        """As many keys as have room, whole ones."""
        width = self.content_size.width
        keys, palette = self._keys, None
        if self._palette:
            own = self.app.COMMAND_PALETTE_BINDING
            palette = next((key for key in keys if key.key == own), None)
            keys = [key for key in keys if key.key != own]
        right = palette.content() if palette else Content("")
        room = width - (right.cell_length + _BETWEEN if palette else 0)
        shown: list[Content] = []
        for content in (key.content() for key in keys):
            room -= content.cell_length
            if room < 0:
                break
            shown.append(content)
            room -= _BETWEEN
        left = Content(" " * _BETWEEN).join(shown)
        return left + Content(" " * max(0, width - left.cell_length - right.cell_length)) + right

    def _take_keys(self) -> None:
        """Look which keys are in force. One action is shown with the first of its keys.

        A key of somebody's own stands where the usual one stood; Textual puts it behind all others.
        """
        if not self.is_attached:
            return
        found: dict[str, _ShownKey] = {}
        active = sorted(self.screen.active_bindings.values(), key=lambda it: _PLACES.get(it.binding.id or "", -1))
        for _, binding, enabled, tooltip in active:
            is_palette = self._palette and binding.key == self.app.COMMAND_PALETTE_BINDING
            if (binding.show or is_palette) and binding.action not in found:
                display = self.app.get_key_display(binding)
                found[binding.action] = _ShownKey(
                    binding.key, display, binding.description, tooltip or binding.description, enabled
                )
        keys = list(found.values())
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def on_click(self, event: Click) -> None:
        key = event.style.meta.get(_KEY)
        if key is not None:
            self.app.simulate_key(key)

    def on_mouse_move(self, event: MouseMove) -> None:
        key = event.style.meta.get(_KEY)
        tooltip = next((own.tooltip for own in self._keys if own.key == key), None)
        if tooltip != self.tooltip:
            self.tooltip = tooltip

    def on_leave(self, _: Leave) -> None:
        self.tooltip = None
