"""Engage audiences in a run: verified once before their members are sent, over real HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from deliveries import chunks, deliver
from sandbox_account import served

from actions import Config, Mapping
from actions.delivery.journal import Journal
from actions.delivery.plan import plan
from actions.delivery.run import Options
from actions.klaviyo import KLAVIYO
from actions.klaviyo.add_profile_to_list import AUDIENCE_LIST
from actions.klaviyo.sandbox import Sandbox

_FIELDS = {"email": {"@path": "$.context.traits.email"}, "list_id": AUDIENCE_LIST, "enable_batching": True}
ENTERED = Mapping(
    name="Entered", action="addProfileToList", trigger='event = "Audience Entered"', fields={**_FIELDS, "batch_size": 5}
)
EXITED = Mapping(name="Exited", action="removeProfileFromList", trigger='event = "Audience Exited"', fields=_FIELDS)
ALONE = Mapping(
    name="Alone",
    action="addProfileToList",
    trigger='event = "Audience Entered"',
    fields={**_FIELDS, "enable_batching": False},
)
SEGMENTS = "Unable to verify ownership over audience. Segment Audience ID doesn't match The Klaviyo List Id."


def event(number: int, external: str | None = "VmR4Lk", *, entered: bool = True, setting: str = "") -> dict[str, Any]:
    personas: dict[str, Any] = {"computation_class": "audience"}
    personas |= {"external_audience_id": external} if external else {}
    personas |= {"audience_settings": {"listId": setting}} if setting else {}
    return {
        "type": "track",
        "event": f"Audience {'Entered' if entered else 'Exited'}",
        "context": {"traits": {"email": f"p{number}@example.com"}, "personas": personas},
    }


class Counting(httpx.AsyncBaseTransport):
    """The network to a served sandbox; `answers` has what is said of a list in the server's place."""

    def __init__(self, address: str) -> None:
        self._inner = httpx.AsyncHTTPTransport()
        self._address = httpx.URL(address)
        self.counts: Counter[str] = Counter()
        self.answers: dict[str, int] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.rstrip("/")
        self.counts[f"{request.method} {path}"] += 1
        if path in self.answers:
            return httpx.Response(self.answers[path])
        request.url = request.url.copy_with(scheme="http", host=self._address.host, port=self._address.port)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


@pytest.fixture
async def wire(sandbox: Sandbox) -> AsyncIterator[Counting]:
    with served(sandbox) as address:
        yield Counting(address)


async def test_each_audience_is_verified_once_a_run_before_it_is_sent(sandbox: Sandbox, wire: Counting, tmp_path: Path):
    report = await deliver(wire, tmp_path / "in.db", [event(number) for number in range(40)], (ENTERED, EXITED))
    assert report.outcomes == {("Entered", "delivered"): 40}
    assert wire.counts == {"GET /api/lists/VmR4Lk": 1, "POST /api/profile-bulk-import-jobs": 8}
    leaving = [event(number, entered=False) for number in range(20)]
    report = await deliver(wire, tmp_path / "out.db", leaving, (ENTERED, EXITED))
    assert report.outcomes == {("Exited", "delivered"): 20}
    assert wire.counts["GET /api/lists/VmR4Lk"] == 2
    assert len(sandbox.members("VmR4Lk")) == 20


async def test_a_list_that_is_not_the_accounts_refuses_its_own_events_and_no_others(
    sandbox: Sandbox, wire: Counting, tmp_path: Path
):
    events = [event(number, ("VmR4Lk", "stolen")[number % 2]) for number in range(24)]
    report = await deliver(wire, tmp_path / "j.db", events, (ENTERED,))
    assert report.outcomes == {("Entered", "delivered"): 12, ("Entered", "rejected"): 12}
    [reason] = report.reasons
    assert reason.message.startswith(f"{SEGMENTS} The account has no list stolen.")
    assert len(sandbox.members("VmR4Lk")) == 12
    assert wire.counts["GET /api/lists/stolen"] == 1
    assert not [path for path in wire.counts if path.startswith("POST") and "stolen" in path]


async def test_the_list_that_is_used_is_the_one_that_is_verified(sandbox: Sandbox, wire: Counting, tmp_path: Path):
    report = await deliver(wire, tmp_path / "j.db", [event(1, "stolen", setting="XyZ12a")], (ENTERED,))
    assert report.outcomes == {("Entered", "delivered"): 1}
    assert len(sandbox.members("XyZ12a")) == 1
    assert wire.counts["GET /api/lists/XyZ12a"] == 1
    assert wire.counts["GET /api/lists/stolen"] == 0


async def test_events_that_name_no_audience_are_not_held_up(wire: Counting, tmp_path: Path):
    report = await deliver(wire, tmp_path / "j.db", [event(1, None, setting="XyZ12a")], (ENTERED,))
    assert report.outcomes == {("Entered", "delivered"): 1}
    assert not [path for path in wire.counts if path.startswith("GET")]


async def test_what_cannot_be_verified_now_can_be_sent_again(wire: Counting, tmp_path: Path):
    wire.answers["/api/lists/VmR4Lk"] = 503
    report = await deliver(wire, tmp_path / "j.db", [event(1), event(2)], (ENTERED, ALONE))
    assert report.outcomes == {("Entered", "retryable"): 2, ("Alone", "retryable"): 2}
    assert wire.counts == {"GET /api/lists/VmR4Lk": 1}


async def test_events_one_by_one_and_by_several_processes_are_verified_too(wire: Counting, tmp_path: Path):
    events = [event(number, ("VmR4Lk", "stolen")[number % 2]) for number in range(60)]
    report = await deliver(wire, tmp_path / "j.db", chunks(events, 4), (ALONE,), Options(workers=2))
    assert report.outcomes == {("Alone", "delivered"): 30, ("Alone", "rejected"): 30}
    assert wire.counts["GET /api/lists/VmR4Lk"] == wire.counts["GET /api/lists/stolen"] == 1


async def test_a_run_that_goes_on_verifies_again_and_repeats_nothing(wire: Counting, tmp_path: Path):
    with Journal(tmp_path / "j.db") as journal:
        first = await deliver(wire, journal, [event(1, "stolen"), event(2)], (ENTERED,))
        again = await deliver(wire, journal, [event(1, "stolen"), event(2)], (ENTERED,))
    assert first.outcomes == again.outcomes == {("Entered", "rejected"): 1, ("Entered", "delivered"): 1}
    assert wire.counts["POST /api/profile-bulk-import-jobs"] == 1


async def test_a_plan_counts_the_verification():
    config = Config(mappings=[ENTERED])
    made = await plan(KLAVIYO, config, {"api_key": "pk_sandbox"}, chunks([event(1), event(2)]), Options())
    assert made.report.outcomes == {("Entered", "delivered"): 2}
    assert {load.endpoint: load.requests for load in made.loads} == {
        "GET /api/lists/{id}": 1,
        "POST /api/profile-bulk-import-jobs": 1,
    }
