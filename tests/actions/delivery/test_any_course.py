"""Whatever course a run takes (faults, ends, crashes, other sittings, retries in between), what it promises holds.

Each seed is a course: its own events and mappings, then sittings before a destination that fails at random, each broken
off at random, with retries among them, and at last quiet ones. The courses are drawn anew from their seeds; threads
and the loop may interleave otherwise each time, and what is promised holds all the same.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from deliveries import chunks, event

from actions import Config, Engine, Mapping
from actions.delivery import following, sending
from actions.delivery.entries import EVENT, unpacked
from actions.delivery.journal import Journal, JournalError
from actions.delivery.options import Options
from actions.delivery.report import SETTLED, Report
from actions.delivery.retry import Retry
from actions.delivery.run import Run
from actions.klaviyo import KLAVIYO
from actions.klaviyo.sandbox import Faults, Sandbox
from actions.retrying import Retrying
from actions.waiting import Waiting

EMAIL = {"@path": "$.email"}
LISTS = ["VmR4Lk", "Nws1tr", ""]
COURSES = range(12)


class Crash(Exception):
    """What ends a sitting in no order at all."""


def drawn_events(numbers: random.Random) -> list[dict[str, Any] | bytes]:
    """Events of a few people, some of them repeated, some that no mapping takes, and lines that are none."""
    items: list[dict[str, Any] | bytes] = []
    for number in range(numbers.randrange(30, 90)):
        draw = numbers.random()
        person = numbers.randrange(9)
        email = f"p{person}@example.com" if person else "p0@localhost"  # which the sandbox refuses
        if draw < 0.05:
            items.append(b'{"type": "identify", "broken')
        elif draw < 0.1:
            items.append(event(number, "page"))
        elif draw < 0.15:
            items.append(event(number, email="none"))
        else:
            kind = numbers.choice(["identify", "track"])
            repeated = {"messageId": f"m{numbers.randrange(12)}"} if draw < 0.25 else {}
            lists = {"list": numbers.choice(LISTS)} if numbers.random() < 0.5 else {}
            items.append(event(number, kind, email, **repeated, **lists, metric=numbers.choice("AB")))
    return items


def drawn_mappings(numbers: random.Random) -> list[Mapping]:
    """Up to three mappings, each of which marks what it sends with its name and the event's number."""
    own = {"@template": "{{n}}"}
    size = {"batch_size": numbers.randrange(2, 8)}
    profile = {"email": EMAIL, "title": own, "list_id": {"@path": "$.list"}, "enable_batching": True, **size}
    marked = {"properties": {}, "profile": {"email": EMAIL}}
    mappings = [
        Mapping(name="People", action="upsertProfile", trigger='type = "identify"', fields=profile),
        *(
            Mapping(
                name=name,
                action="trackEvent",
                trigger=trigger,
                fields={
                    **marked,
                    "metric_name": {"@template": name + " {{metric}}"},
                    "unique_id": {"@template": name + ":{{n}}"},
                    "enable_batching": together,
                    **size,
                },
            )
            for name, trigger, together in (
                ("Events", 'type = "track" or type = "identify"', True),
                ("Alone", 'type = "track"', False),
            )
        ),
    ]
    return numbers.sample(mappings, numbers.randrange(1, 4))


def rows_of(request: httpx.Request) -> tuple[str, list[tuple[str, int]]]:
    """The mapping that a request is of, and its rows, each by person and number; nothing of one that only asks."""
    if request.method == "GET":
        return "", []
    data = json.loads(request.content)["data"]
    attributes = data["attributes"]
    if "profiles" in attributes:
        people = [row["attributes"] for row in attributes["profiles"]["data"]]
        return "People", [(person["email"], int(person["title"])) for person in people]
    if "unique_id" in attributes:
        bulk = [attributes]
    else:
        bulk = attributes["events-bulk-create"]["data"]
        bulk = [
            {**each["attributes"], "profile": row["attributes"]["profile"]}
            for row in bulk
            for each in row["attributes"]["events"]["data"]
        ]
    rows = [(each["profile"]["data"]["attributes"]["email"], each["unique_id"].split(":")) for each in bulk]
    return rows[0][1][0], [(email, int(number)) for email, (_, number) in rows]


