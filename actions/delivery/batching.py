"""Batching: payloads of a mapping gathered into requests, and in which order these may go out.

Payloads whose batch keys differ share no request. What concerns the same person goes out in the order in which it was
read: a batch waits for those before it that have a person in common with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

from actions.delivery.fingerprint import Portion
from actions.delivery.lines import BadLine, Line
from actions.delivery.preparing import Take

LARGEST_BATCH = 4_800_000
"""Bytes. A little below what a request may have, since there is an envelope around it."""
_AROUND = 120
"""Bytes that a request has around each payload, about."""
_OBJECTS = 700
"""Bytes that a payload takes in memory beside its texts, about."""


class Item(NamedTuple):
    """A payload on its way. `number` is that of its event, `line` where it stood, `portion` what was read with it."""

    number: int
    line: Line | BadLine
    take: Take
    portion: Portion


@dataclass(slots=True, eq=False)
class Batch:
    """Payloads of a mapping that go out together, once all of `after` are done. `opened` is by the owner's clock.

    `size` are the bytes of its request, `held` those that it takes in memory, both about.
    """

    mapping: int
    key: Hashable
    opened: float
    items: list[Item] = field(default_factory=list[Item])
    size: int = 0
    held: int = 0
    closed: bool = False
    after: set[Batch] = field(default_factory=set["Batch"])
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Batcher:
    """Gathers the payloads of one mapping; a batch has at most `count` of them and `LARGEST_BATCH` bytes."""

    def __init__(self, mapping: int, count: int) -> None:
        self._mapping = mapping
        self._count = count
        self._open: dict[Hashable, Batch] = {}
        self._last: dict[str, Batch] = {}
        """The newest batch that each person is in, of those that have not gone out."""

    def add(self, item: Item, moment: float) -> list[Batch]:
        """Take a payload; the batches that are to go out now, in order."""
        _, line, take, _ = item
        key, size, newest = take.key, take.size + _AROUND, self._last
        full: list[Batch] = []
        batch = self._open.get(key)
        if batch is not None and batch.size + size > LARGEST_BATCH:
            full.append(self._close(batch))
            batch = None
        if batch is None:
            batch = self._open[key] = Batch(self._mapping, key, moment)
        for name in take.person:
            last = newest.get(name)
            if last is not batch:
                newest[name] = batch
                if last is not None:
                    batch.after.add(last)
                    if not last.closed:
                        full.append(self._close(last))
        batch.items.append(item)
        batch.size += size
        batch.held += take.size + len(line.content) + _OBJECTS
        if len(batch.items) >= self._count:
            full.append(self._close(batch))
        return full

    def close(self, before: float = float("inf")) -> list[Batch]:
        """The batches that were opened before a moment, to go out as they are."""
        return [self._close(batch) for batch in list(self._open.values()) if batch.opened < before]

    @property
    def oldest(self) -> float:
        """When the oldest open batch was opened; infinity where there is none."""
        return next((batch.opened for batch in self._open.values()), float("inf"))

    @property
    def held(self) -> int:
        """Bytes in memory that the open batches take, about."""
        return sum([batch.held for batch in self._open.values()])

    def finish(self, batch: Batch) -> None:
        """A batch has gone out, or will not."""
        batch.done.set()
        batch.after.clear()
        newest = self._last
        for _, _, take, _ in batch.items:
            for name in take.person:
                if newest.get(name) is batch:
                    del newest[name]

    def _close(self, batch: Batch) -> Batch:
        batch.closed = True
        del self._open[batch.key]
        return batch
