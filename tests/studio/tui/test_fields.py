"""The table of fields, the editors of a field, and the event beside it, by keyboard alone."""

from __future__ import annotations

import pytest
from studio_app import LARGE, SMALL, choose_field, opened, press, screen_text, table_row

from studio.tui.event_tree import EventTree


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
