from __future__ import annotations

import pytest
from dialog_host import HOSTILE, opened, paste, write

from studio.tui.prompts import Ask, Confirm


@pytest.mark.parametrize(
    ("keys", "dangerous", "answer"),
    [
        (["y"], False, True),
        (["n"], False, False),
        (["escape"], False, False),
        (["enter"], False, True),
        (["enter"], True, False),
        (["left", "enter"], True, True),
        (["tab", "enter"], False, False),
    ],
)
async def test_every_key_gives_its_answer(keys: list[str], dangerous: bool, answer: bool) -> None:
    async with opened(Confirm("Delete it?", "Delete", "Keep", dangerous=dangerous)) as (host, pilot):
        await pilot.press(*keys)
        await pilot.pause()
        assert host.result is answer


async def test_the_mouse_answers_too() -> None:
    async with opened(Confirm("Delete it?", "Delete", "Keep")) as (host, pilot):
        await pilot.click("#answer-y")
        assert host.result is True


@pytest.mark.parametrize("size", [(80, 24), (140, 42)])
async def test_a_hostile_question_is_shown_whole_and_as_it_is(size: tuple[int, int]) -> None:
    async with opened(Confirm(f"Delete {HOSTILE}?", f"Delete {HOSTILE[:6]}", "Keep [/"), size) as (host, _):
        assert "[bold red]x[/]" in host.shown()
        assert "\\u202ertl" in host.shown()
        assert "Keep [/ (n)" in host.shown()


def _taken(text: str) -> str | None:
    return "Another mapping is called that." if text == "Orders" else None


async def test_an_answer_is_what_was_typed_in_place_of_the_value() -> None:
    async with opened(Ask("New name?", "Old", _taken)) as (host, pilot):
        await write(pilot, "New one")
        await pilot.press("enter")
        assert host.result == "New one"


async def test_what_is_wrong_with_an_answer_is_told_while_typing_and_keeps_it_open() -> None:
    async with opened(Ask("New name?", "Old", _taken)) as (host, pilot):
        await write(pilot, "Orders")
        await pilot.press("enter")
        assert "Another mapping is called that." in host.shown()
        assert not host.closed
        await pilot.press("2", "enter")
        assert host.result == "Orders2"


async def test_escape_answers_nothing() -> None:
    async with opened(Ask("New name?", "Old", _taken)) as (host, pilot):
        await pilot.press("x", "escape")
        assert host.result is None


async def test_the_mouse_can_accept_and_cancel() -> None:
    async with opened(Ask("New name?", "Old", _taken)) as (host, pilot):
        await pilot.click("#ok")
        assert host.result == "Old"
    async with opened(Ask("New name?", "Old", _taken)) as (host, pilot):
        await pilot.click("#cancel")
        assert host.result is None


async def test_a_hostile_value_is_shown_safely_and_comes_back_unchanged() -> None:
    async with opened(Ask(HOSTILE, HOSTILE, lambda _: HOSTILE[:10] if _ == "x" else None)) as (host, pilot):
        assert "\\x1b[31m" in host.shown()
        await pilot.press("enter")
        assert host.result == HOSTILE


async def test_pasted_control_characters_are_shown_as_escapes() -> None:
    async with opened(Ask("New name?", "", _taken)) as (host, pilot):
        await paste(host, pilot, "\n a\x1b[31m\u202eb\nsecond line")
        await pilot.press("enter")
        assert host.result == " a\\x1b[31m\\u202eb"


async def test_long_answers_are_shown_whole() -> None:
    async with opened(Confirm("Go?", "Real Klaviyo", "Stay in the sandbox", dangerous=True)) as (host, _):
        assert "Real Klaviyo (y)" in host.shown()
        assert "Stay in the sandbox (n)" in host.shown()
