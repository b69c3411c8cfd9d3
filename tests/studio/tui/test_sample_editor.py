from __future__ import annotations

from pathlib import Path

import pytest
from dialog_host import HOSTILE, opened, paste, settle, write
from pydantic_core import from_json
from textual.widgets import TextArea

from studio.tui.json_area import LARGEST_TEXT
from studio.tui.sample_editor import SampleEditor

EVENT = {"type": "track", "event": "Order Completed", "properties": {"total": 5}}


async def test_an_edited_event_is_applied() -> None:
    async with opened(SampleEditor(EVENT)) as (host, pilot):
        await pilot.press("down", "down", "end", "left", "left")
        await write(pilot, " 2")
        await pilot.press("ctrl+s")
        assert host.result == {**EVENT, "event": "Order Completed 2"}


async def test_an_event_that_was_left_as_it_was_changes_nothing() -> None:
    async with opened(SampleEditor(EVENT)) as (host, pilot):
        await pilot.press("ctrl+s")
        assert host.result is None


async def test_a_mistake_is_told_at_once_with_its_place_and_applying_goes_there() -> None:
    async with opened(SampleEditor(EVENT)) as (host, pilot):
        await pilot.press("down", "end", "backspace", "ctrl+home")
        assert "Line 3, column 3: a comma or a } is missing before this." in host.shown()
        assert '"event": "Order Completed"' in host.shown()
        await pilot.press("ctrl+s")
        assert not host.closed
        assert host.screen.query_one(TextArea).cursor_location == (2, 2)


async def test_what_is_no_object_is_told_and_not_applied() -> None:
    async with opened(SampleEditor(EVENT)) as (host, pilot):
        host.screen.query_one(TextArea).select_all()
        await paste(host, pilot, "[1, 2]")
        assert "must be an object" in host.shown()
        await pilot.press("ctrl+s")
        assert not host.closed


async def test_format_writes_the_usual_line_breaks_and_undo_takes_them_back() -> None:
    async with opened(SampleEditor(EVENT)) as (host, pilot):
        area = host.screen.query_one(TextArea)
        area.select_all()
        await paste(host, pilot, '{"a":{"b":1}}')
        await pilot.press("ctrl+l")
        assert area.text == '{\n  "a": {\n    "b": 1\n  }\n}'
        await pilot.press("ctrl+z")
        assert area.text == '{"a":{"b":1}}'


async def test_escape_leaves_at_once_where_nothing_changed() -> None:
    async with opened(SampleEditor(EVENT)) as (host, pilot):
        await pilot.press("escape")
        assert host.result is None


async def test_escape_asks_before_changes_are_lost() -> None:
    async with opened(SampleEditor(EVENT)) as (host, pilot):
        await pilot.press("x", "escape", "n")
        assert not host.closed
        await pilot.press("escape", "enter")
        assert not host.closed
        await pilot.press("escape", "y")
        assert host.result is None


@pytest.mark.parametrize("event", [{"event": "x" * 1_000_000}, {"items": [{"a": n} for n in range(400_000)]}])
async def test_an_event_that_is_too_large_is_refused_with_what_to_do(event: dict[str, object]) -> None:
    async with opened(SampleEditor(event)) as (host, pilot):
        assert "200 KB can be edited" in host.shown()
        assert "text editor" in host.shown()
        assert not host.screen.query(TextArea)
        await pilot.press("ctrl+s", "ctrl+l", "x")
        assert not host.closed
        await pilot.press("escape")
        assert host.result is None


async def test_a_paste_that_would_be_too_large_stays_out() -> None:
    async with opened(SampleEditor(EVENT)) as (host, pilot):
        area = host.screen.query_one(TextArea)
        before = area.text
        await paste(host, pilot, "x" * LARGEST_TEXT)
        assert area.text == before
        assert next(toast.message for toast in host._notifications).endswith("Nothing was put in.")


@pytest.mark.parametrize("size", [(80, 24), (140, 42)])
async def test_a_hostile_event_is_shown_safely_and_comes_back_unchanged(size: tuple[int, int]) -> None:
    event = {"type": HOSTILE, "event": HOSTILE, HOSTILE: [HOSTILE, "\x00\r\n\t"]}
    async with opened(SampleEditor(event), size) as (host, pilot):
        assert "[bold red]x[/]" in host.shown()
        await pilot.press("ctrl+end", "space", "ctrl+s")
        assert host.result == event


async def test_pasted_escape_sequences_become_escapes_of_json() -> None:
    async with opened(SampleEditor(EVENT)) as (host, pilot):
        host.screen.query_one(TextArea).select_all()
        await paste(host, pilot, '{"a": "\x1b[31m\u202e[/b"}\r\n')
        assert '"\\u001b[31m\\u202e[/b"' in host.shown()
        await pilot.press("ctrl+s")
        assert host.result == {"a": "\x1b[31m\u202e[/b"}


async def test_the_hostile_sample_can_be_edited(shared: Path) -> None:
    event = from_json((shared / "samples" / "26_track_hostile.json").read_bytes())
    async with opened(SampleEditor(event)) as (host, pilot):
        await pilot.press("ctrl+end", "space", "ctrl+s")
        await settle(host, pilot)
        assert host.result == event


@pytest.mark.parametrize("size", [(80, 24), (140, 42)])
async def test_the_keys_are_shown(size: tuple[int, int]) -> None:
    async with opened(SampleEditor(EVENT), size) as (host, _):
        assert all(key in host.shown() for key in ("^s Apply", "^l Format", "esc Cancel"))
