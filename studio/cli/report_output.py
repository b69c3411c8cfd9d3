"""What is put out when a run has ended: the report, and the events that failed."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from studio.cli.failures import EXIT_FAILED, UsageFailure
from studio.cli.report_text import advice, report_lines
from studio.cli.text import json_line
from studio.cli.words import say, silence, tell

if TYPE_CHECKING:
    from actions.delivery.journal import Journal


def finish(journal: Journal, run: str, failed: Path | None, *, as_json: bool) -> int:
    """Print the report and write the failed events; the exit code. Raises `JournalError`.

    The delivery is done by then: what cannot be written is told, with how to have it all the same.
    """
    from actions.delivery.report import Report

    report = Report.of(journal)
    named = shlex.quote(run)
    code = EXIT_FAILED if report.failed else 0
    try:
        typer.echo(json_line({"run": run, **report.document()}) if as_json else "\n".join(report_lines(report)))
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:  # nobody wants to know
        silence(sys.stdout)
    except OSError as error:
        silence(sys.stdout)
        say(f"the report could not be written: {error.strerror or error}.")
        code = EXIT_FAILED
    if failed is not None:
        try:
            write_failed(journal, failed)
        except OSError as error:
            say(
                f"{failed} could not be written: {error.strerror or error}. "
                f"studio runs show {named} --failed FILE writes the events that failed."
            )
            code = EXIT_FAILED
    if code:
        told = advice(report, named, are_written=failed is not None)
        tell("\n".join(filter(None, (f"studio runs show {named} tells all of it.", told))))
    return code


def refuse_failed_file(path: Path, inputs: Iterable[str | Path | None]) -> None:
    """Raise `UsageFailure` where the failed events cannot go to a file, or would replace what a run reads or keeps."""
    if any(each is not None and str(each) != "-" and _is_same(path, Path(each)) for each in inputs):
        raise UsageFailure(f"--failed {path} would replace what the run itself needs; name another file.")
    if path.is_dir():
        raise UsageFailure(f"--failed {path} is a folder; name a file.")
    written = path if path.exists() else path.parent
    if not written.exists():
        raise UsageFailure(f"--failed {path}: there is no folder {path.parent}.")
    if not os.access(written, os.W_OK):
        raise UsageFailure(f"--failed {path} cannot be written: Permission denied.")


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there
        return one.absolute() == other.absolute()


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
