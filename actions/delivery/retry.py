"""Sending again what failed in a run, by the mappings as they are now: like the run, but for where events come from."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import NamedTuple

from actions.config import Config
from actions.delivery.batching import Item
from actions.delivery.entries import EVENT, Entries, Failure, Reason
from actions.delivery.fingerprint import Portion
from actions.delivery.journal import Journal
from actions.delivery.lines import Line
from actions.delivery.options import Options, Progress
from actions.delivery.outbox import Outbox
from actions.delivery.preparing import Preparer
from actions.delivery.report import UNMATCHED
from actions.delivery.sending import JobRecord
from actions.engine import Engine
from actions.waiting import Waiting

_PORTION = 250
_NOT_TAKEN = "The mapping does not take it any more: its trigger does not fire."


class Retry:
    """Sends failures of a run again, to be done once; it ends early and in order where `waiting` is called off.

    Each goes through the mapping of its failure only. A mapping that is off or gone is passed over, its failures stay
    as they are: `passed_over` counts them. `size` counts those that are there to be sent, `done` how many were read.
    What ends is settled in the journal in the place of the failure, so that nothing is sent again that was delivered,
    however often this is broken off and begun again.
    """

    def __init__(
        self,
        engine: Engine,
        config: Config,
        journal: Journal,
        reasons: Sequence[Reason],
        waiting: Waiting | None = None,
        options: Options | None = None,
    ) -> None:
        self.progress = Progress()
        self._destination = engine.destination
        self._mappings = [mapping for mapping in config.mappings if mapping.enabled]
        self._journal = journal
        self._waiting = waiting or Waiting()
        names = {mapping.name for mapping in self._mappings}
        wanted = set(reasons)
        failed = [tally for tally in journal.tallies() if tally.mapping != EVENT and tally.reason in wanted]
        self._reasons = [tally.reason for tally in failed if tally.mapping in names]
        self.size: int | None = sum(tally.count for tally in failed if tally.mapping in names)
        self.done = 0
        self.passed_over = sum(tally.count for tally in failed if tally.mapping not in names)
        self._rest = Entries()
        self._outbox = Outbox(
            engine,
            self._mappings,
            journal,
            self._take_off,
            self._replace,
            self._waiting,
            options or Options(),
            self.progress,
        )

    async def deliver(self) -> bool:
        """Send again what failed for the reasons; whether every outcome is known. Raises `JournalError`."""
        return await self._outbox.deliver(self._read, self._settle_rest)

    async def _read(self) -> bool:
        """Take every failure, those of a mapping in the order in which they were read; whether there are no more."""
        for position, mapping in enumerate(self._mappings):
            preparer = Preparer(self._destination, [mapping])
            failures = self._failures(mapping.name)
            while portion := list(islice(failures, _PORTION)):
                self._take(position, preparer, portion)
                await self._settle_rest()
                await self._outbox.make_room()
                if self._waiting.called_off:
                    return False
        return not self._waiting.called_off

    def _failures(self, mapping: str) -> Iterator[_Again]:
        """The failures of a mapping that are to be sent, in order."""
        unsent = [reason for reason in self._reasons if reason.mapping == mapping and reason.status == "invalid"]
        sent = [reason for reason in self._reasons if reason.mapping == mapping and reason.status != "invalid"]
        return merge(
            (_Again(failure, was_sent=False) for failure in self._journal.failures(*unsent)),
            (_Again(failure, was_sent=True) for failure in self._journal.failures(*sent)),
            key=lambda again: again.failure.number,
        )

    def _take(self, position: int, preparer: Preparer, portion: Sequence[_Again]) -> None:
        moment = time.monotonic()
        name = self._mappings[position].name
        results = preparer.prepare([failure.content for failure, _ in portion])
        for (failure, was_sent), result in zip(portion, results, strict=True):
            self.done += 1
            self.progress.read += 1
            if isinstance(result, str):
                self._fail(name, result, failure)
            elif not result.takes:
                self._rest.add(Reason(name, UNMATCHED, _NOT_TAKEN), failure.number)
                self.progress.statuses[UNMATCHED] += 1
            elif result.takes[0].problem:
                self._fail(name, result.takes[0].problem, failure)
            else:
                line = Line(failure.content, failure.source, failure.line)
                take = result.takes[0]._replace(mapping=position)
                if was_sent:
                    take = take._replace(warnings=())
                self._outbox.take(Item(failure.number, line, take, Portion(0, "")), moment)

    def _fail(self, mapping: str, problem: str, failure: Failure) -> None:
        self._rest.fail(Reason(mapping, "invalid", problem), failure)
        self.progress.statuses["invalid"] += 1

    async def _take_off(self, mapping: str, numbers: Sequence[int]) -> int:
        """Nothing is put on record: what is in flight stays a failure until it is known what became of it."""
        del mapping, numbers
        return 0

    async def _settle_rest(self) -> None:
        rest, self._rest = self._rest, Entries()
        await self._replace(rest)

    async def _replace(self, entries: Entries, flight: int = 0, jobs: Sequence[JobRecord] = ()) -> None:
        """Put outcomes on record in the place of the failures."""
        del flight

        def change() -> None:
            for reason, numbers in entries.settled.items():
                self._journal.withdraw(reason.mapping, numbers)
            for job in jobs:
                self._journal.withdraw(job.mapping, job.numbers)
                self._journal.add_job(*job)
            self._journal.settle(entries)

        await self._outbox.record(change)


class _Again(NamedTuple):
    """A failure. Of what `was_sent`, the warnings are on record already."""

    failure: Failure
    was_sent: bool
