"""What a run sends, in which order, and what is on record of it."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from deliveries import ALONE, EMAIL, EVENTS, PEOPLE, Recording, chunks, deliver, event

from actions import Mapping
from actions.delivery.lines import Chunk
from actions.delivery.run import Options
from actions.klaviyo.sandbox import Sandbox

PEOPLE_BATCHED = Mapping(**{**vars(PEOPLE), "fields": {**PEOPLE.fields, "batch_size": 1000}})
IMPORTS, EVENT_JOBS = "/api/profile-bulk-import-jobs", "/api/event-bulk-create-jobs"


async def test_events_go_one_by_one_or_in_batches_as_the_mappings_say(sandbox: Sandbox, path: Path):
    transport = Recording(sandbox)
    items = [event(number, "track" if number > 7 else "identify") for number in range(10)]
    report = await deliver(transport, path, items, (PEOPLE, EVENTS, ALONE))
    assert Counter(transport.paths) == {IMPORTS: 3, EVENT_JOBS: 1, "/api/events": 2}  # 3 + 3 + 2 people
    assert report.outcomes == {("People", "delivered"): 8, ("Events", "delivered"): 10, ("Alone", "delivered"): 2}
    assert (report.read, report.reached, report.complete, report.failed) == (10, "f:10", True, False)


async def test_an_action_without_a_switch_for_batches_goes_in_batches(sandbox: Sandbox, path: Path):
    fields = {"profile": {"email": EMAIL}, "properties": {}, "unique_id": {"@path": "$.n"}}
    orders = Mapping(name="Orders", action="orderCompleted", trigger='type = "track"', fields=fields)
    transport = Recording(sandbox)
    await deliver(transport, path, [event(number, "track") for number in range(5)], [orders])
    assert transport.paths == [EVENT_JOBS]


async def test_everything_that_is_read_is_accounted_for(sandbox: Sandbox, path: Path):
    items = [event(1), b"no JSON", event(3, "page"), event(4, "track", "no address"), event(5, "track")]
    report = await deliver(Recording(sandbox), path, items)
    assert (report.read, report.unmatched, report.bad_lines) == (5, 1, 1)
    assert report.outcomes == {
        ("People", "delivered"): 1, ("Events", "delivered"): 2, ("Events", "invalid"): 1
    }  # fmt: skip
    assert sorted(report.examples.values()) == [["f:2"], ["f:4"]]
    assert report.failed


async def test_a_batch_never_has_more_bytes_than_klaviyo_takes(sandbox: Sandbox, path: Path):
    people = Mapping(**{**vars(PEOPLE), "fields": {"email": EMAIL, "properties": {"t": {"@path": "$.t"}}}})
    transport = Recording(sandbox)
    await deliver(transport, path, [event(number, t="x" * 90_000) for number in range(120)], [people])
    sizes = [len(request.content) for request in transport.requests]
    assert len(sizes) == 3
    assert max(sizes) <= 5_000_000


async def test_a_batch_that_waits_for_more_goes_out_after_a_while(sandbox: Sandbox, path: Path):
    went = asyncio.Event()
    transport = Recording(sandbox, lambda *_: went.set())
    loop = asyncio.get_running_loop()

    def slow() -> Iterator[Chunk]:
        yield from chunks([event(1)])
        asyncio.run_coroutine_threadsafe(asyncio.wait_for(went.wait(), 20), loop).result()
        yield from chunks([event(2)])

    report = await deliver(transport, path, slow(), [PEOPLE], Options(age=0.2))
    assert transport.paths == [IMPORTS, IMPORTS]
    assert report.outcomes == {("People", "delivered"): 2}


async def test_nothing_is_closed_for_its_age_while_others_are_waiting_already(sandbox: Sandbox, path: Path):
    open_again = asyncio.Event()

    class Held(Recording):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await open_again.wait()
            return await super().handle_async_request(request)

    transport = Held(sandbox)
    loop = asyncio.get_running_loop()

    def slow() -> Iterator[Chunk]:
        yield from chunks([event(number) for number in range(7)])  # two batches of three, and one that waits for more
        time.sleep(0.3)  # many times the age
        yield from chunks([event(7)])
        loop.call_soon_threadsafe(open_again.set)

    report = await deliver(transport, path, slow(), [PEOPLE], Options(age=0.02))
    assert transport.paths == [IMPORTS] * 3
    assert report.outcomes == {("People", "delivered"): 8}


async def test_what_concerns_a_person_goes_out_in_the_order_in_which_it_was_read(sandbox: Sandbox, path: Path):
    by_list = Mapping(**{**vars(PEOPLE), "fields": {**PEOPLE.fields, "list_id": {"@path": "$.list"}, "batch_size": 4}})
    lists = ["XyZ12a", "VipCst", None]
    items = [
        event(number, email=f"p{number % 5}@example.com", title=f"{number:03}", list=lists[number * 7 % 3])
        for number in range(200)
    ]
    sent: list[tuple[str, str]] = []

    def answer(number: int, request: httpx.Request) -> None:
        rows = json.loads(request.content)["data"]["attributes"]["profiles"]["data"]
        sent.extend((row["attributes"]["email"], row["attributes"]["title"]) for row in rows)

    report = await deliver(Recording(sandbox, answer), path, items, [by_list])
    assert report.outcomes == {("People", "delivered"): 200}
    for person in {email for email, _ in sent}:
        titles = [title for email, title in sent if email == person]
        assert titles == sorted(titles)
        assert len(titles) == 40


async def test_several_requests_are_on_their_way_at_a_time(sandbox: Sandbox, path: Path):
    waiting_for_each_other = asyncio.Barrier(3)

    class Slow(Recording):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.wait_for(waiting_for_each_other.wait(), 20)
            return await super().handle_async_request(request)

    report = await deliver(Slow(sandbox), path, [event(number) for number in range(9)], [PEOPLE])
    assert report.outcomes == {("People", "delivered"): 9}


async def test_a_message_id_is_taken_once(sandbox: Sandbox, path: Path):
    items = [event(number, messageId=f"m{number % 4}") for number in range(10)] + [event(10), event(11, messageId="")]
    report = await deliver(Recording(sandbox), path, items, [PEOPLE])
    assert (report.outcomes, report.duplicates) == ({("People", "delivered"): 6}, 6)


async def test_what_is_skipped_or_behind_the_limit_is_not_sent(sandbox: Sandbox, path: Path):
    report = await deliver(Recording(sandbox), path, [event(n) for n in range(40)], [PEOPLE], Options(skip=5, limit=7))
    assert (report.read, report.reached, report.outcomes) == (7, "f:12", {("People", "delivered"): 7})
    assert sorted(each["email"] for each in sandbox.profiles()) == sorted(f"p{n}@example.com" for n in range(5, 12))


@pytest.mark.parametrize("workers", [1, 2])
async def test_workers_change_neither_results_nor_order(sandbox: Sandbox, tmp_path: Path, workers: int):
    items = [event(n, "track", "no address" if n % 9 == 0 else "", messageId=f"m{n % 390}") for n in range(400)]
    items.insert(77, b"bad")  # type: ignore[arg-type] - a line as it is
    transport = Recording(sandbox)
    report = await deliver(transport, tmp_path / "run.db", chunks(items, 10), [EVENTS], Options(workers=workers))
    sent = [
        row["attributes"]["events"]["data"][0]["attributes"]["unique_id"]
        for request in transport.requests
        for row in json.loads(request.content)["data"]["attributes"]["events-bulk-create"]["data"]
    ]
    assert sent == [str(n) for n in range(390) if n % 9]
    assert (report.duplicates, report.bad_lines) == (10, 1)
    assert report.outcomes == {("Events", "delivered"): 346, ("Events", "invalid"): 44}


async def test_a_worker_that_is_killed_loses_nothing(sandbox: Sandbox, path: Path):
    def slow() -> Iterator[Chunk]:
        for number, chunk in enumerate(chunks([event(n) for n in range(3000)], 10)):
            if number == 150:
                workers = multiprocessing.active_children()
                assert len(workers) == 2
                workers[0].kill()
            yield chunk

    report = await deliver(Recording(sandbox), path, slow(), [PEOPLE_BATCHED], Options(workers=2))
    assert (report.complete, report.outcomes) == (True, {("People", "delivered"): 3000})


async def test_a_mapping_that_waits_holds_up_no_other(sandbox: Sandbox, path: Path):
    others_arrived = asyncio.Event()

    class Slow(Recording):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await super().handle_async_request(request)
            if self.paths.count(EVENT_JOBS) == 1:
                others_arrived.set()
            if request.url.path.startswith(IMPORTS):
                await asyncio.wait_for(others_arrived.wait(), 20)
            return response

    items = [event(n) for n in range(30)] + [event(31, "track")]
    report = await deliver(Slow(sandbox), path, items, options=Options(in_flight=2))
    assert report.outcomes == {("People", "delivered"): 30, ("Events", "delivered"): 31}


async def test_what_waits_for_more_makes_room_on_a_machine_that_has_been_up_for_years(
    sandbox: Sandbox, path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("actions.delivery.run.time", SimpleNamespace(monotonic=lambda: 1e8))
    run = deliver(Recording(sandbox), path, [event(n) for n in range(9)], [PEOPLE_BATCHED], Options(held=10))
    assert (await asyncio.wait_for(run, 10)).outcomes == {("People", "delivered"): 9}
