"""Documents in the app: saved, left, offered again after a crash, and changed by somebody else."""

from __future__ import annotations

from pathlib import Path

import pytest
from studio_app import opened, press, screen_text, settled, until
from textual.events import AppFocus
from textual.widgets import Static

import presets
from actions.config import Config
from studio.documents import samples_beside
from studio.session import Session


async def test_save_asks_for_a_name_and_what_is_saved_is_the_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    async with opened() as (app, pilot):
        await press(pilot, "space", "ctrl+s")
        await pilot.pause(0.2)
        await press(pilot, "enter")
        await pilot.pause(0.2)
        assert not app.session.changed
    saved = Config.load(tmp_path / "klaviyo.toml")
    assert not saved.mappings[0].enabled
    assert samples_beside(tmp_path / "klaviyo.toml").exists()


async def test_leaving_with_unsaved_work_is_asked_and_saves(tmp_path: Path):
    path = tmp_path / "shop.toml"
    path.write_bytes(presets.config_path("starter").read_bytes())
    async with opened(Session.open(path)) as (_, pilot):
        await press(pilot, "space", "ctrl+q")
        await pilot.pause(0.2)
        await press(pilot, "y")
        await pilot.pause(0.3)
    assert not Config.load(path).mappings[0].enabled


async def test_unsaved_work_is_offered_again_after_a_crash(tmp_path: Path):
    path = tmp_path / "shop.toml"
    path.write_bytes(presets.config_path("starter").read_bytes())
    async with opened(Session.open(path)) as (app, pilot):
        await press(pilot, "space")
    async with opened(Session.open(path)) as (app, pilot):
        await pilot.pause(0.3)
        await press(pilot, "y")
        await pilot.pause(0.2)
        assert app.session.changed
        assert not app.session.document.mappings[0].enabled


async def test_a_file_that_somebody_else_changed_can_be_compared_reloaded_or_left(tmp_path: Path):
    path = tmp_path / "shop.toml"
    path.write_bytes(presets.config_path("starter").read_bytes())
    async with opened(Session.open(path)) as (app, pilot):
        path.write_text(path.read_text().replace("Profiles from identify", "People"))
        app.post_message(AppFocus())
        await pilot.pause(0.3)
        await press(pilot, *"diff", "enter")
        await pilot.pause(0.2)
        assert "People" in str(app.screen.query_one(Static).visual)
        await press(pilot, "escape")
        await pilot.pause(0.2)
        await press(pilot, *"reload", "enter")
        await pilot.pause(0.3)
        assert app.session.document.mappings[0].name == "People"


async def test_work_with_problems_is_offered_again_after_a_crash(tmp_path: Path):
    file = tmp_path / "shop.toml"
    file.write_text(presets.config_path(presets.STARTER).read_text())
    async with opened(Session.open(file)) as (app, pilot):
        app.session.set_trigger("type = ")
        app.session.bind(("email",), {"@pth": "$.traits.email"})
        app.changed()
        await pilot.pause()
    async with opened(Session.open(file)) as (app, pilot):
        assert await until(pilot, lambda: "unsaved work" in screen_text(app))
        await press(pilot, "enter")
        await settled(pilot)
        assert app.session.mapping is not None
        assert app.session.mapping.trigger == "type = "
        assert app.session.binding(("email",)) == {"@pth": "$.traits.email"}


async def test_what_was_saved_under_a_name_is_not_offered_as_unsaved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    async with opened() as (app, pilot):
        await press(pilot, "space", "ctrl+s")
        assert await until(pilot, lambda: "Save as" in screen_text(app))
        await press(pilot, "enter")
        assert await until(pilot, lambda: not app.session.changed)
    async with opened() as (app, pilot):
        await pilot.pause(0.5)
        assert "unsaved work" not in screen_text(app)
