"""Lists, audiences and erasure from the palette, by keyboard, before a sandbox that is served over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pytest
from sandbox_account import served
from studio_app import LARGE, SMALL, opened, press, screen_text, settled, until
from textual.pilot import Pilot

from actions.klaviyo.sandbox import Faults, Sandbox
from studio.target import KLAVIYO
from studio.tui.app import StudioApp
from studio.tui.prompts import Ask, Confirm
from studio.tui.waiting_screen import WaitingScreen


@asynccontextmanager
async def opened_before(
    sandbox: Sandbox, size: tuple[int, int] = LARGE
) -> AsyncIterator[tuple[StudioApp, Pilot[None]]]:
    with served(sandbox) as address:
        async with opened(size=size) as (app, pilot):
            app.wire.target = address
            app.main.show()
            yield app, pilot


async def ask(app: StudioApp, pilot: Pilot[None], command: str, answer: str) -> None:
    """Give a command by the palette, and answer its question."""
    await press(pilot, "ctrl+p", *command)
    await pilot.pause(0.3)
    await press(pilot, "enter")
    assert await until(pilot, lambda: isinstance(app.screen, Ask))
    await press(pilot, *answer, "enter")


def notes(app: StudioApp) -> str:
    return "\n".join(note.message for note in app._notifications)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_list_is_created_once_and_can_be_chosen_at_once(size: tuple[int, int]):
    with closing(Sandbox()) as sandbox:
        async with opened_before(sandbox, size) as (app, pilot):
            assert "Fans" not in [name for _, name in await app.wire.lists({})]
            await ask(app, pilot, "create a list", "Fans")
            assert await until(pilot, lambda: "created successfully" in notes(app))
            assert f"at {app.wire.place}" in notes(app)
            await ask(app, pilot, "create a list", "Fans")
            assert await until(pilot, lambda: "Using existing list 'Fans'" in notes(app))
            assert [each["name"] for each in sandbox.lists()].count("Fans") == 1
            assert "Fans" in [name for _, name in await app.wire.lists({})]


async def test_ownership_of_an_audience_is_verified():
    with closing(Sandbox()) as sandbox:
        async with opened_before(sandbox) as (app, pilot):
            await ask(app, pilot, "verify an audience", "VmR4Lk")
            assert await until(pilot, lambda: "The account has the list VmR4Lk" in notes(app))
            await ask(app, pilot, "verify an audience", "nope")
            assert await until(pilot, lambda: "Unable to verify ownership over audience." in notes(app))


async def test_a_person_is_erased_only_after_asking_and_an_unknown_one_is_told():
    with closing(Sandbox()) as sandbox:
        async with opened_before(sandbox) as (app, pilot):
            await press(pilot, "ctrl+r")
            await settled(pilot)
            assert await until(pilot, lambda: len(sandbox.profiles()) == 1)
            for answer, left in (("enter", 1), ("y", 0)):
                await ask(app, pilot, "erase a person", "user_48213")
                assert await until(pilot, lambda: isinstance(app.screen, Confirm))
                assert "There is no undo" in " ".join(screen_text(app).split())
                await press(pilot, answer)
                assert await until(pilot, lambda: app.screen is app.main)
                assert len(sandbox.profiles()) == left
            assert "Erasure of user_48213 was asked for" in notes(app)
            await ask(app, pilot, "erase a person", "user_48213")
            assert await until(pilot, lambda: isinstance(app.screen, Confirm))
            await press(pilot, "y")
            assert await until(pilot, lambda: "Klaviyo has no profile with the external id user_48213" in notes(app))


async def test_what_goes_wrong_is_told():
    with closing(Sandbox(faults=Faults.parse("503=1"))) as sandbox:
        async with opened_before(sandbox) as (app, pilot):
            await ask(app, pilot, "create a list", "Fans")
            assert await until(pilot, lambda: "Klaviyo had a problem of its own (503)" in notes(app))
            app.wire.target = KLAVIYO  # without a key
            await ask(app, pilot, "verify an audience", "VmR4Lk")
            assert await until(pilot, lambda: "No API key for Klaviyo" in notes(app))


async def test_what_was_begun_can_be_given_up():
    with closing(Sandbox(faults=Faults.parse("delay=30"))) as sandbox:
        async with opened_before(sandbox) as (app, pilot):
            await ask(app, pilot, "verify an audience", "VmR4Lk")
            assert await until(pilot, lambda: isinstance(app.screen, WaitingScreen) and "escape" in screen_text(app))
            await press(pilot, "escape")
            assert await until(pilot, lambda: "Cancelled." in notes(app) and app.screen is app.main)


async def test_the_real_klaviyo_is_named_before_a_list_is_made_there():
    with closing(Sandbox()) as sandbox:
        async with opened_before(sandbox) as (app, pilot):
            app.wire.target = KLAVIYO
            await ask(app, pilot, "create a list", "Fans")
            assert await until(pilot, lambda: isinstance(app.screen, Confirm))
            assert "REAL Klaviyo" in screen_text(app)
            await press(pilot, "enter")
            assert await until(pilot, lambda: app.screen is app.main)
            assert "No API key" not in notes(app)
