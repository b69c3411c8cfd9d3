"""An app that only opens one dialog, and reads what is on its screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.app import App
from textual.events import Paste
from textual.pilot import Pilot
from textual.screen import Screen

OPEN = object()
"""The result of a dialog that is still open."""

HOSTILE = "[/] [b [/b] [bold red]x[/] [link='a \x1b[31mred\x07 \u202ertl\u2066 \U0001f3ee 漢字 \x9b2J"
"""Markup of every broken kind, escape sequences, direction marks, wide characters."""


class Host(App[None]):
    """The app."""

    def __init__(self, dialog: Screen[Any]) -> None:
        super().__init__()
        self._dialog = dialog
        self.result: Any = OPEN

    def on_mount(self) -> None:
        self.push_screen(self._dialog, self._close)

    def _close(self, result: Any) -> None:
        self.result = result

    @property
    def closed(self) -> bool:
        return self.result is not OPEN

    def shown(self) -> str:
        """The text on the screen, line by line."""
        strips = self.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)


@asynccontextmanager
async def opened(dialog: Screen[Any], size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[Host, Pilot[None]]]:
    """The dialog, open and settled. Nothing that it shows ever holds a control character."""
    host = Host(dialog)
    async with host.run_test(size=size) as pilot:
        await pilot.pause()
        yield host, pilot
        await settle(host, pilot)
        assert not [character for character in host.shown() if is_dangerous(character)]


def is_dangerous(character: str) -> bool:
    """Whether a terminal would do something else with it than show it."""
    return character != "\n" and (
        ord(character) < 0x20 or 0x7F <= ord(character) <= 0x9F or character in "\u202a\u202b\u202c\u202d\u202e\u2066"
    )


async def paste(host: Host, pilot: Pilot[None], text: str) -> None:
    """What a terminal does when somebody pastes."""
    host.post_message(Paste(text))
    await settle(host, pilot)


async def write(pilot: Pilot[None], text: str) -> None:
    """Type a text, key by key."""
    await pilot.press(*(_KEYS.get(character, character) for character in text))


async def settle(host: Host, pilot: Pilot[None]) -> None:
    """Until workers are done and their messages have come."""
    await pilot.pause()
    await host.workers.wait_for_complete()
    await pilot.pause()
    await pilot.pause()


_KEYS = {" ": "space", "/": "slash", ".": "full_stop", "_": "underscore", "-": "minus", "[": "left_square_bracket"}
