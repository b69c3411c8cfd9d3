"""The list of samples: what each is and which mappings fire on it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from studio_app import LARGE, SMALL, opened, press, until
from textual.content import Content

from studio.evaluation import Firing
from studio.samples import Sample
from studio.session import Document, Session
from studio.tui.app import StudioApp
from studio.tui.mapping_list import MappingList
from studio.tui.sample_list import SampleList


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
        assert lines(app)[0] == "identify ✓1"
        assert [line.rpartition(" ")[2] for line in lines(app)[1:6]] == ["✓2", "✓3", "✓4", "✓6", "✓7"]
        assert "✓" not in lines(app)[6]
        assert lines(app, MappingList)[0].startswith("1 ✓ Profiles")
        await press(pilot, "shift+tab", "c", "space")  # a copy that is on fires where its original does
        assert lines(app)[0] == "identify ✓1 2"
        await press(pilot, "up", "space")
        assert lines(app)[0] == "identify ✓2"


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_of_fifty_mappings_the_first_are_named_and_the_others_counted(size: tuple[int, int]):
    session = with_mappings(50, 'type = "identify" or type = "track"', 'type = "track"')
    async with opened(session, size=size) as (app, pilot):
        await press(pilot, "tab")
        identify, track = lines(app)[:2]
        named, counted = identify.removeprefix("identify ✓").split(" +")
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
