"""The recorder: puts on record what a run does, many changes in one transaction, beside the run's other work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from actions.delivery.journal import Journal

T = TypeVar("T")


class Recorder:
    """Writes a journal. What is given while a transaction lasts goes into the next one, all of it.

    Changes build on one another: once one has failed, all later ones fail with it.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._waiting: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._error: Exception | None = None

    async def record(self, change: Callable[[], T]) -> T:
        """Make a change to the journal; when this returns what it returned, it is on the disk. `JournalError`."""
        if self._error is not None:
            raise self._error
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((change, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await done

    async def finish(self) -> None:
        """Wait until all that was given is written, so that nobody writes any more when the journal is closed."""
        while self._writing is not None:
            await asyncio.wait((self._writing,))

    async def _write(self) -> None:
        try:
            while self._waiting:
                changes, self._waiting = self._waiting, []
                try:
                    results = await asyncio.to_thread(self._commit, [change for change, _ in changes])
                except Exception as error:
                    self._error = error
                    later, self._waiting = self._waiting, []
                    for _, done in (*changes, *later):
                        if not done.done():
                            done.set_exception(error)
                else:
                    for (_, done), result in zip(changes, results, strict=True):
                        if not done.done():
                            done.set_result(result)
        finally:
            self._writing = None

    def _commit(self, changes: list[Callable[[], Any]]) -> list[Any]:
        with self._journal.transaction():
            return [change() for change in changes]
