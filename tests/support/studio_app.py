"""The app in a terminal of a real size, by keyboard alone, before the sandbox."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from studio.session import Session
from studio.tui.app import StudioApp

SMALL, LARGE = (80, 24), (140, 42)
_LONGEST_WAIT = 15.0
"""Seconds. Only what never comes takes so long."""


@asynccontextmanager
async def opened(
    session: Session | None = None, size: tuple[int, int] = LARGE
) -> AsyncIterator[tuple[StudioApp, Pilot[None]]]:
    """The app on a session, by default the starter's."""
    app = StudioApp(session or Session.open(None))
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        yield app, pilot


async def settled(pilot: Pilot[None]) -> None:
    """Wait until previews are made, what is being sent has been answered, and screens are drawn."""
    await pilot.pause(0.15)
    # a dialog's worker ends only with the dialog
    for worker in [worker for worker in pilot.app.workers if worker.group in ("preview", "send")]:
        await pilot.app.workers.wait_for_complete([worker])
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, one after the other."""
    for key in keys:
        await pilot.press(key)
    await pilot.pause()


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold while the app runs."""
    ends = asyncio.get_running_loop().time() + _LONGEST_WAIT
    while not holds() and asyncio.get_running_loop().time() < ends:
        await pilot.pause(0.05)
    return holds()


def screen_text(app: StudioApp) -> str:
    """What is on the screen, runs of spaces as one."""
    rows = (strip.text for strip in app.screen._compositor.render_strips())  # pyright: ignore[reportPrivateUsage] # there is no public way to the rows as they are drawn
    return re.sub(" +", " ", "\n".join(rows))
