"""The app in a terminal of a real size, by keyboard alone, before the sandbox."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot
from textual.widgets import Static

from studio.session import Session
from studio.tui.app import StudioApp
from studio.tui.field_table import FieldTable
from studio.tui.payload_text import FittedText

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


async def choose_field(app: StudioApp, pilot: Pilot[None], *path: str) -> None:
    """Move to a field in the table by keys."""
    table = app.main.query_one(FieldTable)
    table.focus()
    await press(pilot, "home", "ctrl+home")
    for _ in table.rows:
        if app.session.field_path == path:
            return
        await press(pilot, "down")
    raise AssertionError(f"no field {path}")


def text_of(app: StudioApp, selector: str) -> str:
    """What a part of the main screen says, as it is laid out in its width."""
    part = app.main.query_one(selector, Static)
    visual = part.visual
    return str(visual.fitted(part.content_size.width) if isinstance(visual, FittedText) else visual)


def table_row(app: StudioApp, label: str) -> list[str]:
    """The cells of a field: label, type, binding, and the value on the sample or the problem."""
    table = app.main.query_one(FieldTable)
    for row in table.rows:
        cells = list(table.texts(row))
        if cells[0].strip().rstrip("* !") == label:
            return cells
    raise AssertionError(f"no row {label}")
