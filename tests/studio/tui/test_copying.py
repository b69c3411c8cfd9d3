"""What is copied goes into the clipboard, or into a file that is never replaced unasked."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic_core import from_json
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


async def test_before_anything_was_sent_curl_has_what_would_be_sent_follow_ups_too():
    async with opened() as (app, pilot):
        app.session.bind(("list_id",), "MyList")
        app.changed()
        await press(pilot, "y", *"curl", "enter")
        assert await until(pilot, lambda: app.clipboard.count("curl --request") == 2)
        assert "/api/lists/MyList/relationships/profiles/" in app.clipboard
        assert app.wire.sandbox.counts()["profiles"] == 0
        assert any("what would be sent as cURL" in note.message for note in app._notifications)


async def test_the_last_copy_goes_to_a_file_where_the_terminal_does_not_take_it(folder: Path):
    async with opened() as (app, pilot):
        await press(pilot, "y", *"payload", "enter")
        assert await until(pilot, lambda: '"email": "mara.ellison' in app.clipboard)
        await press(pilot, "y")
        assert await until(pilot, lambda: "To a file" in screen_text(app))
        await press(pilot, "enter")
        assert await until(pilot, lambda: "payload.json" in screen_text(app))
        await press(pilot, "enter")
        assert await until(pilot, (folder / "payload.json").exists)
        assert (folder / "payload.json").read_text() == app.clipboard
        assert from_json(app.clipboard)["external_id"] == "user_48213"


async def test_what_cannot_be_written_is_told(folder: Path):
    (folder / "closed").mkdir()
    async with opened() as (app, pilot):
        await app.copying.to_clipboard("JSON")
        await press(pilot, "y", "enter")
        assert await until(pilot, lambda: "event.json" in screen_text(app))
        await press(pilot, "end", "ctrl+u", *"closed/no/event.json")
        assert await until(pilot, lambda: "There is no folder" in screen_text(app))


async def test_a_mapping_that_makes_no_payload_has_none_to_copy():
    async with opened() as (app, pilot):
        app.session.bind(("email",), "no address")
        app.changed()
        await press(pilot, "y", *"payload", "enter")
        assert await until(pilot, lambda: any("nothing of that" in note.message for note in app._notifications))
        assert app.clipboard == ""
