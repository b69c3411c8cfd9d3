"""A headless run: events in order through every mapping that fires, in batches where the mappings say so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from actions.config import Config, Mapping
from actions.delivery.report import Report
from actions.delivery.sources import BadLine, SourceEvent
from actions.engine import Engine


@dataclass(slots=True)
class _Batch:
    """Events of one mapping that wait for more; `size` is how many go out together, 1 for one by one."""

    mapping: Mapping
    size: int
    waiting: list[SourceEvent] = field(default_factory=list[SourceEvent])


async def run(engine: Engine, config: Config, items: Iterable[SourceEvent | BadLine], report: Report) -> None:
    """Deliver all items and account for each in `report`: every bad line, unmatched event and outcome."""
    batches = [_Batch(mapping, _size(engine, mapping)) for mapping in config.mappings if mapping.enabled]
    for item in items:
        if isinstance(item, BadLine):
            report.add_bad_line(item)
            continue
        firing = [batch for batch in batches if engine.bind(batch.mapping).fires(item.event)]
        report.add_event(item, matched=bool(firing))
        for batch in firing:
            batch.waiting.append(item)
            if len(batch.waiting) >= batch.size:
                await _deliver(engine, batch, report)
    for batch in batches:
        await _deliver(engine, batch, report)


def _size(engine: Engine, mapping: Mapping) -> int:
    """How many events of a mapping go out together: its batch size where batching is on."""
    if mapping.fields.get("enable_batching") is not True:
        return 1
    most = engine.bind(mapping).action.batch_maximum
    size = mapping.fields.get("batch_size")
    return min(size, most) if isinstance(size, int) and size > 0 else most


async def _deliver(engine: Engine, batch: _Batch, report: Report) -> None:
    items, batch.waiting = batch.waiting, []
    events = [item.event for item in items]
    if batch.size == 1:
        outcomes = [await engine.deliver(batch.mapping, event) for event in events]
    else:
        outcomes = await engine.deliver_batch(batch.mapping, events)
    for item, outcome in zip(items, outcomes, strict=True):
        report.add_outcome(item, outcome)
