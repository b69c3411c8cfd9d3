"""The sandbox's state: one SQLite database, in a file that several processes share or in memory."""

from __future__ import annotations

import random
import sqlite3
import string
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

SCHEMA_VERSION = 2

DEMO_LISTS = (
    ("XyZ12a", "Recent lantern buyers", "single_opt_in"),
    ("VmR4Lk", "Engage audience", "single_opt_in"),
    ("Nws1tr", "Newsletter", "double_opt_in"),
    ("VipCst", "VIP customers", "single_opt_in"),
)
"""Lists that a new sandbox has, as a new account has some. The samples and presets name them."""

_SCHEMA = """
create table profiles (
  id text primary key, email text unique, phone_number text unique, external_id text unique,
  anonymous_id text unique, attributes text not null, consent text not null,
  created text not null, updated text not null, change integer not null default 0
);
create index profiles_by_change on profiles (change);
create table lists (
  id text primary key, name text not null, opt_in_process text not null, created text not null, updated text not null
);
create table members (list_id text, profile_id text, joined text not null, primary key (list_id, profile_id));
create index members_by_profile on members (profile_id);
create table metrics (id text primary key, name text unique not null, created text not null);
create table events (
  id text primary key, metric_id text not null, profile_id text not null, unique_id text not null,
  time text not null, value real, properties text not null, unique (metric_id, profile_id, unique_id)
);
create index events_by_profile on events (profile_id);
create table confirmations (profile text not null, list_id text, sent text not null);
create table jobs (
  id text primary key, kind text not null, created real not null, ready real not null, total integer not null,
  completed integer not null default 0, failed integer not null default 0, skipped integer not null default 0,
  list_ids text not null default '[]', rows text
);
create table job_profiles (job_id text, profile_id text, primary key (job_id, profile_id));
create table job_errors (id text primary key, job_id text not null, detail text not null, pointer text not null,
  payload text not null);
create index jobs_waiting on jobs (ready) where rows is not null;
create table windows (endpoint text, seconds integer, start integer, used integer, primary key (endpoint, seconds));
"""
_TABLES = (
    "profiles",
    "lists",
    "members",
    "metrics",
    "events",
    "confirmations",
    "jobs",
    "job_profiles",
    "job_errors",
    "windows",
)
_MIGRATIONS = {
    1: (
        "alter table profiles add column change integer not null default 0",
        "update profiles set change = rowid",
        "create index profiles_by_change on profiles (change)",
    ),
}
"""What makes a database of an earlier version one of the next."""

NEXT_CHANGE = "(select coalesce(max(change), 0) + 1 from profiles)"
"""SQL: the number of a change that is made now. `updated` cannot tell their order, since it counts in seconds."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SHORT = string.ascii_letters + string.digits


class Store:
    """An open database. `transaction` does all or nothing; `db` is for reading.

    Threads share the one connection, so whoever reads while another may write takes the `lock`.
    """

    def __init__(self, path: Path | None) -> None:
        self.lock = threading.RLock()
        self.db = sqlite3.connect(
            path or ":memory:", timeout=30, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        self.db.row_factory = sqlite3.Row
        try:
            self._prepare(path)
        except BaseException:
            self.db.close()
            raise

    def _prepare(self, path: Path | None) -> None:
        """Make what a new database needs. Raises `sqlite3.DatabaseError` for a file that is no sandbox's."""
        if path is not None:
            self.db.execute("pragma journal_mode = wal")
            self.db.execute("pragma synchronous = normal")
        with self.transaction():
            version: int = self.db.execute("pragma user_version").fetchone()[0]
            is_new = self.db.execute("select 1 from sqlite_master").fetchone() is None
            if version == 0 and is_new:
                for statement in _SCHEMA.split(";"):
                    self.db.execute(statement)
                self._add_demo_lists()
            elif version in _MIGRATIONS:
                for earlier in range(version, SCHEMA_VERSION):
                    for statement in _MIGRATIONS[earlier]:
                        self.db.execute(statement)
            elif version != SCHEMA_VERSION:
                raise sqlite3.DatabaseError(f"{path} was made by another program, or another version of this one")
            self.db.execute(f"pragma user_version = {SCHEMA_VERSION}")

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Everything inside is done, or nothing; other threads and processes wait."""
        with self.lock:
            self.db.execute("begin immediate")
            try:
                yield
                self.db.execute("commit")
            except BaseException:
                if self.db.in_transaction:  # a full disk has ended it already
                    self.db.execute("rollback")
                raise

    def copy(self) -> Store:
        """The state as it is now, in memory."""
        copy = Store(None)
        with self.lock:
            self.db.backup(copy.db)
        return copy

    def erase(self) -> None:
        """Back to a new account."""
        with self.transaction():
            for table in _TABLES:
                self.db.execute(f"delete from {table}")
            self._add_demo_lists()

    def close(self) -> None:
        """Close the database."""
        self.db.close()

    def _add_demo_lists(self) -> None:
        moment = now()
        rows = [(list_id, name, process, moment, moment) for list_id, name, process in DEMO_LISTS]
        self.db.executemany("insert into lists values (?, ?, ?, ?, ?)", rows)


def now() -> str:
    """This moment as Klaviyo writes it."""
    return iso(time.time())


def iso(seconds: float) -> str:
    """Seconds since the epoch as Klaviyo writes a time: to the second, in UTC."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()


def new_profile_id() -> str:
    """A ULID, as profiles have: 26 characters, in the order of their making."""
    stamp = int(time.time() * 1000)
    head = "".join(_CROCKFORD[(stamp >> shift) & 31] for shift in range(45, -1, -5))
    return head + "".join(random.choices(_CROCKFORD, k=16))  # noqa: S311 - an id, no secret


def new_short_id() -> str:
    """Six letters and digits, as lists and metrics have."""
    return "".join(random.choices(_SHORT, k=6))  # noqa: S311


def new_job_id() -> str:
    """An opaque id."""
    return "".join(random.choices(_SHORT, k=22))  # noqa: S311
