"""Sending again what failed in a run, by the mappings as they are now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from actions.binding import BatchKey
from actions.config import Config, Mapping
from actions.delivery.entries import EVENT, Entries, Failure, Reason
from actions.delivery.journal import Journal
from actions.delivery.recorder import Recorder
from actions.delivery.report import UNMATCHED
from actions.delivery.sources import parse_event
from actions.destination import InvalidPayload, Prepared
from actions.engine import Engine

_PORTION = 1000
_NOT_TAKEN = "The mapping does not take it any more: its trigger does not fire."


class Retry:
    """Sends failures of a run again. `statuses` counts how they ended now.

    Each goes through the mapping of its failure only. A mapping that is off or gone is passed over (`skipped`), and
    its failures stay. What ends is settled in the journal in the place of the failure, so that nothing is sent again
    that was delivered, however often this is broken off and begun again.
    """

    def __init__(self, engine: Engine, config: Config, journal: Journal) -> None:
        self.statuses: Counter[str] = Counter()
        self._engine = engine
        self._mappings = {mapping.name: mapping for mapping in config.mappings if mapping.enabled}
        self._journal = journal
        self._recorder = Recorder(journal)

    async def send(self, reasons: Sequence[Reason]) -> None:
        """Send again what failed for the reasons. Raises `CalledOff` and `JournalError`."""
        groups: dict[tuple[str, bool], list[Reason]] = {}
        for reason in reasons:
            if reason.mapping != EVENT:
                groups.setdefault((reason.mapping, reason.status == "invalid"), []).append(reason)
        for (name, is_first_time), own in groups.items():
            failures = self._journal.failures(*own)
            mapping = self._mappings.get(name)
            if mapping is None:
                self.statuses["skipped"] += sum(1 for _ in failures)
                continue
            while portion := list(islice(failures, _PORTION)):
                await self._resend(mapping, portion, is_first_time=is_first_time)

    async def _resend(self, mapping: Mapping, portion: Sequence[Failure], *, is_first_time: bool) -> None:
        """Send failures again. What was sent before had its warnings recorded then; `is_first_time` says it was not."""
        unsendable = Entries()
        groups: dict[BatchKey, list[tuple[Failure, Prepared]]] = {}
        bound = self._engine.bind(mapping)
        for failure in portion:
            event = parse_event(failure.content)
            if isinstance(event, str):
                unsendable.fail(Reason(mapping.name, "invalid", event), failure)
            elif not bound.fires(event):
                unsendable.add(Reason(mapping.name, UNMATCHED, _NOT_TAKEN), failure.number)
            else:
                try:
                    prepared = bound.prepare(event)
                except InvalidPayload as error:
                    unsendable.fail(Reason(mapping.name, "invalid", str(error)), failure)
                else:
                    groups.setdefault(bound.batch_key(prepared.payload), []).append((failure, prepared))
        await self._replace(mapping.name, unsendable)
        size = bound.batch_count
        for group in groups.values():
            for start in range(0, len(group), size):
                batch = group[start : start + size]
                entries = await self._send(mapping, batch, alone=size == 1)
                if not is_first_time:
                    entries.warnings.clear()
                await self._replace(mapping.name, entries)

    async def _send(self, mapping: Mapping, batch: Sequence[tuple[Failure, Prepared]], *, alone: bool) -> Entries:
        prepared = [own for _, own in batch]
        if alone:
            outcomes = [await self._engine.deliver_prepared(mapping, prepared[0])]
        else:
            outcomes = await self._engine.deliver_prepared_batch(mapping, prepared)
        entries = Entries()
        for (failure, _), outcome in zip(batch, outcomes, strict=True):
            entries.warn(mapping.name, outcome.warnings)
            if outcome.status == "delivered":
                entries.add(Reason(mapping.name, "delivered"), failure.number)
            else:
                entries.fail(Reason(mapping.name, outcome.status, outcome.message or ""), failure)
        return entries

    async def _replace(self, mapping: str, entries: Entries) -> None:
        """Put outcomes on record in the place of the failures."""
        numbers = [number for settled in entries.settled.values() for number in settled]

        def change() -> None:
            self._journal.withdraw(mapping, numbers)
            self._journal.settle(entries)

        await self._recorder.record(change)
        for reason, settled in (*entries.settled.items(), *entries.failed.items()):
            self.statuses[reason.status] += len(settled)