class Unreliable(httpx.AsyncBaseTransport):
    """Passes requests on to a sandbox, or not, as chance will have it; and looks whether they should be there."""

    def __init__(self, sandbox: Sandbox, path: Path, numbers: random.Random, *, quiet: bool = False) -> None:
        self._inner = sandbox.transport()
        self._path = path
        self._numbers = numbers
        self._quiet = quiet
        self._on_their_way: dict[str, list[set[str]]] = defaultdict(list)
        self._newest: dict[tuple[str, str], int] = {}
        self.at_end: Callable[[], object] = lambda: None
        self.ends_at = 0 if quiet else numbers.randrange(1, 40)
        self.imported: Counter[int] = Counter()
        self.problems: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        mapping, rows = rows_of(request)
        people = {person for person, _ in rows}
        others = self._on_their_way[mapping]
        if any(people & other for other in others):
            self.problems.append(f"{mapping}: two requests about a person at once")
        if again := {number for _, number in rows} & self._delivered(mapping):
            self.problems.append(f"{mapping}: {again} sent again though they are on record as delivered")
        others.append(people)
        try:
            answer = await self._answer(request)
        finally:
            others.remove(people)
        if answer.is_success:
            for person, number in rows:
                if self._newest.get((mapping, person), -1) > number:
                    self.problems.append(f"{mapping}: {number} of {person} arrived behind a later one")
                self._newest[mapping, person] = number
        return answer

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.ends_at -= 1
        if self.ends_at == 0:
            self.at_end()
        draw = 1.0 if self._quiet else self._numbers.random()
        await asyncio.sleep(0 if self._quiet else self._numbers.choice([0, 0, 0.001, 0.004]))
        if draw < 0.05:
            raise httpx.ReadError("reset before")
        if draw < 0.15:
            return httpx.Response(503)
        if draw < 0.2:
            return httpx.Response(429, headers={"retry-after": "0"})
        if draw < 0.22 and request.method != "GET":
            return httpx.Response(400)
        answer = await self._inner.handle_async_request(request)
        mapping, rows = rows_of(request)
        if mapping == "People" and answer.is_success:
            self.imported.update(number for _, number in rows)
        if draw < 0.27:
            raise httpx.ReadError("reset behind")
        return answer

    def _delivered(self, mapping: str) -> set[int]:
        """What the journal has as delivered by now."""
        with Journal(self._path, write=False) as journal:
            return delivered(journal, mapping)


def delivered(journal: Journal, mapping: str) -> set[int]:
    """The numbers of the events that are on record as delivered."""
    query = "select numbers from settled join reason on reason.id = reason where mapping = ? and status = 'delivered'"
    found = journal._db.execute(query, (mapping,)).fetchall()
    return {number for (numbers,) in found for number in unpacked(numbers)}


