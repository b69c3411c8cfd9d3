"""Keys in the order in which they were typed, however quickly they come.

A slow line delivers many at once. The app does keys of its own (Enter, ctrl+s) the moment they come, while the letters
before them still wait in the queue of the line that is typed in, which would lose them.
"""

from __future__ import annotations

import asyncio
import contextlib

from textual.widget import Widget

_LONGEST = 0.5
"""Seconds. A widget that takes longer may wait for the app itself."""


async def caught_up(widget: Widget | None) -> None:
    """Wait until a widget has done all that was sent to it so far."""
    done = asyncio.Event()
    if widget is not None and widget.call_later(done.set):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), _LONGEST)
