"""The table of fields, the editors of a field, and the event beside it, by keyboard alone."""

from __future__ import annotations

import pytest
from studio_app import LARGE, SMALL, choose_field, opened, press, screen_text, table_row, text_of, until
from textual.widgets import Input

from actions.config import Mapping
from studio.edited_document import Document
from studio.session import Session
from studio.tui.chooser import Chooser
from studio.tui.event_tree import EventTree
from studio.tui.field_table import FieldTable
from studio.tui.problems_screen import ProblemsScreen
from studio.tui.prompts import Ask, Confirm


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
            ("Two", ("ctrl+g", "s", "down")),
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


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_problem_of_a_hidden_required_field_leads_to_it(size: tuple[int, int]):
    session = Session.open(None)
    mapping = Mapping(name="Members", action="addProfileToList", trigger='type = "track"', fields={})
    session.document = Document((mapping,), session.document.samples)
    async with opened(session, size=size) as (app, pilot):
        assert table_row(app, "List Id")[-1] == "! required"
        await press(pilot, "f8")
        assert await until(pilot, lambda: isinstance(app.screen, ProblemsScreen))
        at = next(at for at, problem in enumerate(app.session.problems()) if problem.field_path == ("list_id",))
        await press(pilot, *["down"] * at, "enter")
        assert await until(pilot, lambda: app.screen is app.main)
        assert session.field_path == ("list_id",)
        await press(pilot, "f2", *"AbC123", "enter")
        assert session.binding(("list_id",)) == "AbC123"
        await press(pilot, "delete")
        assert session.binding(("list_id",)) is None
        assert table_row(app, "List Id")[-1] == "! required"


async def test_a_problem_deep_in_a_binding_leads_to_the_field_around_it():
    session = Session.open(None)
    session.bind(("properties",), {"a": {"@case": {"operator": "lower"}}})
    session.field_path = ("email",)
    async with opened(session) as (app, pilot):
        await press(pilot, "f8", "enter")
        assert await until(pilot, lambda: app.screen is app.main)
        assert session.field_path[0] == "properties"
        chosen = app.main.query_one(FieldTable).chosen
        assert chosen is not None
        assert chosen.path == session.field_path


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_list_is_chosen_also_where_a_directive_is_bound_and_undo_brings_that_back(size: tuple[int, int]):
    session = Session.open(None)
    session.bind(("list_id",), {"@path": "$.properties.list"})
    async with opened(session, size=size) as (app, pilot):
        await choose_field(app, pilot, "list_id")
        await press(pilot, "enter")
        assert await until(pilot, lambda: "bound to $.properties.list" in screen_text(app))
        await press(pilot, "enter")  # the binding is marked, so nothing is replaced
        assert await until(pilot, lambda: app.main.query_one("#formula", Input).has_focus)
        assert app.main.query_one("#formula", Input).value == "$.properties.list"
        await press(pilot, "escape", "enter")
        assert await until(pilot, lambda: "bound to $.properties.list" in screen_text(app))
        await press(pilot, *"vip")
        assert await until(pilot, lambda: "bound to" not in screen_text(app))
        await press(pilot, "enter")
        assert await until(pilot, lambda: session.binding(("list_id",)) == "VipCst")
        await press(pilot, "ctrl+z")
        assert session.binding(("list_id",)) == {"@path": "$.properties.list"}


