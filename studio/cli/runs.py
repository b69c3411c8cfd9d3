"""`studio runs`: what ran, and what became of it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studio.cli import arguments
from studio.cli.failures import EXIT_FAILED, UsageFailure, command
from studio.cli.remove_runs import EXAMPLES as REMOVE_EXAMPLES
from studio.cli.remove_runs import remove_runs
from studio.cli.run_journal import named_journal, unusable_runs
from studio.cli.text import json_line, printable
from studio.cli.words import say, tell
from studio.runs import (
    FINISHED,
    RUNNING,
    RunRequest,
    all_journals,
    is_being_written,
    name_of,
    runs_folder,
)

if TYPE_CHECKING:
    from actions.delivery.report import Report

EXAMPLES = arguments.example(
    """\
  studio runs                                    what ran, the newest first
  studio runs show 20261124                      what became of it, by reason
  studio runs show 20261124 --failed failed.ndjson"""
)

app = typer.Typer(help="List runs, show what became of one, remove some.", invoke_without_command=True)
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
    from studio.cli.report_output import refuse_failed_file, write_failed
    from studio.cli.report_text import advice, report_lines

    try:
        path = named_journal(run)
        with Journal(path, write=False) as journal:
            about, report = journal.about, Report.of(journal)
            if failed is not None:
                refuse_failed_file(failed, [path, *_inputs(about)])
                write_failed(journal, failed)
    except JournalError as error:
        raise UsageFailure(str(error)) from error
    if as_json:
        typer.echo(json_line({"run": name_of(path), **_facts(about), **report.document()}))
        return EXIT_FAILED if report.failed else 0
    heading = printable(f"Run {name_of(path)}, {_state(path, about)}", one_line=True)
    going_on = about.get("state") == RUNNING and is_being_written(path)
    lines = [heading, *_request_lines(about), "", *report_lines(report, going_on=going_on)]
    told = advice(report, shlex.quote(name_of(path)))
    typer.echo("\n".join([*lines, *(["", told] if told else [])]))
    return EXIT_FAILED if report.failed else 0


app.command("remove", epilog=REMOVE_EXAMPLES)(remove_runs)


@command
def _list(*, as_json: bool) -> int:
    from actions.delivery.journal import Journal, JournalError
    from actions.delivery.report import Report

    try:
        journals = all_journals()
    except OSError as error:
        raise unusable_runs(error) from error
    if not journals:
        tell(f"No run is on record in {runs_folder()}.")
    elif not as_json:
        typer.echo(_HEADING)
    for path in journals:
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


def _state(path: Path, about: dict[str, str]) -> str:
    state = about.get("state", "")
    if state == RUNNING:
        return "running" if is_being_written(path) else "killed"
    return state or "not begun"


def _inputs(about: dict[str, str]) -> list[str | None]:
    """What a run reads."""
    if "request" not in about:
        return []
    request = RunRequest.read(about)
    return [*request.sources, request.config]


def _request_lines(about: dict[str, str]) -> list[str]:
    if "request" not in about:
        return []
    request = RunRequest.read(about)
    words = f"{request.config or 'the starter'} to {request.to}, from {', '.join(request.sources)}"
    return [printable(words, one_line=True)]


def _line(path: Path, about: dict[str, str], report: Report) -> str:
    delivered = sum(count for (_, status), count in report.outcomes.items() if status == "delivered")
    failed = sum(tally.count for tally in report.reasons)
    state = _state(path, about) if about.get("state") != FINISHED else ""
    what = _what(about)
    return _row(path.stem, f"{report.read:,}", f"{delivered:,}", f"{failed:,}", ", ".join(filter(None, (state, what))))


def _row(*columns: str) -> str:
    return "{:20}  {:>9}  {:>9}  {:>7}  {}".format(*columns).rstrip()


_HEADING = _row("run", "read", "delivered", "failed", "of")


def _what(about: dict[str, str]) -> str:
    """Which configuration a run sends by, and where to."""
    if "request" not in about:
        return ""
    request = RunRequest.read(about)
    name = Path(request.config).name if request.config else "the starter"
    return printable(f"{name} to {request.to}", one_line=True)
