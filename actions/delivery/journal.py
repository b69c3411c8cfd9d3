"""The journal of a run: for every event and mapping what became of it, and why. One SQLite file a run.

Events are known by their number, which counts what was read from 0. What went well is kept as sets of numbers, one row
a batch; what failed is kept with the event itself, so that it can be sent again. Everything below the `watermark` is
settled: a run that goes on need not look at it again.

A batch is on record as in flight before it goes out, and is settled in one transaction. What a transaction wrote is on
the disk when it ends (WAL with full synchronisation), so that neither a killed process nor a lost machine sends twice
what was settled, or forgets what was not.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

from actions.delivery.entries import Entries, Failure, Reason, Tally, kind_of, packed, unpacked
from actions.delivery.number_set import NumberSet

FORMAT = 1

_SCHEMA = """
create table about (key text primary key, value text not null) without rowid;
create table reason (
    id integer primary key, mapping text not null, status text not null, message text not null,
    unique (mapping, status, message)
);
create table settled (
    reason integer not null, count integer not null, last integer not null, numbers blob not null
);
create table failure (
    mapping text not null, number integer not null, reason integer not null, source text not null,
    line integer not null, content blob not null, primary key (mapping, number)
);
create index failure_by_reason on failure (reason, number);
create table flight (id integer primary key, mapping text not null, count integer not null, numbers blob not null);
create table warning (
    mapping text not null, message text not null, count integer not null, primary key (mapping, message)
) without rowid;
create table job (id text primary key, mapping text not null, count integer not null, numbers blob not null,
    rows blob not null);
