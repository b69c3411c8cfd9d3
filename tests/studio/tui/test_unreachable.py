"""A Klaviyo that is slow or not there: the screen goes on, sending can be given up, and the reason is told."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from studio_app import opened, press, screen_text, until


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


async def test_while_it_does_not_answer_everything_else_goes_on_and_escape_gives_up(silent: str):
    async with opened() as (app, pilot):
        app.wire.target = silent
        await press(pilot, "ctrl+r")
        assert await until(pilot, lambda: "escape cancels it" in screen_text(app))
        await press(pilot, "down", "space")
        assert app.session.mapping_index == 1
        assert not app.session.document.mappings[1].enabled
        await press(pilot, "ctrl+r")
        assert await until(
            pilot, lambda: any("still on its way" in notice.message for notice in app._notifications)
        )  # and nothing is sent twice
        await press(pilot, "escape")
        assert await until(pilot, lambda: "Cancelled. What was on its way may have arrived." in screen_text(app))
        assert not [worker for worker in app.workers if worker.group == "send" and worker.is_running]


async def test_a_klaviyo_that_is_not_there_is_told_with_what_to_do():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        async with opened() as (app, pilot):
            app.wire.target = address
            await press(pilot, "ctrl+r")
            assert await until(pilot, lambda: "Klaviyo was not reached: no connection" in screen_text(app))
            assert "Check the network" in screen_text(app)
            assert "0 of 1 delivered" in screen_text(app)