async def test_a_switch_and_a_choice_have_their_editors_whatever_is_bound():
    session = Session.open(None)
    session.bind(("enable_batching",), {"@path": "$.properties.batch"})
    session.bind(("country_code",), {"@path": "$.traits.country"})
    async with opened(session) as (app, pilot):
        for field, typed, value in (("enable_batching", "false", False), ("country_code", "DE", "DE")):
            await choose_field(app, pilot, field)
            for again in ("", "again"):  # over a directive, then over the value
                await press(pilot, "enter")
                assert await until(pilot, lambda: isinstance(app.screen, Chooser)), again
                await pilot.pause(0.1)
                await press(pilot, *typed, "enter")
                assert await until(pilot, lambda field=field, value=value: session.binding((field,)) == value)
                assert await until(pilot, lambda: app.screen is app.main)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_trap_is_marked_in_the_table_and_told_at_its_field(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        await press(pilot, "n", "enter")
        assert await until(pilot, lambda: app.session.mapping_index == 1)
        phone = "Phone Number" if size == LARGE else "Phone Num…"
        assert table_row(app, phone)[0].endswith(" !")
        assert not table_row(app, "Email")[0].endswith("!")
        await choose_field(app, pilot, "phone_number")
        assert "! an identify call has the phone in $.traits.phone" in text_of(app, "#formula-reading")
        await press(pilot, "f2", "ctrl+u", *"$.traits.phone", "enter")
        assert await until(pilot, lambda: table_row(app, "Phone Number")[0] == "Phone Number")
        assert "!" not in text_of(app, "#formula-reading")


async def test_fields_that_depend_on_others_come_and_go_with_them_and_hidden_ones_on_demand():
    session = Session.open(None)
    mapping = Mapping(name="Profiles", action="upsertProfile", trigger='type = "identify"', fields={})
    session.document = Document((mapping,), session.document.samples)
    async with opened(session, size=SMALL) as (app, pilot):
        table = app.main.query_one(FieldTable)

        def shows(key: str) -> bool:
            return (key,) in {row.path for row in table.rows}

        assert not shows("batch_size")
        await choose_field(app, pilot, "enable_batching")
        await press(pilot, "f2", *"= true", "enter")
        assert await until(pilot, lambda: shows("batch_size"))
        await choose_field(app, pilot, "enable_batching")
        await press(pilot, "delete")
        assert await until(pilot, lambda: not shows("batch_size"))
        assert not shows("batch_keys")
        await press(pilot, "h")
        assert await until(pilot, lambda: shows("batch_keys"))
        await press(pilot, "h")
        assert await until(pilot, lambda: not shows("batch_keys"))


async def test_an_object_takes_further_keys_and_loses_them_again():
    session = Session.open(None)
    mapping = Mapping(name="Profiles", action="upsertProfile", trigger='type = "identify"', fields={})
    session.document = Document((mapping,), session.document.samples)
    async with opened(session) as (app, pilot):
        await choose_field(app, pilot, "properties")
        await press(pilot, "plus")
        assert await until(pilot, lambda: isinstance(app.screen, Ask))
        await press(pilot, *"plan", "enter")
        assert await until(pilot, lambda: app.screen is app.main and app.main.query_one("#formula", Input).has_focus)
        assert app.main.query_one("#formula", Input).value == ""
        assert table_row(app, "plan")[2:] == ["", ""]
        assert session.binding(("properties",)) is None  # nothing has come to be yet
        await press(pilot, *"$.traits.title", "enter")
        assert session.binding(("properties",)) == {"plan": {"@path": "$.traits.title"}}
        assert table_row(app, "plan")[-1] == "Interior designer"
        await choose_field(app, pilot, "properties", "plan")
        await press(pilot, "delete")
        assert session.binding(("properties",)) is None
        await choose_field(app, pilot, "email")
        await press(pilot, "plus")
        assert await until(pilot, lambda: any("takes no further keys" in note.message for note in app._notifications))


@pytest.mark.parametrize("leave", [("escape",), ("enter",), ("shift+tab",)])
async def test_a_key_that_is_not_bound_does_not_come_to_be(leave: tuple[str, ...]):
    session = Session.open(None)
    mapping = Mapping(name="Profiles", action="upsertProfile", trigger='type = "identify"', fields={})
    session.document = Document((mapping,), session.document.samples)
    async with opened(session, size=SMALL) as (app, pilot):
        await choose_field(app, pilot, "properties")
        await press(pilot, "plus")
        assert await until(pilot, lambda: isinstance(app.screen, Ask))
        await press(pilot, *"plan", "enter")
        assert await until(pilot, lambda: app.screen is app.main and app.main.query_one("#formula", Input).has_focus)
        await press(pilot, *leave, "up")
        assert session.binding(("properties",)) is None
        assert ("properties", "plan") not in {row.path for row in app.main.query_one(FieldTable).rows}


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_key_added_to_what_a_path_gives_is_merged_into_it(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        line = app.main.query_one("#formula", Input)
        for key, typed, binding in (
            ("plan", "$.traits.title", "= merge($.traits, {plan: $.traits.title})"),
            ("first day", "$.timestamp", '= merge($.traits, {plan: $.traits.title, "first day": $.timestamp})'),
        ):
            await choose_field(app, pilot, "properties")
            await press(pilot, "plus")
            assert await until(pilot, lambda: isinstance(app.screen, Ask))
            await press(pilot, *key, "enter")
            assert await until(pilot, lambda: app.screen is app.main and line.has_focus)
            await press(pilot, *typed, "enter")
            assert await until(pilot, lambda binding=binding: table_row(app, "Properties")[2] == binding)
        await press(pilot, "ctrl+z", "ctrl+z")
        assert app.session.binding(("properties",)) == {"@path": "$.traits"}


async def test_a_required_field_whose_binding_finds_nothing_says_so():
    async with opened() as (app, pilot):
        await press(pilot, "down")  # Events, on an identify
        assert table_row(app, "Metric Name")[2:] == ["$.event", "! required, nothing here"]
        await press(pilot, "right_square_bracket")  # on a track
        assert table_row(app, "Metric Name")[-1] == "Product Viewed"


async def test_a_country_is_found_by_its_name():
    async with opened(size=SMALL) as (app, pilot):
        await choose_field(app, pilot, "country_code")
        await press(pilot, "enter")
        assert await until(pilot, lambda: isinstance(app.screen, Chooser))
        await press(pilot, *"germ")
        assert await until(pilot, lambda: "DE Germany" in screen_text(app))
        await press(pilot, "enter")
        assert await until(pilot, lambda: app.session.binding(("country_code",)) == "DE")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_placeholder_that_nothing_closes_is_told_and_sent_as_it_is(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        await choose_field(app, pilot, "title")
        await press(pilot, "f2", "ctrl+u", *"Hi {{traits.firstName}", "enter")
        assert await until(pilot, lambda: "nothing closes the braces of" in text_of(app, "#formula-reading"))
        assert table_row(app, "Title")[0].endswith("!")
        assert table_row(app, "Title")[-1] == "Hi {{traits.firstName}"
        await press(pilot, "f2", "ctrl+u", *"Hi {{traits.firstName}}", "enter")
        assert await until(pilot, lambda: table_row(app, "Title")[-1] == "Hi Mara")
        assert "nothing closes" not in text_of(app, "#formula-reading")
