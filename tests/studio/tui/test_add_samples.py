from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from dialog_host import HOSTILE, Host, opened, paste, settle, write
from hypothesis import given
from hypothesis import strategies as st
from studio_app import until
from textual.pilot import Pilot

from actions.values import Json
from studio.samples import KINDS
from studio.tui.add_samples import AddSamples
from studio.tui.event_choice import CHOSEN_AT_MOST, EventChoice, file_event, sample_of
from studio.tui.file_pane import EVENTS_READ
from studio.tui.json_area import LARGEST_TEXT
from studio.tui.path_line import matching_paths
from studio.tui.text_line import TextLine


async def _to_file(host: Host, pilot: Pilot[None], path: Path | str) -> None:
    """Go to the file's tab by keys, put a path in and press Enter."""
    await pilot.press("ctrl+t")
    await pilot.pause()
    await pilot.press("ctrl+t")
    await settle(host, pilot)
    await paste(host, pilot, str(path))
    await pilot.press("enter")
    await settle(host, pilot)


@pytest.mark.parametrize("at", [0, len(KINDS) - 1])
async def test_each_kind_of_event_can_be_added(at: int) -> None:
    async with opened(AddSamples()) as (host, pilot):
        await pilot.press(*["down"] * at, "enter")
        (sample,) = host.result
        assert sample.event == list(KINDS.values())[at]
        assert sample.event is not list(KINDS.values())[at]


async def test_escape_adds_nothing() -> None:
    async with opened(AddSamples()) as (host, pilot):
        await pilot.press("escape")
        assert host.result is None


async def test_nothing_to_add_is_told_and_keeps_it_open() -> None:
    async with opened(AddSamples()) as (host, pilot):
        await pilot.press("ctrl+t")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await settle(host, pilot)
        assert not host.closed


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"page"}\n{"type":"alias"}',
        '[{"type":"page"},\n{"type":"alias"}]',
        '\r\n{"type":"page"}\r\n{"type":"alias"}',
    ],
)
async def test_pasted_events_are_added(text: str) -> None:
    async with opened(AddSamples()) as (host, pilot):
        await pilot.press("ctrl+t")
        await pilot.pause()
        await paste(host, pilot, text)
        assert "2 events" in host.shown()
        await pilot.press("ctrl+s")
        assert [sample.event for sample in host.result] == [{"type": "page"}, {"type": "alias"}]


async def test_one_pasted_event_over_several_lines_is_one() -> None:
    async with opened(AddSamples()) as (host, pilot):
        await pilot.press("ctrl+t")
        await pilot.pause()
        await paste(host, pilot, json.dumps(KINDS["track"], indent=2))
        await pilot.press("ctrl+s")
        assert [sample.event for sample in host.result] == [KINDS["track"]]


async def test_pasted_lines_that_are_no_events_are_named_and_the_others_added() -> None:
    async with opened(AddSamples()) as (host, pilot):
        await pilot.press("ctrl+t")
        await pilot.pause()
        await paste(host, pilot, '{"type":"page"}\n{oops\n[1]')
        assert "1 event, 2 that are none" in host.shown()
        assert "line 2: not valid JSON" in host.shown()
        assert "line 3: an event must be an object" in host.shown()
        await pilot.press("ctrl+s")
        assert [sample.event for sample in host.result] == [{"type": "page"}]


