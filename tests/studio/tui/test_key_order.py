"""Keys that a slow line delivers all at once are done in the order in which they were typed."""

from __future__ import annotations

from studio_app import opened, press, until
from textual.events import Key

from studio.tui.app import StudioApp
from studio.tui.chooser import Chooser


def at_once(app: StudioApp, text: str, last: str) -> None:
    """Letters and a key, before the app has done any of them."""
    for character in text:
        app.post_message(Key(character, character))
    app.post_message(Key(last, None))


async def test_enter_binds_all_that_was_typed_before_it():
    async with opened() as (app, pilot):
        await press(pilot, "f2")
        at_once(app, "_of_a_slow_line", "enter")
        assert await until(pilot, lambda: app.session.binding(("email",)) == {"@path": "$.traits.email_of_a_slow_line"})


async def test_enter_chooses_what_all_that_was_typed_finds():
    async with opened() as (app, pilot):
        await press(pilot, "y")
        assert await until(pilot, lambda: isinstance(app.screen, Chooser))
        await pilot.pause()
        at_once(app, "toml", "enter")
        assert await until(pilot, lambda: app.clipboard.startswith("[[mapping]]"))
