"""The outbox: where payloads go to be sent, and what happens until it is known of each what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from actions.config import Mapping
from actions.delivery.batching import Item
from actions.delivery.collecting import seldom_collected
from actions.delivery.entries import Entries
from actions.delivery.following import Follower
from actions.delivery.journal import Journal
from actions.delivery.options import Options, Progress
from actions.delivery.recorder import Recorder
from actions.delivery.sending import JobRecord, Sender, Settle, TakeOff
from actions.engine import Engine
from actions.waiting import CalledOff, Waiting

T = TypeVar("T")


class Outbox:
    """Sends the payloads of mappings and follows their jobs.

    What becomes of each is put on record by the owner: `take_off` and `settle` are as a `Sender` wants them.
    """

    def __init__(
        self,
        engine: Engine,
        mappings: Sequence[Mapping],
        journal: Journal,
        take_off: TakeOff,
        settle: Settle,
        waiting: Waiting,
        options: Options,
        progress: Progress,
    ) -> None:
        self._settle = settle
        self._waiting = waiting
        self._recorder = Recorder(journal)
        self._follower = Follower(engine, journal, self._recorder, waiting, progress.statuses)
        bound = [engine.bind(mapping) for mapping in mappings]
        self._sender = Sender(engine, bound, take_off, self._settle_and_follow, waiting, options, progress)

    def take(self, item: Item, moment: float) -> None:
        """Put a payload in; what is full by it goes out."""
        self._sender.take(item, moment)

    async def make_room(self) -> None:
        """Wait while too much is in."""
        await self._sender.make_room()

    async def record(self, change: Callable[[], T]) -> T:
        """Make a change to the journal, on the disk when this returns. Raises `JournalError`."""
        return await self._recorder.record(change)

    async def deliver(self, read: Callable[[], Awaitable[bool]], settle_rest: Callable[[], Awaitable[None]]) -> bool:
        """Deliver all that `read` puts in, which then says that it was all; whether every outcome is known.

        `settle_rest` puts on record what needed no sending. Raises what these raise, or `JournalError`.
        """
        beside = [asyncio.create_task(self._sender.keep_time()), asyncio.create_task(self._follower.run())]
        error: BaseException | None = None
        try:
            with seldom_collected():
                complete = await read()
            if complete:
                self._sender.send_all()
            await self._sender.all_landed()
            await settle_rest()
            if complete and not self._waiting.called_off:
                error = await self._end_jobs(beside[1])
            error = error or self._sender.error
        except BaseException as broken:
            if isinstance(broken, asyncio.CancelledError) and self._waiting.called_off:
                await self._sender.abandon()  # somebody does not want to wait for what is on its way
            else:
                self._waiting.call_off()
                await self._sender.all_landed()
            raise
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await self._recorder.finish()
        if error is not None:
            raise error
        return complete and not self._waiting.called_off and not self._follower.left_open

    async def _end_jobs(self, following: asyncio.Task[None]) -> BaseException | None:
        """Wait until the jobs have ended or the run is to end; what kept them from being followed."""
        while self._follower.open_jobs and not following.done():
            await asyncio.wait((following,), timeout=0.05)
        error = following.exception() if following.done() else None
        return None if isinstance(error, CalledOff) else error

    async def _settle_and_follow(self, entries: Entries, flight: int, jobs: Sequence[JobRecord]) -> None:
        await self._settle(entries, flight, jobs)
        for job in jobs:
            self._follower.add(job.job, job.mapping)
