"""`studio retry`: send again what failed in a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studio.cli import arguments
from studio.cli.durations import seconds_of
from studio.cli.failures import EXIT_INTERRUPTED, UsageFailure, command
from studio.cli.inputs import config_of, enabled, perform
from studio.cli.run_journal import refuse_sync
from studio.cli.words import say, tell
from studio.runs import RunNotFound, RunRequest, find_journal

if TYPE_CHECKING:
    from collections import Counter

    from actions import Config
    from actions.delivery.entries import Reason
    from actions.delivery.journal import Journal

EXAMPLES = arguments.example(
    """\
  studio retry 20261124                          all that failed, by the mappings as they are now
  studio retry 20261124 --reason "phone"         what failed for reasons with this text
  studio retry 20261124 --reason retryable       what may be taken by now"""
)


@command
def retry(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's name or its beginning, or its journal.")],
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Only reasons with this text, or of this status.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="CONFIG", help="Another configuration than the run's.")
    ] = None,
    give_up: Annotated[
        str, typer.Option("--give-up", metavar="TIME", help="How long a request is tried again: 30s, 10m, 4h.")
    ] = "4h",
    failed: arguments.FailedFile = None,
    as_json: arguments.AsJson = False,
) -> int:
    """Send again what failed in a run, to where the run went, by its mappings as they are now."""
    from actions.delivery.journal import Journal, JournalError
    from studio.cli.report_output import finish

    patience = seconds_of(give_up, "--give-up")
    try:
        path = find_journal(run)
        with Journal(path) as journal:
            about = journal.about
            if "request" not in about:
                raise UsageFailure(f"{path} is the journal of no run.")
            refuse_sync(path, about)
            request = RunRequest.read(about)
            loaded = config_of(config or (None if request.config is None else Path(request.config)))
            reasons = _reasons(journal, reason)
            statuses, interrupted = perform(_retry(loaded, request.to, journal, reasons, patience))
            tell(_summary(statuses, request.to))
            code = finish(journal, path.stem, failed, as_json=as_json)
    except (RunNotFound, JournalError) as error:
        raise UsageFailure(str(error)) from error
    return EXIT_INTERRUPTED if interrupted else code


def _reasons(journal: Journal, wanted: str | None) -> list[Reason]:
    """The reasons of failures that a text names, by status, mapping or words."""
    from actions.delivery.entries import EVENT
    from actions.delivery.report import SETTLED

    failed = [tally.reason for tally in journal.tallies() if tally.status not in SETTLED and tally.mapping != EVENT]
    found = [
        each
        for each in failed
        if wanted is None or wanted in (each.status, each.mapping) or wanted.lower() in each.message.lower()
    ]
    if failed and not found:
        raise UsageFailure(f"nothing failed for a reason with {wanted!r} in it; `studio runs show` lists the reasons.")
    return found


async def _retry(
    config: Config, to: str, journal: Journal, reasons: list[Reason], give_up: float
) -> tuple[Counter[str], bool]:
    from actions.delivery.retry import Retry
    from actions.retrying import Retrying
    from actions.waiting import CalledOff, Waiting
    from studio.cli.ending import orderly_end
    from studio.target import open_engine

    waiting = Waiting()
    async with open_engine(
        to, config.settings, mappings=enabled(config), retries=Retrying(give_up=give_up), waiting=waiting, paced=True
    ) as engine:
        again = Retry(engine, config, journal)
        try:
            with orderly_end(waiting):
                await again.send(reasons)
        except CalledOff:
            say("what was not sent again has stayed as it was.")
    return again.statuses, waiting.called_off


def _summary(statuses: Counter[str], to: str) -> str:
    if not statuses:
        return "Nothing failed that could be sent again."
    skipped = statuses["skipped"]
    sent = ", ".join(f"{count:,} {status}" for status, count in sorted(statuses.items()) if status != "skipped")
    left = f" {skipped:,} were passed over, since their mapping is off or gone." if skipped else ""
    return f"Sent again to {to}: {sent or 'nothing'}.{left}"
