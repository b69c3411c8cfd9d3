from __future__ import annotations

import pytest
from dialog_host import HOSTILE, opened, write
from studio_app import opened as app_opened
from studio_app import press

from studio.tui.help_screen import HelpScreen, keys_in_force

BINDINGS = [
    ("Everywhere", "^s", "Save"),
    ("Everywhere", "^r", "Send the sample"),
    ("Mappings", "a", "Add a mapping"),
    *(("Fields", f"f{number}", f"Thing {number}") for number in range(60)),
]


async def test_keys_stand_in_their_groups() -> None:
    async with opened(HelpScreen(BINDINGS)) as (host, _):
        lines = [line.strip("│ ") for line in host.shown().split("\n")]
        assert lines.index("Everywhere") + 2 == next(at for at, line in enumerate(lines) if line.startswith("^r"))
        assert "Mappings" in lines


async def test_the_filter_finds_by_key_group_and_what_it_does() -> None:
    async with opened(HelpScreen(BINDINGS)) as (host, pilot):
        await write(pilot, "send SAMPLE")
        await pilot.pause()
        assert "^r" in host.shown()
        assert "Add a mapping" not in host.shown()
        await write(pilot, " nothing")
        await pilot.pause()
        assert "No key does that." in host.shown()


async def test_it_scrolls_by_keys_while_the_filter_is_typed() -> None:
    async with opened(HelpScreen(BINDINGS)) as (host, pilot):
        assert "Thing 59" not in host.shown()
        await pilot.press(*["pagedown"] * 6)
        await pilot.pause()
        assert "Thing 59" in host.shown()
        await pilot.press("up")
        await pilot.pause()
        assert "Thing 59" not in host.shown()


async def test_what_takes_more_than_a_line_goes_on_below_itself() -> None:
    async with opened(HelpScreen([("Wire", "f4", "Go to the payload " * 8)])) as (host, _):
        lines = [line for line in host.shown().split("\n") if "Go to" in line or "payload" in line]
        assert len(lines) > 1
        assert len({line.index("Go to") for line in lines if line.strip("│ ").startswith(("f4", "Go to"))}) == 1


@pytest.mark.parametrize("key", ["escape", "f1"])
async def test_it_closes(key: str) -> None:
    async with opened(HelpScreen(BINDINGS)) as (host, pilot):
        await pilot.press(key)
        assert host.result is None


@pytest.mark.parametrize("size", [(80, 24), (140, 42)])
async def test_hostile_texts_are_shown_as_they_are(size: tuple[int, int]) -> None:
    async with opened(HelpScreen([(HOSTILE, HOSTILE, HOSTILE)]), size) as (host, _):
        assert "[bold red]x[/]" in host.shown()
        assert "esc Close" in host.shown()


async def test_the_keys_in_force_are_those_of_the_part_that_is_used_and_come_before_how_it_moves() -> None:
    async with app_opened() as (app, pilot):
        for keys, group, key in (((), "Mappings", "n"), (("f2",), "Binding", "tab"), (("f4",), "Wire", "down")):
            await press(pilot, *keys)
            await pilot.pause(0.1)
            rows = keys_in_force(app.screen)
            assert any(row[0] == group and key in row[1].split(", ") for row in rows), group
        everywhere = [what for group, _, what in keys_in_force(app.screen) if group == "Everywhere"]
        assert everywhere[0] == "Save the configuration and its samples"
