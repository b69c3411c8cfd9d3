"""A headless run: every event through every mapping that fires, in batches, several at a time, on record.

::

    async with Engine(KLAVIYO, settings, pacing=…, waiting=waiting) as engine:
        with Journal(path) as journal:
            await Run(engine, mappings, journal, waiting).deliver(sources.chunks())

A run that was broken off goes on where it was when it gets the same journal and the same input.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing

from actions.config import Mapping
from actions.delivery.batching import Item
from actions.delivery.entries import EVENT, Entries, Failure, Reason
from actions.delivery.fingerprint import Fingerprint, InputChanged, Portion
from actions.delivery.journal import Journal
from actions.delivery.lines import BadLine, Chunk, Line
from actions.delivery.options import Options, Progress
from actions.delivery.outbox import Outbox
from actions.delivery.preparing import PreparedEvent, Take, prepared_chunks
from actions.delivery.read_ahead import read_ahead
from actions.delivery.report import BAD_LINE, DUPLICATE, UNMATCHED
from actions.delivery.seen_ids import SeenIds
from actions.delivery.sending import JobRecord
from actions.engine import Engine
from actions.waiting import Waiting

__all__ = ["Options", "Progress", "Run"]

_SEEN = "An event with the same messageId came before."
_RECORDED_TOGETHER = 5000
_PEOPLE_COUNTED = 1001
_KINDS_COUNTED = 1000


class Run:
    """A run, to be done once. `progress` tells how far it is; it ends early and in order where `waiting` is called off.

    Bad lines are told as they are found. `complete` says afterwards that all was read and that every outcome is known.
    """

    def __init__(
        self,
        engine: Engine,
        mappings: Sequence[Mapping],
        journal: Journal,
        waiting: Waiting | None = None,
        options: Options | None = None,
        tell: Callable[[BadLine], None] | None = None,
    ) -> None:
        self.progress = Progress()
        self.complete = False
        self._destination = engine.destination
        self._mappings = [mapping for mapping in mappings if mapping.enabled]
        bound = [engine.bind(mapping) for mapping in self._mappings]
        self._names = [mapping.name for mapping in self._mappings]
        self._changes_consent = [own.action.changes_consent for own in bound]
        self._journal = journal
        self._waiting = waiting or Waiting()
        self._options = options or Options()
        self._tell = tell
        self._entries = Entries()
        about = journal.about
        self._fingerprint = Fingerprint(about)
        self._number = 0
        self._reached = about.get("reached", "")
        self._known = journal.settled(self._fingerprint.settled)
        self._seen = SeenIds()
        self._outbox = Outbox(
            engine,
            self._mappings,
            journal,
            self._take_off,
            self._record,
            self._waiting,
            self._options,
            self.progress,
        )

    async def deliver(self, chunks: Iterator[Chunk]) -> None:
        """Deliver all that the chunks hold. Raises what reading them raises, `InputChanged`, or `JournalError`."""
        try:
            await self._outbox.record(self._journal.forget_flights)
            self.complete = await self._outbox.deliver(lambda: self._read(chunks), self._record)
        finally:
            self._seen.close()

    async def _read(self, chunks: Iterator[Chunk]) -> bool:
        """Take everything; whether there is no more to read."""
        workers, settled = self._options.workers, self._fingerprint.settled
        ahead = read_ahead(chunks, self._waiting.over)
        ready = prepared_chunks(ahead, self._destination, self._mappings, workers, settled)
        stop = None if self._options.limit is None else self._options.skip + self._options.limit
        async with aclosing(ahead), aclosing(ready):
            async for chunk, results in ready:
                await self._take(chunk, results)
                if stop is not None and self._number >= stop:
                    return not self._waiting.called_off
                if self._waiting.called_off:
                    return False
        if self._number < self._fingerprint.known and not self._waiting.called_off:
            raise InputChanged
        return not self._waiting.called_off

    async def _take(self, chunk: Chunk, results: Sequence[PreparedEvent | str]) -> None:
        portion = self._fingerprint.read(chunk, self._number)
        portion.unsettled += 1  # until all of it is taken
        moment = time.monotonic()
        last: Line | BadLine | None = None
        first, stop = self._wanted()
        repeated = self._repeated(results)
        for line, result in zip(chunk, results, strict=True):
            number = self._number
            self._number += 1
            if not first <= number < stop:
                continue
            last = line
            self.progress.read += 1
            if self._is_known(EVENT, number):  # it reached no mapping in an earlier sitting, and what is settled stays
                continue
            if isinstance(result, str):
                self._take_bad_line(number, BadLine(result, line.source, line.line, line.content))
            elif number in repeated:
                self._note(Reason(EVENT, DUPLICATE, _SEEN), number)
            else:
                self._take_event(number, line, result, portion, moment)
        if last is not None and portion.end == self._fingerprint.known:  # not behind what an earlier sitting reached
            self._reached = f"{last.source}:{last.line}" if last.line else last.source
        portion.unsettled -= 1
        if self._entries.count >= _RECORDED_TOGETHER:
            await self._record()
        await asyncio.sleep(0)
        await self._outbox.make_room()

    def _read_so_far(self) -> int:
        """How many events and bad lines were read of those that are wanted, in all sittings."""
        skip, limit = self._options.skip, self._options.limit
        read = max(0, self._fingerprint.known - skip)
        return read if limit is None else min(read, limit)

    def _wanted(self) -> tuple[int, float]:
        """The first number that is to be taken, and the one behind the last."""
        skip, limit = self._options.skip, self._options.limit
        return max(skip, self._fingerprint.settled), float("inf") if limit is None else skip + limit

    def _repeated(self, results: Sequence[PreparedEvent | str]) -> set[int]:
        """The numbers of the events that have the message id of an earlier one."""
        return self._seen.add(
            [
                (result.message_id, number)
                for number, result in enumerate(results, self._number)
                if not isinstance(result, str) and result.message_id and number >= self._options.skip
            ]
        )

    def _take_bad_line(self, number: int, line: BadLine) -> None:
        failure = Failure(number, line.source, line.line, line.content)
        self._note(Reason(EVENT, BAD_LINE, line.reason), failure=failure)
        if self._tell:
            self._tell(line)

    def _take_event(
        self, number: int, line: Line | BadLine, result: PreparedEvent, portion: Portion, moment: float
    ) -> None:
        if not result.takes:
            if not any(number in known for known in self._known.values()):  # by a mapping that is off now, it may be
                self._note(Reason(EVENT, UNMATCHED), number)
            if result.kind in self.progress.uncovered or len(self.progress.uncovered) < _KINDS_COUNTED:
                self.progress.uncovered[result.kind] += 1
            return
        if len(result.takes) > 1:
            self.progress.several[tuple(take.mapping for take in result.takes)] += 1
        for take in result.takes:
            if not self._is_known(self._names[take.mapping], number):
                self._take_payload(number, line, take, portion, moment)

    def _take_payload(self, number: int, line: Line | BadLine, take: Take, portion: Portion, moment: float) -> None:
        if take.problem:
            reason = Reason(self._names[take.mapping], "invalid", take.problem)
            self._note(reason, failure=Failure(number, line.source, line.line, line.content))
            return
        if self._changes_consent[take.mapping] and len(self.progress.consenting) < _PEOPLE_COUNTED:
            self.progress.consenting.update(take.person[:1])
        self._outbox.take(Item(number, line, take, portion), moment)

    def _is_known(self, mapping: str, number: int) -> bool:
        known = self._known.get(mapping)
        return known is not None and number in known

    def _note(self, reason: Reason, number: int = -1, *, failure: Failure | None = None) -> None:
        """An outcome that needs no sending. It is put on record with the next ones."""
        if failure is None:
            self._entries.add(reason, number)
        else:
            self._entries.fail(reason, failure)
        self.progress.statuses[reason.status] += 1

    async def _take_off(self, mapping: str, numbers: Sequence[int]) -> int:
        """Put a batch on record as in flight."""
        return await self._outbox.record(lambda: self._journal.take_off(mapping, numbers))

    async def _record(
        self,
        entries: Entries | None = None,
        flight: int | None = None,
        jobs: Sequence[JobRecord] = (),
    ) -> None:
        """Put on record what became of a batch, and with it everything else that is known by now."""
        others, self._entries = self._entries, Entries()
        self._fingerprint.advance()
        facts = {
            **self._fingerprint.facts,
            "read": str(self._read_so_far()),
            "reached": self._reached,
        }

        def change() -> None:
            self._journal.settle(others)
            if entries is not None:
                self._journal.settle(entries)
            for job in jobs:
                self._journal.add_job(*job)
            if flight is not None:
                self._journal.land(flight)
            self._journal.note(**facts)

        await self._outbox.record(change)
