"""What is put out when a run has ended: the report, and the events that failed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from studio.cli.failures import EXIT_FAILED
from studio.cli.report_text import advice, report_lines
from studio.cli.text import json_line
from studio.cli.words import silence, tell

if TYPE_CHECKING:
    from actions.delivery.journal import Journal


def finish(journal: Journal, run: str, failed: Path | None, *, as_json: bool) -> int:
    """Print the report and write the failed events; the exit code. Raises `JournalError` and `OSError`."""
    from actions.delivery.report import Report

    report = Report.of(journal)
    if failed is not None:
        write_failed(journal, failed)
    try:
        typer.echo(json_line({"run": run, **report.document()}) if as_json else "\n".join(report_lines(report)))
    except BrokenPipeError:  # the delivery is done, and its exit code says how
        silence(sys.stdout)
    if report.failed:
        tell("\n".join(filter(None, (f"studio runs show {run} tells all of it.", advice(report, run)))))
    return EXIT_FAILED if report.failed else 0


def write_failed(journal: Journal, path: Path) -> None:
    """Write every event that failed, with its reason, as NDJSON."""
    from pydantic_core import to_json

    from actions.delivery.report import failed_tallies
    from actions.delivery.sources import parse_event

    with path.open("wb") as file:
        for tally in failed_tallies(journal):
            for failure in journal.failures(tally.reason):
                event = parse_event(failure.content)
                document: dict[str, Any] = {
                    "mapping": tally.mapping,
                    "status": tally.status,
                    "message": tally.message,
                    "place": failure.place,
                }
                if isinstance(event, str):
                    document["content"] = failure.content.decode(errors="replace")
                else:
                    document["event"] = event
                file.write(to_json(document) + b"\n")
