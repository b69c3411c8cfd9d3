"""What a run did: every event accounted for, failures grouped by their reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias

from actions.delivery.sources import BadLine, SourceEvent
from actions.engine import Outcome
from actions.values import Json

_EXAMPLES = 3

Reason: TypeAlias = tuple[str, str, str]
"""A mapping, a status other than delivered, and the message."""


@dataclass(slots=True)
class Report:
    """The tally of a run. Memory does not grow with its events: of each reason, a few examples are kept."""

    events: int = 0
    unmatched: int = 0
    bad_lines: list[str] = field(default_factory=list[str])
    bad_line_count: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    reasons: Counter[Reason] = field(default_factory=Counter[Reason])
    examples: dict[Reason, list[str]] = field(default_factory=dict[Reason, list[str]])
    warnings: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])

    @property
    def failed(self) -> bool:
        """Whether anything was not delivered that should have been."""
        return bool(self.bad_line_count or self.reasons)

    def add_bad_line(self, line: BadLine) -> None:
        """Account for a line that is no event."""
        self.bad_line_count += 1
        if len(self.bad_lines) < _EXAMPLES:
            self.bad_lines.append(str(line))

    def add_event(self, item: SourceEvent, *, matched: bool) -> None:
        """Account for an event that was read."""
        del item
        self.events += 1
        self.unmatched += not matched

    def add_outcome(self, item: SourceEvent, outcome: Outcome) -> None:
        """Account for what became of an event by one mapping."""
        self.outcomes[outcome.mapping, outcome.status] += 1
        for warning in outcome.warnings:
            self.warnings[outcome.mapping, warning] += 1
        if outcome.status == "delivered":
            return
        reason = (outcome.mapping, outcome.status, outcome.message or "")
        self.reasons[reason] += 1
        places = self.examples.setdefault(reason, [])
        if len(places) < _EXAMPLES:
            places.append(f"{item.source}:{item.line}")

    def document(self) -> dict[str, Json]:
        """The report as JSON."""
        mappings: dict[str, dict[str, int]] = {}
        for (mapping, status), count in self.outcomes.items():
            mappings.setdefault(mapping, {})[status] = count
        return {
            "events": self.events,
            "unmatched": self.unmatched,
            "bad_lines": self.bad_line_count,
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
