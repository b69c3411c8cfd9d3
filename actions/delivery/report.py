"""What a run did: every event accounted for, failures grouped by their reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias

from actions.delivery.sources import BadLine, Item, SourceEvent
from actions.engine import Outcome
from actions.values import Json

_EXAMPLES = 3
_MOST_REASONS = 1000
_FURTHER = "Further reasons, which are too many to be told apart."

Reason: TypeAlias = tuple[str, str, str]
"""A mapping, a status other than delivered, and the message."""


@dataclass(slots=True)
class Report:
    """The tally of a run. Memory does not grow with its events: of each reason, a few examples are kept.

    `outcomes` counts by mapping and status: those of `actions.Outcome` and, of a run that was broken off, `unsent`
    (it waited for its batch) and `unknown` (it was on its way). `reached` is the place of the last event or bad line
    that was read; `complete` says that there was no more to read and that all was delivered or failed.
    """

    events: int = 0
    unmatched: int = 0
    bad_lines: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    reasons: Counter[Reason] = field(default_factory=Counter[Reason])
    examples: dict[Reason, list[str]] = field(default_factory=dict[Reason, list[str]])
    warnings: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    reached: str = ""
    complete: bool = False

    @property
    def failed(self) -> bool:
        """Whether anything was not delivered that should have been."""
        return bool(self.bad_lines or self.reasons or not self.complete)

    def add_bad_line(self, line: BadLine) -> None:
        """Account for a line that is no event."""
        self.bad_lines += 1
        self.reached = _place(line)

    def add_event(self, item: SourceEvent, *, matched: bool) -> None:
        """Account for an event that was read."""
        self.events += 1
        self.unmatched += not matched
        self.reached = _place(item)

    def add_outcome(self, item: SourceEvent, outcome: Outcome) -> None:
        """Account for what became of an event by one mapping."""
        for warning in outcome.warnings:
            known = (outcome.mapping, warning) in self.warnings or len(self.warnings) < _MOST_REASONS
            self.warnings[outcome.mapping, warning if known else _FURTHER] += 1
        if outcome.status == "delivered":
            self.outcomes[outcome.mapping, outcome.status] += 1
        else:
            self.add_failure(item, outcome.mapping, outcome.status, outcome.message or "")

    def add_failure(self, item: SourceEvent, mapping: str, status: str, message: str) -> None:
        """Account for an event that a mapping did not get delivered."""
        self.outcomes[mapping, status] += 1
        reason = (mapping, status, message)
        if reason not in self.reasons and len(self.reasons) >= _MOST_REASONS:
            reason = (mapping, status, _FURTHER)
        self.reasons[reason] += 1
        places = self.examples.setdefault(reason, [])
        if len(places) < _EXAMPLES:
            places.append(_place(item))

    def document(self) -> dict[str, Json]:
        """The report as JSON."""
        mappings: dict[str, dict[str, int]] = {}
        for (mapping, status), count in self.outcomes.items():
            mappings.setdefault(mapping, {})[status] = count
        return {
            "complete": self.complete,
            "reached": self.reached,
            "events": self.events,
            "unmatched": self.unmatched,
            "bad_lines": self.bad_lines,
            "mappings": mappings,
            "failures": [
                {
                    "mapping": mapping,
                    "status": status,
                    "message": message,
                    "count": count,
                    "examples": self.examples[mapping, status, message],
                }
                for (mapping, status, message), count in self.reasons.most_common()
            ],
            "warnings": [
                {"mapping": mapping, "message": message, "count": count}
                for (mapping, message), count in self.warnings.most_common()
            ],
        }


def _place(item: Item) -> str:
    return f"{item.source}:{item.line}"
