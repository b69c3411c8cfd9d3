"""A Klaviyo that is slow or not there: the screen goes on, sending can be given up, and the reason is told."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest
from studio_app import LARGE, SMALL, choose_field, opened, press, screen_text, until

from studio.target import KLAVIYO, SANDBOX
from studio.tui.binding_editor import BindingEditor
from studio.tui.sending import Wire


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


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_while_lists_are_read_it_says_so_and_escape_or_an_id_go_on_at_once(silent: str, size: tuple[int, int]):
    async with opened(size=size) as (app, pilot):
        app.wire.target = silent
        await choose_field(app, pilot, "list_id")
        await press(pilot, "enter")
        assert await until(pilot, lambda: "Reading the lists of the sandbox at" in screen_text(app))
        await press(pilot, "escape")
        assert await until(pilot, lambda: app.screen is app.main)
        assert await until(pilot, lambda: not [worker for worker in app.workers if worker.is_running])
        await press(pilot, "enter", "enter")
        assert await until(pilot, lambda: app.main.query_one(BindingEditor).editing)


async def test_lists_that_cannot_be_read_are_told_with_what_to_do_and_are_read_the_next_time():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        async with opened() as (app, pilot):
            app.wire.target = f"http://127.0.0.1:{unused.getsockname()[1]}"
            await choose_field(app, pilot, "list_id")
            await press(pilot, "enter")
            assert await until(pilot, lambda: "The lists cannot be read. Klaviyo was not reached" in screen_text(app))
            assert "Check the network" in screen_text(app)
            assert "An id can be typed all the same." in screen_text(app)
            await press(pilot, "escape")
            app.wire.target = SANDBOX
            await press(pilot, "enter")
            assert await until(pilot, lambda: "VipCst" in screen_text(app))
            assert "cannot be read" not in screen_text(app)


async def test_lists_of_an_odd_answer_are_those_that_have_an_id(monkeypatch: pytest.MonkeyPatch):
    odd = [{"id": 5}, {"id": "A", "attributes": 3}, {"id": "B", "attributes": {"name": ["x"]}}, {}, None]
    monkeypatch.setenv("KLAVIYO_API_KEY", "pk_0123456789abcdef")

    async def answer(_: object, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"data": odd, "links": {"next": 7}})

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", answer)
    wire = Wire()
    wire.target = KLAVIYO
    assert await wire.lists({}) == [("A", "A"), ("B", "B")]