async def test_more_than_can_be_pasted_is_refused_with_what_to_do() -> None:
    async with opened(AddSamples(), (140, 42)) as (host, pilot):
        await pilot.press("ctrl+t")
        await pilot.pause()
        await paste(host, pilot, '{"type":"page"}\n' * (LARGEST_TEXT // 10))
        assert next(toast.message for toast in host._notifications).endswith("Nothing was put in.")
        assert "0 to add" not in host.shown()


@pytest.mark.parametrize("packed", [False, True])
async def test_the_events_of_a_file_are_all_chosen_first_and_added_in_order(tmp_path: Path, packed: bool) -> None:
    events = [{"type": "track", "event": f"Event {number}"} for number in range(5)]
    content = "\n".join(map(json.dumps, events)).encode()
    path = tmp_path / "events.ndjson.gz"
    path.write_bytes(gzip.compress(content) if packed else content)
    async with opened(AddSamples()) as (host, pilot):
        await _to_file(host, pilot, path)
        assert "5 events" in host.shown()
        assert "5 to add" in host.shown()
        await pilot.press("ctrl+s")
        assert [sample.event for sample in host.result] == events


async def test_events_of_a_file_are_chosen_by_keys(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_text(json.dumps([{"type": "page", "name": f"Page {number}"} for number in range(4)]))
    async with opened(AddSamples()) as (host, pilot):
        await _to_file(host, pilot, path)
        await pilot.press("n", "down", "space", "down", "down", "enter")
        await pilot.pause()
        assert "2 to add" in host.shown()
        await pilot.press("ctrl+s")
        assert [sample.label for sample in host.result] == ["Page 1", "Page 3"]


async def test_lines_of_a_file_that_are_no_events_are_counted_and_named(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text('{"type":"page"}\n{"a\n' + "[]\n" * 80)
    async with opened(AddSamples()) as (host, pilot):
        await _to_file(host, pilot, path)
        assert "1 event, 81 lines are none" in host.shown()
        assert "line 2: not valid JSON" in host.shown()
        await pilot.press("ctrl+s")
        assert len(host.result) == 1


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("/nowhere/missing.json", "no such file"),
        ("/", "this is a folder"),
        ("~no_such_person/events.json", "home"),
        (f"/{'x' * 5000}", "too long"),
    ],
)
async def test_a_path_that_is_no_file_is_told(name: str, told: str) -> None:
    async with opened(AddSamples()) as (host, pilot):
        await _to_file(host, pilot, name)
        assert told in host.shown()


async def test_a_device_is_not_read() -> None:
    async with opened(AddSamples()) as (host, pilot):
        await _to_file(host, pilot, "/dev/zero")
        assert "no ordinary file" in host.shown()


async def test_an_empty_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text("\n")
    async with opened(AddSamples()) as (host, pilot):
        await _to_file(host, pilot, tmp_path / "empty.json")
        assert "The file is empty." in host.shown()


async def test_of_a_long_file_as_many_as_can_be_are_chosen_and_that_it_goes_on_is_told(tmp_path: Path) -> None:
    path = tmp_path / "long.ndjson"
    path.write_text('{"type":"page"}\n' * (EVENTS_READ + 5))
    async with opened(AddSamples()) as (host, pilot):
        await _to_file(host, pilot, path)
        choice = host.screen.query_one(EventChoice)
        assert await until(pilot, lambda: "100,000 events, as many as can be read; what follows" in host.shown())
        assert len(choice.chosen) == CHOSEN_AT_MOST
        assert "10,000 to add" in host.shown()
        await pilot.press("end", "space")
        assert "10,000 are chosen, as many as can be" in next(toast.message for toast in host._notifications)
        assert len(choice.chosen) == CHOSEN_AT_MOST


@pytest.mark.parametrize("size", [(80, 24), (140, 42)])
async def test_the_events_of_a_file_are_filtered_while_typing_and_all_that_are_found_are_chosen(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    events: list[dict[str, Json]] = [
        {"type": "track", "event": f"{'Order' if number % 10 else 'Refund'} {number}", "userId": f"u{number}"}
        for number in range(12_000)
    ]
    events[11_999] = {"type": "identify", "traits": {"email": "Ines@example.com"}, "userId": "[/]\x1b[31m"}
    path = tmp_path / "events.ndjson"
    path.write_text("\n".join(map(json.dumps, events)))
    async with opened(AddSamples(), size) as (host, pilot):
        await _to_file(host, pilot, path)
        assert await until(pilot, lambda: "12,000 events; up to 10,000 can be added at once" in host.shown())
        await pilot.press("n", "slash", *"refund", "space", *"11")
        assert await until(pilot, lambda: "120 of 12,000 events" in host.shown())
        assert "Refund 1110" in host.shown()
        await pilot.press("enter", "a")
        assert await until(pilot, lambda: "120 to add" in host.shown())
        await pilot.press("slash", "ctrl+u", *"INES", "down", "space")
        assert await until(pilot, lambda: "121 to add" in host.shown())
        assert "1 of 12,000 events" in host.shown()
        await pilot.press("ctrl+s")
        names = [str(sample.event.get("event")) for sample in host.result[:-1]]
        assert len(names) == 120
        assert all("Refund" in name and "11" in name for name in names)
        assert host.result[-1].event == events[-1]


async def test_what_is_chosen_far_down_is_shown_at_once(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text("".join(f'{{"type": "page", "name": "Page {number}"}}\n' for number in range(200)))
    async with opened(AddSamples()) as (host, pilot):
        await _to_file(host, pilot, path)
        await pilot.press("end")
        assert await until(pilot, lambda: "✓ page      Page 198" in host.shown())
        await pilot.press("up", "space")
        assert await until(pilot, lambda: "· page      Page 198" in host.shown())
        await pilot.press("space", "home")
        assert await until(pilot, lambda: "✓ page      Page 0" in host.shown())


async def test_what_no_event_has_finds_none_and_chooses_none(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"type": "page"}')
    async with opened(AddSamples()) as (host, pilot):
        await _to_file(host, pilot, tmp_path / "a.json")
        await pilot.press("slash", *"zzz", "enter", "space", "a", "n", "down", "end")
        assert await until(pilot, lambda: "0 of 1 event" in host.shown())
        assert "1 to add" in host.shown()  # what is not found stays as it was chosen


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(), st.lists
)


@given(st.dictionaries(st.text(), VALUES))
def test_an_event_comes_out_as_it_went_in(event: dict[str, Json]) -> None:
    assert sample_of(file_event(event)).event == event


def test_halves_of_surrogate_pairs_do_no_harm() -> None:
    event: dict[str, Json] = {"type": "\ud800", "userId": "\udfff"}
    assert sample_of(file_event(event)).event == event


async def test_another_file_takes_the_place_of_the_first(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text(json.dumps({"type": "page", "name": name}))
    async with opened(AddSamples()) as (host, pilot):
        await _to_file(host, pilot, tmp_path / "a.json")
        line = host.screen.query_one("PathLine TextLine", TextLine)
        line.focus()
        line.value = str(tmp_path / "b.json")
        await pilot.press("enter")
        await settle(host, pilot)
        await pilot.press("ctrl+s")
        assert [sample.label for sample in host.result] == ["b"]


async def test_tab_completes_a_path_step_by_step_and_reads_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "events.json").write_text('{"type":"page"}')
    async with opened(AddSamples()) as (host, pilot):
        await pilot.press("ctrl+t")
        await pilot.pause()
        await pilot.press("ctrl+t")
        await settle(host, pilot)
        await write(pilot, "fo")
        await settle(host, pilot)
        assert "folder/" in host.shown()
        await pilot.press("tab")
        await settle(host, pilot)
        assert "folder/events.json" in host.shown()
        await pilot.press("tab")
        await settle(host, pilot)
        assert host.screen.query_one("PathLine TextLine", TextLine).value == "folder/events.json"
        assert "1 to add" in host.shown()


async def test_a_path_can_be_clicked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events.json").write_text('{"type":"page"}')
    async with opened(AddSamples()) as (host, pilot):
        await pilot.press("ctrl+t")
        await pilot.pause()
        await pilot.press("ctrl+t")
        await settle(host, pilot)
        await pilot.click("PathLine OptionList", offset=(2, 0))
        await settle(host, pilot)
        assert "1 to add" in host.shown()


def test_paths_offer_folders_then_events_then_the_rest(tmp_path: Path) -> None:
    for name in ("b.toml", "a.txt", "z.ndjson", ".hidden.json", "bad\x1b[31m.json"):
        (tmp_path / name).touch()
    (tmp_path / "q").mkdir()
    offered = [path.removeprefix(f"{tmp_path}/") for path in matching_paths(f"{tmp_path}/")]
    assert offered == ["q/", "z.ndjson", "a.txt", "b.toml"]
    assert matching_paths(f"{tmp_path}/.h") == [f"{tmp_path}/.hidden.json"]
    assert matching_paths(f"{tmp_path}/nothing/") == []
    assert matching_paths("nul\0/") == []


@pytest.mark.parametrize("size", [(80, 24), (140, 42)])
async def test_hostile_events_are_shown_safely(tmp_path: Path, size: tuple[int, int]) -> None:
    events = [{"type": HOSTILE, "event": HOSTILE}, {"type": "[/", "userId": HOSTILE}, {"event": 3}]
    path = tmp_path / "[b.ndjson"
    path.write_text("\n".join(map(json.dumps, events)) + "\n[/\x1b[31m\n")
    async with opened(AddSamples(), size) as (host, pilot):
        await _to_file(host, pilot, path)
        assert "[bold red]x[/]" in host.shown()
        await pilot.press("ctrl+s")
        assert [sample.event for sample in host.result] == events


async def test_the_hostile_sample_is_shown_and_added(shared: Path) -> None:
    async with opened(AddSamples()) as (host, pilot):
        await _to_file(host, pilot, shared / "samples" / "26_track_hostile.json")
        assert "[red]now[/red]" in host.shown()
        await pilot.press("ctrl+s")
        assert len(host.result) == 1


@pytest.mark.parametrize("size", [(80, 24), (140, 42)])
async def test_the_keys_are_shown(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "a.json").write_text("{}")
    async with opened(AddSamples(), size) as (host, pilot):
        assert all(key in host.shown() for key in ("^s Add", "^t Next tab", "esc Cancel"))
        await _to_file(host, pilot, tmp_path / "a.json")
        assert all(
            key in host.shown() for key in ("space Choose", "a All", "n None", "/ Filter", "^s Add", "esc Cancel")
        )
        assert host.screen.query_one(EventChoice).has_focus
