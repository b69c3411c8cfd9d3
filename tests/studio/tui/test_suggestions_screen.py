"""Suggested bindings: their score and evidence, taken one by one or all at once, by keyboard alone."""

from __future__ import annotations

import pytest
from studio_app import LARGE, SMALL, opened, press, screen_text, until
from textual.pilot import Pilot
from textual.widgets import SelectionList

from actions.config import Mapping
from actions.klaviyo import KLAVIYO
from actions.values import Json
from studio.edited_document import Document
from studio.samples import Sample
from studio.session import Session
from studio.suggestions import suggest
from studio.tui.app import StudioApp
from studio.tui.suggestions_screen import SuggestionsScreen


def new_mapping(action: str, *samples: Sample) -> Session:
    """A new mapping of an action with nothing bound, on the starter's samples or others."""
    session = Session.open(None)
    mapping = Mapping(name="New", action=action, trigger=KLAVIYO.actions[action].trigger, fields={})
    session.document = Document((mapping,), samples or session.document.samples)
    return session


async def ask(app: StudioApp, pilot: Pilot[None]) -> None:
    await press(pilot, "f7")
    assert await until(pilot, lambda: isinstance(app.screen, SuggestionsScreen) and "%" in screen_text(app))


def bound(app: StudioApp) -> dict[str, Json]:
    assert app.session.mapping is not None
    return app.session.mapping.fields


def frameless(app: StudioApp) -> str:
    return " ".join(screen_text(app).replace("│", " ").split())


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_evidence_of_the_marked_suggestion_is_shown_whole(size: tuple[int, int]):
    async with opened(new_mapping("upsertProfile"), size=size) as (app, pilot):
        await ask(app, pilot)
        session = app.session
        assert session.action is not None
        assert session.mapping is not None
        suggestions = suggest(session.action, session.mapping, session.document.samples)
        assert len(suggestions) > 10
        for suggestion in suggestions:
            for part in suggestion.evidence:
                assert await until(pilot, lambda part=part: f"· {part}" in frameless(app)), (part, frameless(app))
            await press(pilot, "down")


async def test_the_evidence_is_name_type_format_and_how_many_samples():
    async with opened(new_mapping("upsertProfile")) as (app, pilot):
        await ask(app, pilot)
        assert await until(pilot, lambda: "· the name 'email'" in frameless(app))
        for part in ("found on 1 of 1 samples", "fits the type email", "looks like an e-mail address"):
            assert f"· {part}" in frameless(app)
        email = next(line for line in screen_text(app).splitlines() if "$.traits.email" in line)
        assert "95%" in email or "100%" in email


async def test_fields_are_called_as_in_the_table():
    async with opened(new_mapping("upsertProfile")) as (app, pilot):
        await ask(app, pilot)
        shown = screen_text(app)
        assert "First Name" in shown
        assert "Location › ZIP" in shown
        assert "first_name" not in shown
        await press(pilot, "enter")
        assert await until(pilot, lambda: app.screen is app.main)
        assert bound(app)["first_name"] == {"@path": "$.traits.firstName"}


async def test_a_type_that_not_all_values_fit_lowers_the_score_and_is_told():
    samples = [Sample({"type": "track", "event": "Bought", "properties": {"total": total}}) for total in (5, 6, "much")]
    async with opened(new_mapping("trackEvent", *samples)) as (app, pilot):
        await ask(app, pilot)
        await press(pilot, "end")
        assert await until(pilot, lambda: "2 of 3 values fit the type number" in frameless(app))


async def test_suggestions_are_taken_one_by_one_or_all_at_once_and_undone_together():
    async with opened(new_mapping("upsertProfile")) as (app, pilot):
        await ask(app, pilot)
        marks = app.screen.query_one(SelectionList)
        for _ in range(2):  # all, then none; or none at once where all were marked
            if marks.selected:
                await press(pilot, "a")
        await press(pilot, "space", "enter")
        assert await until(pilot, lambda: app.screen is app.main)
        assert bound(app) == {"email": {"@path": "$.traits.email"}}
        await press(pilot, "ctrl+z")
        assert bound(app) == {}
        await ask(app, pilot)
        await press(pilot, "enter")
        assert await until(pilot, lambda: len(bound(app)) > 8)
        await press(pilot, "ctrl+z")
        assert bound(app) == {}
        await ask(app, pilot)
        await press(pilot, "escape")
        assert await until(pilot, lambda: app.screen is app.main)
        assert bound(app) == {}


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_hostile_path_is_shown_as_what_it_is(size: tuple[int, int]):
    hostile = Sample({"type": "identify", "traits": {"[/b]\x1b[31m": {"email": "ann@example.com"}, "email": "a@b.co"}})
    async with opened(new_mapping("upsertProfile", hostile), size=size) as (app, pilot):
        await ask(app, pilot)
        assert "\x1b" not in screen_text(app)
