"""What a run did, from its journal: every event accounted for, failures grouped by their reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from actions.delivery.entries import EVENT, Reason, Tally, kind_of
from actions.delivery.journal import Journal
from actions.values import Json

UNMATCHED, DUPLICATE, BAD_LINE = "unmatched", "duplicate", "bad_line"
"""The statuses of events that reach no mapping."""
SETTLED = ("delivered", UNMATCHED, DUPLICATE)
"""The statuses that are no failures."""
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Report:
    """The account of a run.

    `read` counts events and bad lines. `outcomes` counts by mapping and status: those of `actions.Outcome` and, of a
    run that was broken off, `in_flight` (on its way; whether it arrived is not known) and `in_job` (taken, and not
    followed to the end). `reasons` are those of failures, of a kind together and the most frequent first, with a few
    places each in `examples`; `warnings` are mapping, message and how often. `reached` is the place of the last event
    or bad line that was read; `complete` says that there was no more to read and that every outcome is known.
    """

    complete: bool
    read: int
    unmatched: int
    duplicates: int
    bad_lines: int
    reached: str
    outcomes: dict[tuple[str, str], int]
    reasons: list[Tally]
    examples: dict[Reason, list[str]] = field(default_factory=dict[Reason, list[str]])
    warnings: list[tuple[str, str, int]] = field(default_factory=list[tuple[str, str, int]])

    @classmethod
    def of(cls, journal: Journal) -> Report:
        """The account that a journal gives. Raises `JournalError`."""
        about, tallies = journal.about, journal.tallies()
        own = [tally for tally in tallies if tally.mapping == EVENT]
        outcomes: dict[tuple[str, str], int] = {}
        for tally in tallies:
            if tally.mapping != EVENT:
                key = (tally.mapping, tally.status)
                outcomes[key] = outcomes.get(key, 0) + tally.count
        for status, counts in (("in_flight", journal.in_flight()), ("in_job", journal.in_jobs())):
            outcomes.update({(mapping, status): count for mapping, count in counts.items()})
        kinds = _by_kind(failed_tallies(journal))
        reasons = [_together(kind) for kind in kinds]
        return cls(
            complete=about.get("state") == "finished",
            read=int(about.get("read", "0")),
            unmatched=sum(tally.count for tally in own if tally.status == UNMATCHED),
            duplicates=sum(tally.count for tally in own if tally.status == DUPLICATE),
            bad_lines=sum(tally.count for tally in own if tally.status == BAD_LINE),
            reached=about.get("reached", ""),
            outcomes=outcomes,
            reasons=reasons,
            examples={
                tally.reason: [
                    failure.place for failure in journal.failures(*(own.reason for own in kind), limit=_EXAMPLES)
                ]
                for tally, kind in zip(reasons, kinds, strict=True)
            },
            warnings=_warnings(journal.warnings()),
        )

    @property
    def failed(self) -> bool:
        """Whether anything was not delivered that should have been, or is not known to be."""
        is_open = any(status in ("in_flight", "in_job") for _, status in self.outcomes)
        return bool(self.reasons or is_open or not self.complete)

    def places(self, tally: Tally) -> list[str]:
        """A few places of events that failed for a reason."""
        return self.examples.get(tally.reason, [])

    def document(self) -> dict[str, Json]:
        """The report as JSON."""
        mappings: dict[str, dict[str, int]] = {}
        for (mapping, status), count in self.outcomes.items():
            mappings.setdefault(mapping, {})[status] = count
        return {
            "complete": self.complete,
            "reached": self.reached,
            "events": self.read - self.bad_lines,
            "unmatched": self.unmatched,
            "duplicates": self.duplicates,
            "bad_lines": self.bad_lines,
            "mappings": mappings,
            "failures": [
                {"mapping": tally.mapping, "status": tally.status, **self._reason_document(tally)}
                for tally in self.reasons
                if tally.mapping != EVENT
            ],
            "bad_line_reasons": [self._reason_document(tally) for tally in self.reasons if tally.mapping == EVENT],
            "warnings": [
                {"mapping": mapping, "message": message, "count": count} for mapping, message, count in self.warnings
            ],
        }

    def _reason_document(self, tally: Tally) -> dict[str, Json]:
        return {
            "message": tally.message,
            "count": tally.count,
            "messages": tally.messages,
            "examples": self.places(tally),
        }


def failed_tallies(journal: Journal) -> list[Tally]:
    """The reasons of failures one by one, the most frequent first."""
    return [tally for tally in journal.tallies() if tally.status not in SETTLED]


def _by_kind(tallies: Sequence[Tally]) -> list[list[Tally]]:
    """Reasons of a kind together, the most frequent first."""
    kinds: dict[tuple[str, str, str], list[Tally]] = {}
    for tally in tallies:
        kinds.setdefault((tally.mapping, tally.status, kind_of(tally.message)), []).append(tally)
    return sorted(kinds.values(), key=lambda kind: -sum(tally.count for tally in kind))


def _together(kind: Sequence[Tally]) -> Tally:
    return replace(
        next((tally for tally in kind if _is_one(tally.message)), kind[0]),
        count=sum(tally.count for tally in kind),
        messages=len(kind),
    )


def _is_one(message: str) -> bool:
    """Whether it is a message itself, not what those of its kind have in common."""
    return message != kind_of(message)


def _warnings(found: Sequence[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """Warnings of a kind together, in the words of the most frequent."""
    kinds: dict[tuple[str, str], tuple[str, int]] = {}
    for mapping, message, count in found:
        first, before = kinds.get((mapping, kind_of(message)), (message, 0))
        kinds[mapping, kind_of(message)] = (first if _is_one(first) else message, before + count)
    counted = [(mapping, message, count) for (mapping, _), (message, count) in kinds.items()]
    return sorted(counted, key=lambda each: -each[2])
