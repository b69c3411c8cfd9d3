"""Connecting to lists, against a sandbox served over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing

import httpx
import pytest
from sandbox_account import served

from actions import Engine
from actions.destination import Connection
from actions.flow import Exchange
from actions.klaviyo import KLAVIYO
from actions.klaviyo.list_connection import connect_list, verify_audience
from actions.klaviyo.lists import read_lists
from actions.klaviyo.sandbox import Sandbox


class Wire(httpx.AsyncBaseTransport):
    """The network. `spoil` may answer in the server's place, behind its back when it has done its work."""

    def __init__(self, spoil: Callable[[httpx.Request], httpx.Response | None]) -> None:
        self._inner = httpx.AsyncHTTPTransport()
        self._spoil = spoil

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        return self._spoil(request) or response

    async def aclose(self) -> None:
        await self._inner.aclose()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with closing(Sandbox()) as sandbox:
        yield sandbox


@asynccontextmanager
async def opened(
    sandbox: Sandbox,
    spoil: Callable[[httpx.Request], httpx.Response | None] = lambda _: None,
    key: str = "pk_sandbox",
) -> AsyncIterator[Engine]:
    with served(sandbox) as address:
        async with Engine(KLAVIYO, {"api_key": key}, Wire(spoil), url=address) as engine:
            yield engine


def names(sandbox: Sandbox) -> list[str]:
    return [each["name"] for each in sandbox.lists()]


async def test_a_list_is_created_where_there_is_none_of_its_name_and_never_twice(sandbox: Sandbox):
    async with opened(sandbox) as engine:
        exchanges: list[Exchange] = []
        made = await engine.run(connect_list(None, "  Lantern buyers "), exchanges)
        assert made.is_new
        assert made.verdict.message == f"List 'Lantern buyers' (id: {made.id}) created successfully!"
        assert [exchange.request.method for exchange in exchanges] == ["GET", "POST"]
        assert exchanges[1].request.json == {"data": {"type": "list", "attributes": {"name": "Lantern buyers"}}}
        again = await engine.run(connect_list(None, "Lantern buyers"))
        assert (again.id, again.is_new) == (made.id, False)
        assert again.verdict.message == f"Using existing list 'Lantern buyers' (id: {made.id})"
    assert names(sandbox).count("Lantern buyers") == 1


@pytest.mark.parametrize(
    "name", ['a "quoted" one', "half ) of (", "comma, and \\ backslash", "+1 & more #2", "漢字 🏮", "a'b"]
)
async def test_names_of_all_kinds_are_found_again(sandbox: Sandbox, name: str):
    async with opened(sandbox) as engine:
        made = await engine.run(connect_list(None, name))
        assert made.name == name
        assert await engine.run(connect_list(None, name)) == Connection(
            made.verdict._replace(message=f"Using existing list '{name}' (id: {made.id})"), made.id, name
        )


