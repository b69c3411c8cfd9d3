"""What a run did, from its journal: every event accounted for, failures grouped by their reason."""

from __future__ import annotations

from dataclasses import dataclass, field

from actions.delivery.entries import EVENT, Reason, Tally
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
    followed to the end). `reasons` are those of failures, the most frequent first, with a few places each in
    `examples`. `reached` is the place of the last event or bad line that was read; `complete` says that there was no
    more to read and that every outcome is known.
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
        reasons = [tally for tally in tallies if tally.status not in SETTLED]
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
                tally.reason: [failure.place for failure in journal.failures(tally.reason, limit=_EXAMPLES)]
                for tally in reasons
            },
            warnings=journal.warnings(),
        )

    @property
    def failed(self) -> bool:
        """Whether anything was not delivered that should have been."""
        return bool(self.reasons or not self.complete)

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
        return {"message": tally.message, "count": tally.count, "examples": self.places(tally)}
