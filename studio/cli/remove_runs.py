"""`studio runs remove`: journals that nobody needs any more, and the failed events in them, are deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from studio.cli import arguments
from studio.cli.durations import seconds_of
from studio.cli.failures import EXIT_FAILED, UsageFailure, command
from studio.cli.run_journal import named_journal, remove, unusable_runs
from studio.cli.words import say, tell
from studio.runs import FINISHED, all_journals, is_being_written, name_of

EXAMPLES = arguments.example(
    """\
  studio runs remove 20261124-1436               one run, with what failed in it
  studio runs remove --older-than 30d            all that finished more than 30 days ago"""
)


@command
def remove_runs(
    runs: Annotated[
        list[str] | None, typer.Argument(metavar="RUN", help="The run's name or its beginning, or its journal.")
    ] = None,
    older_than: Annotated[
        str | None, typer.Option("--older-than", metavar="TIME", help="All that finished so long ago: 12h, 30d.")
    ] = None,
) -> int:
    """Delete the journals of runs, and with them the events that failed there.

    By age, only runs that have finished go: the others can be gone on with. A run that is going on stays.
    """
    if bool(runs) == (older_than is not None):
        raise UsageFailure("name the runs that are to go, or give --older-than for those that finished long ago.")
    removed = 0
    code = 0
    # all are found before the first is gone, so that a name that is wrong removes nothing
    named = dict.fromkeys(map(named_journal, runs or ()))
    for path in named if older_than is None else _old(older_than):
        reason = _reason_to_stay(path)
        if reason:
            say(f"{name_of(path)} stays: {reason}")
            code = EXIT_FAILED
        else:
            remove(path)
            removed += 1
    tell(f"{removed:,} run{'' if removed == 1 else 's'} removed.")
    return code


def _old(older_than: str) -> list[Path]:
    """The journals of runs that finished longer ago than that."""
    before = datetime.now(UTC) - timedelta(seconds=seconds_of(older_than, "--older-than"))
    try:
        journals = all_journals()
    except OSError as error:
        raise unusable_runs(error) from error
    return [path for path in journals if _has_finished(about := _about(path)) and _changed(about) < before]


def _reason_to_stay(path: Path) -> str:
    if is_being_written(path):
        return "it is going on; end it first."
    about = _about(path)
    if not about:
        return "it is no journal of a run, or one of another version."
    if "sync" in about and not _has_finished(about):
        return "a sync was broken off in it, and the next one goes on with it."
    return ""


def _about(path: Path) -> dict[str, str]:
    """What a journal tells of its run; nothing where it is none."""
    from actions.delivery.journal import Journal, JournalError

    try:
        with Journal(path, write=False) as journal:
            return journal.about
    except JournalError:
        return {}


def _has_finished(about: dict[str, str]) -> bool:
    return about.get("state") == FINISHED


def _changed(about: dict[str, str]) -> datetime:
    return datetime.fromisoformat(about["changed"])
