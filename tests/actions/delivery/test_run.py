from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from actions import Config, Engine, Mapping
from actions.delivery.report import Report
from actions.delivery.run import run
from actions.delivery.sources import BadLine, Item, SourceError, SourceEvent
from actions.klaviyo import KLAVIYO
from actions.klaviyo.sandbox import Sandbox

EMAIL = {"@path": "$.email"}
SEEN = {"metric_name": "Seen", "properties": {}, "profile": {"email": EMAIL}}
CONFIG = Config(
    [
        Mapping(
            name="People",
            action="upsertProfile",
            trigger='type = "identify"',
            fields={"email": EMAIL, "enable_batching": True, "batch_size": 3},
        ),
        Mapping(name="Events", action="trackEvent", trigger='type = "track" or type = "identify"', fields=SEEN),
        Mapping(name="Off", action="trackEvent", trigger='type = "track"', fields=SEEN, enabled=False),
    ]
)


def event(number: int, kind: str, email: str = "") -> SourceEvent:
    return SourceEvent({"type": kind, "email": email or f"p{number}@example.com"}, "f", number)


class Recording(httpx.AsyncBaseTransport):
    """Passes requests on to a sandbox; raises in the place of the answer to the one that `breaks_at` counts to."""

    def __init__(self, sandbox: Sandbox, breaks_at: int = 0, error: type[BaseException] = KeyboardInterrupt) -> None:
        self._inner = sandbox.transport()
        self._breaks_at = breaks_at
        self._error = error
        self.paths: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path)
        if len(self.paths) == self._breaks_at:
            raise self._error
        return await self._inner.handle_async_request(request)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


async def deliver(transport: Recording, items: list[Item] | Iterator[Item], report: Report) -> None:
    async with Engine(KLAVIYO, {"api_key": "pk_sandbox"}, transport) as engine:
        await run(engine, CONFIG, items, report)


async def test_events_go_one_by_one_or_in_batches_as_the_mappings_say(sandbox: Sandbox):
    transport, report = Recording(sandbox), Report()
    await deliver(transport, [event(number, "identify") for number in range(1, 8)], report)
    assert transport.paths.count("/api/profile-bulk-import-jobs/") == 3  # 3 + 3 + 1
    assert transport.paths.count("/api/events/") == 7
    assert report.outcomes == {("People", "delivered"): 7, ("Events", "delivered"): 7}
    assert (report.events, report.reached, report.complete, report.failed) == (7, "f:7", True, False)


async def test_everything_that_is_read_is_accounted_for(sandbox: Sandbox):
    items: list[Item] = [
        event(1, "identify"),
        BadLine("no JSON", "f", 2),
        event(3, "page"),
        event(4, "track", "no address"),
        event(5, "track"),
    ]
    report = Report()
    await deliver(Recording(sandbox), items, report)
    assert (report.events, report.unmatched, report.bad_lines) == (4, 1, 1)
    assert report.outcomes == {("People", "delivered"): 1, ("Events", "delivered"): 2, ("Events", "invalid"): 1}
    assert list(report.examples.values()) == [["f:4"]]
    assert report.failed


@pytest.mark.parametrize("error", [KeyboardInterrupt, SourceError])
async def test_what_waits_when_reading_breaks_off_is_not_lost(sandbox: Sandbox, error: type[BaseException]):
    def items() -> Iterator[Item]:
        yield event(1, "identify")
        yield event(2, "identify")
        raise error

    report = Report()
    with pytest.raises(error):
        await deliver(Recording(sandbox), items(), report)
    assert report.outcomes == {("Events", "delivered"): 2, ("People", "unsent"): 2}
    assert (report.reached, report.complete, report.failed) == ("f:2", False, True)


@pytest.mark.parametrize("error", [KeyboardInterrupt, asyncio.CancelledError])
async def test_what_is_on_its_way_when_a_run_breaks_off_is_unknown(sandbox: Sandbox, error: type[BaseException]):
    report = Report()
    items: list[Item] = [event(1, "identify"), event(2, "track")]
    with pytest.raises(error):
        await deliver(Recording(sandbox, breaks_at=2, error=error), items, report)
    assert report.outcomes == {("Events", "delivered"): 1, ("Events", "unknown"): 1, ("People", "unsent"): 1}


async def test_a_batch_that_breaks_off_is_unknown_as_a_whole(sandbox: Sandbox):
    report = Report()
    items: list[Item] = [event(number, "identify") for number in (1, 2, 3)]
    with pytest.raises(KeyboardInterrupt):
        await deliver(Recording(sandbox, breaks_at=3), items, report)
    assert report.outcomes == {("Events", "delivered"): 2, ("People", "unknown"): 3, ("Events", "unsent"): 1}
