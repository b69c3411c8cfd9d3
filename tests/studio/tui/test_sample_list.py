"""The list of samples: what each is and which mappings fire on it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from studio_app import LARGE, SMALL, opened, press, screen_text, until
from textual.content import Content

from studio.edited_document import Document
from studio.evaluation import Firing
from studio.samples import Sample, read_samples
from studio.session import Session
from studio.tui.add_samples import AddSamples
from studio.tui.app import StudioApp
from studio.tui.mapping_list import MappingList
from studio.tui.prompts import Ask
from studio.tui.sample_editor import SampleEditor
from studio.tui.sample_list import SampleList
from studio.tui.trigger_screen import TriggerScreen


def lines(app: StudioApp, of: type[SampleList] | type[MappingList] = SampleList) -> list[str]:
    """The lines of a list that are on the screen, runs of spaces as one."""
    shown = app.main.query_one(of)
    return [" ".join(shown.render_line(line).text.split()) for line in range(shown.content_size.height)]


def with_mappings(count: int, *triggers: str) -> Session:
    """The starter's samples with so many mappings, whose triggers take turns."""
    session = Session.open(None)
    first = session.document.mappings[0]
    mappings = [
        replace(first, name=f"Mapping {number}", trigger=triggers[number % len(triggers)])
        for number in range(1, count + 1)
    ]
    session.document = Document(tuple(mappings), session.document.samples)
    return session


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_each_sample_names_the_mappings_that_fire_on_it_by_their_numbers(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        await press(pilot, "tab")
        assert re.fullmatch(r"identify user_48\S+ ✓1", lines(app)[0])
        assert [line.rpartition(" ")[2] for line in lines(app)[1:6]] == ["✓2", "✓3", "✓4", "✓6", "✓7"]
        assert "✓" not in lines(app)[6]
        assert lines(app, MappingList)[0].startswith("1 ✓ Profiles")
        await press(pilot, "shift+tab", "c", "space")  # a copy that is on fires where its original does
        assert re.fullmatch(r"identify user_48\S+ ✓1 2", lines(app)[0])
        await press(pilot, "up", "space")
        assert re.fullmatch(r"identify user_48\S+ ✓2", lines(app)[0])


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_of_fifty_mappings_the_first_are_named_and_the_others_counted(size: tuple[int, int]):
    session = with_mappings(50, 'type = "identify" or type = "track"', 'type = "track"')
    async with opened(session, size=size) as (app, pilot):
        await press(pilot, "tab")
        identify, track = lines(app)[:2]
        named, counted = identify.partition("✓")[2].split(" +")
        assert named.split() == [str(number * 2) for number in range(1, len(named.split()) + 1)]
        assert len(named.split()) + int(counted) == 25
        assert track.startswith("track Produc")
        assert int(track.split("+")[1]) + len(track.split("✓")[1].split("+")[0].split()) == 50


async def test_the_names_of_what_fires_are_told_where_the_mouse_points():
    session = with_mappings(3, 'type = "identify"', 'type = "track"')
    session.mapping_index = 1
    session.rename_mapping("[b]Two[/")
    async with opened(session) as (app, pilot):
        await pilot.hover(SampleList, offset=(5, 1))
        samples = app.main.query_one(SampleList)
        assert await until(pilot, lambda: samples.tooltip == Content("Fires here:\n2 [b]Two[/"))
        await pilot.hover(SampleList, offset=(5, 7))
        assert await until(pilot, lambda: samples.tooltip == Content("Fires here:\n1 Mapping 1\n3 Mapping 3"))


async def test_of_ten_thousand_samples_only_those_on_the_screen_are_asked_what_fires(monkeypatch: pytest.MonkeyPatch):
    asked: list[int] = []
    on = Firing.on

    def counting(self: Firing, sample_index: int) -> list[tuple[int, str]]:
        asked.append(sample_index)
        return on(self, sample_index)

    monkeypatch.setattr(Firing, "on", counting)
    session = Session.open(None)
    many = tuple(Sample({"type": "track", "event": f"E{index}"}) for index in range(10_000))
    session.document = Document(session.document.mappings, many)
    async with opened(session) as (app, pilot):
        await press(pilot, "space", "tab", "end")
        assert await until(pilot, lambda: "track E9999" in " ".join(lines(app)))
        assert len(set(asked)) < 100


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_samples_are_added_edited_copied_deleted_and_saved_by_keys(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    async with opened(size=size) as (app, pilot):
        session = app.session
        await press(pilot, "tab", "n")
        assert await until(pilot, lambda: isinstance(app.screen, AddSamples))
        await press(pilot, "down", "enter")
        assert await until(pilot, lambda: app.screen is app.main)
        assert len(session.document.samples) == 9
        assert session.sample is not None
        assert session.sample.label == "Product Viewed"
        await press(pilot, "c")
        assert await until(pilot, lambda: len(session.document.samples) == 10)
        await press(pilot, "e")
        assert await until(pilot, lambda: isinstance(app.screen, SampleEditor))
        await press(pilot, "f7", *'{"type": "track", "event": "Order Completed"', "ctrl+s")
        assert "Line 1" in screen_text(app)  # a brace is missing, so it stays
        assert isinstance(app.screen, SampleEditor)
        await press(pilot, "right_curly_bracket", "ctrl+s")
        assert await until(pilot, lambda: app.screen is app.main)
        assert session.sample.event == {"type": "track", "event": "Order Completed"}
        assert lines(app)[session.sample_index].endswith("✓3")
        await press(pilot, "d")
        assert await until(pilot, lambda: len(session.document.samples) == 9)
        await press(pilot, "ctrl+z", "ctrl+s")
        assert await until(pilot, lambda: isinstance(app.screen, Ask))
        await press(pilot, "enter")
        assert await until(pilot, lambda: not session.changed)
        saved = read_samples(tmp_path / "klaviyo.samples.ndjson")
        assert len(saved.samples) == 10


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_trigger_is_written_by_keys_and_what_fires_follows(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        await press(pilot, "f3")
        assert await until(pilot, lambda: isinstance(app.screen, TriggerScreen))
        await press(pilot, "f7", *'type = "page" and')
        assert await until(pilot, lambda: "✗ line 1, column" in screen_text(app))
        await press(pilot, "ctrl+s")
        assert isinstance(app.screen, TriggerScreen)  # a mistake stays
        await press(pilot, "f7", *'type = "page"')
        assert await until(pilot, lambda: "fires on 1 of 8 samples" in screen_text(app))
        await press(pilot, "ctrl+s")
        assert await until(pilot, lambda: app.screen is app.main)
        assert app.session.mapping is not None
        assert app.session.mapping.trigger == 'type = "page"'
        await press(pilot, "tab", "end")  # the page, the last of the samples
        assert await until(pilot, lambda: any(line.startswith("page") and "✓1" in line for line in lines(app)))
        await press(pilot, "home")
        assert await until(pilot, lambda: lines(app)[0] == "identify user_48213")
        await press(pilot, "ctrl+z")
        assert app.session.mapping.trigger == 'type = "identify"'


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_names_of_wide_and_invisible_characters_leave_the_counts_in_their_column(size: tuple[int, int]):
    session = Session.open(None)
    name = "日本語日本語日本語日本語日本語日本語日本語日本語"
    session.rename_mapping(name)
    hostile = ["🏳️ ❤️", "a\u00adb", "ㅤ", "a\U000e0041b", "[b]x[/", "\x1b[31mred"]
    events = [Sample({"type": "track", "event": text}) for text in (name, *hostile)]
    session.document = Document(session.document.mappings, (*events, session.document.samples[0]))
    async with opened(session, size=size) as (app, pilot):
        await press(pilot, "tab")
        for of in (MappingList, SampleList):
            shown = app.main.query_one(of)
            for line in range(min(6, shown.content_size.height)):
                drawn = shown.render_line(line).text
                assert cell_len(drawn) == shown.scrollable_content_region.width
                assert not re.search("[\x00-\x1f\u00ad\ufe0f\u3164\U000e0041]", drawn)
        assert lines(app, MappingList)[0].endswith("… 1/8")
        assert lines(app)[0].endswith("✓2")
