"""Which message ids a run has seen. In a temporary database, so that memory does not grow with the input."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from actions.delivery.journal import JournalError

_CACHE_KB = 4096


class SeenIds:
    """A growing set of texts on the disk; the system throws it away when the process ends."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = off", "synchronous = off", f"cache_size = -{_CACHE_KB}"):
            self._db.execute(f"pragma {pragma}")
        self._db.execute("create table seen (id text primary key, number integer not null) without rowid")
        self._db.execute("begin")

    def add(self, ids: Sequence[tuple[str, int]]) -> set[int]:
        """Add message ids, each with the number of its event; the numbers of those that were there already.

        Raises `JournalError` where the temporary folder has no room for them.
        """
        try:
            return self._add(ids)
        except sqlite3.OperationalError as error:
            raise JournalError(
                f"The ids of the messages that were seen cannot be kept in the temporary folder: {error}. Free space "
                "there, or name another folder by SQLITE_TMPDIR, and give the same command again: it goes on where it "
                "was."
            ) from error

    def _add(self, ids: Sequence[tuple[str, int]]) -> set[int]:
        before = self._db.total_changes
        try:
            self._insert(ids)
        except UnicodeEncodeError:  # half of an emoji, which SQLite takes as bytes only
            self._insert([(_writable(message_id), number) for message_id, number in ids])
        if self._db.total_changes - before == len(ids):
            return set()
        first = "select number from seen where id = ?"
        return {
            number
            for message_id, number in ids
            if self._db.execute(first, (_writable(message_id),)).fetchone()[0] != number
        }

    def _insert(self, ids: Sequence[tuple[str | bytes, int]]) -> None:
        self._db.executemany("insert or ignore into seen values (?, ?)", ids)

    def close(self) -> None:
        """Throw it away."""
        self._db.close()


def _writable(message_id: str) -> str | bytes:
    try:
        message_id.encode()
    except UnicodeEncodeError:
        return message_id.encode("utf-8", "surrogatepass")
    return message_id
