"""The table of fields, the editors of a field, and the event beside it, by keyboard alone."""

from __future__ import annotations

import pytest
from studio_app import LARGE, SMALL, choose_field, opened, press, screen_text, table_row, until
from textual.widgets import Input

from studio.tui.event_tree import EventTree
from studio.tui.prompts import Confirm


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_table_shows_label_required_type_binding_and_value(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        titles = [title.strip() for title in screen_text(app).splitlines() if "On this sample" in title]
        assert titles[0].split("│")[-2].split() == ["Field", "Type", "Binding", "On", "this", "sample"]
        assert table_row(app, "Email")[1:3] == ["email", "$.traits.email"]
        assert table_row(app, "Country Code")[1] == "choice"
        await press(pilot, "down")
        await choose_field(app, pilot, "metric_name")
        assert "Metric Name*" in screen_text(app)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_mappings_samples_and_the_event_are_on_the_screen_together(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        await press(pilot, "tab", "tab")
        assert isinstance(app.focused, EventTree)
        for selector in ("#mappings", "#samples", "#event"):
            region = app.main.query_one(selector).region
            assert region.height >= 5
            assert region.bottom < size[1]


async def test_a_binding_that_cannot_be_read_is_asked_for_before_it_is_lost():
    async with opened() as (app, pilot):
        await choose_field(app, pilot, "title")
        await press(pilot, "f2", "ctrl+u", *"= lower(", "ctrl+q")
        assert await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert "= lower(" in screen_text(app)
        await press(pilot, "enter")  # which stays
        assert await until(pilot, lambda: app.screen is app.main)
        assert app.main.query_one("#formula", Input).value == "= lower("
        await press(pilot, "ctrl+q")
        assert await until(pilot, lambda: isinstance(app.screen, Confirm))
        await press(pilot, "y")
        assert await until(pilot, lambda: not app.is_running)


async def test_what_is_typed_counts_when_somebody_goes_to_another_mapping_or_sample_or_problem():
    async with opened() as (app, pilot):
        for typed, away in (
            ("One", ("shift+tab", "up")),
            ("Two", ("ctrl+g", *"samples", "enter", "down")),
            ("Three", ("f8",)),
            ("Four", ("f7",)),
        ):
            await choose_field(app, pilot, "title")
            here = app.session.mapping_index
            await press(pilot, "f2", "ctrl+u", *typed, *away)
            assert await until(
                pilot, lambda here=here, typed=typed: app.session.document.mappings[here].fields["title"] == typed
            )
            await press(pilot, "escape")
