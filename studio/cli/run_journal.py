"""Which journal a run is kept in, and what a run is to do that goes on."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from studio.cli.failures import UsageFailure
from studio.runs import (
    FINISHED,
    RunNotFound,
    RunRequest,
    find_journal,
    journal_to_resume,
    name_of,
    new_journal,
    runs_folder,
)

_BESIDE = ("", "-wal", "-shm", ".lock")
"""What the names of a journal's files end in."""


def named_journal(run: str) -> Path:
    """The journal of the run that somebody names."""
    try:
        return find_journal(run)
    except RunNotFound as error:
        raise UsageFailure(str(error)) from error


def request_of(path: Path) -> RunRequest:
    """What the run of a journal is to do, if it has not finished."""
    from actions.delivery.journal import Journal, JournalError

    try:
        with Journal(path, write=False) as journal:
            about = journal.about
    except JournalError as error:
        raise UsageFailure(str(error)) from error
    if "request" not in about:
        raise UsageFailure(f"{path} is the journal of no run.")
    refuse_sync(path, about)
    if about.get("state") == FINISHED:
        run = name_of(path)
        raise UsageFailure(f"run {run} has finished; `studio retry {shlex.quote(run)}` sends again what failed.")
    return RunRequest.read(about)


def refuse_sync(path: Path, about: dict[str, str]) -> None:
    """Raise `UsageFailure` for the journal of a sync, whose outcomes `studio sync` takes note of."""
    if "sync" in about:
        config = RunRequest.read(about).config
        raise UsageFailure(
            f"{path.stem} is part of a sync, and the next one goes on with it and takes up what failed: "
            f"`studio sync {config}`."
        )


def choose_journal(request: RunRequest, named: Path | None, *, restart: bool) -> tuple[Path, bool]:
    """The journal for a run, and whether that goes on with it."""
    if named is None:
        try:
            found = None if restart else journal_to_resume(request)
            return found or usual_journal(), found is not None
        except OSError as error:
            raise unusable_runs(error) from error
    if not named.exists():
        return named, False
    if not named.is_file():
        raise UsageFailure(f"{named} is no file; a journal is one.")
    if restart:
        _refuse_to_delete(named)
        remove(named)
        return named, False
    if _is_unwritten(named):  # its run was killed before it had noted anything
        return named, False
    if request_of(named).facts() != request.facts():
        raise UsageFailure(f"{named} is the journal of another run; name another file, or begin anew with --restart.")
    return named, True


def usual_journal() -> Path:
    """The path of a journal to be, in the user's state folder. Raises `UsageFailure` where that cannot be written."""
    path = new_journal()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unusable_runs(error) from error
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise unusable_runs("Permission denied")
    return path


def unusable_runs(problem: OSError | str) -> UsageFailure:
    """What to say where the folder of runs cannot be used."""
    reason = problem if isinstance(problem, str) else problem.strerror or problem
    return UsageFailure(
        f"runs are kept in {runs_folder()}, which cannot be used: {reason}. Set XDG_STATE_HOME to another folder, or "
        "name a file with --journal."
    )


def remove(path: Path) -> None:
    """Delete a journal."""
    for suffix in _BESIDE:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def is_unbegun(about: dict[str, str]) -> bool:
    """Whether nothing was noted of a run yet."""
    return set(about) == {"format"}


def _refuse_to_delete(path: Path) -> None:
    """Raise `UsageFailure` for a file that is no journal, of whatever version, and for one that is being written."""
    import sqlite3
    from contextlib import closing

    from actions.delivery.journal import FORMAT, Journal, JournalError

    if path.stat().st_size == 0:
        return
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            form = db.execute("select value from about where key = 'format'").fetchone()
            db.execute("select 1 from flight").fetchone()
        if form == (str(FORMAT),):
            Journal(path).close()
    except (sqlite3.Error, JournalError) as error:
        reason = str(error) if isinstance(error, JournalError) else f"{path} is no journal of a run"
        raise UsageFailure(f"{reason.rstrip('.')}. It stays as it is; name another file with --journal.") from error


def _is_unwritten(path: Path) -> bool:
    from actions.delivery.journal import Journal, JournalError

    if path.stat().st_size == 0:
        return True
    try:
        with Journal(path, write=False) as journal:
            return is_unbegun(journal.about)
    except JournalError as error:
        raise UsageFailure(str(error)) from error
