"""`studio retry`: send again what failed in a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studio.cli import arguments
from studio.cli.asking import MANY_PEOPLE, confirm, consent_changing
from studio.cli.durations import seconds_of
from studio.cli.failures import EXIT_FAILED, EXIT_INTERRUPTED, UsageFailure, command
from studio.cli.inputs import config_of, enabled, perform
from studio.cli.run_journal import named_journal, refuse_sync
from studio.cli.words import say, tell
from studio.runs import RunRequest, name_of
from studio.target import KLAVIYO

if TYPE_CHECKING:
    from actions import Config
    from actions.delivery.entries import Reason
    from actions.delivery.journal import Journal
    from actions.delivery.options import Options
    from actions.delivery.retry import Retry

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
    wait: arguments.Wait = False,
    give_up: arguments.GiveUp = arguments.FOUR_HOURS,
    failed: arguments.FailedFile = None,
    yes: arguments.Yes = False,
    as_json: arguments.AsJson = False,
) -> int:
    """Send again what failed in a run, to where the run went, by its mappings as they are now."""
    from actions.delivery.journal import Journal, JournalError
    from actions.delivery.options import Options
    from studio.cli.report_output import finish, refuse_failed_file

    patience = seconds_of(give_up, "--give-up")
    try:
        path = named_journal(run)
        with Journal(path) as journal:
            about = journal.about
            if "request" not in about:
                raise UsageFailure(f"{path} is the journal of no run.")
            refuse_sync(path, about)
            request = RunRequest.read(about)
            if failed is not None:
                refuse_failed_file(failed, [path, *request.sources, request.config])
            loaded = config_of(config or (None if request.config is None else Path(request.config)))
            reasons = _reasons(journal, reason)
            if not yes and request.to == KLAVIYO:
                _ask_about_consent(loaded, journal, reasons)
            try:
                interrupted = perform(_retry(loaded, request.to, journal, reasons, patience, Options(wait=wait)))
                code = finish(journal, name_of(path), failed, as_json=as_json)
            except JournalError as error:
                say(str(error))
                return EXIT_FAILED
    except JournalError as error:
        raise UsageFailure(str(error)) from error
    return EXIT_INTERRUPTED if interrupted else code


def _reasons(journal: Journal, wanted: str | None) -> list[Reason]:
    """The reasons of failures that a text names, by status, mapping or words."""
    from actions.delivery.entries import EVENT
    from actions.delivery.report import failed_tallies

    failed = [tally.reason for tally in failed_tallies(journal) if tally.mapping != EVENT]
    found = [
        each
        for each in failed
        if wanted is None or wanted in (each.status, each.mapping) or wanted.lower() in each.message.lower()
    ]
    if failed and not found:
        raise UsageFailure(f"nothing failed for a reason with {wanted!r} in it; `studio runs show` lists the reasons.")
    return found


def _ask_about_consent(config: Config, journal: Journal, reasons: list[Reason]) -> None:
    """Ask before the consent of many people is changed at the real Klaviyo."""
    changing = consent_changing(config)
    tallies = [tally for tally in journal.tallies() if tally.reason in reasons and tally.mapping in changing]
    count = sum(tally.count for tally in tallies)
    if count > MANY_PEOPLE:
        names = ", ".join(dict.fromkeys(tally.mapping for tally in tallies))
        question = f"This changes the consent of up to {count:,} people at the real Klaviyo ({names})."
        confirm(question, "Give --yes if that is meant, or --reason to send less.")


async def _retry(
    config: Config, to: str, journal: Journal, reasons: list[Reason], give_up: float, options: Options
) -> bool:
    """Do it and tell how much became of it; whether somebody ended it."""
    from actions.delivery.retry import Retry
    from actions.retrying import Retrying
    from actions.waiting import Waiting
    from studio.cli.sitting import sit
    from studio.target import open_engine

    waiting = Waiting()
    async with open_engine(
        to, config.settings, mappings=enabled(config), retries=Retrying(give_up=give_up), waiting=waiting, paced=True
    ) as engine:
        again = Retry(engine, config, journal, reasons, waiting, options)
        await sit(again.deliver(), again.progress, again, waiting)
    tell(_summary(again, to))
    if waiting.called_off:
        say("what was not sent again has stayed as it was.")
    return waiting.called_off


def _summary(again: Retry, to: str) -> str:
    statuses, passed_over = again.progress.statuses, again.passed_over
    if not statuses and not passed_over:
        return "Nothing failed that could be sent again."
    ended = ", ".join(f"{count:,} {status}" for status, count in sorted(statuses.items()))
    what = f"Sent again to {to}" if again.size else f"Followed to the end of their imports at {to}"
    left = f" {passed_over:,} were passed over, since their mapping is off or gone." if passed_over else ""
    return f"{what}: {ended or 'nothing'}.{left}"