"""
_MOST_REASONS = 1000
_FURTHER = "Further ones, which are too many to be told apart."
_PORTION = 500


class JournalError(Exception):
    """A journal that cannot be read or written; its text says why and what to do."""


class Journal:
    """An open journal. One process at a time writes it; others may read it meanwhile. A context manager.

    What changes it stands inside `transaction`. Raises `JournalError`.
    """

    def __init__(self, path: Path, *, write: bool = True) -> None:
        self.path = path
        self._reasons: dict[Reason, int] = {}
        self._lock: sqlite3.Connection | None = None
        self._in_use = threading.Lock()
        with _told(path):
            if write:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._lock = _lock(path)
            self._db = _connect(path, write=write)
            self._warnings: int = self._one("select count(*) from warning")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close it and let others write it. A transaction that another thread has begun is waited for."""
        with self._in_use:
            self._db.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Everything inside goes on record, or nothing does."""
        with self._in_use, _told(self.path):
            self._db.execute("begin immediate")
            try:
                yield
                self._db.execute("commit")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("rollback")
                self._reasons.clear()  # some may have been rolled back
                raise

    @property
    def about(self) -> dict[str, str]:
        """What was noted of the run as a whole."""
        with _told(self.path):
            return dict(self._db.execute("select key, value from about"))

    def note(self, **facts: str) -> None:
        """Note facts of the run as a whole, in the place of earlier ones."""
        self._db.executemany("insert or replace into about values (?, ?)", facts.items())

    def take_off(self, mapping: str, numbers: Sequence[int]) -> int:
        """Put a batch on record as in flight; the id to settle it by."""
        row = self._db.execute(
            "insert into flight (mapping, count, numbers) values (?, ?, ?)", (mapping, len(numbers), packed(numbers))
        )
        return row.lastrowid or 0

    def land(self, flight: int) -> None:
        """A batch is not in flight any more."""
        self._db.execute("delete from flight where id = ?", (flight,))

    def settle(self, entries: Entries) -> None:
        """Put outcomes on record."""
        for reason, numbers in entries.settled.items():
            values = (self._reason(reason), len(numbers), numbers[-1], packed(numbers))
            self._db.execute("insert into settled values (?, ?, ?, ?)", values)
        for reason, failures in entries.failed.items():
            reason_id = self._reason(reason)
            rows = ((reason.mapping, it.number, reason_id, it.source, it.line, it.content) for it in failures)
            self._db.executemany("insert or replace into failure values (?, ?, ?, ?, ?, ?)", rows)
        for (mapping, message), count in entries.warnings.items():
            self._warn(mapping, message, count)

    def _reason(self, reason: Reason) -> int:
        known = self._reasons.get(reason)
        if known is None:
            if self._find(reason) is None and (count := self._one("select count(*) from reason")) >= _MOST_REASONS:
                reason = reason._replace(message=kind_of(reason.message) if count < 2 * _MOST_REASONS else _FURTHER)
            self._db.execute("insert or ignore into reason (mapping, status, message) values (?, ?, ?)", reason)
            known = self._reasons[reason] = self._find(reason) or 0
        return known

    def _warn(self, mapping: str, message: str, count: int) -> None:
        add = "update warning set count = count + ? where mapping = ? and message = ?"
        if self._db.execute(add, (count, mapping, message)).rowcount:
            return
        if self._warnings >= _MOST_REASONS:
            message = kind_of(message) if self._warnings < 2 * _MOST_REASONS else _FURTHER
            if self._db.execute(add, (count, mapping, message)).rowcount:
                return
        self._warnings += 1
        self._db.execute("insert into warning values (?, ?, ?)", (mapping, message, count))

    def forget_flights(self) -> int:
        """Take what was in flight as not sent; how many outcomes that are."""
        count = self._one("select coalesce(sum(count), 0) from flight")
        self._db.execute("delete from flight")
        return count

    def withdraw(self, mapping: str, numbers: Iterable[int]) -> None:
        """Take failures back, because their events were sent again and are settled anew."""
        withdrawn = ((mapping, number) for number in numbers)
        self._db.executemany("delete from failure where mapping = ? and number = ?", withdrawn)

    def add_job(self, job_id: str, mapping: str, numbers: Sequence[int], rows: bytes) -> None:
        """Put on record that a job goes on with events, which are settled when it has ended."""
        values = (job_id, mapping, len(numbers), packed(numbers), rows)
        self._db.execute("insert or replace into job values (?, ?, ?, ?, ?)", values)

    def end_job(self, job_id: str) -> None:
        """A job has ended."""
        self._db.execute("delete from job where id = ?", (job_id,))

    def jobs(self) -> list[tuple[str, str]]:
        """The ids of the jobs that have not ended, each with its mapping."""
        with _told(self.path):
            return list(self._db.execute("select id, mapping from job order by rowid"))

    def job_rows(self, job_id: str) -> bytes:
        """What was put on record of a job's events."""
        with _told(self.path):
            return self._db.execute("select rows from job where id = ?", (job_id,)).fetchone()[0]

    def settled(self, since: int) -> dict[str, NumberSet]:
        """By mapping, the numbers from `since` on that need not be sent any more."""
        known: dict[str, NumberSet] = {}

        def of(mapping: str) -> NumberSet:
            return known.setdefault(mapping, NumberSet(since))

        queries = (
            ("select mapping, numbers from settled join reason on reason.id = reason where last >= ?", (since,)),
            ("select mapping, numbers from job", ()),
        )
        with _told(self.path):
            for query, values in queries:
                for mapping, numbers in self._db.execute(query, values):
                    of(mapping).update(unpacked(numbers))
            rows = self._db.execute("select mapping, number from failure where number >= ?", (since,))
            for mapping, number in rows:
                of(mapping).update((number,))
        return known

    def tallies(self) -> list[Tally]:
        """How many events ended how, for what reason, the most frequent first."""
        with _told(self.path):
            rows = self._db.execute(
                "select mapping, status, message, sum(count) as total from ("
                " select reason, sum(count) as count from settled group by reason"
                " union all select reason, count(*) from failure group by reason"
                ") join reason on reason.id = reason group by reason order by total desc, mapping, status, message"
            )
            return [Tally(*row) for row in rows]

    def in_flight(self) -> dict[str, int]:
        """By mapping, how many events are on their way, or were when the run was broken off."""
        return self._counts("flight")

    def in_jobs(self) -> dict[str, int]:
        """By mapping, how many events are with a job that has not ended."""
        return self._counts("job")

    def _counts(self, table: str) -> dict[str, int]:
        with _told(self.path):
            query = f"select mapping, sum(count) from {table} group by mapping"  # noqa: S608 - a table of ours
            return dict(self._db.execute(query))

    def warnings(self) -> list[tuple[str, str, int]]:
        """Mapping, message and how often, the most frequent first."""
        with _told(self.path):
            return list(self._db.execute("select mapping, message, count from warning order by count desc, 1, 2"))

    def failures(self, *reasons: Reason, limit: int = -1) -> Iterator[Failure]:
        """The events that failed for one of the reasons, in the order in which they were read, read in portions."""
        ids = ", ".join(str(reason_id) for reason_id in map(self._find, reasons) if reason_id is not None)
        after = -1
        while limit:
            portion = _PORTION if limit < 0 else min(limit, _PORTION)
            with _told(self.path):
                rows = self._db.execute(
                    f"select number, source, line, content from failure where reason in ({ids}) and number > ? "  # noqa: S608 - numbers of ours
                    "order by number limit ?",
                    (after, portion),
                ).fetchall()
            if not rows:
                return
            yield from (Failure(*row) for row in rows)
            after, limit = rows[-1][0], limit - len(rows) if limit > 0 else limit

    def _find(self, reason: Reason) -> int | None:
        find = "select id from reason where mapping = ? and status = ? and message = ?"
        with _told(self.path):
            row = self._db.execute(find, reason).fetchone()
        return None if row is None else row[0]

    def numbers(self, mapping: str) -> list[int]:
        """All numbers that outcomes of a mapping are on record of, one for each outcome, in order."""
        with _told(self.path):
            query = "select numbers from settled join reason on reason.id = reason where mapping = ?"
            found = [number for (numbers,) in self._db.execute(query, (mapping,)) for number in unpacked(numbers)]
            rows = self._db.execute("select number from failure where mapping = ?", (mapping,))
            return sorted([*found, *(number for (number,) in rows)])

    def _one(self, query: str, values: Sequence[Any] = ()) -> int:
        return self._db.execute(query, values).fetchone()[0]


