"""Which journal a run is kept in, and what a run is to do that goes on."""

from __future__ import annotations

from pathlib import Path

from studio.cli.failures import UsageFailure
from studio.runs import FINISHED, RunNotFound, RunRequest, find_journal, journal_to_resume, new_journal


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
        raise UsageFailure(f"run {path.stem} has finished; `studio retry {path.stem}` sends again what failed.")
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
        found = None if restart else journal_to_resume(request)
        return found or new_journal(), found is not None
    if not named.exists():
        return named, False
    if restart:
        for suffix in ("", "-wal", "-shm", ".lock"):
            named.with_name(named.name + suffix).unlink(missing_ok=True)
        return named, False
    if _is_unwritten(named):  # its run was killed before it had noted anything
        return named, False
    if request_of(named).facts() != request.facts():
        raise UsageFailure(f"{named} is the journal of another run; name another file, or begin anew with --restart.")
    return named, True


def _is_unwritten(path: Path) -> bool:
    from actions.delivery.journal import Journal, JournalError

    if path.stat().st_size == 0:
        return True
    try:
        with Journal(path, write=False) as journal:
            return set(journal.about) == {"format"}
    except JournalError as error:
        raise UsageFailure(str(error)) from error
