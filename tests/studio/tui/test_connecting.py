"""Connecting a mapping to a list in the studio, by keyboard, before a sandbox that is served over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from dialog_host import HOSTILE, is_dangerous
from sandbox_account import served
from studio_app import LARGE, SMALL, choose_field, opened, press, screen_text, settled, text_of, until
from textual.pilot import Pilot
from textual.widgets import Input

from actions import Config
from actions.klaviyo.sandbox import Faults, Sandbox
from studio.connections import inputs_of, list_of
from studio.session import Session
from studio.target import KLAVIYO
from studio.tui.app import StudioApp
from studio.tui.chooser import Chooser
from studio.tui.event_tree import EventTree
from studio.tui.field_table import FieldTable
from studio.tui.prompts import Ask, Confirm

COMMENTED = """# Of the shop.
version = 1

[[mapping]]
name = "People"
action = "upsertProfile"
trigger = 'type = "identify"'   # only these

[mapping.fields]
email = { "@path" = "$.traits.email" }  # always there
"""
ROW = "retlOnMappingSave"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "shop.toml"
    path.write_text(COMMENTED)
    return path


@asynccontextmanager
async def opened_before(
    sandbox: Sandbox, path: Path, size: tuple[int, int] = LARGE
) -> AsyncIterator[tuple[StudioApp, Pilot[None]]]:
    """The studio on a file, with the served sandbox as its target."""
    with served(sandbox) as address:
        async with opened(Session.open(path), size=size) as (app, pilot):
            app.wire.target = address
            app.main.show()
            yield app, pilot


def ids(sandbox: Sandbox, name: str) -> list[str]:
    return [each["id"] for each in sandbox.lists() if each["name"] == name]


def row(app: StudioApp) -> list[str]:
    """The cells of the line in the table of fields."""
    table = app.main.query_one(FieldTable)
    return next(list(table.texts(row)) for row in table.rows if row.path == (ROW,))


def notes(app: StudioApp) -> str:
    return "\n".join(note.message for note in app._notifications)


async def ask_for(app: StudioApp, pilot: Pilot[None], name: str) -> None:
    """Ask for a list by its name."""
    await choose_field(app, pilot, ROW)
    await press(pilot, "enter")
    assert await until(pilot, lambda: isinstance(app.screen, Chooser))
    await press(pilot, *"its name", "enter")
    assert await until(pilot, lambda: isinstance(app.screen, Ask))
    await press(pilot, *name, "enter")
    assert await until(pilot, lambda: app.screen is app.main)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_list_is_made_when_the_mapping_is_saved_and_once_only(path: Path, size: tuple[int, int]):
    with closing(Sandbox()) as sandbox:
        async with opened_before(sandbox, path, size) as (app, pilot):
            assert row(app)[2:] == ["", ""]
            await ask_for(app, pilot, "Fans")
            assert ids(sandbox, "Fans") == []
            assert "Fans" in row(app)[2]
            assert "connected when it is saved" in row(app)[3]
            assert "not connected to this list yet" in text_of(app, "#formula-reading")
            await press(pilot, "ctrl+s")
            assert await until(pilot, lambda: "created successfully" in notes(app) and app.screen is app.main)
            [made] = ids(sandbox, "Fans")
            assert row(app)[2:] == ["Fans", f"{made}, of the sandbox"]
            assert not app.session.changed
            remembered = list_of(Config.load(path).mappings[0])
            assert remembered == (made, "Fans")
            saved = Config.load(path).text.splitlines()
            assert [line for line in COMMENTED.splitlines() if line not in saved] == []
            await press(pilot, "ctrl+s", "ctrl+z", "ctrl+s")  # also when remembering it was taken back
            assert await until(pilot, lambda: "Using existing list 'Fans'" in notes(app) and app.screen is app.main)
            assert ids(sandbox, "Fans") == [made]
            assert list_of(Config.load(path).mappings[0]) == (made, "Fans")


async def test_an_existing_list_is_searched_among_all_pages_and_joined(path: Path):
    with closing(Sandbox()) as sandbox:
        for number in range(35):
            sandbox.ensure_list(f"L{number:05}", f"List of {number:02}")
        async with opened_before(sandbox, path) as (app, pilot):
            await choose_field(app, pilot, ROW)
            await press(pilot, "f2")  # does the same as enter
            assert await until(pilot, lambda: "List of 34" in screen_text(app) or "List of 00" in screen_text(app))
            await press(pilot, *"of 34")
            assert await until(pilot, lambda: "List of 00" not in screen_text(app))
            await press(pilot, "enter")
            assert await until(pilot, lambda: app.screen is app.main)
            assert inputs_of(app.session.document.mappings[0]) == {"list_identifier": "L00034"}
            await press(pilot, "ctrl+s")
            assert await until(pilot, lambda: "Using existing list 'List of 34' (id: L00034)" in notes(app))
            await press(pilot, "ctrl+r")
            await settled(pilot)
            assert await until(pilot, lambda: len(sandbox.members("L00034")) == 1)
            sandbox.ensure_list("Later1", "Came later")
            await press(pilot, "enter")
            assert await until(pilot, lambda: isinstance(app.screen, Chooser) and "List of 00" in screen_text(app))
            await press(pilot, *"came later")  # the lists were read once for the sitting
            assert "Later1" not in screen_text(app)


async def test_by_palette_and_by_mouse_and_taken_back(path: Path):
    with closing(Sandbox()) as sandbox:
        async with opened_before(sandbox, path) as (app, pilot):
            await press(pilot, "ctrl+p", *"connect to a list", "enter")
            assert await until(pilot, lambda: isinstance(app.screen, Chooser))
            await press(pilot, "escape")
            await choose_field(app, pilot, ROW)
            table = app.main.query_one(FieldTable)
            at = [each.path for each in table.rows].index((ROW,))
            await pilot.click(FieldTable, offset=(4, at + 2 - table.scroll_offset.y))
            assert await until(pilot, lambda: isinstance(app.screen, Chooser) and "VIP customers" in screen_text(app))
            await press(pilot, *"vip", "enter")
            assert await until(pilot, lambda: app.screen is app.main)
            assert row(app)[2] == "VipCst"
            await press(pilot, "delete")
            assert app.session.document.mappings[0].fields.keys() == {"email"}
            await press(pilot, "ctrl+z")
            assert inputs_of(app.session.document.mappings[0]) == {"list_identifier": "VipCst"}
            await press(pilot, "enter")
            assert await until(pilot, lambda: isinstance(app.screen, Chooser))
            await press(pilot, *"no list", "enter")
            assert await until(pilot, lambda: app.screen is app.main)
            assert app.session.document.mappings[0].fields.keys() == {"email"}


async def test_it_is_not_typed(path: Path):
    with closing(Sandbox()) as sandbox:
        async with opened_before(sandbox, path) as (app, pilot):
            await choose_field(app, pilot, ROW)
            assert app.main.query_one("#formula", Input).disabled
            app.main.query_one(EventTree).focus()
            await press(pilot, "down", "b")
            assert await until(pilot, lambda: "enter chooses it" in notes(app))
            assert ROW not in app.session.document.mappings[0].fields
            await choose_field(app, pilot, "email")
            assert not app.main.query_one("#formula", Input).disabled


async def test_what_goes_wrong_is_told_and_the_document_is_saved_all_the_same(path: Path):
    with closing(Sandbox(faults=Faults.parse("503=1"))) as sandbox:
        async with opened_before(sandbox, path) as (app, pilot):
            await ask_for(app, pilot, "Fans")
            await press(pilot, "ctrl+s")
            assert await until(pilot, lambda: "Saved, but People is not connected. Klaviyo had a problem" in notes(app))
            assert inputs_of(Config.load(path).mappings[0]) == {"list_name": "Fans"}
            assert list_of(Config.load(path).mappings[0]) is None
            assert not app.session.changed
            app.wire.target = "http://127.0.0.1:9"
            await press(pilot, "ctrl+s")
            assert await until(pilot, lambda: "Klaviyo was not reached" in notes(app))


async def test_waiting_for_it_can_be_given_up(path: Path):
    with closing(Sandbox(faults=Faults.parse("delay=30"))) as sandbox:
        async with opened(Session.open(path)) as (app, pilot):
            await ask_for(app, pilot, "Fans")
            app.wire._sandbox = sandbox
            with served(sandbox) as address:
                app.wire.target = address
                await press(pilot, "ctrl+s")
                assert await until(pilot, lambda: "escape cancels it" in screen_text(app))
                await press(pilot, "escape")
                assert await until(pilot, lambda: app.screen is app.main)
                assert "the next saving looks for it first" in notes(app)


async def test_the_real_klaviyo_is_not_sent_what_the_sandbox_has_and_is_asked_before_it_makes_lists(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("KLAVIYO_API_KEY", "pk_0123456789abcdef")
    with closing(Sandbox()) as sandbox:
        async with opened_before(sandbox, path) as (app, pilot):
            await ask_for(app, pilot, "Fans")
            await press(pilot, "ctrl+s")
            assert await until(pilot, lambda: "created successfully" in notes(app) and app.screen is app.main)
            app.wire.target = KLAVIYO
            app.main.show()
            assert row(app)[3] == "! of the sandbox: save to connect at Klaviyo"
            await press(pilot, "ctrl+r")
            await settled(pilot)
            assert "which the real Klaviyo does not have. Nothing was sent." in screen_text(app).replace("\n", " ") or (
                "Nothing was sent" in text_of(app, "#response-text")
            )
            await press(pilot, "ctrl+s")
            assert await until(pilot, lambda: isinstance(app.screen, Confirm))
            assert "REAL Klaviyo" in screen_text(app)
            await press(pilot, "enter")  # which only saves
            assert await until(pilot, lambda: app.screen is app.main)
            assert list_of(Config.load(path).mappings[0]) == (ids(sandbox, "Fans")[0], "Fans")


@pytest.fixture
def real(path: Path) -> str:
    """The text of a configuration that is connected to a list of the real Klaviyo, as it is in the file."""
    remembered = f'{ROW} = {{ inputs = {{ list_name = "Fans" }}, outputs = {{ id = "ReAl01", name = "Fans" }} }}\n'
    path.write_text(COMMENTED + remembered)
    return COMMENTED + remembered


async def test_a_list_of_the_real_klaviyo_gives_way_only_when_somebody_says_so(path: Path, real: str):
    with closing(Sandbox()) as sandbox:
        async with opened_before(sandbox, path) as (app, pilot):
            assert row(app)[2:] == ["Fans", "ReAl01"]
            await press(pilot, "ctrl+s")
            await settled(pilot)
            assert Config.load(path).text == real
            for answer, kept in (("enter", True), ("y", False)):
                await choose_field(app, pilot, ROW)
                await press(pilot, "enter")
                assert await until(pilot, lambda: isinstance(app.screen, Chooser) and "VIP" in screen_text(app))
                await press(pilot, *"vip", "enter")
                assert await until(pilot, lambda: isinstance(app.screen, Confirm))
                await press(pilot, answer)
                assert await until(pilot, lambda: app.screen is app.main)
                assert (list_of(app.session.document.mappings[0]) is not None) is kept


async def test_names_of_lists_do_nothing_to_the_screen(path: Path):
    with closing(Sandbox()) as sandbox:
        sandbox.ensure_list("Hostil", HOSTILE)
        async with opened_before(sandbox, path) as (app, pilot):
            await choose_field(app, pilot, ROW)
            await press(pilot, "enter")
            assert await until(pilot, lambda: "Hostil" in screen_text(app))
            await press(pilot, *"hostil", "enter")
            assert await until(pilot, lambda: app.screen is app.main)
            await press(pilot, "ctrl+s")
            assert await until(pilot, lambda: "Using existing list" in notes(app) and app.screen is app.main)
            await pilot.pause()
            assert not [each for each in screen_text(app) if is_dangerous(each)]
            assert list_of(Config.load(path).mappings[0]) == ("Hostil", HOSTILE)
