"""Moving about the main screen: by letters, by keys, by the mouse, none of which is needed for the others."""

from __future__ import annotations

import pytest
from studio_app import LARGE, SMALL, choose_field, opened, press, screen_text, until
from textual.pilot import Pilot
from textual.widgets import OptionList

from studio.session import Session
from studio.tui.app import StudioApp
from studio.tui.field_table import FieldTable
from studio.tui.jump_screen import JumpScreen
from studio.tui.key_line import KeyLine
from studio.tui.keys import APP_KEYS, MAIN_KEYS
from studio.tui.tab_line import TabLine
from studio.tui.wire_panel import WirePanel

PARTS = {"m": "mappings", "s": "samples", "e": "event", "f": "fields", "b": "formula"}
TABS = {"p": "payload", "r": "requests", "o": "response", "h": "history"}


async def jump(app: StudioApp, pilot: Pilot[None], letter: str) -> None:
    await press(pilot, "ctrl+g")
    assert await until(pilot, lambda: isinstance(app.screen, JumpScreen))
    await press(pilot, letter)


def focused(app: StudioApp) -> str | None:
    return app.focused.id if app.focused else None


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_every_part_and_tab_is_a_letter_away(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        for letter, part in PARTS.items():
            await jump(app, pilot, letter)
            assert await until(pilot, lambda part=part: focused(app) == part), part
        await press(pilot, "escape")
        for letter, tab in TABS.items():
            await jump(app, pilot, letter)
            assert await until(pilot, lambda tab=tab: focused(app) == tab), tab
            assert app.main.query_one(WirePanel).opened == tab
        await jump(app, pilot, "t")
        assert await until(pilot, lambda: "Which events fire" in screen_text(app))


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_letters_stand_at_the_parts_and_other_keys_stay(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        await press(pilot, "ctrl+g")
        assert await until(pilot, lambda: isinstance(app.screen, JumpScreen))
        shown = screen_text(app)
        assert all(f" {title}" in shown for title in ("m Mappings", "s Samples", "e Event", "f Profiles", "b Email"))
        await press(pilot, "x")
        assert isinstance(app.screen, JumpScreen)
        await press(pilot, "escape")
        assert await until(pilot, lambda: app.screen is app.main)
        assert focused(app) == "mappings"
        await press(pilot, "ctrl+g")
        assert await until(pilot, lambda: isinstance(app.screen, JumpScreen))
        await pilot.click("#s")
        assert await until(pilot, lambda: focused(app) == "samples")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_click_takes_what_it_points_at_wherever_the_focus_was(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        samples, mappings = app.main.query_one("#samples"), app.main.query_one("#mappings")
        await pilot.click(samples, offset=(3, 3))
        assert await until(pilot, lambda: app.session.sample_index == 2)
        assert focused(app) == "samples"
        await jump(app, pilot, "e")
        await pilot.click(mappings, offset=(3, 2))
        assert await until(pilot, lambda: app.session.mapping_index == 1)
        await pilot.click(TabLine, offset=(24, 0))
        assert await until(pilot, lambda: app.main.query_one(WirePanel).opened == "response")
        await jump(app, pilot, "p")
        await pilot.pause(0.2)
        await pilot.click("#fields", offset=(5, 4))
        assert await until(pilot, lambda: focused(app) == "fields")
        assert app.main.query_one("#binding").region.height > 0
        assert app.session.field_path == app.main.query_one(FieldTable).rows[2].path


async def test_two_clicks_are_on_the_same_line_though_the_first_moves_the_focus():
    async with opened(size=SMALL) as (app, pilot):
        await jump(app, pilot, "e")
        await pilot.click("#mappings", offset=(3, 3), times=2)
        assert await until(pilot, lambda: focused(app) == "fields")
        assert app.session.mapping_index == 2


async def test_the_history_is_gone_through_by_enter_from_its_newest_on():
    async with opened() as (app, pilot):
        await jump(app, pilot, "h")
        assert await until(pilot, lambda: "Nothing sent yet: ^r sends this mapping." in screen_text(app))
        await press(pilot, "enter", "ctrl+r")
        assert await until(pilot, lambda: "1 of 1 delivered" in screen_text(app))
        await press(pilot, "ctrl+r")
        assert await until(pilot, lambda: app.main.query_one("#history", OptionList).option_count == 3)
        await jump(app, pilot, "h")
        assert await until(pilot, lambda: "201 → 409" in screen_text(app))
        await press(pilot, "enter")
        assert await until(pilot, lambda: "PATCH https" in screen_text(app))
        await jump(app, pilot, "h")
        await press(pilot, "end", "enter")
        assert await until(pilot, lambda: "POST https" in screen_text(app))


async def test_a_field_that_was_reached_by_keys_is_bound_by_keys_from_the_response():
    async with opened(Session.open(None), size=SMALL) as (app, pilot):
        await choose_field(app, pilot, "title")
        await press(pilot, "ctrl+r")
        assert await until(pilot, lambda: "201 Created" in screen_text(app))
        await press(pilot, "f4", "f2", "ctrl+u", *"Boss", "enter")
        assert await until(pilot, lambda: app.session.binding(("title",)) == "Boss")


async def test_the_palette_has_everything_that_has_a_key_and_tells_the_key():
    async with opened() as (app, pilot):
        helps = [command.help for command in app.get_system_commands(app.main)]
        for key in (*MAIN_KEYS, *APP_KEYS):
            assert any(f"({app.shown_key(key.name)})" in text for text in helps), key.name
        await press(pilot, "ctrl+p")
        await pilot.pause(0.3)
        await press(pilot, *"history")
        assert await until(pilot, lambda: "Go there" in screen_text(app))
        await press(pilot, "enter")
        assert await until(pilot, lambda: focused(app) == "history")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_every_key_at_the_foot_tells_what_it_does_to_the_mouse_and_takes_a_click(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        line = app.main.query_one(KeyLine)
        text = str(line.render())
        for label, tooltip in (
            ("New", "Add a mapping"),
            ("Save", "Save the configuration"),
            ("Send", "Send the current"),
        ):
            await pilot.hover(line, offset=(text.index(label) + 2, 0))
            assert await until(pilot, lambda tooltip=tooltip: str(line.tooltip).startswith(tooltip)), label
        await pilot.click(line, offset=(text.index("Send") + 2, 0))
        assert await until(pilot, lambda: "1 of 1 delivered" in screen_text(app))
