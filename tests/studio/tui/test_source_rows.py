"""The studio on a configuration with a source: rows of its model are the samples, its columns what is completed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from studio_app import SMALL, choose_field, opened, press, screen_text, settled, table_row, until

from studio.recovery import Recovery
from studio.samples import Sample, own_samples
from studio.session import Session
from studio.tui import source_rows
from studio.tui.binding_editor import BindingEditor

CONFIG = """
[source]
model = "select * from 'people.csv'"
id = "id"

[[mapping]]
name = "People"
action = "upsertProfile"

[mapping.fields]
email = { "@path" = "$.properties.email" }

[[mapping]]
name = "Gone"
action = "removeProfile"
on = ["deleted"]

[mapping.fields]
email = { "@path" = "$.previous.email" }
list_id = "Abc123"
"""


def text_of(path: Path) -> str:
    return path.read_text()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.toml"
    path.write_text(CONFIG)
    (tmp_path / "people.csv").write_text("id,email,full_name\n7,ann@example.com,[bold]Ann\n8,bob@example.com,Bob\n")
    return path


@pytest.mark.parametrize("size", [SMALL, (140, 42)])
async def test_rows_are_samples_and_columns_are_completed_by_keyboard(shop: Path, size: tuple[int, int]) -> None:
    async with opened(Session.open(shop), size) as (app, pilot):
        assert await until(pilot, lambda: len(app.session.document.samples) == 4)
        await settled(pilot)
        assert [sample.label for sample in app.session.document.samples] == [
            "new row 7",
            "new row 8",
            "updated row 7",
            "deleted row 7",
        ]
        assert not app.session.changed
        evaluation, samples = app.main.evaluation, app.session.document.samples
        people, gone = app.session.document.mappings
        assert [evaluation.fires(people, sample) for sample in samples] == [True, True, True, False]
        assert [evaluation.fires(gone, sample) for sample in samples] == [False, False, False, True]
        assert evaluation.coverage(people, samples) == 3
        assert table_row(app, "Email")[-1].strip() == "ann@example.com"
        await choose_field(app, pilot, "first_name")
        await press(pilot, "f2", *"$.properties.full")
        assert "$.properties.full_name" in screen_text(app)
        await press(pilot, "tab", "enter")
        assert app.session.binding(("first_name",)) == {"@path": "$.properties.full_name"}
        assert table_row(app, "First Name")[-1].strip() == "[bold]Ann"
        await press(pilot, "f5")  # sends the row to the sandbox
        await settled(pilot)
        assert await until(
            pilot, lambda: [each["email"] for each in app.wire.sandbox.profiles(9)] == ["ann@example.com"]
        )
        await press(pilot, "ctrl+z")
        assert app.session.binding(("first_name",)) is None
        assert len(app.session.document.samples) == 4


async def test_the_previous_row_of_a_deleted_one_is_completed(shop: Path) -> None:
    async with opened(Session.open(shop)) as (app, pilot):
        assert await until(pilot, lambda: len(app.session.document.samples) == 4)
        app.main.query_one("#mappings").focus()
        await press(pilot, "down")
        await choose_field(app, pilot, "external_id")
        await press(pilot, "f2", *"$.prev")
        assert app.main.query_one(BindingEditor).editing
        assert "$.previous.id" in screen_text(app)


async def test_rows_are_in_no_file_and_own_samples_stay(shop: Path) -> None:
    async with opened(Session.open(shop)) as (app, pilot):
        assert await until(pilot, lambda: len(app.session.document.samples) == 4)
        await press(pilot, "space", "ctrl+s")
        assert await until(pilot, lambda: not app.session.changed)
        assert not Session.open(shop).document.mappings[0].enabled
        assert not shop.with_name("shop.samples.ndjson").exists()
        app.session.add_samples((Sample({"type": "track", "event": "new", "__segment_id": "9", "properties": {}}),))
        app.changed()
        found = Recovery(shop).find()
        assert found is not None
        assert len(found.samples) == 1
        await press(pilot, "ctrl+s")
        assert await until(pilot, lambda: not app.session.changed)
    assert shop.with_name("shop.samples.ndjson").read_text().count("\n") == 1
    async with opened(Session.open(shop)) as (app, pilot):
        assert await until(pilot, lambda: len(app.session.document.samples) == 5)
        assert len(own_samples(app.session.document.samples)) == 1
        assert app.session.sample_index == 4  # what was chosen stays so


async def test_a_broken_source_is_told_and_everything_else_works(shop: Path) -> None:
    shop.with_name("people.csv").unlink()
    async with opened(Session.open(shop)) as (app, pilot):
        assert await until(pilot, lambda: bool(app.session.notices))
        [notice] = app.session.notices
        assert "people.csv" in notice.message
        assert [each.message for each in app._notifications] == [notice.message]
        await choose_field(app, pilot, "first_name")
        await press(pilot, "f2", *"$.properties.name", "enter")
        assert app.session.binding(("first_name",)) == {"@path": "$.properties.name"}
        await press(pilot, "f8")
        assert "The source cannot be looked at" in screen_text(app)


async def test_opening_does_not_wait_for_a_slow_source(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = source_rows.rows_of

    def slow(*arguments: object) -> object:
        time.sleep(1.5)
        return read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(source_rows, "rows_of", slow)
    async with opened(Session.open(shop)) as (app, pilot):
        assert app.session.document.samples == ()
        await choose_field(app, pilot, "first_name")  # it can be worked with meanwhile
        assert app.session.field_path == ("first_name",)
        assert await until(pilot, lambda: len(app.session.document.samples) == 4)


async def test_rows_are_read_anew_when_the_file_is_opened_again(shop: Path) -> None:
    async with opened(Session.open(shop)) as (app, pilot):
        assert await until(pilot, lambda: len(app.session.document.samples) == 4)
        shop.with_name("people.csv").write_text("id,email,full_name\n9,eve@example.com,Eve\n")
        await app.documents.reload()
        assert await until(pilot, lambda: len(app.session.document.samples) == 3)
        assert app.session.document.samples[0].label == "new row 9"


async def test_a_mapping_that_is_added_takes_rows(shop: Path) -> None:
    async with opened(Session.open(shop)) as (app, pilot):
        assert await until(pilot, lambda: len(app.session.document.samples) == 4)
        app.main.query_one("#mappings").focus()
        await press(pilot, "n", *"track", "enter")
        mapping = app.session.mapping
        assert mapping is not None
        assert (mapping.action, mapping.trigger) == ("trackEvent", 'event = "new"')
        assert app.main.evaluation.coverage(mapping, app.session.document.samples) == 2


@pytest.mark.parametrize("size", [SMALL, (140, 42)])
async def test_which_changes_a_mapping_takes_is_chosen_by_keyboard(shop: Path, size: tuple[int, int]) -> None:
    async with opened(Session.open(shop), size) as (app, pilot):
        assert await until(pilot, lambda: len(app.session.document.samples) == 4)
        session = app.session
        app.main.query_one("#mappings").focus()
        await press(pilot, "o")
        assert await until(pilot, lambda: "Upsert Profile usually takes added and updated rows." in screen_text(app))
        assert "written like that" not in screen_text(app)
        await press(pilot, "down", "down", "space")
        assert await until(pilot, lambda: "written like that, or find" in screen_text(app))  # the trap of deleted rows
        await press(pilot, "space", "up", "space", "enter")
        assert await until(pilot, lambda: session.document.mappings[0].on == ("added",))
        assert session.document.mappings[0].trigger == 'event = "new"'
        assert app.main.evaluation.coverage(session.document.mappings[0], session.document.samples) == 2
        await press(pilot, "o")
        assert await until(pilot, lambda: len(app.screen_stack) == 2)
        await press(pilot, "space", "enter")  # nothing is marked
        assert await until(pilot, lambda: any("Mark one at least" in note.message for note in app._notifications))
        assert len(app.screen_stack) == 2
        await press(pilot, "escape", "ctrl+s")
        assert await until(pilot, lambda: not session.changed)
        assert text_of(shop) == CONFIG.replace('"upsertProfile"', '"upsertProfile"\non = ["added"]')
        await press(pilot, "o")
        assert await until(pilot, lambda: len(app.screen_stack) == 2)
        await press(pilot, "u", "ctrl+s")
        assert await until(pilot, lambda: not session.changed and session.document.mappings[0].on is None)
    assert text_of(shop) == CONFIG  # the trigger says the same as the rows, so it is left out as it was


async def test_a_trigger_of_ones_own_stays_when_other_rows_are_taken(shop: Path) -> None:
    session = Session.open(shop)
    session.set_trigger('event = "new" and properties.vip = true')
    session.take_changes(("added", "updated"))
    assert session.mapping is not None
    assert session.mapping.trigger == 'event = "new" and properties.vip = true'


async def test_without_a_source_there_are_no_rows_to_choose() -> None:
    async with opened() as (app, pilot):
        await press(pilot, "o")
        assert await until(pilot, lambda: any("no source" in note.message for note in app._notifications))
        assert len(app.screen_stack) == 1
