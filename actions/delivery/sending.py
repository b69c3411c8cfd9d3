"""Sending: payloads gathered into batches, which go out in their order and several at a time."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from pydantic_core import from_json

from actions.binding import BoundMapping
from actions.delivery.audiences import Audiences
from actions.delivery.batching import Batch, Batcher, Item
from actions.delivery.entries import Entries, Failure, Reason
from actions.delivery.following import Followed, pack_rows
from actions.delivery.options import Options, Progress
from actions.destination import Verdict
from actions.engine import Engine
from actions.waiting import CalledOff, Waiting

_MOST_BATCHES = 400
_QUEUE = 2
"""With so many batches of a mapping on their way, none is closed for its age. A single one may be stuck for itself."""
_GRACE = 5.0
"""Seconds that what is on its way has to arrive when a run is to end: service managers give about ten."""


class JobRecord(NamedTuple):
    """A job that goes on with events, as the journal keeps it."""

    job: str
    mapping: str
    numbers: Sequence[int]
    rows: bytes


TakeOff: TypeAlias = Callable[[str, Sequence[int]], Awaitable[int]]
"""Puts a batch of a mapping on record that is about to be sent; the number to settle it by."""
Settle: TypeAlias = Callable[[Entries, int, Sequence[JobRecord]], Awaitable[None]]
"""Puts on record what became of a batch, and the jobs that go on with it."""


class Sender:
    """Sends the payloads of a run. `error` is what kept a batch from being sent or recorded; the run then ends."""

    def __init__(
        self,
        engine: Engine,
        bound: Sequence[BoundMapping],
        take_off: TakeOff,
        settle: Settle,
        waiting: Waiting,
        options: Options,
        progress: Progress,
    ) -> None:
        self.error: BaseException | None = None
        self._engine = engine
        self._bound = bound
        self._batchers = [Batcher(at, own.batch_count) for at, own in enumerate(bound)]
        self._audiences = Audiences(engine)
        self._take_off = take_off
        self._settle = settle
        self._waiting = waiting
        self._options = options
        self._progress = progress
        # a mapping's own, so that one that waits for its limit holds up no other
        self._slots = [asyncio.Semaphore(options.in_flight) for _ in bound]
        self._on_their_way = [0] * len(bound)
        """Batches by mapping that are closed and have not landed."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._landed = asyncio.Event()
        self._held = 0
        """Bytes held by batches that are closed."""

    def take(self, item: Item, moment: float) -> None:
        """Take a payload; what is full by it goes out."""
        item.portion.unsettled += 1
        self._progress.taken += 1
        full = self._batchers[item.take.mapping].add(item, moment)
        if full:
            self._go(full)

    async def make_room(self) -> None:
        """Wait while too much is held and the run goes on; where nothing is on its way, send what waits for more."""
        while not self._waiting.called_off and (
            self._held + sum([batcher.held for batcher in self._batchers]) >= self._options.held
            or len(self._tasks) >= _MOST_BATCHES
        ):
            if not self._tasks:
                oldest = min(self._batchers, key=lambda batcher: batcher.oldest)
                self._go(oldest.close(math.nextafter(oldest.oldest, math.inf)))
            await self._one_landed()

    def send_all(self) -> None:
        """Send what waits for more."""
        self._go(batch for batcher in self._batchers for batch in batcher.close())

    async def keep_time(self) -> None:
        """Send what has waited long enough for more, until this is cancelled."""
        while True:
            await asyncio.sleep(min(1.0, self._options.age / 4))
            if not self._waiting.called_off:
                before = time.monotonic() - self._options.age
                # where some are waiting already, for a limit say, others would go no sooner, in more requests only
                free = [own for own, count in zip(self._batchers, self._on_their_way, strict=True) if count < _QUEUE]
                self._go([batch for batcher in free for batch in batcher.close(before)])

    async def all_landed(self) -> None:
        """Wait for what is on its way; not for long where the run is to end."""
        while self._tasks and not self._waiting.called_off:
            await self._one_landed()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=_GRACE)
        await self.abandon()

    async def abandon(self) -> None:
        """Break off what is on its way. It stays on record as in flight."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks))

    async def _one_landed(self) -> None:
        """Wait until a batch lands, or until the run is to end."""
        self._landed.clear()
        either = [asyncio.create_task(event.wait()) for event in (self._landed, self._waiting.over)]
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in either:
                task.cancel()

    def _go(self, batches: Iterable[Batch]) -> None:
        for batch in batches:
            self._held += batch.held
            self._on_their_way[batch.mapping] += 1
            self._tasks.add(asyncio.create_task(self._fly(batch)))

    async def _fly(self, batch: Batch) -> None:
        """Send a batch when its turn has come, and put on record what became of it."""
        task = asyncio.current_task()
        try:
            for earlier in list(batch.after):
                await earlier.done.wait()
            async with self._slots[batch.mapping]:
                if not self._waiting.called_off:
                    self._progress.in_flight += 1
                    await self._send(batch)
        except CalledOff:
            pass  # it stays on record as in flight
        except Exception as error:
            self.error = self.error or error
            self._waiting.call_off()
        finally:
            self._batchers[batch.mapping].finish(batch)
            self._held -= batch.held
            self._on_their_way[batch.mapping] -= 1
            self._progress.landed += len(batch.items)
            if task is not None:
                self._tasks.discard(task)
            self._landed.set()

    async def _send(self, batch: Batch) -> None:
        bound = self._bound[batch.mapping]
        name, action = bound.mapping.name, bound.action
        numbers = [item.number for item in batch.items]
        packed = [item.take.packed for item in batch.items]
        flight = await self._take_off(name, numbers)
        try:
            refusal = await self._refusal(batch)
            if refusal is not None:
                verdicts = [refusal] * len(batch.items)
            elif bound.batch_count == 1:
                verdicts = [await self._engine.run(action.perform(from_json(packed[0].rows[0])))]
            else:
                own_key, _ = batch.items[0].take.key
                verdicts = await self._engine.run(action.perform_packed(own_key, packed))
        finally:
            self._progress.in_flight -= 1
        await self._account(name, batch.items, verdicts, flight)

    async def _refusal(self, batch: Batch) -> Verdict | None:
        """Why the Engage audience of a batch, whose payloads share a list, is none of the account's; else None."""
        if not self._bound[batch.mapping].action.audience:
            return None
        audience = next((item.take.audience for item in batch.items if item.take.audience), "")
        return await self._audiences.refusal(audience) if audience else None

    async def _account(self, mapping: str, items: Sequence[Item], verdicts: Sequence[Verdict], flight: int) -> None:
        entries = Entries()
        delivered: list[int] = []
        jobs: dict[str, list[Followed]] = {}
        for item, verdict in zip(items, verdicts, strict=True):
            item.portion.unsettled -= 1
            if item.take.warnings or verdict.warnings:
                entries.warn(mapping, [*item.take.warnings, *verdict.warnings])
            if verdict.status == "delivered":
                if verdict.job and self._options.wait:
                    jobs.setdefault(verdict.job, []).append(_followed(item))
                else:
                    delivered.append(item.number)
            else:
                number, line = item.number, item.line
                reason = Reason(mapping, verdict.status, verdict.message or "")
                entries.fail(reason, Failure(number, line.source, line.line, line.content))
                self._progress.statuses[verdict.status] += 1
        entries.add_all(Reason(mapping, "delivered"), delivered)
        if delivered:
            self._progress.statuses["delivered"] += len(delivered)
        records = [JobRecord(job, mapping, [row.number for row in rows], pack_rows(rows)) for job, rows in jobs.items()]
        await self._settle(entries, flight, records)


def _followed(item: Item) -> Followed:
    line = item.line
    return Followed(item.number, line.source, line.line, line.content, item.take.person)
