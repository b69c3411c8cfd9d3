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
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from actions.config import Mapping
from actions.delivery.batching import Batch, Batcher, Item
from actions.delivery.entries import EVENT, Entries, Failure, Reason
from actions.delivery.fingerprint import Fingerprint, InputChanged, Portion
from actions.delivery.following import Followed, Follower, pack_rows
from actions.delivery.journal import Journal
from actions.delivery.lines import BadLine, Chunk, Line
from actions.delivery.preparing import PreparedEvent, Take, prepared_chunks
from actions.delivery.read_ahead import read_ahead
from actions.delivery.recorder import Recorder
from actions.delivery.report import BAD_LINE, DUPLICATE, UNMATCHED
from actions.delivery.seen_ids import SeenIds
from actions.engine import Engine, Outcome
from actions.waiting import CalledOff, Waiting

_SEEN = "An event with the same messageId came before."
_MOST_BATCHES = 400
_RECORDED_TOGETHER = 5000
_PEOPLE_COUNTED = 1001
_GRACE = 5.0
"""Seconds that what is on its way has to arrive when a run is to end: service managers give about ten."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a run goes about it.

    `skip` events are passed over and at most `limit` are read. `workers` processes prepare payloads. `wait` follows
    jobs to their end. At most `in_flight` batches are sent at a time, `held` payloads are kept in memory, and a batch
    waits no longer than `age` seconds for more.
    """

    skip: int = 0
    limit: int | None = None
    workers: int = 1
    wait: bool = False
    in_flight: int = 16
    held: int = 40_000
    age: float = 10.0


