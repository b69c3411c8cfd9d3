"""A headless run: events in order through every mapping that fires, in batches where the mappings say so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from actions.config import Config, Mapping
from actions.delivery.report import Report
from actions.delivery.sources import BadLine, SourceEvent
from actions.engine import Engine

_UNSENT = "The run ended before this was sent."
_UNKNOWN = "The run ended while this was being sent; whether it arrived is not known."


@dataclass(slots=True)
class _Batch:
    """Events of one mapping: those that wait for more, and those on their way.

    `size` is how many go out together, 1 for one by one.
    """

    mapping: Mapping
    size: int
    waiting: list[SourceEvent] = field(default_factory=list[SourceEvent])
    sending: list[SourceEvent] = field(default_factory=list[SourceEvent])


async def run(engine: Engine, config: Config, items: Iterable[SourceEvent | BadLine], report: Report) -> None:
    """Deliver all items and account for each in `report`: every bad line, unmatched event and outcome.

    Where it is broken off (cancelled, interrupted, or by an error while reading), what was read and not delivered is
    accounted for as well, and the exception goes on.
    """
    batches = [_Batch(mapping, _size(engine, mapping)) for mapping in config.mappings if mapping.enabled]
    try:
        await _deliver_all(engine, batches, items, report)
    except BaseException:
        for batch in batches:
            for item in batch.sending:
                report.add_failure(item, batch.mapping.name, "unknown", _UNKNOWN)
            for item in batch.waiting:
                report.add_failure(item, batch.mapping.name, "unsent", _UNSENT)
        raise
    report.complete = True


async def _deliver_all(
    engine: Engine, batches: list[_Batch], items: Iterable[SourceEvent | BadLine], report: Report
) -> None:
    for item in items:
        if isinstance(item, BadLine):
            report.add_bad_line(item)
            continue
        firing = [batch for batch in batches if engine.bind(batch.mapping).fires(item.event)]
        report.add_event(item, matched=bool(firing))
        for batch in firing:
            batch.waiting.append(item)
        for batch in firing:
            if len(batch.waiting) >= batch.size:
                await _deliver(engine, batch, report)
        await asyncio.sleep(0)  # a run that never waits for the network can be cancelled here
    for batch in batches:
        if batch.waiting:
            await _deliver(engine, batch, report)


def _size(engine: Engine, mapping: Mapping) -> int:
    """How many events of a mapping go out together: its batch size where batching is on."""
    if mapping.fields.get("enable_batching") is not True:
        return 1
    most = engine.bind(mapping).action.batch_maximum
    size = mapping.fields.get("batch_size")
    return min(size, most) if isinstance(size, int) and size > 0 else most


async def _deliver(engine: Engine, batch: _Batch, report: Report) -> None:
    batch.sending, batch.waiting = batch.waiting, []
    events = [item.event for item in batch.sending]
    if batch.size == 1:
        outcomes = [await engine.deliver(batch.mapping, event) for event in events]
    else:
        outcomes = await engine.deliver_batch(batch.mapping, events)
    delivered, batch.sending = batch.sending, []
    for item, outcome in zip(delivered, outcomes, strict=True):
        report.add_outcome(item, outcome)
