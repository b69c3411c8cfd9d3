"""Following jobs: a batch that was taken may still fail row by row, and is settled when its job has ended."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections import Counter
from collections.abc import Sequence
from heapq import heapify, heappush
from typing import NamedTuple, cast

from pydantic_core import from_json, to_json

from actions.delivery.entries import Entries, Failure, Reason
from actions.delivery.journal import Journal
from actions.delivery.recorder import Recorder
from actions.destination import JobResult
from actions.engine import Engine
from actions.values import Json
from actions.waiting import CalledOff, Waiting

_FIRST_LOOK, _LONGEST_PAUSE = 0.25, 10.0
"""Seconds until a job is looked at first, and those that this doubles up to."""


class Followed(NamedTuple):
    """An event that a job goes on with, and what names its person there."""

    number: int
    source: str
    line: int
    content: bytes
    person: tuple[str, ...]


class _Job(NamedTuple):
    """A job that is looked at when it is `due`, and `pause` seconds after that."""

    due: float
    job: str
    mapping: str
    pause: float


class Follower:
    """Looks at the jobs of a run until they end. What it finds out goes on record, and is counted in `statuses`.

    `left_open` counts jobs of which nothing could be found out now: they stay on record, for the next sitting.
    """

    def __init__(
        self, engine: Engine, journal: Journal, recorder: Recorder, waiting: Waiting, statuses: Counter[str]
    ) -> None:
        self.left_open = 0
        self._engine = engine
        self._journal = journal
        self._recorder = recorder
        self._waiting = waiting
        self._statuses = statuses
        self._jobs: list[_Job] = []  # a heap, what is to be looked at next in front
        self._changed = asyncio.Event()
        for job, mapping in journal.jobs():
            self.add(job, mapping)

    @property
    def open_jobs(self) -> int:
        """How many jobs are still looked at."""
        return len(self._jobs)

    def add(self, job: str, mapping: str) -> None:
        """Follow a job of a mapping's, which is on record."""
        heappush(self._jobs, _Job(time.monotonic() + _FIRST_LOOK, job, mapping, _FIRST_LOOK))
        self._changed.set()

    async def run(self) -> None:
        """Follow jobs, those to come too, until this is cancelled or the waiting is called off."""
        while True:
            await self.finish()
            self._changed.clear()
            await self._changed.wait()

    async def finish(self) -> None:
        """Follow the jobs that there are to their ends. Raises `CalledOff` and `JournalError`."""
        while self._jobs:
            if self._waiting.called_off:  # though nothing may have to be waited for now
                raise CalledOff
            following = self._jobs[0]
            left = following.due - time.monotonic()
            if left > 0:  # in small steps, since one that is added may be due earlier
                await self._waiting.sleep(min(left, _FIRST_LOOK), f"the import {following.job}")
                continue
            result = await self._engine.run(self._engine.destination.follow(following.job))
            if result.done:
                await self._settle(following.job, following.mapping, result)
            elif result.problem:
                await self._leave_open(following.mapping, result.problem)
            self._jobs.remove(following)
            heapify(self._jobs)
            if not result.done and not result.problem:
                pause = min(following.pause * 2, _LONGEST_PAUSE)
                heappush(self._jobs, following._replace(due=time.monotonic() + pause, pause=pause))

    async def _settle(self, job: str, mapping: str, result: JobResult) -> None:
        rows = unpack_rows(self._journal.job_rows(job))
        entries = Entries()
        failed = _failed_rows(rows, result, entries, mapping)
        delivered = Reason(mapping, "delivered")
        for index, row in enumerate(rows):
            status, message = failed.get(index, ("delivered", ""))
            if status == "delivered":
                entries.add(delivered, row.number)
            else:
                failure = Failure(row.number, row.source, row.line, row.content)
                entries.fail(Reason(mapping, status, message), failure)
            self._statuses[status] += 1

        def change() -> None:
            self._journal.settle(entries)
            self._journal.end_job(job)

        await self._recorder.record(change)

    async def _leave_open(self, mapping: str, problem: str) -> None:
        self.left_open += 1
        entries = Entries()
        entries.warn(mapping, [problem])
        await self._recorder.record(lambda: self._journal.settle(entries))


def _failed_rows(
    rows: Sequence[Followed], result: JobResult, entries: Entries, mapping: str
) -> dict[int, tuple[str, str]]:
    """By position, the rows that failed with status and message; what fits no row becomes a warning.

    Which of several rows that name a person alike it was, nobody tells. Then all of them have failed: to send one again
    that has arrived does no harm, while one that passes for delivered would be lost.
    """
    if result.problem:
        entries.warn(mapping, [result.problem])
    if result.is_undone:
        return dict.fromkeys(range(len(rows)), ("retryable", result.problem))
    owners: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        for name in row.person:
            owners.setdefault(name, []).append(index)
    failed: dict[int, tuple[str, str]] = {}
    for person, message in result.failed:
        shared = Counter(index for name in person for index in owners.get(name, ()))
        apart = {index: len(rows[index].person) - 2 * count for index, count in shared.items()}
        least = min(apart.values(), default=0)
        for index in (index for index, distance in apart.items() if distance == least):
            failed.setdefault(index, ("rejected", message))
        if not shared:
            entries.warn(mapping, [message])
    return failed


def pack_rows(rows: Sequence[Followed]) -> bytes:
    """The rows of a job as they are kept until it ends."""
    return zlib.compress(to_json(rows), 1)


def unpack_rows(content: bytes) -> list[Followed]:
    """The rows of `pack_rows`."""
    values = cast("list[list[Json]]", from_json(zlib.decompress(content)))
    return [
        Followed(number, source, line, text.encode(), tuple(person)) for number, source, line, text, person in values
    ]
