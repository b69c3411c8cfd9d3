"""Which message ids a run has seen. In a temporary database, so that memory does not grow with the input."""

from __future__ import annotations

import sqlite3

_CACHE_KB = 8192


class SeenIds:
    """A growing set of texts on the disk; the system throws it away when the process ends."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = off", "synchronous = off", f"cache_size = -{_CACHE_KB}"):
            self._db.execute(f"pragma {pragma}")
        self._db.execute("create table seen (id text primary key) without rowid")
        self._db.execute("begin")
        self._execute = self._db.cursor().execute

    def add(self, message_id: str) -> bool:
        """Add an id; whether it is new."""
        try:
            return self._execute("insert or ignore into seen values (?)", (message_id,)).rowcount == 1
        except UnicodeEncodeError:  # half of an emoji, which SQLite takes as bytes only
            content = message_id.encode("utf-8", "surrogatepass")
            return self._execute("insert or ignore into seen values (?)", (content,)).rowcount == 1

    def close(self) -> None:
        """Throw it away."""
        self._db.close()
