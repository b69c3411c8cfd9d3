"""`studio runs`: what ran, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studio.cli import arguments
from studio.cli.failures import EXIT_FAILED, UsageFailure, command
from studio.cli.text import json_line, printable
from studio.cli.words import say
from studio.runs import FINISHED, RUNNING, RunNotFound, RunRequest, all_journals, find_journal

if TYPE_CHECKING:
    from actions.delivery.report import Report

EXAMPLES = arguments.example(
    """\
  studio runs                                    what ran, the newest first
  studio runs show 20261124                      what became of it, by reason
  studio runs show 20261124 --failed failed.ndjson"""
)

app = typer.Typer(help="List runs, and show what became of one.", invoke_without_command=True)
Run = Annotated[str, typer.Argument(metavar="RUN", help="The run's name or its beginning, or its journal.")]


@app.callback(epilog=EXAMPLES)
def runs(context: typer.Context, as_json: arguments.AsJson = False) -> None:
    """List the runs whose journals are kept, the newest first."""
    if context.invoked_subcommand is None:
        _list(as_json=as_json)


@app.command("show", epilog=EXAMPLES)
@command
def show(run: Run, failed: arguments.FailedFile = None, as_json: arguments.AsJson = False) -> int:
    """Tell what became of a run's events, grouped by reason, with places and what to do."""
    from actions.delivery.journal import Journal, JournalError
    from actions.delivery.report import Report
    from studio.cli.report_output import write_failed
    from studio.cli.report_text import advice, report_lines

    try:
        path = find_journal(run)
        with Journal(path, write=False) as journal:
            about, report = journal.about, Report.of(journal)
            if failed is not None:
                write_failed(journal, failed)
    except (RunNotFound, JournalError) as error:
        raise UsageFailure(str(error)) from error
    if as_json:
        typer.echo(json_line({"run": path.stem, **_facts(about), **report.document()}))
        return EXIT_FAILED if report.failed else 0
    lines = [f"Run {path.stem}, {_state(about)}", *_request_lines(about), "", *report_lines(report)]
    told = advice(report, path.stem)
    typer.echo("\n".join([*lines, *(["", told] if told else [])]))
    return EXIT_FAILED if report.failed else 0


@command
def _list(*, as_json: bool) -> int:
    from actions.delivery.journal import Journal, JournalError
    from actions.delivery.report import Report

    for path in all_journals():
        try:
            with Journal(path, write=False) as journal:
                about, report = journal.about, Report.of(journal)
        except JournalError as error:
            say(str(error))
            continue
        if as_json:
            typer.echo(json_line({"run": path.stem, **_facts(about), **report.document()}))
        else:
            typer.echo(_line(path, about, report))
    return 0


def _facts(about: dict[str, str]) -> dict[str, str]:
    return {key: about[key] for key in ("state", "began", "changed", "request") if key in about}


def _state(about: dict[str, str]) -> str:
    state = about.get("state", "")
    return "running, or killed" if state == RUNNING else state


def _request_lines(about: dict[str, str]) -> list[str]:
    if "request" not in about:
        return []
    request = RunRequest.read(about)
    words = f"{request.config or 'the starter'} to {request.to}, from {', '.join(request.sources)}"
    return [printable(words, one_line=True)]


def _line(path: Path, about: dict[str, str], report: Report) -> str:
    delivered = sum(count for (_, status), count in report.outcomes.items() if status == "delivered")
    failed = sum(tally.count for tally in report.reasons)
    state = _state(about) if about.get("state") != FINISHED else ""
    words = [f"{path.stem}", f"{report.read:>11,} read", f"{delivered:>11,} delivered", f"{failed:>9,} failed"]
    return "  ".join([*words, state]).rstrip()
