"""Leaving, by keyboard alone: whichever way it is asked for, nothing that was made is lost without a question."""

from __future__ import annotations

from pathlib import Path

import pytest
from studio_app import LARGE, SMALL, opened, press, screen_text, until
from textual.pilot import Pilot

import presets
from studio.session import Session
from studio.tui.app import StudioApp
from studio.tui.chooser import Chooser
from studio.tui.dialog import Dialog


async def shows(app: StudioApp, pilot: Pilot[None], text: str) -> bool:
    return await until(pilot, lambda: text in screen_text(app))


async def test_quit_of_the_palette_asks_as_its_key_does():
    async with opened() as (app, pilot):
        await press(pilot, "space", "ctrl+p")
        await pilot.pause(0.3)
        await press(pilot, *"quit")
        assert await shows(app, pilot, "unsaved changes are asked for (^q)")
        await press(pilot, "enter")
        assert await shows(app, pilot, "has changes that are not saved")
        await press(pilot, "n")
        await pilot.pause(0.2)
        assert app.is_running
        assert app.screen is app.main
        assert app.session.changed


async def test_a_second_press_does_not_ask_twice():
    async with opened() as (app, pilot):
        await press(pilot, "space", "ctrl+q")
        assert await shows(app, pilot, "has changes that are not saved")
        await press(pilot, "ctrl+q")
        await pilot.pause(0.2)
        assert sum(isinstance(screen, Dialog) for screen in app.screen_stack) == 1
        await press(pilot, "d")
        assert await until(pilot, lambda: app.return_code == 0)


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize(
    ("keys", "opens"),
    [(("f3",), "Which events fire"), (("tab", "e"), "Edit sample"), (("tab", "n", "ctrl+t"), "Paste events")],
)
async def test_what_is_typed_in_a_dialog_and_not_applied_is_asked_for(
    keys: tuple[str, ...], opens: str, size: tuple[int, int]
):
    async with opened(size=size) as (app, pilot):
        await press(pilot, *keys)
        assert await shows(app, pilot, opens)
        await press(pilot, "x", "ctrl+q")
        assert await shows(app, pilot, "not applied yet and will be lost")
        await press(pilot, "n")
        assert await shows(app, pilot, opens)
        await press(pilot, "ctrl+q")
        assert await shows(app, pilot, "not applied yet and will be lost")
        await press(pilot, "y")
        assert await until(pilot, lambda: app.return_code == 0)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_unsaved_work_here_and_in_the_document_is_one_question(size: tuple[int, int], tmp_path: Path):
    path = tmp_path / "shop.toml"
    path.write_bytes(presets.config_path("starter").read_bytes())
    async with opened(Session.open(path), size=size) as (app, pilot):
        await press(pilot, "space", "f3")
        assert await shows(app, pilot, "Which events fire")
        await press(pilot, "x", "ctrl+q")
        assert await shows(app, pilot, "shop.toml has changes that are not saved.")
        assert "not applied yet and will be lost" in screen_text(app)
        await press(pilot, "enter")  # means staying, where saving does not keep all
        assert await shows(app, pilot, "Which events fire")
        assert app.session.changed
        await press(pilot, "ctrl+q")
        assert await shows(app, pilot, "Save the rest (y)")
        await press(pilot, "y")
        assert await until(pilot, lambda: app.return_code == 0)
    saved = Session.open(path).document.mappings[0]
    assert (saved.enabled, saved.trigger) == (False, 'type = "identify"')


async def test_a_binding_that_cannot_be_read_is_told_with_the_rest():
    async with opened() as (app, pilot):
        await press(pilot, "space", "f2", "ctrl+u", *"= lower(", "ctrl+q")
        assert await shows(app, pilot, "This binding cannot be read yet and will be lost:")
        assert "= lower(" in screen_text(app)
        assert "has changes that are not saved" in screen_text(app)
        await press(pilot, "escape")
        await press(pilot, "shift+tab", "ctrl+z")  # what was switched off
        assert not app.session.changed
        await press(pilot, "ctrl+q")
        assert await shows(app, pilot, "Lose it (y)")
        await press(pilot, "y")
        assert await until(pilot, lambda: app.return_code == 0)


async def test_leaving_that_cannot_save_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    async with opened() as (app, pilot):
        await press(pilot, "space", "ctrl+q")
        assert await shows(app, pilot, "has changes that are not saved")
        await press(pilot, "enter")  # saves, for which the starter needs a name
        assert await shows(app, pilot, "Save as")
        await press(pilot, "escape")
        await pilot.pause(0.2)
        assert app.is_running
        assert app.session.changed


async def test_a_dialog_in_which_nothing_was_typed_is_left_at_once():
    async with opened() as (app, pilot):
        await press(pilot, "f3")
        assert await shows(app, pilot, "Which events fire")
        await press(pilot, "ctrl+q")
        assert await until(pilot, lambda: app.return_code == 0)


async def test_ctrl_c_tells_how_to_leave():
    async with opened() as (app, pilot):
        await press(pilot, "ctrl+c")
        await pilot.pause(0.1)
        assert [notice.message for notice in app._notifications] == ["^q leaves."]  # pyright: ignore[reportPrivateUsage] # there is no public list


async def test_a_file_that_somebody_else_writes_is_noticed_in_a_terminal_that_tells_no_focus(tmp_path: Path):
    path = tmp_path / "shop.toml"
    path.write_bytes(presets.config_path("starter").read_bytes())
    async with opened(Session.open(path)) as (app, pilot):
        await press(pilot, "f1")
        path.write_text(path.read_text().replace("Profiles from identify", "People"))
        await pilot.pause(2.5)
        assert not isinstance(app.screen, Chooser)  # nobody is interrupted in a dialog
        await press(pilot, "escape")
        assert await shows(app, pilot, "shop.toml was changed by somebody else")
        await press(pilot, *"keep", "enter", "space")
        await pilot.pause(2.5)
        assert app.screen is app.main
        await press(pilot, "ctrl+s")
        assert await until(pilot, lambda: "enabled = false" in path.read_text().split("trigger")[0])
        await pilot.pause(2.5)
        assert app.screen is app.main
