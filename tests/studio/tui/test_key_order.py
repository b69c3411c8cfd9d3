"""Keys that a slow line delivers all at once are done in the order in which they were typed."""

from __future__ import annotations

from studio_app import opened, press, until
from textual.events import Key

from studio.tui.app import StudioApp
from studio.tui.chooser import Chooser
from studio.tui.trigger_screen import TriggerScreen


def at_once(app: StudioApp, *keys: str) -> None:
    """Keys, before the app has done any of them."""
    for key in keys:
        app.post_message(Key(key, key if len(key) == 1 else None))


async def test_enter_binds_all_that_was_typed_before_it():
    async with opened() as (app, pilot):
        await press(pilot, "f2")
        at_once(app, *"_of_a_slow_line", "enter")
        assert await until(pilot, lambda: app.session.binding(("email",)) == {"@path": "$.traits.email_of_a_slow_line"})


async def test_enter_chooses_what_all_that_was_typed_finds():
    async with opened() as (app, pilot):
        await press(pilot, "y")
        assert await until(pilot, lambda: isinstance(app.screen, Chooser))
        await pilot.pause()
        at_once(app, *"toml", "enter")
        assert await until(pilot, lambda: app.clipboard.startswith("[[mapping]]"))


async def test_every_kind_of_key_waits_for_its_turn():
    async with opened() as (app, pilot):
        at_once(
            app, "f2", *"one", "ctrl+u", *"two", "left", "home", *"a ", "enter", "down", "f2", "ctrl+u", *"5", "enter"
        )
        assert await until(pilot, lambda: app.session.binding(("email",)) == "a two")
        assert await until(pilot, lambda: app.session.binding(app.session.field_path) == "5")
        assert app.session.field_path != ("email",)


async def test_a_key_that_closes_what_it_went_to_does_not_hold_up_the_next():
    async with opened() as (app, pilot):
        await press(pilot, "f1")
        assert await until(pilot, lambda: app.screen is not app.main)
        at_once(app, *"key", "escape")
        assert await until(pilot, lambda: app.screen is app.main)
        at_once(app, "down", "down", "space")
        assert await until(pilot, lambda: not app.session.document.mappings[2].enabled)


async def test_a_row_of_conditions_takes_all_that_is_typed_behind_the_key_that_makes_it():
    async with opened() as (app, pilot):
        at_once(app, "f3")
        assert await until(pilot, lambda: isinstance(app.screen, TriggerScreen))
        await pilot.pause(0.1)
        at_once(app, "f2", "ctrl+n", *"traits.plan", "tab", "tab", *"trade", "ctrl+s")
        assert await until(pilot, lambda: app.screen is app.main)
        assert app.session.mapping is not None
        assert app.session.mapping.trigger == 'type = "identify" and traits.plan = "trade"'