@dataclass(slots=True)
class Progress:
    """What a run has done so far; `statuses` counts outcomes, those of an earlier sitting not among them."""

    read: int = 0
    statuses: Counter[str] = field(default_factory=Counter[str])
    several: Counter[tuple[int, ...]] = field(default_factory=Counter[tuple[int, ...]])
    consenting: set[str] = field(default_factory=set[str])
    in_flight: int = 0


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
        self._engine = engine
        self._mappings = [mapping for mapping in mappings if mapping.enabled]
        self._bound = [engine.bind(mapping) for mapping in self._mappings]
        self._batchers = [Batcher(at, self._count(at)) for at in range(len(self._mappings))]
        self._journal = journal
        self._recorder = Recorder(journal)
        self._waiting = waiting or Waiting()
        self._options = options or Options()
        self._tell = tell
        self._slots = asyncio.Semaphore(self._options.in_flight)
        self._tasks: set[asyncio.Task[None]] = set()
        self._landed = asyncio.Event()
        self._held = 0
        self._error: BaseException | None = None
        self._entries = Entries()
        about = journal.about
        self._fingerprint = Fingerprint(int(about.get("watermark", "0")), about.get("digest", ""))
        self._number = 0
        self._reached = about.get("reached", "")
        self._known = journal.settled(self._fingerprint.settled)
        self._seen = SeenIds()
        self._follower = Follower(engine, journal, self._recorder, self._waiting, self.progress.statuses)

    def _count(self, position: int) -> int:
        """How many payloads of a mapping go out together; 1 where it says that they go one by one."""
        fields = self._mappings[position].fields
        if fields.get("enable_batching") is False:
            return 1
        most = self._bound[position].action.batch_maximum
        size = fields.get("batch_size")
        return min(size, most) if isinstance(size, int) and size > 0 else most

    async def deliver(self, chunks: Iterator[Chunk]) -> None:
        """Deliver all that the chunks hold. Raises what reading them raises, `InputChanged`, or `JournalError`."""
        await self._recorder.record(self._journal.forget_flights)
        beside = [asyncio.create_task(self._keep_time()), asyncio.create_task(self._follower.run())]
        try:
            complete = await self._read(chunks)
            if complete:
                self._go(batch for batcher in self._batchers for batch in batcher.close())
            await self._all_landed()
            await self._record()
            if complete and not self._waiting.called_off:
                await self._end_jobs(beside[1])
            self.complete = complete and self._error is None and not self._waiting.called_off
        except BaseException:
            self._waiting.call_off()
            await self._all_landed()
            raise
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await self._recorder.finish()
            self._seen.close()
        if self._error is not None:
            raise self._error

    async def _end_jobs(self, following: asyncio.Task[None]) -> None:
        """Wait until the jobs have ended, or the waiting for them was called off."""
        while self._follower.open_jobs and not following.done():
            await asyncio.wait((following,), timeout=0.05)
        if following.done() and isinstance(error := following.exception(), Exception):
            self._error = None if isinstance(error, CalledOff) else error

    async def _read(self, chunks: Iterator[Chunk]) -> bool:
        """Take everything; whether there is no more to read."""
        workers, settled = self._options.workers, self._fingerprint.settled
        ahead = read_ahead(chunks, self._waiting.over)
        ready = prepared_chunks(ahead, self._engine.destination, self._mappings, workers, settled)
        stop = None if self._options.limit is None else self._options.skip + self._options.limit
        async with aclosing(ahead), aclosing(ready):
            async for chunk, results in ready:
                await self._take(chunk, results)
                if stop is not None and self._number >= stop:
                    return not self._waiting.called_off
                if self._waiting.called_off:
                    return False
        if self._number < settled and not self._waiting.called_off:
            raise InputChanged
        return not self._waiting.called_off

    async def _take(self, chunk: Chunk, results: Sequence[PreparedEvent | str]) -> None:
        portion = self._fingerprint.read(chunk, self._number)
        portion.unsettled += 1  # until all of it is taken
        moment = time.monotonic()
        for line, result in zip(chunk, results, strict=True):
            number = self._number
            self._number += 1
            if self._is_wanted(number):
                self._take_line(number, line, result, portion, moment)
            elif isinstance(result, PreparedEvent) and result.message_id and number >= self._options.skip:
                self._seen.add(result.message_id)
        if chunk:
            self._reached = f"{chunk[-1].source}:{chunk[-1].line}"
        portion.unsettled -= 1
        if self._entries.count >= _RECORDED_TOGETHER:
            await self._record()
        await asyncio.sleep(0)
        while self._held >= self._options.held or len(self._tasks) >= _MOST_BATCHES:
            await self._make_room()

    def _read_so_far(self) -> int:
        """How many events and bad lines were read of those that are wanted, in all sittings."""
        skip, limit = self._options.skip, self._options.limit
        read = max(0, max(self._number, self._fingerprint.settled) - skip)
        return read if limit is None else min(read, limit)

    def _is_wanted(self, number: int) -> bool:
        skip, limit = self._options.skip, self._options.limit
        return number >= max(skip, self._fingerprint.settled) and (limit is None or number < skip + limit)

    def _take_line(
        self, number: int, line: Line | BadLine, result: PreparedEvent | str, portion: Portion, moment: float
    ) -> None:
        self.progress.read += 1
        if isinstance(result, str):
            if not self._is_known(EVENT, number):
                failure = Failure(number, line.source, line.line, line.content)
                self._note(Reason(EVENT, BAD_LINE, result), failure=failure)
                if self._tell:
                    self._tell(BadLine(result, line.source, line.line, line.content))
            return
        if result.message_id and not self._seen.add(result.message_id):
            self._note(Reason(EVENT, DUPLICATE, _SEEN), number)
            return
        if not result.takes:
            self._note(Reason(EVENT, UNMATCHED), number)
            return
        if len(result.takes) > 1:
            self.progress.several[tuple(take.mapping for take in result.takes)] += 1
        for take in result.takes:
            if not self._is_known(self._mappings[take.mapping].name, number):
                self._take_payload(number, line, take, portion, moment)

    def _take_payload(self, number: int, line: Line | BadLine, take: Take, portion: Portion, moment: float) -> None:
        if take.prepared is None:
            reason = Reason(self._mappings[take.mapping].name, "invalid", take.problem)
            self._note(reason, failure=Failure(number, line.source, line.line, line.content))
            return
        if self._bound[take.mapping].action.changes_consent and len(self.progress.consenting) < _PEOPLE_COUNTED:
            self.progress.consenting.update(take.person[:1])
        item = Item(number, line, take.prepared, take.person, portion)
        portion.unsettled += 1
        self._held += 1
        self._go(self._batchers[take.mapping].add(item, take.key, take.size, moment))

    def _is_known(self, mapping: str, number: int) -> bool:
        known = self._known.get(mapping)
        return known is not None and number in known

    def _note(self, reason: Reason, number: int = -1, *, failure: Failure | None = None) -> None:
        """An outcome that needs no sending. It is put on record with the next ones."""
        if failure is None and self._is_known(reason.mapping, number):
            return
        if failure is None:
            self._entries.add(reason, number)
        else:
            self._entries.fail(reason, failure)
        self.progress.statuses[reason.status] += 1

    async def _make_room(self) -> None:
        """Wait until something has gone out; where nothing is on its way, send what waits for more."""
        if not self._tasks:
            oldest = min(self._batchers, key=lambda batcher: batcher.oldest)
            self._go(oldest.close(oldest.oldest + 1e-9))
        self._landed.clear()
        await self._landed.wait()

    def _go(self, batches: Sequence[Batch] | Iterator[Batch]) -> None:
        for batch in batches:
            task = asyncio.create_task(self._fly(batch))
            self._tasks.add(task)

    async def _fly(self, batch: Batch) -> None:
        """Send a batch when its turn has come, and put on record what became of it."""
        task = asyncio.current_task()
        try:
            for earlier in list(batch.after):
                await earlier.done.wait()
            async with self._slots:
                if not self._waiting.called_off:
                    self.progress.in_flight += 1
                    await self._send(batch)
        except CalledOff:
            pass  # it stays on record as in flight
        except Exception as error:
            self._error = self._error or error
            self._waiting.call_off()
        finally:
            self._batchers[batch.mapping].finish(batch)
            self._held -= len(batch.items)
            if task is not None:
                self._tasks.discard(task)
            self._landed.set()

    async def _send(self, batch: Batch) -> None:
        mapping = self._mappings[batch.mapping]
        numbers = [item.number for item in batch.items]
        flight = await self._recorder.record(lambda: self._journal.take_off(mapping.name, numbers))
        prepared = [item.prepared for item in batch.items]
        try:
            if self._count(batch.mapping) == 1:
                outcomes = [await self._engine.deliver_prepared(mapping, prepared[0])]
            else:
                outcomes = await self._engine.deliver_prepared_batch(mapping, prepared)
        finally:
            self.progress.in_flight -= 1
        await self._settle(mapping.name, batch.items, outcomes, flight)

    async def _settle(self, mapping: str, items: Sequence[Item], outcomes: Sequence[Outcome], flight: int) -> None:
        entries = Entries()
        delivered = Reason(mapping, "delivered")
        jobs: dict[str, list[Followed]] = {}
        for item, outcome in zip(items, outcomes, strict=True):
            item.chunk.unsettled -= 1
            line = item.line
            if outcome.warnings:
                entries.warn(mapping, outcome.warnings)
            if outcome.status == "delivered":
                if self._options.wait and outcome.job:
                    followed = Followed(item.number, line.source, line.line, line.content, item.person)
                    jobs.setdefault(outcome.job, []).append(followed)
                    continue
                entries.add(delivered, item.number)
            else:
                reason = Reason(mapping, outcome.status, outcome.message or "")
                entries.fail(reason, Failure(item.number, line.source, line.line, line.content))
            self.progress.statuses[outcome.status] += 1
        records = [(job, mapping, [row.number for row in rows], pack_rows(rows)) for job, rows in jobs.items()]
        await self._record(entries, flight, records)
        for job in jobs:
            self._follower.add(job, mapping)

    async def _record(
        self,
        entries: Entries | None = None,
        flight: int | None = None,
        jobs: Sequence[tuple[str, str, Sequence[int], bytes]] = (),
    ) -> None:
        """Put on record what became of a batch, and with it everything else that is known by now."""
        others, self._entries = self._entries, Entries()
        self._fingerprint.advance()
        facts = {
            "watermark": str(self._fingerprint.watermark),
            "digest": self._fingerprint.digest,
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

        await self._recorder.record(change)

    async def _keep_time(self) -> None:
        """Send what has waited long enough for more."""
        while True:
            await asyncio.sleep(min(1.0, self._options.age / 4))
            if self.progress.in_flight < self._options.in_flight and not self._waiting.called_off:
                before = time.monotonic() - self._options.age
                self._go([batch for batcher in self._batchers for batch in batcher.close(before)])

    async def _all_landed(self) -> None:
        """Wait for what is on its way; not for long where the run is to end."""
        called_off = asyncio.create_task(self._waiting.over.wait())
        while self._tasks and not called_off.done():
            await asyncio.wait({*self._tasks, called_off}, return_when=asyncio.FIRST_COMPLETED)
        called_off.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=_GRACE)
        for task in self._tasks:
            task.cancel()  # it stays on record as in flight
        if self._tasks:
            await asyncio.wait(set(self._tasks))
