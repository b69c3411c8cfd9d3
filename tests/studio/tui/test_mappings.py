"""Mappings in the app: their list, what is wrong with them, and all that is done with them by mouse alone too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from studio_app import LARGE, SMALL, opened, press, screen_text, settled, table_row, until
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Select

from actions.config import Config
from actions.klaviyo import KLAVIYO
from studio.credentials import KEY_VARIABLE
from studio.session import Session
from studio.tui.app import StudioApp
from studio.tui.chooser import Chooser
from studio.tui.condition_builder import ConditionRow
from studio.tui.field_line import FieldLine
from studio.tui.mapping_list import MappingList
from studio.tui.trigger_screen import TriggerScreen

BOTH = pytest.mark.parametrize("size", [SMALL, LARGE])


def said(app: StudioApp, where: str) -> str:
    """What is on the screen in the place of a widget, as one line without frames."""
    regions = [widget.region for widget in app.screen.query(where)]
    rows = [strip.text for strip in app.screen._compositor.render_strips()]  # pyright: ignore[reportPrivateUsage] # there is no public way to the rows as they are drawn
    lines = [row[region.x : region.right] for region in regions for row in rows[region.y : region.bottom]]
    return " ".join(re.sub("[│▌╭╮╰╯─]", " ", " ".join(lines)).split())


def list_lines(app: StudioApp) -> list[str]:
    """The lines of the list of mappings."""
    mappings = app.main.query_one(MappingList)
    lines = [mappings.render_line(line).text.strip() for line in range(len(app.session.document.mappings))]
    return [" ".join(line.split()) for line in lines]


async def click_on(app: StudioApp, pilot: Pilot[None], text: str, *, times: int = 1) -> None:
    """Click where a text stands on the screen."""
    rows = [strip.text for strip in app.screen._compositor.render_strips()]  # pyright: ignore[reportPrivateUsage] # there is no public way to the rows as they are drawn
    row, line = next((number, line) for number, line in enumerate(rows) if text in line)
    await pilot.click(offset=(line.index(text) + 1, row), times=times)
    await settled(pilot)


def file_with(path: Path, *mappings: str) -> Path:
    path.write_text('version = 1\ndestination = "klaviyo"\n' + "\n".join(mappings))
    return path


def mapping(name: str, more: str = "", fields: str = 'email = { "@path" = "$.traits.email" }') -> str:
    head = f'[[mapping]]\nname = "{name}"\naction = "upsertProfile"\n'
    return f"{head}trigger = 'type = \"identify\"'\n{more}\n[mapping.fields]\n{fields}\n"


@BOTH
async def test_the_list_tells_firing_off_traps_and_errors_apart(size: tuple[int, int], tmp_path: Path):
    trap = 'title = "a person without an identifier"'
    path = file_with(
        tmp_path / "shop.toml",
        mapping("Fires"),
        mapping("Off", "enabled = false"),
        mapping("Trap", fields=trap),
        mapping("Off trap", "enabled = false", fields=trap),
        mapping("Wrong", fields='emial = "x"'),
    )
    async with opened(Session.open(path), size) as (app, pilot):
        assert list_lines(app) == [
            "1 ✓ Fires 1/8",
            "2 ○ Off off",
            "3 ✓ Trap ! 1/8",
            "4 ○ Off trap ! off",
            "5 ✗ Wrong 1/8",
        ]
        await press(pilot, "right_square_bracket")
        assert list_lines(app)[:3] == ["1 · Fires 1/8", "2 ○ Off off", "3 · Trap ! 1/8"]


@BOTH
async def test_choosing_an_action_tells_what_each_does_needs_and_fires_on(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        await press(pilot, "n")
        await until(pilot, lambda: isinstance(app.screen, Chooser))
        seen: list[str] = []
        for _ in range(8):
            await settled(pilot)
            seen.append(said(app, "#more"))
            await press(pilot, "down")
        assert "Needs an e-mail address, a phone number or an external id." in seen[0]
        assert "the metric's name" in seen[1]
        assert 'Fires when event = "Audience Entered"' in seen[5]


async def test_what_has_no_room_can_be_read_on():
    async with opened(size=SMALL) as (app, pilot):
        await press(pilot, "n", *"add profile")
        assert await until(pilot, lambda: "Fires when" in screen_text(app) and "Audience Entered" in screen_text(app))
        last = KLAVIYO.actions["addProfileToList"].hints[-1].split()[-1]
        assert last not in screen_text(app)
        await press(pilot, "pagedown")
        assert await until(pilot, lambda: last in screen_text(app))
        await press(pilot, "pageup")
        assert await until(pilot, lambda: last not in screen_text(app))


async def test_what_the_mouse_points_at_is_told_before_it_is_clicked():
    async with opened() as (app, pilot):
        await click_on(app, pilot, "n New")
        assert await until(pilot, lambda: "Needs" in screen_text(app))
        options = app.screen.query_one(OptionList)
        await pilot.hover(options, offset=(3, 3))
        assert await until(pilot, lambda: "Needs an e-mail address or a phone number." in said(app, "#more"))
        await pilot.click(options, offset=(3, 3))
        assert await until(pilot, lambda: len(app.session.document.mappings) == 9)
        assert app.session.mapping is not None
        assert app.session.mapping.action == "subscribeProfile"


@BOTH
async def test_at_fifty_mappings_adding_and_copying_say_so_at_once(size: tuple[int, int], tmp_path: Path):
    path = file_with(tmp_path / "shop.toml", *(mapping(f"M{number}") for number in range(50)))
    async with opened(Session.open(path), size) as (app, pilot):
        assert "50/50" in screen_text(app)
        for key in ("n", "c"):
            await press(pilot, key)
            assert await until(pilot, lambda: any("Segment allows 50" in note.message for note in app._notifications))
            assert len(app.screen_stack) == 1
            app.clear_notifications()
        assert len(app.session.document.mappings) == 50


@BOTH
async def test_mappings_are_done_everything_with_by_mouse_alone(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        session = app.session
        await click_on(app, pilot, "Events")
        assert (session.mapping_index, app.main.query_one(MappingList).has_focus) == (1, True)
        await click_on(app, pilot, "space On/off")
        assert not session.document.mappings[1].enabled
        await click_on(app, pilot, "r Rename")
        assert await until(pilot, lambda: len(app.screen_stack) == 2)
        app.screen.query_one(Input).value = "Everything"
        await click_on(app, pilot, "OK (enter)")
        assert await until(pilot, lambda: session.document.mappings[1].name == "Everything")
        for command, done in (
            ("Move the mapping down", lambda: session.mapping_index == 2),
            ("Duplicate the mapping", lambda: len(session.document.mappings) == 9),
            ("Delete the mapping", lambda: len(session.document.mappings) == 8),
        ):
            await click_on(app, pilot, "^p palette")
            assert await until(pilot, lambda: len(app.screen_stack) == 2)
            app.screen.query_one(Input).value = command
            assert await until(
                pilot, lambda command=command: "Search" not in screen_text(app) and command in screen_text(app)
            )
            commands = app.screen.query_one(OptionList)
            assert await until(pilot, lambda commands=commands: commands.option_count == 1)
            await pilot.click(commands, offset=(4, 1))
            assert await until(pilot, done)


async def test_a_click_on_the_trigger_opens_its_editor_and_one_on_the_target_asks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(KEY_VARIABLE, "pk_0123456789abcdef0123456789abcdef01")
    async with opened(size=SMALL) as (app, pilot):
        await click_on(app, pilot, "fires when")
        assert await until(pilot, lambda: isinstance(app.screen, TriggerScreen))
        await click_on(app, pilot, "Cancel esc")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        await click_on(app, pilot, "SANDBOX")
        assert await until(pilot, lambda: "REAL Klaviyo" in screen_text(app))
        await click_on(app, pilot, "Real Klaviyo (y)")
        assert await until(pilot, lambda: app.wire.is_real)
        assert "KLAVIYO" in screen_text(app).split("\n")[0]
        assert "SANDBOX" not in screen_text(app)
        colour = app.main.query_one("#status").styles.background
        await click_on(app, pilot, "fires when")
        assert await until(pilot, lambda: isinstance(app.screen, TriggerScreen))
        frame = app.screen.query_one("#dialog").styles.border_top[1]
        await press(pilot, "escape", "f9", "f3")
        assert await until(pilot, lambda: isinstance(app.screen, TriggerScreen))
        assert not app.wire.is_real
        assert app.screen.query_one("#dialog").styles.border_top[1] != frame
        assert app.main.query_one("#status").styles.background != colour


async def test_two_clicks_on_a_mapping_go_to_its_fields():
    async with opened() as (app, pilot):
        await click_on(app, pilot, "Orders", times=2)
        assert app.session.mapping_index == 2
        assert await until(pilot, lambda: app.main.query_one("#fields").has_focus)


@BOTH
async def test_a_file_with_problems_shows_each_at_its_place(size: tuple[int, int], tmp_path: Path):
    path = file_with(
        tmp_path / "shop.toml",
        mapping("Twin", 'enabled = "yes"', 'email = "$.x"\nphone_numbr = "x"'),
        mapping("Twin").replace("upsertProfile", "upsertPofile"),
        mapping("Half").replace('type = "identify"', "type ="),
    )
    async with opened(Session.open(path), size) as (app, pilot):
        assert "`enabled` must be true or false but it is a string" in said(app, "#trigger-line")
        app.main.focus_part("#fields")
        await press(pilot, "end")
        assert "phone_numbr" in said(app, "#fields")
        assert "did you mean 'phone_number'?" in said(app, "#binding")
        app.main.focus_part("#mappings")
        await press(pilot, "down")
        assert "there is no action 'upsertPofile'; did you mean 'upsertProfile'?" in said(app, "#trigger-line")
        await press(pilot, "down")
        assert "line 1, column" in said(app, "#trigger-line")


@BOTH
async def test_an_action_that_does_not_exist_is_replaced_and_what_fits_stays(size: tuple[int, int], tmp_path: Path):
    fields = 'email = { "@path" = "$.traits.email" }\n"[/]nick" = "x"'
    wrong = mapping("Wrong", fields=fields).replace("upsertProfile", "upsertProfil")
    path = file_with(tmp_path / "shop.toml", mapping("Sound"), wrong)
    async with opened(Session.open(path), size) as (app, pilot):
        await press(pilot, "down")
        assert list_lines(app)[1] == "2 ✗ Wrong 1/8"
        assert "did you mean 'upsertProfile'?" in said(app, "#trigger-line")
        assert "There is no such action: enter chooses another." in said(app, "#fields")
        await press(pilot, "enter")
        assert await until(pilot, lambda: "Instead of upsertProfil" in screen_text(app))
        assert await until(pilot, lambda: "Fires when" in screen_text(app))
        await press(pilot, "enter")  # the nearest comes first
        assert await until(pilot, lambda: list_lines(app)[1] == "2 ✓ Wrong 1/8")
        assert [note.message for note in app._notifications] == [
            "Left out, since Upsert Profile has no such field: [/]nick. Undo brings it back."
        ]
        assert table_row(app, "Email")[-1].startswith("mara.ellison@")
        await press(pilot, "ctrl+z")
        assert app.session.mapping is not None
        assert app.session.mapping.action == "upsertProfil"
        assert app.session.binding(("[/]nick",)) == "x"
        await press(pilot, "ctrl+y", "ctrl+s")
        assert await until(pilot, lambda: not app.session.changed)
    saved = Config.load(path).mappings[1]
    assert (saved.action, saved.fields) == ("upsertProfile", {"email": {"@path": "$.traits.email"}})
    assert saved.trigger == 'type = "identify"'


async def test_a_sound_action_is_replaced_by_its_key_and_left_by_escape():
    async with opened() as (app, pilot):
        before = app.session.document
        await press(pilot, "a")
        assert await until(pilot, lambda: "Instead of Upsert Profile" in screen_text(app))
        await press(pilot, "escape")
        assert app.session.document is before
        await press(pilot, "a", *"subscribe pr", "enter")
        assert await until(pilot, lambda: app.session.mapping is not None and app.session.action is not None)
        assert await until(pilot, lambda: app.session.document is not before)
        assert app.session.mapping is not None
        assert app.session.mapping.action == "subscribeProfile"
        assert app.session.binding(("email",)) == {"@path": "$.traits.email"}
        assert app.session.binding(("first_name",)) is None
        assert any("first_name" in note.message for note in app._notifications)


async def test_a_field_that_the_action_has_not_can_be_taken_out(tmp_path: Path):
    path = file_with(tmp_path / "shop.toml", mapping("Wrong", fields='email = "a@b.c"\nphone_numbr = "x"'))
    async with opened(Session.open(path)) as (app, pilot):
        app.main.focus_part("#fields")
        await press(pilot, "end", "delete")
        assert app.session.problems() == []
        await press(pilot, "ctrl+s")
        assert await until(pilot, lambda: not app.session.changed)
    assert "phone_numbr" not in Config.load(path).dumps()


@BOTH
async def test_a_file_that_is_no_toml_says_where_instead_of_showing_nothing(size: tuple[int, int], tmp_path: Path):
    path = file_with(tmp_path / "shop.toml", "[[mapping]")
    async with opened(Session.open(path), size) as (app, pilot):
        app.clear_notifications()
        await settled(pilot)
        assert "shop.toml:3: error: this is not valid TOML" in said(app, "#trigger-line")


@BOTH
async def test_a_trigger_is_built_by_mouse_alone(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        await click_on(app, pilot, "fires when")
        assert await until(pilot, lambda: isinstance(app.screen, TriggerScreen))
        if size == SMALL:
            await click_on(app, pilot, "f2 Text or rows")
        assert await until(pilot, lambda: "all of these hold" in screen_text(app))
        await click_on(app, pilot, "+ Add")
        assert await until(pilot, lambda: len(app.screen.query(ConditionRow)) == 2)
        row = list(app.screen.query(ConditionRow))[1]
        row.query_one(FieldLine).show("userId")
        await pilot.click(row.query_one(Select))
        assert await until(pilot, lambda: row.query_one(Select).expanded)
        await click_on(app, pilot, "does not contain")
        row.query_one(".value", Input).value = "x"
        assert await until(pilot, lambda: 'type = "identify" and !contains(userId, "x")' in said(app, "TriggerArea"))
        await pilot.click(app.screen.query_one("#joined Select"))
        await settled(pilot)
        await click_on(app, pilot, "any of these holds")
        assert await until(pilot, lambda: 'type = "identify" or !contains(userId, "x")' in said(app, "TriggerArea"))
        await click_on(app, pilot, "Apply ^s")
        assert await until(pilot, lambda: len(app.screen_stack) == 1)
        assert app.session.mapping is not None
        assert app.session.mapping.trigger == 'type = "identify" or !contains(userId, "x")'
        assert "✓ fires here" in said(app, "#trigger-line")


@BOTH
async def test_a_trigger_is_explained_part_by_part_on_the_sample_that_is_chosen(size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        await press(pilot, "down", "down", "t")
        assert await until(pilot, lambda: isinstance(app.screen, TriggerScreen))
        told = said(app, "#explanation")
        for part in ("identify", '✗ type = "track" type is "identify"', "event is missing"):
            assert part in told
        await press(pilot, "escape", "right_square_bracket", "right_square_bracket", "t")
        assert await until(pilot, lambda: isinstance(app.screen, TriggerScreen))
        assert await until(pilot, lambda: '✓ event = "Order Completed"' in said(app, "#explanation"))
        assert "Fires on this sample · fires on 1 of 8 samples" in said(app, "#verdict")


async def test_a_hostile_name_is_shown_as_what_it_is_wherever_it_stands(tmp_path: Path):
    path = file_with(tmp_path / "shop.toml", mapping(r"[/] [b \u001b[31mred\u202e"), mapping("Other"))
    async with opened(Session.open(path), SMALL) as (app, pilot):
        shown: list[str] = []
        for keys in (("r",), ("escape",), ("c",), ("space",), ("ctrl+z",), ("ctrl+y",), ("delete",), ("f8",)):
            await press(pilot, *keys)
            await settled(pilot)
            shown.append(screen_text(app))
        assert all("\x1b" not in text and "\u202e" not in text for text in shown)
        assert any("\\x1b[31mred" in text for text in shown)
