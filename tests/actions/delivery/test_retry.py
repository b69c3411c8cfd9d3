"""What failed in a run is sent again: in order, in batches, and what becomes of it takes the place of the failure."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import pytest
from deliveries import EVENTS, PEOPLE, Recording, deliver, event

from actions import Config, Engine, Mapping
from actions.delivery.entries import Reason
from actions.delivery.journal import Journal
from actions.delivery.options import Options
from actions.delivery.report import SETTLED, Report
from actions.delivery.retry import Retry
from actions.klaviyo import KLAVIYO
from actions.klaviyo.sandbox import Faults, Sandbox
from actions.waiting import Waiting


async def again(
    transport: httpx.AsyncBaseTransport,
    path: Path,
    mappings: Sequence[Mapping] = (PEOPLE, EVENTS),
    options: Options | None = None,
    waiting: Waiting | None = None,
    reasons: Callable[[Reason], bool] = bool,
) -> tuple[Report, Retry, bool]:
    """Send again; what the journal says then, the retry, and whether it came to its end."""
    waiting = waiting or Waiting()
    with Journal(path) as journal:
        async with Engine(KLAVIYO, {"api_key": "pk_sandbox"}, transport, waiting=waiting) as engine:
            failed = [tally.reason for tally in journal.tallies() if tally.status not in SETTLED]
            retry = Retry(engine, Config([*mappings]), journal, list(filter(reasons, failed)), waiting, options)
            complete = await retry.deliver()
        return Report.of(journal), retry, complete


def refuse_all(number: int, request: httpx.Request) -> httpx.Response:
    return httpx.Response(503)


def titles(requests: Sequence[httpx.Request], email: str) -> list[str]:
    """The titles that went out for a person, in order."""
    found: list[str] = []
    for request in requests:
        rows = json.loads(request.content)["data"]["attributes"]["profiles"]["data"]
        found += [row["attributes"]["title"] for row in rows if row["attributes"]["email"] == email]
    return found


async def test_one_persons_events_keep_their_order_though_they_failed_for_several_reasons(sandbox: Sandbox, path: Path):
    items = [event(number, email=f"p{number % 4}@example.com", title=str(number)) for number in range(40)]
    lists = {"list_id": {"@if": {"exists": {"@path": "$.list"}, "then": {"@path": "$.list"}}}}
    without_email = Mapping(**{**vars(PEOPLE), "fields": {**PEOPLE.fields, "email": {"@path": "$.address"}}})
    for number in range(0, 40, 3):
        items[number]["address"] = items[number]["email"]
    for number in range(0, 40, 5):  # another batch key, so another request
        items[number]["list"] = "VmR4Lk"
    first = await deliver(Recording(sandbox, refuse_all), path, items, [without_email])
    assert set(first.outcomes) == {("People", "invalid"), ("People", "retryable")}
    transport = Recording(sandbox)
    repaired = Mapping(**{**vars(PEOPLE), "fields": {**PEOPLE.fields, **lists}})
    report, retry, complete = await again(transport, path, [repaired])
    assert report.outcomes == {("People", "delivered"): 40}
    assert (complete, retry.size, retry.done, retry.progress.statuses) == (True, 40, 40, {"delivered": 40})
    for person in range(4):
        assert titles(transport.requests, f"p{person}@example.com") == [str(n) for n in range(person, 40, 4)]


async def test_what_goes_again_shares_requests_like_in_a_run(sandbox: Sandbox, path: Path):
    items = [event(number) for number in range(9)]
    await deliver(Recording(sandbox, refuse_all), path, items, (PEOPLE, EVENTS))
    transport = Recording(sandbox)
    report, _, _ = await again(transport, path)
    assert sorted(transport.paths) == ["/api/event-bulk-create-jobs", *["/api/profile-bulk-import-jobs"] * 3]
    assert report.outcomes == {("People", "delivered"): 9, ("Events", "delivered"): 9}


async def test_only_the_given_reasons_are_sent_and_mappings_that_are_off_are_passed_over(sandbox: Sandbox, path: Path):
    items = [event(number) for number in range(5)]
    await deliver(Recording(sandbox, refuse_all), path, items, (PEOPLE, EVENTS))
    off = Mapping(**{**vars(EVENTS), "enabled": False})
    _, retry, complete = await again(Recording(sandbox), path, [PEOPLE, off])
    assert (complete, retry.size, retry.passed_over, retry.progress.statuses) == (True, 5, 5, {"delivered": 5})
    report, retry, _ = await again(Recording(sandbox), path, reasons=lambda reason: reason.mapping == "Nothing")
    assert (retry.size, retry.progress.statuses) == (0, {})
    assert report.outcomes == {("People", "delivered"): 5, ("Events", "retryable"): 5}


async def test_one_that_is_broken_off_leaves_what_was_not_sent_as_it_was(sandbox: Sandbox, path: Path):
    items = [event(number) for number in range(30)]
    await deliver(Recording(sandbox, refuse_all), path, items, [PEOPLE])
    waiting = Waiting()

    def end_at_the_third(number: int, request: httpx.Request) -> None:
        if number == 3:
            waiting.call_off()

    report, _, complete = await again(
        Recording(sandbox, end_at_the_third), path, [PEOPLE], Options(in_flight=1), waiting
    )
    assert not complete
    assert report.outcomes == {("People", "delivered"): 9, ("People", "retryable"): 21}
    transport = Recording(sandbox)
    report, _, complete = await again(transport, path, [PEOPLE])
    assert (complete, len(transport.requests)) == (True, 7)
    assert report.outcomes == {("People", "delivered"): 30}


@pytest.mark.parametrize("sandbox", [{"faults": Faults(import_error=0.3), "job_seconds": 0.2}], indirect=True)
async def test_jobs_are_followed_and_those_left_open_are_followed_by_the_next_one(sandbox: Sandbox, path: Path):
    items = [event(number) for number in range(60)]
    await deliver(Recording(sandbox, refuse_all), path, items, [PEOPLE])
    waiting = Waiting()

    def end_at_the_first_look(number: int, request: httpx.Request) -> None:
        if request.method == "GET":
            waiting.call_off()

    report, _, complete = await again(
        Recording(sandbox, end_at_the_first_look), path, [PEOPLE], Options(wait=True), waiting
    )
    assert not complete
    assert report.outcomes["People", "in_job"] > 30
    assert sum(report.outcomes.values()) == 60
    report, _, complete = await again(Recording(sandbox), path, [PEOPLE], reasons=lambda _: False)
    arrived = sandbox.counts()["profiles"]
    assert complete
    assert report.outcomes == {("People", "delivered"): arrived, ("People", "rejected"): 60 - arrived}
    with Journal(path) as journal:
        assert journal.jobs() == []
        assert journal.numbers("People") == list(range(60))
