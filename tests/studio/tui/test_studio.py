"""The app by keyboard alone, in a terminal of a real size, before the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest
from studio_app import LARGE, SMALL, choose_field, opened, press, screen_text, settled, table_row, text_of, until
from textual.widgets import Input, OptionList

import presets
from actions.values import Json
from studio.edited_document import Document
from studio.samples import Sample
from studio.session import Session
from studio.tui.event_tree import EventTree
from studio.tui.field_table import FieldTable
from studio.tui.offer_list import OfferList
from studio.tui.wire_panel import WirePanel


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_first_screen_shows_everything_and_the_first_key_can_send(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        assert "SANDBOX" in text_of(app, "#status")
        assert "fires here" in text_of(app, "#trigger-line")
        assert app.main.query_one("#mappings", OptionList).option_count == 8
        assert table_row(app, "Email")[-1].startswith("mara.ellison@")
        for selector in ("#mappings", "#samples", "#fields", "#binding", "#wire"):
            region = app.main.query_one(selector).region
            assert region.width > 20
            assert region.bottom <= size[1] - 1
        await press(pilot, "ctrl+r")
        await settled(pilot)
        assert app.wire.sandbox.counts()["profiles"] == 1
        assert "201 Created" in text_of(app, "#response-text")


async def test_how_large_an_event_is_stands_before_the_first_picture():
    async with opened() as (app, pilot):
        tree = app.main.query_one(EventTree)
        tree.show(Sample({"type": "identify", "traits": {f"key_{number}": number for number in range(30)}}))
        lines = tree.last_line + 1
        await settled(pilot)
        assert lines == tree.last_line + 1 == 32


async def test_a_trigger_that_does_not_fire_says_why():
    async with opened() as (app, pilot):
        await press(pilot, "down")
        assert 'type is "identify", not "track"' in text_of(app, "#trigger-line")


async def test_mappings_are_added_copied_renamed_turned_on_moved_and_deleted():
    async with opened() as (app, pilot):
        session = app.session
        await press(pilot, "n", *"order", "enter")
        assert session.mapping is not None
        assert (session.mapping.name, session.mapping.enabled, session.mapping_index) == ("Order Completed", False, 1)
        await press(pilot, "space")
        assert session.mapping.enabled
        await press(pilot, "K")
        assert session.mapping_index == 0
        await press(pilot, "c")
        assert session.mapping.name == "Order Completed (Copy)"
        await press(pilot, "delete")
        assert len(session.document.mappings) == 9
        for _ in range(5):
            await press(pilot, "ctrl+z")
        assert not session.changed
        await press(pilot, "ctrl+y")
        assert len(session.document.mappings) == 9


async def test_a_binding_is_typed_with_completion_and_previews_while_typing():
    async with opened() as (app, pilot):
        await choose_field(app, pilot, "title")
        await press(pilot, "f2", *(["backspace"] * 20))
        await press(pilot, *"$.tr")
        await pilot.press("full_stop", *"fir")
        await settled(pilot)
        assert app.main.query_one(OfferList).offers
        await press(pilot, "tab")
        await settled(pilot)
        assert app.main.query_one("#formula", Input).value == "$.traits.firstName"
        assert "Mara" in text_of(app, "#formula-reading")
        assert "found on 1 of 8 samples" in text_of(app, "#formula-reading")
        assert table_row(app, "Title")[-1] == "Mara"
        assert not app.session.changed
        await press(pilot, "enter")
        assert app.session.binding(("title",)) == {"@path": "$.traits.firstName"}
        await press(pilot, "ctrl+z")
        assert app.session.binding(("title",)) == {"@path": "$.traits.title"}


async def test_an_error_in_a_binding_is_told_and_escape_leaves_it_as_it_was():
    async with opened() as (app, pilot):
        await press(pilot, "f2", *(["backspace"] * 20), *"= uper(")
        assert "upper" in text_of(app, "#formula-reading")
        await press(pilot, "escape")
        assert app.session.binding(("email",)) == {"@path": "$.traits.email"}
        assert not app.session.changed


async def test_a_value_of_the_event_is_bound_by_a_key():
    async with opened() as (app, pilot):
        await choose_field(app, pilot, "country_code")
        app.main.query_one("#event").focus()
        tree = app.main.query_one("#event")
        for _ in range(60):
            node = tree.cursor_node  # type: ignore[attr-defined]
            if node is not None and node.data and node.data[0] == ("userId",):
                break
            await press(pilot, "down")
        await press(pilot, "b")
        assert app.session.binding(("country_code",)) == {"@path": "$.userId"}


async def test_suggestions_are_offered_with_evidence_and_taken_at_once():
    async with opened() as (app, pilot):
        await press(pilot, "n", *"track", "enter", "f7")
        assert app.session.binding(("profile", "email")) is None
        await press(pilot, "enter")
        assert app.session.binding(("profile", "email")) == {"@path": "$.context.traits.email"}


async def test_a_list_is_chosen_from_the_account():
    async with opened() as (app, pilot):
        await choose_field(app, pilot, "list_id")
        await press(pilot, "enter")
        await pilot.pause(0.3)
        await press(pilot, *"vip", "enter")
        assert app.session.binding(("list_id",)) == "VipCst"


async def test_requests_are_shown_with_their_follow_ups_before_anything_is_sent():
    async with opened() as (app, pilot):
        await choose_field(app, pilot, "list_id")
        app.session.bind(("list_id",), "MyList")
        app.changed()
        app.main.query_one(WirePanel).open_tab("requests")
        await settled(pilot)
        assert await until(pilot, lambda: "/api/profiles/" in text_of(app, "#requests-text"))
        shown = text_of(app, "#requests-text")
        assert "/api/lists/MyList/relationships/profiles/" in shown
        assert app.wire.sandbox.counts()["profiles"] == 0


async def test_the_real_klaviyo_is_asked_for_and_looks_different(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KLAVIYO_API_KEY", "pk_0123456789abcdef")
    async with opened() as (app, pilot):
        await press(pilot, "f9")
        await pilot.pause(0.2)
        assert not app.wire.is_real
        await press(pilot, "y")
        await pilot.pause(0.2)
        assert app.wire.is_real
        assert "KLAVIYO" in text_of(app, "#status")
        assert "0123456789" not in app.export_screenshot()


async def test_problems_are_listed_and_lead_to_their_place():
    async with opened() as (app, pilot):
        app.session.mapping_index = 2
        app.session.bind(("value",), "many")
        app.session.mapping_index = 0
        app.changed()
        await press(pilot, "f8")
        await pilot.pause(0.2)
        await press(pilot, "enter")
        await pilot.pause(0.2)
        assert app.session.mapping_index == 2
        assert app.session.field_path == ("value",)


def hostile_sample() -> Sample:
    text = "[/] [b red]x[/ \x1b[31m\x07 \u202eabc 👩🏽‍🚀 é 漢字 ${x} {{y}} " + "z" * 500
    event: dict[str, Json] = {
        "type": "track",
        "event": text,
        "userId": text,
        "properties": {text: text, "": [text, {text: text}], "n": 1},
        "traits": {"email": text, "firstName": text},
        "context": {"traits": {"email": text}},
    }
    return Sample(event)


async def test_hostile_payloads_are_shown_truthfully_and_break_nothing():
    session = Session.open(None)
    session.document = Document(session.document.mappings, (hostile_sample(), *session.document.samples))
    async with opened(session) as (app, pilot):
        for index in range(len(session.document.mappings)):
            session.mapping_index = index
            app.main.show()
            await settled(pilot)
        await press(pilot, "f2", *"$.p", "down", "down", "escape", "ctrl+r")
        await settled(pilot)
        picture = app.export_screenshot()
        assert "\x1b" not in picture
        assert "\u202e" not in picture


async def test_many_and_large_samples_do_not_stop_the_work():
    session = Session.open(None)
    large: dict[str, Json] = {"type": "identify", "traits": {"email": "a@b.co", "blob": "x" * 1_000_000}}
    many = tuple(Sample({"type": "track", "event": f"E{index}"}) for index in range(10_000))
    session.document = Document(session.document.mappings, (Sample(large), *many))
    async with opened(session) as (app, pilot):
        await press(pilot, "f2", "backspace", "escape")
        assert table_row(app, "Email")[-1] == "a@b.co"
        assert app.main.query_one("#samples", OptionList).option_count == 10_001


async def test_escape_leaves_the_binding_as_it_was_with_the_cursor_at_its_end():
    async with opened() as (app, pilot):
        told = text_of(app, "#formula-reading")
        await press(pilot, "f2", "ctrl+u", *"$.traits.phone", "escape")
        line = app.main.query_one("#formula", Input)
        assert line.value == "$.traits.email"
        assert line.cursor_position == len(line.value)
        assert text_of(app, "#formula-reading") == told


async def test_a_click_chooses_a_field_and_another_one_edits_it():
    async with opened() as (app, pilot):
        table = app.main.query_one(FieldTable)
        number = next(number for number, row in enumerate(table.rows) if row.path == ("first_name",))
        for _ in range(2):
            await pilot.click(FieldTable, offset=(6, number + 2))
            await settled(pilot)
        assert app.session.field_path == ("first_name",)
        assert app.main.query_one("#formula", Input).has_focus


async def test_wide_characters_leave_the_columns_of_the_table_where_they_are():
    session = Session.open(None)
    event: dict[str, Json] = {"type": "identify", "traits": {"email": "日本語" * 40, "firstName": "e\u0301\U0001f600"}}
    session.document = Document(session.document.mappings, (Sample(event),))
    async with opened(session) as (app, _):
        table = app.main.query_one(FieldTable)
        assert {table.render_line(line).cell_length for line in range(table.size.height)} == {table.size.width}


async def test_the_tables_fit_the_screen_when_it_is_resized():
    async with opened(size=LARGE) as (app, pilot):
        await pilot.resize_terminal(*SMALL)
        await pilot.pause(0.2)
        table = app.main.query_one(FieldTable)
        lines = [table.render_line(line).text for line in range(table.size.height)]
        assert {len(line) for line in lines} == {table.size.width}
        assert all(title in lines[0] for title in ("Field", "Type", "Binding", "On this sample"))


def holds(folder: Path, text: str) -> bool:
    return any(text.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_a_key_that_was_typed_into_a_binding_is_told_and_kept_nowhere(tmp_path: Path):
    async with opened() as (app, pilot):
        await choose_field(app, pilot, "title")
        await press(pilot, "f2", "ctrl+u", *"pk_0123456789abcdef0123456789abcdef01", "enter")
        assert await until(pilot, lambda: any("API key" in note.message for note in app._notifications))
        assert "API key" in text_of(app, "#formula-reading")
    assert not holds(tmp_path, "pk_0")


async def test_a_binding_that_is_being_typed_is_saved_sent_and_left_with_the_rest(tmp_path: Path):
    file = tmp_path / "shop.toml"
    file.write_text(presets.config_path(presets.STARTER).read_text())
    async with opened(Session.open(file)) as (app, pilot):
        await choose_field(app, pilot, "title")
        await press(pilot, "f2", "ctrl+u", *"Buyer", "ctrl+s")
        assert await until(pilot, lambda: 'title = "Buyer"' in file.read_text())
        await press(pilot, "s", "shift+tab")  # "Buyers", then to another part of the screen
        assert await until(pilot, lambda: app.session.binding(("title",)) == "Buyers")
        await press(pilot, "ctrl+z")
        assert app.session.binding(("title",)) == "Buyer"


async def test_a_binding_that_cannot_be_read_waits_in_its_line():
    async with opened() as (app, pilot):
        await choose_field(app, pilot, "title")
        before = app.session.binding(("title",))
        await press(pilot, "f2", "ctrl+u", *"= lower(", "shift+tab")
        assert await until(pilot, lambda: any("Not applied" in note.message for note in app._notifications))
        assert app.session.binding(("title",)) == before
        await choose_field(app, pilot, "email")
        await choose_field(app, pilot, "title")
        assert app.main.query_one("#formula", Input).value == "= lower("
        assert "not applied" in text_of(app, "#formula-reading")
        await press(pilot, "f2", "escape")
        assert app.main.query_one("#formula", Input).value == "$.traits.title"


async def test_the_filter_of_samples_stays_until_it_is_changed():
    async with opened() as (app, pilot):
        app.main.focus_part("#samples")
        await press(pilot, "slash")
        assert await until(pilot, lambda: "Show only samples whose" in screen_text(app))
        await press(pilot, *"aud", "enter")
        assert await until(pilot, lambda: "2/8" in screen_text(app))
        assert app.session.sample is not None
        assert app.session.sample.label == "Audience Entered"  # the first of them, since the chosen one is hidden
        assert "Samples with aud" in screen_text(app)
        await press(pilot, "right_square_bracket")
        assert app.session.sample.label == "Audience Exited"
        await press(pilot, "slash")
        assert await until(pilot, lambda: "Show only samples whose" in screen_text(app))
        await press(pilot, "escape")
        assert await until(pilot, lambda: "2/8" in screen_text(app))
        await press(pilot, "slash")
        assert await until(pilot, lambda: "Show only samples whose" in screen_text(app))
        await press(pilot, "ctrl+u", "enter")
        assert await until(pilot, lambda: "2/8" not in screen_text(app))