def _connect(path: Path, *, write: bool) -> sqlite3.Connection:
    if not write:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
        db.execute("pragma busy_timeout = 5000")
        _check_format(db, path)
        return db
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    is_new = not db.execute("select 1 from sqlite_master limit 1").fetchone()
    if not is_new:
        _check_format(db, path)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    if is_new:
        format_row = f"insert into about values ('format', '{FORMAT}');"  # noqa: S608 - a number of our own
        db.executescript(f"begin; {_SCHEMA} {format_row} commit;")
    return db


def _check_format(db: sqlite3.Connection, path: Path) -> None:
    try:
        row = db.execute("select value from about where key = 'format'").fetchone()
    except sqlite3.OperationalError:
        row = ("of another program",)
    if row is None or row[0] != str(FORMAT):
        db.close()
        raise JournalError(f"{path} is no journal of a run, or one of another version. Name another with --journal.")


def _lock(path: Path) -> sqlite3.Connection:
    """Held by the process that writes the journal, and let go by the system when that ends, however it does."""
    with closing(sqlite3.connect(path)) as journal:  # a file that is no database is told as that
        journal.execute("select 1 from sqlite_master limit 1").fetchone()
    lock = sqlite3.connect(
        path.with_name(f"{path.name}.lock"), isolation_level=None, timeout=0, check_same_thread=False
    )
    try:
        lock.execute("begin exclusive")
    except sqlite3.OperationalError as error:
        lock.close()
        if "locked" in str(error):
            raise JournalError(f"{path} is being written by another run; wait for it, or end it.") from error
        raise
    return lock


@contextmanager
def _told(path: Path) -> Generator[None]:
    """What SQLite and the system say of the file, as a `JournalError`."""
    try:
        yield
    except sqlite3.Error as error:
        reason = str(error)
        if "full" in reason:
            advice = "Free space and give the same command again: it goes on where it was."
        elif "locked" in reason or "busy" in reason:
            advice = "Another program holds it; end that and give the same command again."
        elif "not a database" in reason or "malformed" in reason or "no such table" in reason:
            advice = "It is no journal of a run, or it is damaged."
        else:
            advice = "Look at the file and its folder, or name another with --journal."
        raise JournalError(f"the journal {path} cannot be used: {reason}. {advice}") from error
    except OSError as error:
        raise JournalError(f"the journal {path} cannot be used: {error.strerror or error}.") from error
