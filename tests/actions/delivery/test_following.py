"""Import jobs after their 202: followed to their end, in this sitting or a later one."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from deliveries import PEOPLE, Recording, deliver, event, soon

from actions import Mapping
from actions.delivery.journal import Journal
from actions.delivery.run import Options
from actions.klaviyo.sandbox import Faults, Sandbox
from actions.waiting import Waiting

PEOPLE_BATCHED = Mapping(**{**vars(PEOPLE), "fields": {**PEOPLE.fields, "batch_size": 1000}})
IMPORTS = "/api/profile-bulk-import-jobs"


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