async def test_a_creation_whose_answer_is_lost_is_found_and_not_repeated(sandbox: Sandbox):
    lost: list[httpx.Request] = []

    def lose(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST" and not lost:
            lost.append(request)
            raise httpx.ReadError("the answer was lost", request=request)
        return None

    async with opened(sandbox, lose) as engine:
        made = await engine.run(connect_list(None, "Lantern buyers"))
    assert made.is_new
    assert lost
    assert names(sandbox).count("Lantern buyers") == 1


async def test_where_nothing_can_be_found_out_it_says_so_and_the_next_time_there_is_one_list(sandbox: Sandbox):
    state = {"down": False}

    def fail(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST":
            state["down"] = True
        return httpx.Response(503) if state["down"] else None

    async with opened(sandbox, fail) as engine:
        made = await engine.run(connect_list(None, "Lantern buyers"))
        assert (made.id, made.verdict.status) == ("", "retryable")
        state["down"] = False
        async with Engine(KLAVIYO, {"api_key": "pk_sandbox"}, sandbox.transport()) as healed:
            assert not (await healed.run(connect_list(None, "Lantern buyers"))).is_new
    assert names(sandbox).count("Lantern buyers") == 1


async def test_a_creation_that_is_refused_ends_with_what_klaviyo_said(sandbox: Sandbox):
    exchanges: list[Exchange] = []
    async with opened(sandbox, key="pk_readonly") as engine:
        made = await engine.run(connect_list(None, "Lantern buyers"), exchanges)
    assert (made.id, made.verdict.status) == ("", "rejected")
    assert "missing scope" in (made.verdict.message or "")
    assert [exchange.request.method for exchange in exchanges] == ["GET", "POST"]
    assert "Lantern buyers" not in names(sandbox)


async def test_several_lists_of_a_name_are_told_and_nothing_is_guessed(sandbox: Sandbox):
    sandbox.ensure_list("AAAAAA", "Twins")
    sandbox.ensure_list("BBBBBB", "Twins")
    async with opened(sandbox) as engine:
        made = await engine.run(connect_list(None, "Twins"))
    assert made.verdict.status == "invalid"
    assert made.verdict.message == (
        "The account has 2 lists called 'Twins' (AAAAAA, BBBBBB). Give the id of the one you mean."
    )


@pytest.mark.parametrize(("list_id", "status", "said"), [
    ("VipCst", "delivered", "Using existing list 'VIP customers' (id: VipCst)"),
    (" VipCst ", "delivered", "Using existing list 'VIP customers' (id: VipCst)"),
    ("nope", "rejected", "The account has no list with the id nope."),
    ("../accounts?x=", "rejected", "The account has no list with the id ../accounts?x=."),
    ("", "invalid", "Missing audience name value"),
    (None, "invalid", "Missing audience name value"),
])  # fmt: skip
async def test_an_existing_list_is_verified_by_its_id(sandbox: Sandbox, list_id: str | None, status: str, said: str):
    async with opened(sandbox) as engine:
        made = await engine.run(connect_list(list_id, None))
    assert made.verdict.status == status
    assert (made.verdict.message or "").startswith(said)
    assert bool(made.id) is (status == "delivered")


async def test_the_id_goes_before_the_name_as_at_segment(sandbox: Sandbox):
    async with opened(sandbox) as engine:
        assert (await engine.run(connect_list("VipCst", "Another"))).id == "VipCst"
    assert "Another" not in names(sandbox)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data": null}', b'{"data": {"id": 5}}', b'{"data": {"id": "Other1"}}'])
async def test_odd_answers_are_told(sandbox: Sandbox, body: bytes):
    async with opened(sandbox, lambda _: httpx.Response(200, content=body)) as engine:
        made = await engine.run(connect_list("VipCst", None))
        assert (made.id, made.verdict.status) == ("", "rejected")
        assert (await engine.run(verify_audience("VipCst"))).status == "rejected"
        assert (await engine.run(connect_list(None, "Odd"))).id in ("", "Other1")


@pytest.mark.parametrize(("list_id", "status"), [("VmR4Lk", "delivered"), ("nope", "rejected")])
async def test_an_audience_is_verified_in_segments_words(sandbox: Sandbox, list_id: str, status: str):
    async with opened(sandbox) as engine:
        verdict = await engine.run(verify_audience(list_id))
    assert verdict.status == status
    segments = "Unable to verify ownership over audience. Segment Audience ID doesn't match The Klaviyo List Id."
    assert (verdict.message or segments).startswith(segments)


async def test_an_audience_that_cannot_be_verified_now_may_be_later(sandbox: Sandbox):
    async with opened(sandbox, lambda _: httpx.Response(503)) as engine:
        assert (await engine.run(verify_audience("VmR4Lk"))).status == "retryable"


async def test_all_pages_of_lists_are_read(sandbox: Sandbox):
    for number in range(45):
        sandbox.ensure_list(f"L{number:05}", f"List of {number}")
    async with opened(sandbox) as engine:
        exchanges: list[Exchange] = []
        found = await engine.run(read_lists(), exchanges)
    assert {each.id for each in found} == {each["id"] for each in sandbox.lists()}
    assert len(exchanges) == len(found) // 10 + 1


async def test_a_page_that_leads_to_itself_ends_the_reading(sandbox: Sandbox):
    page = b'{"data": [{"id": "A", "attributes": {"name": "a"}}], "links": {"next": "/api/lists?page%5Bcursor%5D=x"}}'
    async with opened(sandbox, lambda _: httpx.Response(200, content=page)) as engine:
        assert [each.id for each in await engine.run(read_lists())] == ["A", "A"]
