"""A few screens as they are drawn, in a small terminal and in a large one.

`pytest tests/studio/tui/test_snapshots.py --snapshot-update` takes them anew; look at what has changed before.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from studio_app import LARGE, SMALL, settled
from textual.pilot import Pilot

from studio.session import Session
from studio.tui.app import StudioApp

Compare = Callable[..., bool]


def after(*keys: str) -> Callable[[Pilot[None]], object]:
    """The screen that some keys lead to."""

    async def press(pilot: Pilot[None]) -> None:
        await settled(pilot)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)

    return press


SCREENS = {
    "first": after(),
    "binding": after("tab", "tab", "tab", "f2", "ctrl+u", *("dollar_sign", "full_stop"), *"ph"),
    "trigger": after("down", "f3"),
    "problems": after("n", "enter", "space", "f8"),
}


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "140x42"])
@pytest.mark.parametrize("screen", SCREENS)
def test_a_screen_is_drawn_as_it_was(screen: str, size: tuple[int, int], snap_compare: Compare) -> None:
    assert snap_compare(StudioApp(Session.open(None)), run_before=SCREENS[screen], terminal_size=size)
