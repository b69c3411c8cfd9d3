"""The sandbox: a Klaviyo of our own, with state, for people without a key, for previews and for tests.

::

    with closing(Sandbox()) as sandbox:
        engine = Engine(KLAVIYO, {"api_key": "pk_sandbox"}, sandbox.transport())
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from pydantic_core import from_json

from actions.klaviyo.sandbox import lists
from actions.klaviyo.sandbox.app import Behaviour, catch_up, create_app
from actions.klaviyo.sandbox.dropping import ConnectionDropped
from actions.klaviyo.sandbox.faults import Faults
from actions.klaviyo.sandbox.store import Store
from actions.klaviyo.sandbox.subscriptions import subscriptions

__all__ = ["Faults", "Sandbox"]


class Sandbox:
    """A Klaviyo account on this machine. Any key that begins with `pk_` opens it.

    `path` is the SQLite file that keeps it, which several processes may use at once; without one it lives in memory.
    `limits` applies Klaviyo's rate limits, `faults` makes requests fail, `job_seconds` is how long a bulk import
    takes, and with `any_list` a list comes to be when it is named.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        limits: bool = False,
        faults: Faults | None = None,
        job_seconds: float = 0.0,
        any_list: bool = False,
    ) -> None:
        self._open(Store(path), Behaviour(limits, faults or Faults(), job_seconds, any_list))

    def _open(self, store: Store, behaviour: Behaviour) -> None:
        self._store = store
        self._behaviour = behaviour
        self.app = create_app(store, behaviour)
        """The web application, to be served."""

    def transport(self) -> httpx.AsyncBaseTransport:
        """A transport that takes requests in this process, without a network."""
        return _InProcess(app=self.app)

    def copy(self) -> Sandbox:
        """A sandbox in memory that begins with the state of this one and goes its own way."""
        copy = object.__new__(Sandbox)
        copy._open(self._store.copy(), replace(self._behaviour))
        return copy

    def erase(self) -> None:
        """Back to a new account, which has a few lists and nothing else."""
        self._store.erase()

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def profiles(self, limit: int = 100) -> list[dict[str, Any]]:
        """The profiles changed last, with their attributes and consent."""
        rows = self._rows("select * from profiles order by change desc limit ?", (limit,))
        return [
            {
                "id": row["id"],
                **(attributes := from_json(row["attributes"])),
                "subscriptions": subscriptions(attributes, from_json(row["consent"])),
                "updated": row["updated"],
            }
            for row in rows
        ]

    def lists(self) -> list[dict[str, Any]]:
        """The lists with the number of their members."""
        sql = (
            "select lists.id, name, opt_in_process, count(profile_id) as members from lists "
            "left join members on list_id = lists.id group by lists.id order by name"
        )
        return [dict(row) for row in self._rows(sql)]

    def ensure_list(self, list_id: str, name: str) -> None:
        """Have a list of that id; a new one gets the name, and people join it at once."""
        with self._store.transaction():
            lists.ensure(self._store, list_id, name)

    def members(self, list_id: str) -> list[str]:
        """The ids of the profiles on a list."""
        rows = self._rows("select profile_id from members where list_id = ? order by 1", (list_id,))
        return [row["profile_id"] for row in rows]

    def events(self, limit: int = 100) -> list[dict[str, Any]]:
        """The events with their metric and person, the newest first."""
        sql = (
            "select metrics.name as metric, coalesce(email, phone_number, external_id, anonymous_id) as person, "
            "time, value, unique_id, properties from events join metrics on metrics.id = metric_id "
            "join profiles on profiles.id = profile_id order by events.rowid desc limit ?"
        )
        rows = self._rows(sql, (limit,))
        return [{**dict(row), "properties": from_json(row["properties"])} for row in rows]

    def jobs(self, limit: int = 100) -> list[dict[str, Any]]:
        """The jobs, the newest first."""
        sql = "select id, kind, total, completed, failed, rows is null as done from jobs order by rowid desc limit ?"
        return [{**dict(row), "done": bool(row["done"])} for row in self._rows(sql, (limit,))]

    def counts(self) -> dict[str, int]:
        """How much there is of everything."""
        tables = ("profiles", "lists", "members", "metrics", "events", "confirmations", "jobs")
        return {table: self._rows(f"select count(*) as number from {table}")[0]["number"] for table in tables}

    def _rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """What the state is now: imports whose time has come are done first."""
        with self._store.lock:
            catch_up(self._store, self._behaviour)
            return self._store.db.execute(sql, values).fetchall()


class _InProcess(httpx.ASGITransport):
    """Takes requests in this process; a dropped connection is what it is over a network."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await super().handle_async_request(request)
        except ConnectionDropped:
            raise httpx.ReadError("the sandbox dropped the connection", request=request) from None
