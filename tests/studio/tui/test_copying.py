"""What is copied goes into the clipboard, or into a file that is never replaced unasked."""

from __future__ import annotations

from pathlib import Path

import pytest
from studio_app import opened, press, screen_text, settled, until
from textual.pilot import Pilot

from studio.tui.app import StudioApp


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def choose_command(app: StudioApp, pilot: Pilot[None], name: str) -> None:
    """Run a command by its name, from the palette."""
    await press(pilot, "ctrl+p")
    await press(pilot, *(key if key != " " else "space" for key in name))
    assert await until(pilot, lambda: name in screen_text(app))
    await pilot.pause(0.3)
    await press(pilot, "enter")
    await settled(pilot)


async def test_the_last_request_is_copied_as_curl_without_the_key():
    async with opened() as (app, pilot):
        await press(pilot, "ctrl+r")
        await settled(pilot)
        await choose_command(app, pilot, "Copy as cURL")
        assert app.clipboard.startswith("curl --request POST https://a.klaviyo.com/api/profiles/")
        assert "$KLAVIYO_API_KEY" in app.clipboard
        assert "pk_" not in app.clipboard


async def test_the_mapping_is_written_into_a_file(folder: Path):
    async with opened() as (app, pilot):
        await choose_command(app, pilot, "Write as TOML")
        await press(pilot, "enter")
        assert await until(pilot, (folder / "mapping.toml").exists)
        assert (folder / "mapping.toml").read_text().startswith("[[mapping]]\n")


async def test_a_file_that_is_there_is_replaced_only_after_asking(folder: Path):
    (folder / "event.json").write_text("mine")
    async with opened() as (app, pilot):
        await choose_command(app, pilot, "Write as JSON")
        await press(pilot, "enter")
        assert await until(pilot, lambda: "event.json exists already" in screen_text(app))
        await press(pilot, "escape")
        await settled(pilot)
        assert (folder / "event.json").read_text() == "mine"


async def test_with_nothing_sent_there_is_nothing_to_copy():
    async with opened() as (app, pilot):
        await choose_command(app, pilot, "Copy as cURL")
        assert app.clipboard == ""
        assert any("Nothing was sent yet" in note.message for note in app._notifications)
