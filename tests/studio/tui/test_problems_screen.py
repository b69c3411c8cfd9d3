from __future__ import annotations

import pytest
from dialog_host import HOSTILE, opened

from studio.problems import OF_FILE, Problem
from studio.tui.problems_screen import ProblemsScreen

TRAP = Problem("a literal is sent for every event", "warning", 0, ("title",))
ERROR = Problem("a path must begin with $.", "error", 1, ("location", "zip"))
TRIGGER = Problem("the trigger ends too early", "error", 0, on_trigger=True)
NAMES = ["Profiles", "Orders"]


async def test_errors_come_first_and_enter_gives_the_problem() -> None:
    async with opened(ProblemsScreen([TRAP, ERROR, TRIGGER], NAMES)) as (host, pilot):
        lines = host.shown()
        assert (
            lines.index("Orders › location.zip") < lines.index("Profiles › trigger") < lines.index("Profiles › title")
        )
        assert "2 errors, 1 trap" in lines
        await pilot.press("down", "enter")
        assert host.result is TRIGGER


async def test_the_mouse_gives_a_problem() -> None:
    async with opened(ProblemsScreen([TRAP, ERROR], NAMES)) as (host, pilot):
        await pilot.click("ProblemList", offset=(4, 2))
        assert host.result is TRAP


async def test_escape_gives_none() -> None:
    async with opened(ProblemsScreen([TRAP], NAMES)) as (host, pilot):
        await pilot.press("escape")
        assert host.result is None


async def test_no_problems_are_good_news() -> None:
    async with opened(ProblemsScreen([], [])) as (host, pilot):
        assert "Nothing is wrong" in host.shown()
        await pilot.press("enter", "escape")
        assert host.result is None


@pytest.mark.parametrize("size", [(80, 24), (140, 42)])
async def test_a_long_message_is_shown_whole_under_its_mark(size: tuple[int, int]) -> None:
    message = " ".join(f"word{number}" for number in range(60))
    async with opened(ProblemsScreen([Problem(message, "error", 0)], NAMES), size) as (host, _):
        assert all(f"word{number}" in host.shown() for number in range(60))
        assert all(line.strip().startswith("│   word") for line in host.shown().split("\n") if "word" in line)


async def test_hostile_texts_are_shown_as_they_are() -> None:
    async with opened(ProblemsScreen([Problem(HOSTILE, "error", 0, (HOSTILE,))], [HOSTILE])) as (host, _):
        assert "[bold red]x[/]" in host.shown()


async def test_a_problem_of_a_mapping_that_has_no_name_is_shown() -> None:
    async with opened(ProblemsScreen([ERROR], [])) as (host, _):
        assert "mapping 2" in host.shown()


async def test_what_is_wrong_with_the_file_itself_is_in_the_list() -> None:
    async with opened(ProblemsScreen([Problem("shop.toml:3: error: no TOML", "error", OF_FILE), ERROR], NAMES)) as (
        host,
        _,
    ):
        assert host.shown().index("The file") < host.shown().index("shop.toml:3: error: no TOML")
