"""How a run goes about it, and how far it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Options:
    """How a run goes about it.

    `skip` events are passed over and at most `limit` are read. `workers` processes prepare payloads. `wait` follows
    jobs to their end. At most `in_flight` batches of a mapping are sent at a time, about `held` bytes of events and
    payloads are kept in memory, and a batch waits no longer than `age` seconds for more.
    """

    skip: int = 0
    limit: int | None = None
    workers: int = 1
    wait: bool = False
    in_flight: int = 16
    held: int = 32_000_000
    age: float = 10.0


@dataclass(slots=True)
class Progress:
    """What a run has done so far; `statuses` counts outcomes, those of an earlier sitting not among them.

    `taken` payloads are there to be sent, and what became of `landed` of them is known. `several` counts events that
    several mappings take by those, `uncovered` those that none takes by their kind, such as `track · Seen`.
    """

    read: int = 0
    statuses: Counter[str] = field(default_factory=Counter[str])
    several: Counter[tuple[int, ...]] = field(default_factory=Counter[tuple[int, ...]])
    uncovered: Counter[str] = field(default_factory=Counter[str])
    consenting: set[str] = field(default_factory=set[str])
    taken: int = 0
    landed: int = 0
    in_flight: int = 0
