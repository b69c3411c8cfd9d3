"""Keys of one's own, in a file of the user's configuration folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from studio_app import opened, press, screen_text, settled, until


async def test_a_key_of_ones_own_does_what_it_is_named_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "mapping-studio").mkdir()
    (tmp_path / "mapping-studio" / "keys.toml").write_text('send = "f12"\n')
    async with opened() as (app, pilot):
        await press(pilot, "f12")
        await settled(pilot)
        assert app.wire.sandbox.counts()["profiles"] == 1
        assert "f12 Send" in screen_text(app)
        assert any("Send" in command.title and "(f12)" in command.help for command in app.get_system_commands(app.main))
        await press(pilot, "f1")
        assert await until(pilot, lambda: "changed in" in screen_text(app))
        await press(pilot, *"current")
        assert await until(pilot, lambda: "f12 Send the current mapping on this sample" in screen_text(app))


async def test_mistakes_in_the_keys_of_ones_own_are_told_and_the_app_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "mapping-studio").mkdir()
    (tmp_path / "mapping-studio" / "keys.toml").write_text('sned = "[/red]"\nsave = "ctrl+q"\nsend = "f12"\n')
    async with opened() as (app, pilot):
        told = [notice.message for notice in app._notifications]
        assert len(told) == 2
        assert "keys.toml:1: there is no 'sned'; did you mean 'send'?" in told[0]
        assert "keys.toml:2: ctrl+q is the key of quit" in told[1]
        await press(pilot, "f12")
        await settled(pilot)
        assert app.wire.sandbox.counts()["profiles"] == 1
