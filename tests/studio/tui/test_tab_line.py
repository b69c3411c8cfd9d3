"""The titles of tabs in a line: by keys and by mouse."""

from __future__ import annotations

from studio_app import LARGE, opened, press, screen_text, until

from studio.tui.tab_line import TabLine
from studio.tui.wire_panel import WirePanel


async def test_the_arrow_keys_open_the_tabs_round_and_round():
    async with opened(size=LARGE) as (app, pilot):
        wire = app.main.query_one(WirePanel)
        app.main.query_one(TabLine).focus()
        for key, name in (("right", "requests"), ("left", "payload"), ("left", "history"), ("right", "payload")):
            await press(pilot, key)
            assert await until(pilot, lambda name=name: wire.opened == name)


async def test_a_click_on_a_title_opens_its_tab_and_the_mark_moves_below_it():
    async with opened(size=LARGE) as (app, pilot):
        await pilot.click(TabLine, offset=(24, 0))
        assert await until(pilot, lambda: app.main.query_one(WirePanel).opened == "response")
        assert await until(pilot, lambda: "Nothing sent yet" in screen_text(app))
        assert f"│{'━' * 19}╸━━━━━━━━╺" in screen_text(app)
        assert isinstance(app.focused, TabLine)


async def test_a_click_beside_the_titles_opens_nothing():
    async with opened(size=LARGE) as (app, pilot):
        await pilot.click(TabLine, offset=(60, 0))
        await pilot.pause()
        assert app.main.query_one(WirePanel).opened == "payload"
