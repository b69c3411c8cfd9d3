"""Warehouses for tests: DuckDB, PostgreSQL where the environment names a server, and syncs before a sandbox."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from actions import Config, Engine
from actions.delivery.journal import Journal
from actions.delivery.report import Report
from actions.delivery.run import Run
from actions.klaviyo import KLAVIYO
from actions.warehouse.opening import open_warehouse
from actions.warehouse.sync import Comparison, Part, Sync
from actions.warehouse.warehouse import Warehouse

DSN = "MAPPING_STUDIO_TEST_DSN"
"""The environment variable with the address of a PostgreSQL server for tests; they make databases there."""

MAPPINGS = """
[[mapping]]
name = "People"
action = "upsertProfile"
on = ["added", "updated"]

[mapping.fields]
email = { "@path" = "$.properties.email" }
external_id = { "@path" = "$.__segment_id" }
first_name = { "@path" = "$.properties.name" }
"""

Rows = Mapping[str, Sequence[Any]]


class Table:
    """A table `people` of a database that a test changes, and the `[source]` of it."""

    def __init__(self, source: str, connect: Any) -> None:
        self.source = source
        self._connect = connect

    def execute(self, *statements: str) -> None:
        """Change the database."""
        with closing(self._connect()) as db:
            for statement in statements:
                db.execute(statement)

    def write(self, rows: Sequence[tuple[str | None, str | None, str | None]]) -> None:
        """Let the table have these rows: id, email, name."""
        self.execute("drop table if exists people", "create table people (id text, email text, name text)")
        if rows:
            values = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
            self.execute(f"insert into people values {values}")  # noqa: S608 - literals


def literal(value: str | None) -> str:
    """A text as SQL writes it."""
    return "null" if value is None else "'" + value.replace("'", "''") + "'"


@contextmanager
def postgres_database() -> Iterator[str]:
    """A new database of the server that the environment names; its address."""
    address = os.environ.get(DSN)
    if not address:
        pytest.skip(f"no PostgreSQL server for tests: {DSN} is not set")
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(address, autocommit=True) as db:
        db.execute(f"create database {name}".encode())
    try:
        yield make_conninfo(address, dbname=name)
    finally:
        with psycopg.connect(address, autocommit=True) as db:
            db.execute(f"drop database {name} with (force)".encode())


@contextmanager
def table(kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    """A table of a kind of warehouse."""
    model = 'model = "select * from people"\nid = "id"\n'
    if kind == "duckdb":
        yield Table(f'[source]\ndatabase = "shop.duckdb"\n{model}', lambda: duckdb.connect(folder / "shop.duckdb"))
        return
    with postgres_database() as address:
        monkeypatch.setenv("WAREHOUSE_DSN", address)
        source = f'[source]\nkind = "postgres"\ndsn_env = "WAREHOUSE_DSN"\n{model}'
        yield Table(source, lambda: psycopg.connect(address, autocommit=True))


class Syncs:
    """Syncs of a configuration in a folder, each as a process of its own would do them, before a transport."""

    def __init__(self, folder: Path, text: str, transport: httpx.AsyncBaseTransport, target: str = "sandbox") -> None:
        self.folder = folder
        self.config = Config.loads(text)
        self.target = target
        self._transport = transport

    @contextmanager
    def opened(self) -> Iterator[tuple[Sync, Warehouse]]:
        """The syncs, for as long as somebody uses them."""
        source = self.config.source
        assert source is not None
        with closing(open_warehouse(source, self.folder, self.folder / "state.duckdb")) as warehouse:
            yield Sync(warehouse, source.id, self.config.mappings, "shop", self.target), warehouse

    def journal(self) -> Path:
        """A name for a journal."""
        return self.folder / f"run-{secrets.token_hex(6)}.db"

    async def deliver(self, sync: Sync, part: Part, *, settles: bool = True) -> Report | None:
        """Deliver a part; its report."""
        if not part.count:
            sync.settle(part, None)
            return None
        mapping = next(each for each in self.config.mappings if each.name == part.mapping)
        with Journal(part.journal) as journal:
            async with Engine(KLAVIYO, {"api_key": "pk_sandbox"}, self._transport) as engine:
                await Run(engine, [mapping], journal).deliver(sync.chunks(part))
            if settles:
                sync.settle(part, journal)
            return Report.of(journal)

    async def sync(self, *, full: bool = False) -> tuple[Comparison, dict[str, Report | None]]:
        """What `studio sync` does: go on with what was broken off, compare, deliver."""
        with self.opened() as (sync, _):
            for part in sync.under_way():
                await self.deliver(sync, part)
            with sync.compared(full=full) as comparison:
                parts = comparison.keep({name: self.journal() for name in comparison.changes})
            return comparison, {part.mapping: await self.deliver(sync, part) for part in parts}
