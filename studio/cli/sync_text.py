"""Syncs as people and programs read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.cli.report_text import report_lines
from studio.cli.text import printable

if TYPE_CHECKING:
    from actions.delivery.report import Report
    from actions.values import Json
    from actions.warehouse.comparison import UnusableRows
    from actions.warehouse.sync import Comparison, Part


def counts_text(counts: dict[str, int]) -> str:
    """`2 added, 1 updated, 0 deleted`."""
    return ", ".join(f"{count:,} {change}" for change, count in counts.items())


def rows_text(rows: int) -> str:
    """`3 rows in the model`."""
    return "1 row in the model" if rows == 1 else f"{rows:,} rows in the model"


def warnings_of(comparison: Comparison) -> Iterator[str]:
    """What is to be said of a comparison before anything is sent."""
    yield from map(str, comparison.unusable)
    for name in comparison.changes:
        found = comparison.changes[name]
        if found.loses_many and found.takes_deleted:
            yield (
                f"more than a tenth of the rows that {name} has synced are gone, and it takes deleted rows: "
                f"{found.deleted:,} of {found.known:,}."
            )


@dataclass(frozen=True, slots=True)
class Done:
    """A part that is done, with what became of it; no report where it had nothing to send."""

    part: Part
    report: Report | None
    resumed: bool


def report_text(rows: int | None, parts: Sequence[Done]) -> str:
    """What became of a sync, mapping by mapping."""
    lines = [] if rows is None else [rows_text(rows)]
    for done in parts:
        note = ", of the sync that was broken off" if done.resumed else ""
        lines += ["", f"{printable(done.part.mapping, one_line=True)}: {counts_text(done.part.counts)}{note}"]
        if done.report is None:
            lines.append("  nothing to send")
        else:
            lines += [f"  run {done.part.journal.stem}", *report_lines(done.report)[1:]]
    return "\n".join(lines)


def unusable_documents(unusable: Sequence[UnusableRows]) -> list[Json]:
    """Rows left out for their ids, as JSON."""
    return [{"error": each.name, "count": each.count, "examples": list(each.examples)} for each in unusable]


def report_document(rows: int | None, unusable: Sequence[UnusableRows], parts: Sequence[Done]) -> dict[str, Json]:
    """What became of a sync, as JSON."""
    return {
        "rows": rows,
        "unusable": unusable_documents(unusable),
        "mappings": [
            {
                "mapping": done.part.mapping,
                "resumed": done.resumed,
                **done.part.counts,
                "sent": done.part.count,
                **({} if done.report is None else {"run": done.part.journal.stem, **done.report.document()}),
            }
            for done in parts
        ],
    }
