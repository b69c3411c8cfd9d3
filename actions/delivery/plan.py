"""The plan of a run: what it would send, and how long the account's limits would make it last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from actions.config import Config
from actions.delivery.journal import Journal
from actions.delivery.lines import Chunk
from actions.delivery.rehearsal import Rehearsal
from actions.delivery.report import Report
from actions.delivery.run import Options, Progress, Run
from actions.destination import Destination
from actions.engine import Engine
from actions.flow import Request
from actions.values import Json


@dataclass(frozen=True, slots=True)
class Load:
    """What an endpoint would get: requests, their bytes, and at least so many seconds at the account's limits."""

    endpoint: str
    requests: int
    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do, if the destination took everything and knew nobody yet.

    `several` counts events by the mappings that share them, `uncovered` those that none takes by what they are, the
    most frequent first; `consenting` is how many people's consent would change,
    counted to a thousand and one.
    """

    report: Report
    several: list[tuple[list[str], int]]
    uncovered: list[tuple[str, int]]
    loads: list[Load]
    consenting: int

    @property
    def seconds(self) -> float:
        """How long the account's limits make it last, at least."""
        return max((load.seconds for load in self.loads), default=0.0)

    def document(self) -> dict[str, Json]:
        """The plan as JSON."""
        return {
            **self.report.document(),
            "several": [{"mappings": names, "count": count} for names, count in self.several],
            "uncovered": [{"kind": kind, "count": count} for kind, count in self.uncovered],
            "requests": [
                {"endpoint": load.endpoint, "count": load.requests, "bytes": load.bytes, "seconds": load.seconds}
                for load in self.loads
            ],
            "seconds": self.seconds,
            "consenting": self.consenting,
        }


async def plan(
    destination: Destination,
    config: Config,
    settings: Mapping[str, Any],
    chunks: Iterator[Chunk],
    options: Options,
    watch: Callable[[Progress], Coroutine[None, None, None]] | None = None,
) -> Plan:
    """Rehearse a run; `watch` may tell meanwhile how far it is. Raises what reading the chunks raises."""
    rehearsal = Rehearsal(destination)
    with TemporaryDirectory() as folder, Journal(Path(folder) / "plan.db") as journal:
        async with Engine(destination, settings, rehearsal) as engine:
            run = Run(engine, config.mappings, journal, options=options)
            watching = asyncio.create_task(watch(run.progress)) if watch else None
            try:
                await run.deliver(chunks)
            finally:
                if watching:
                    watching.cancel()
                    await asyncio.wait((watching,))
        with journal.transaction():
            journal.note(state="finished")
        report = Report.of(journal)
    names = [mapping.name for mapping in config.mappings if mapping.enabled]
    several = [([names[at] for at in taken], count) for taken, count in run.progress.several.most_common()]
    loads = [
        Load(endpoint, count, rehearsal.bytes[endpoint], seconds_for(count, _windows(destination, endpoint)))
        for endpoint, count in rehearsal.requests.most_common()
    ]
    return Plan(report, several, run.progress.uncovered.most_common(), loads, len(run.progress.consenting))


def _windows(destination: Destination, endpoint: str) -> Mapping[int, int]:
    method, _, path = endpoint.partition(" ")
    return destination.limit_of(Request(method, path))[1]


def seconds_for(requests: int, windows: Mapping[int, int]) -> float:
    """How long so many requests take at least, where each window of seconds has room for so many."""
    seconds = 0.0
    left = requests
    for length, room in _longest_first(windows):
        full = max(0, left - 1) // room
        seconds += full * length
        left -= full * room
    return seconds


def _longest_first(windows: Mapping[int, int]) -> Sequence[tuple[int, int]]:
    return sorted(windows.items(), reverse=True)
