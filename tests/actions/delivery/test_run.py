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
from deliveries import ALONE, EMAIL, EVENTS, PEOPLE, Recording, chunks, deliver, event, soon

from actions import Mapping
from actions.delivery.entries import EVENT
from actions.delivery.fingerprint import InputChanged
from actions.delivery.journal import Journal, JournalError
from actions.delivery.lines import Chunk
from actions.delivery.run import Options
from actions.delivery.sources import SourceError
from actions.klaviyo.sandbox import Faults, Sandbox
from actions.retrying import Retrying
from actions.waiting import Waiting

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


async def test_jobs_are_followed_to_their_end_and_their_errors_come_back_to_the_rows(path: Path):
    sandbox = Sandbox(faults=Faults(import_error=0.3, seed=3), job_seconds=0.5)
    try:
        items = [event(n) for n in range(30)]
        report = await deliver(Recording(sandbox), path, items, [PEOPLE], Options(wait=True))
        there = {each["email"] for each in sandbox.profiles()}
    finally:
        sandbox.close()
    rejected = report.outcomes["People", "rejected"]
    assert 0 < rejected < 30
    assert report.outcomes["People", "delivered"] == len(there) == 30 - rejected
    assert report.reasons[0].message.startswith("Klaviyo could not import it: The profile could not be imported")
    with Journal(path) as journal:
        assert journal.numbers("People") == list(range(30))
        failures = [failure for tally in report.reasons for failure in journal.failures(tally.reason)]
    assert {json.loads(failure.content)["email"] for failure in failures} == {it["email"] for it in items} - there


async def test_a_job_that_was_not_followed_to_its_end_is_followed_when_the_run_goes_on(path: Path):
    sandbox = Sandbox(job_seconds=3600)
    transport = Recording(sandbox)
    waiting = Waiting()
    items = [event(n) for n in range(3)]
    run = asyncio.create_task(deliver(transport, path, items, [PEOPLE], Options(wait=True), None, waiting))
    await soon(lambda: any(each.startswith("the import") for each in waiting.reasons))
    waiting.call_off()
    assert (await run).outcomes == {("People", "in_job"): 3}
    sandbox._store.db.execute("update jobs set ready = 0")
    report = await deliver(transport, path, items, [PEOPLE])
    sandbox.close()
    assert report.outcomes == {("People", "delivered"): 3}
    assert transport.paths.count(IMPORTS) == 1


async def test_a_job_that_cannot_be_looked_at_now_stays_on_record_for_later(path: Path):
    sandbox = Sandbox(faults=Faults(import_error=0.5, seed=3))
    items = [event(n) for n in range(9)]
    away = Recording(sandbox, lambda _, request: httpx.Response(503) if request.method == "GET" else None)
    report = await deliver(away, path, items, [PEOPLE], Options(wait=True))
    assert (report.complete, report.outcomes) == (False, {("People", "in_job"): 9})
    assert any("cannot be followed" in message for _, message, _ in report.warnings)
    transport = Recording(sandbox)
    report = await deliver(transport, path, items, [PEOPLE])
    arrived = sandbox.counts()["profiles"]
    sandbox.close()
    assert report.outcomes == {("People", "delivered"): arrived, ("People", "rejected"): 9 - arrived}
    assert (report.complete, IMPORTS in transport.paths) == (True, False)


@pytest.mark.parametrize(
    ("failed", "rejected"),
    [({"email": "P@example.com"}, [0, 2]), ({"email": "p@example.com", "phone_number": "+14155550100"}, [1])],
)
async def test_of_several_rows_that_name_a_person_alike_none_passes_for_delivered_where_one_failed(
    sandbox: Sandbox, path: Path, failed: dict[str, str], rejected: list[int]
):
    def with_an_error(_: int, request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST":
            return None
        if not request.url.path.endswith("import-errors"):
            return httpx.Response(200, json={"data": {"attributes": {"status": "complete", "failed_count": 1}}})
        return httpx.Response(200, json={"data": [{"attributes": {"detail": "No", "original_payload": failed}}]})

    phones = {1: {"phone": "+14155550100"}}
    items = [event(n, email="p@example.com", **phones.get(n, {})) for n in range(3)] + [event(3)]
    fields = {**PEOPLE_BATCHED.fields, "phone_number": {"@path": "$.phone"}}
    with_phone = Mapping(**{**vars(PEOPLE), "fields": fields})
    report = await deliver(Recording(sandbox, with_an_error), path, items, [with_phone], Options(wait=True))
    assert report.outcomes == {("People", "delivered"): 4 - len(rejected), ("People", "rejected"): len(rejected)}
    with Journal(path) as journal:
        assert [failure.number for failure in journal.failures(report.reasons[0].reason)] == rejected


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


async def test_what_waits_for_more_makes_room_on_a_machine_that_has_been_up_for_years(
    sandbox: Sandbox, path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("actions.delivery.run.time", SimpleNamespace(monotonic=lambda: 1e8))
    run = deliver(Recording(sandbox), path, [event(n) for n in range(9)], [PEOPLE_BATCHED], Options(held=10))
    assert (await asyncio.wait_for(run, 10)).outcomes == {("People", "delivered"): 9}


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
