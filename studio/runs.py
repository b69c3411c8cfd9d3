"""Runs: what was asked of them, and where their journals are."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FINISHED, RUNNING, STOPPED, REPLACED = "finished", "running", "stopped", "replaced"
"""How a run stands. One that is `running` though nobody writes its journal was killed."""


class RunNotFound(ValueError):
    """There is no such run; the text says which there are."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a run was asked to do: paths are absolute, `-` is standard input."""

    config: str | None
    sources: Sequence[str]
    to: str
    only: Sequence[str] = ()
    skip: int = 0
    limit: int | None = None

    @classmethod
    def of(
        cls,
        config: Path | None,
        sources: Sequence[str],
        to: str,
        only: Sequence[str] = (),
        skip: int = 0,
        limit: int | None = None,
    ) -> RunRequest:
        """The request of a command given in this folder."""
        absolute = [name if name == "-" else str(Path(name).absolute()) for name in sources]
        return cls(None if config is None else str(config.absolute()), absolute, to, list(only), skip, limit)

    @classmethod
    def read(cls, about: Mapping[str, str]) -> RunRequest:
        """The request that a journal tells of."""
        return cls(**json.loads(about["request"]))

    def facts(self) -> dict[str, str]:
        """What a journal notes of it: the same command has the same `command`."""
        import hashlib  # with `secrets` below a tenth of what `studio --help` takes, which needs neither

        text = json.dumps(asdict(self), sort_keys=True)
        return {"request": text, "command": hashlib.sha256(text.encode()).hexdigest()}


def runs_folder() -> Path:
    """Where journals are kept, in the user's state folder."""
    import platformdirs  # for runs only

    return platformdirs.user_state_path("mapping-studio") / "runs"


def new_journal() -> Path:
    """The path of a journal to be. Its name is the run's: when it began, and something to tell it apart."""
    import secrets

    return runs_folder() / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}.db"


def all_journals() -> list[Path]:
    """The journals that are kept, the newest first."""
    return sorted(runs_folder().glob("*.db"), reverse=True)


def name_of(journal: Path) -> str:
    """What a run is called, by which `find_journal` finds its journal: elsewhere than usual, that is its path."""
    return journal.stem if journal.parent == runs_folder() else str(journal)


def is_being_written(journal: Path) -> bool:
    """Whether a run that is going on writes a journal; one that says so and is not written was killed."""
    import sqlite3
    from contextlib import closing

    lock = journal.with_name(f"{journal.name}.lock")  # held by who writes, as `Journal` says
    if not lock.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{lock.resolve().as_uri()}?mode=rw", uri=True, timeout=0)) as db:
            db.execute("begin exclusive")
    except sqlite3.Error as error:
        return "locked" in str(error)
    return False


def find_journal(run: str) -> Path:
    """The journal of a run, by the run's name, the beginning of it, or the journal's path. Raises `RunNotFound`."""
    path = Path(run)
    if path.suffix == ".db" and path.exists():
        return path
    found = [journal for journal in all_journals() if journal.stem.startswith(run)]
    if len(found) == 1 or (found and found[-1].stem == run):
        return found[-1]
    if found:
        others = f" and {len(found) - 5} more" if len(found) > 5 else ""
        raise RunNotFound(f"{run!r} stands for several runs: {', '.join(each.stem for each in found[:5])}{others}.")
    if path.is_file():
        return path
    raise RunNotFound(f"there is no run {run!r}; `studio runs` lists those there are.")


def journal_to_resume(request: RunRequest) -> Path | None:
    """The newest journal of the same command that has not finished. Raises `JournalError`."""
    from actions.delivery.journal import Journal, JournalError

    wanted = request.facts()["command"]
    for path in all_journals():
        try:
            with Journal(path, write=False) as journal:
                about = journal.about
        except JournalError:
            continue  # another program's, or damaged: `studio runs` tells
        if about.get("command") == wanted:
            return path if about.get("state") in (RUNNING, STOPPED) else None
    return None


def facts_of_sitting(state: str, **more: Any) -> dict[str, str]:
    """What a journal notes when a run begins, goes on or ends."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    return {"state": state, "changed": moment, **{key: str(value) for key, value in more.items()}}
