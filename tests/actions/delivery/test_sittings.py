"""Runs that end early and go on: what was settled stays, what was not is sent."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from deliveries import EVENTS, PEOPLE, Recording, chunks, deliver, event, soon

from actions import Mapping
from actions.delivery.entries import EVENT
from actions.delivery.fingerprint import InputChanged
from actions.delivery.journal import Journal, JournalError
from actions.delivery.lines import Chunk
from actions.delivery.run import Options
from actions.delivery.sources import SourceError
from actions.klaviyo.sandbox import Sandbox
from actions.retrying import Retrying
from actions.waiting import Waiting

IMPORTS = "/api/profile-bulk-import-jobs"


async def test_a_run_that_was_ended_goes_on_and_sends_nothing_twice(sandbox: Sandbox, path: Path):
    items = [event(n, messageId=f"m{n}") for n in range(50)] + [event(3, messageId="m3"), b"bad", event(51, "page")]
    waiting = Waiting()
    first = Recording(sandbox, lambda number, _: waiting.call_off() if number == 4 else None)
    report = await deliver(first, path, items, options=Options(in_flight=1), waiting=waiting)
    assert not report.complete
    assert 0 < sum(report.outcomes.values()) < 100
    second = Recording(sandbox)
    report = await deliver(second, path, items)
    assert report.complete
    assert report.outcomes == {("People", "delivered"): 50, ("Events", "delivered"): 50}
    assert (report.read, report.duplicates, report.bad_lines, report.unmatched) == (53, 1, 1, 1)
    sent = Counter(
        row["attributes"]["email"]
        for request in (*first.requests, *second.requests)
        if request.url.path.startswith(IMPORTS)
        for row in json.loads(request.content)["data"]["attributes"]["profiles"]["data"]
    )
    assert sent == {f"p{n}@example.com": 1 for n in range(50)}
    with Journal(path) as journal:
        assert journal.numbers("People") == list(range(50))
        assert journal.numbers(EVENT) == [50, 51, 52]


async def test_what_was_on_its_way_is_sent_again_and_only_that(sandbox: Sandbox, path: Path):
    def break_off(number: int, _: httpx.Request) -> None:
        if number == 2:
            raise ZeroDivisionError

    first = Recording(sandbox, break_off)
    items = [event(n) for n in range(9)]
    with pytest.raises(ZeroDivisionError):
        await deliver(first, path, items, [PEOPLE], Options(in_flight=1))
    with Journal(path, write=False) as journal:
        assert sum(journal.in_flight().values()) == 3
        assert journal.numbers("People") == [0, 1, 2]
    second = Recording(sandbox)
    report = await deliver(second, path, items, [PEOPLE])
    assert (len(second.requests), report.outcomes) == (2, {("People", "delivered"): 9})


async def test_another_input_is_not_taken_for_the_rest_of_the_first(sandbox: Sandbox, path: Path):
    waiting = Waiting()
    items = [event(n) for n in range(60)]
    await deliver(
        Recording(sandbox, lambda number, _: waiting.call_off() if number == 9 else None),
        path, items, [PEOPLE], Options(in_flight=1), waiting=waiting,
    )  # fmt: skip
    transport = Recording(sandbox)
    for other in ([event(n + 1) for n in range(60)], items[:3]):
        with pytest.raises(InputChanged):
            await deliver(transport, path, other, [PEOPLE])
    assert transport.requests == []
    assert (await deliver(transport, path, [*items, event(60)], [PEOPLE])).outcomes == {("People", "delivered"): 61}


async def test_reading_that_breaks_off_leaves_the_rest_for_later(sandbox: Sandbox, path: Path):
    def broken() -> Iterator[Chunk]:
        yield from chunks([event(1), event(2), event(3), event(4)])
        raise SourceError("gone")

    with pytest.raises(SourceError):
        await deliver(Recording(sandbox), path, broken(), [PEOPLE])
    report = await deliver(Recording(sandbox), path, [event(1), event(2), event(3), event(4)], [PEOPLE])
    assert report.outcomes == {("People", "delivered"): 4}
    assert sandbox.counts()["jobs"] == 2


async def test_a_wait_for_another_attempt_ends_when_the_run_does(sandbox: Sandbox, path: Path):
    waiting = Waiting()
    unavailable = Recording(sandbox, lambda *_: httpx.Response(503, headers={"retry-after": "3600"}))
    run = asyncio.create_task(
        deliver(unavailable, path, [event(n) for n in range(4)], [PEOPLE], None, Retrying(), waiting)
    )
    await soon(lambda: bool(waiting.reasons))
    assert list(waiting.reasons) == ["another attempt after a 503"]
    waiting.call_off()
    report = await asyncio.wait_for(run, 10)
    assert report.outcomes == {("People", "in_flight"): 4}
    assert (await deliver(Recording(sandbox), path, [event(n) for n in range(4)], [PEOPLE])).complete


async def test_a_journal_that_is_full_ends_the_run_and_it_goes_on_when_there_is_room(sandbox: Sandbox, path: Path):
    items = [event(n, "track", f"no address {n} {'x' * 5000}") for n in range(50)] + [event(n) for n in range(50)]
    with Journal(path) as journal:
        journal._db.execute("pragma max_page_count = 12")
        with pytest.raises(JournalError, match="Free space"):
            await deliver(Recording(sandbox), journal, items)
    report = await deliver(Recording(sandbox), path, items)
    assert report.outcomes == {
        ("Events", "delivered"): 50, ("Events", "invalid"): 50, ("People", "delivered"): 50
    }  # fmt: skip
    with Journal(path) as journal:
        assert journal.numbers("Events") == list(range(100))


class Silent(httpx.AsyncBaseTransport):
    """Never answers; `asked` counts what came."""

    asked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_run_that_has_no_room_for_more_ends_without_waiting_for_an_answer(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("actions.delivery.sending._GRACE", 0.01)
    waiting, silent = Waiting(), Silent()
    items = [event(n) for n in range(90)]
    run = asyncio.create_task(deliver(silent, path, items, [PEOPLE], Options(held=10, in_flight=1), None, waiting))
    await soon(lambda: silent.asked > 0)
    waiting.call_off()
    report = await asyncio.wait_for(run, 10)
    assert (report.complete, report.outcomes) == (False, {("People", "in_flight"): 3})


async def test_a_run_that_is_ended_a_second_time_waits_for_nothing(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("actions.delivery.sending._GRACE", 3600)
    waiting, silent = Waiting(), Silent()
    run = asyncio.create_task(deliver(silent, path, [event(1)], [PEOPLE], None, None, waiting))
    await soon(lambda: silent.asked > 0)
    waiting.call_off()
    await asyncio.wait((run,), timeout=0.01)
    assert not run.done()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(run, 10)
    with Journal(path) as journal:
        assert journal.in_flight() == {"People": 1}


async def test_a_run_that_goes_on_does_not_fall_behind_what_it_has_read(sandbox: Sandbox, path: Path):
    items = [event(n) for n in range(30)]

    def refuse_the_first(_: int, request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(503, headers={"retry-after": "3600"}) if b'"p0@' in request.content else None

    waiting = Waiting()
    transport = Recording(sandbox, refuse_the_first)
    run = asyncio.create_task(deliver(transport, path, items, [PEOPLE], None, Retrying(), waiting))
    await soon(lambda: len(transport.requests) == 10)
    waiting.call_off()
    assert (await run).outcomes == {("People", "delivered"): 27, ("People", "in_flight"): 3}
    waiting = Waiting()
    ending = Recording(sandbox, lambda *_: waiting.call_off())
    report = await deliver(ending, path, items, [PEOPLE], Options(held=10), None, waiting)
    assert (report.complete, report.read, report.reached) == (False, 30, "f:30")


async def test_what_one_sitting_settled_another_does_not_settle_otherwise(sandbox: Sandbox, path: Path):
    items = [event(n) for n in range(4)] + [event(n, "page") for n in range(4, 8)] + [event(8)]
    waiting = Waiting()
    busy = Recording(sandbox, lambda _, request: httpx.Response(503) if b'"p0@' in request.content else None)
    one_by_one = Mapping(**{**vars(PEOPLE), "fields": {**PEOPLE.fields, "enable_batching": False}})
    run = asyncio.create_task(deliver(busy, path, items, [one_by_one], None, Retrying(), waiting))
    await soon(lambda: len(busy.requests) > 5)
    waiting.call_off()
    report = await run
    assert report.outcomes == {("People", "delivered"): 4, ("People", "in_flight"): 1}
    pages = Mapping(**{**vars(EVENTS), "trigger": 'type = "page"'})
    report = await deliver(Recording(sandbox), path, items, [pages])
    assert (report.read, report.unmatched, report.outcomes) == (9, 5, {("People", "delivered"): 4})