class Course:
    """A run in its sittings, before one account."""

    def __init__(self, sandbox: Sandbox, path: Path, seed: int) -> None:
        self._sandbox = sandbox
        self._path = path
        self.numbers = random.Random(seed)  # noqa: S311 - chance is no secret
        self.items = drawn_events(self.numbers)
        self.mappings = drawn_mappings(self.numbers)
        self.follows = self.numbers.random() < 0.5
        self.imported: Counter[int] = Counter()
        """How often an event's person got to the imports of the account."""
        self._read = 0

    async def sit(self, kind: type[Run | Retry], *, quiet: bool = False) -> Report:
        """A run or a retry, as far as chance lets it come; what the journal says then."""
        numbers = self.numbers
        transport = Unreliable(self._sandbox, self._path, numbers, quiet=quiet)
        waiting = Waiting()
        options = Options(
            wait=self.follows or numbers.random() < 0.5,
            in_flight=numbers.choice([1, 2, 16]),
            held=numbers.choice([3000, 32_000_000]),
        )
        retrying = Retrying(attempts=1000 if quiet else numbers.choice([0, 1, 3]))
        with Journal(self._path) as journal:
            async with Engine(KLAVIYO, {"api_key": "pk_sandbox"}, transport, retrying, waiting=waiting) as engine:
                work = self._begin(kind, engine, journal, waiting, options, quiet=quiet)
                with (
                    self._end(transport, waiting, journal, work),
                    suppress(Crash, JournalError, asyncio.CancelledError),
                ):
                    await asyncio.wait_for(work, 20)
            with suppress(JournalError), journal.transaction():
                journal.note(state="finished" if quiet else "stopped")
        assert transport.problems == []
        self.imported += transport.imported
        with Journal(self._path) as journal:
            report = Report.of(journal)
            assert self._read <= report.read <= len(self.items)
            self._read = report.read
            if not quiet and numbers.random() < 0.2:  # as an earlier version of the program left it, which knew less
                journal._db.execute("delete from about where key in ('known', 'known_digest', 'read')")
                self._read = 0
        return report

    def _begin(
        self,
        kind: type[Run | Retry],
        engine: Engine,
        journal: Journal,
        waiting: Waiting,
        options: Options,
        *,
        quiet: bool,
    ) -> asyncio.Task[Any]:
        if kind is Run:
            run = Run(engine, self.mappings, journal, waiting, options)
            size = self.numbers.randrange(1, 30)
            return asyncio.create_task(run.deliver(chunks(self.items, size)))
        failed = [tally.reason for tally in journal.tallies() if tally.status not in SETTLED]
        wanted = failed if quiet else [reason for reason in failed if self.numbers.random() < 0.7]
        return asyncio.create_task(Retry(engine, Config(self.mappings), journal, wanted, waiting, options).deliver())

    @contextmanager
    def _end(
        self, transport: Unreliable, waiting: Waiting, journal: Journal, work: asyncio.Task[Any]
    ) -> Iterator[None]:
        """Let the sitting be ended in one way or another."""

        def crash() -> None:
            raise Crash

        def fail() -> None:
            journal._db.set_authorizer(lambda action, *_: 1 if action == 18 else 0)  # SQLITE_INSERT

        transport.at_end = self.numbers.choice([waiting.call_off, crash, fail, work.cancel, lambda: None])
        try:
            yield
        finally:
            journal._db.set_authorizer(None)


@pytest.mark.parametrize("seed", COURSES)
async def test_whatever_course_a_run_takes(seed: int, path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(following, "_FIRST_LOOK", 0.002)
    monkeypatch.setattr(sending, "_GRACE", 0.01)
    monkeypatch.setattr("actions.retrying._LONGEST_WAIT", 0.002)
    with closing(Sandbox(faults=Faults(import_error=0.1 * (seed % 2), seed=seed))) as sandbox:
        course = Course(sandbox, path, seed)
        await course.sit(Run)
        for _ in range(course.numbers.randrange(4)):
            await course.sit(course.numbers.choice([Run, Run, Retry]))
        await course.sit(Run, quiet=True)
        check(course, sandbox, path, await course.sit(Retry, quiet=True))


def check(course: Course, sandbox: Sandbox, path: Path, report: Report) -> None:
    """What a run promises of its journal, its report and the account."""
    seen: set[str] = set()
    events: list[tuple[int, dict[str, Any]]] = []
    for number, item in enumerate(course.items):
        if isinstance(item, bytes):
            continue
        message_id = item.get("messageId")
        if message_id is None or message_id not in seen:
            events.append((number, item))
            seen.add(message_id or "")
    taken = {
        "People": [number for number, item in events if item["type"] == "identify"],
        "Events": [number for number, item in events if item["type"] in ("identify", "track")],
        "Alone": [number for number, item in events if item["type"] == "track"],
    }
    names = [mapping.name for mapping in course.mappings]
    owned = {number for name in names for number in taken[name]}
    assert report.read == len(course.items)
    arrived = sorted(each["unique_id"] for each in sandbox.events(10_000))
    with Journal(path) as journal:
        assert (journal.in_flight(), journal.in_jobs()) == ({}, {})
        assert journal.numbers(EVENT) == [number for number in range(len(course.items)) if number not in owned]
        for name in names:
            assert journal.numbers(name) == taken[name]
            assert sum(count for (mapping, _), count in report.outcomes.items() if mapping == name) == len(taken[name])
        refused = {number for number, item in events if "@example.com" not in item["email"]}
        wanted = [
            f"{name}:{number}" for name in names if name != "People" for number in taken[name] if number not in refused
        ]
        assert arrived == sorted(wanted)
        if course.follows:
            payloads = sandbox._store.db.execute("select payload from job_errors").fetchall()
            failed = Counter(int(json.loads(payload)["title"]) for (payload,) in payloads)
            assert delivered(journal, "People") <= set(course.imported - failed)
