"""A sync: what has changed since the last one goes out, and counts as synced once its outcome is known and good.

::

    with closing(open_warehouse(source, folder, state)) as warehouse:
        sync = Sync(warehouse, config, target)
        for part in sync.under_way():      # of a sync that was broken off
            …                              # deliver `sync.chunks(part)` with the journal `part.journal`
            sync.settle(part, journal)
        with sync.compared(full=False) as comparison:
            …                              # nothing of it lasts without `comparison.keep(…)`

At every moment either the changes of a sync are kept, with the journal that knows what became of them, or the state
that they have led to. So a process may be killed at any moment, and the same command goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from actions.config.model import Mapping as ConfigMapping
from actions.config.row_changes import UPDATED, changes_of
from actions.delivery.journal import Journal
from actions.delivery.lines import Chunk
from actions.delivery.report import failed_tallies
from actions.warehouse.comparison import Changes, Snapshot, UnusableRows, apply_changes, create_tables, sorted_columns
from actions.warehouse.row_events import Row, RowEvents
from actions.warehouse.warehouse import Column, Warehouse, WarehouseError

_PORTION = 5000
_CHUNK = 500
_FAILED = "mapping_studio_failed"


@dataclass(frozen=True, slots=True)
class Part:
    """A mapping's part of a sync that is under way: its changes are kept, and `journal` knows what became of them."""

    mapping: str
    journal: Path
    count: int
    counts: dict[str, int]
    sync: str
    moment: str
    columns: Sequence[Column]


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """How the model's columns have changed since a mapping's last sync, in words, and how many rows that concerns."""

    words: str
    rows: int


@dataclass(slots=True)
class Comparison:
    """What a sync would do. `changes` are by mapping, `column_changes` by those that would send all again for that."""

    rows: int
    unusable: list[UnusableRows]
    changes: dict[str, Changes]
    column_changes: dict[str, ColumnChange]
    first: frozenset[str]
    keep: Callable[[Mapping[str, Path]], list[Part]] = field(repr=False, compare=False)


class Sync:
    """The syncs of a configuration's mappings to a target, each with its own state.

    Raises `WarehouseError`, at once where somebody else does the same.
    """

    def __init__(
        self, warehouse: Warehouse, id_column: str, mappings: Sequence[ConfigMapping], name: str, target: str
    ) -> None:
        self._warehouse = warehouse
        self._id = id_column
        self._name, self._target = name, target
        self._mappings = [mapping for mapping in mappings if mapping.enabled]
        self._about = warehouse.table("mapping_studio_syncs")
        if not warehouse.hold(_key(name, target)):
            raise WarehouseError(f"Another process is syncing {name} to {target}. Wait for it, or end it.")
        warehouse.query(
            f"create table if not exists {self._about} "
            "(name text, target text, mapping text, columns text, synced text, pending text)"
        )
        # newer than the table, which may be an older version's
        warehouse.query(f"alter table {self._about} add column if not exists account text")

    def _tables(self, mapping: str) -> tuple[str, str]:
        key = _key(self._name, self._target, mapping)
        return self._warehouse.table(f"rows_{key}"), self._warehouse.table(f"changes_{key}")

    def _known(self) -> dict[str, tuple[str | None, str | None, str | None]]:
        rows = self._warehouse.query(
            f"select mapping, columns, synced, pending from {self._about} where name = $1 and target = $2",
            self._name,
            self._target,
        )
        return {mapping: (columns, synced, pending) for mapping, columns, synced, pending in rows}

    def forgotten(self) -> list[str]:
        """The names of mappings that have state here and are in the configuration no more, or off."""
        names = {mapping.name for mapping in self._mappings}
        return sorted(name for name in self._known() if name not in names)

    def accounts(self) -> dict[str, str]:
        """By mapping, the id of the account at the target that it was synced to, as far as that was known."""
        rows = self._warehouse.query(
            f"select mapping, account from {self._about} where name = $1 and target = $2 and account is not null",
            self._name,
            self._target,
        )
        return dict(rows)

    def under_way(self) -> list[Part]:
        """The parts of a sync that was broken off, in the order of the mappings."""
        known = self._known()
        return [
            _part(mapping.name, json.loads(pending))
            for mapping in self._mappings
            if (pending := known.get(mapping.name, (None, None, None))[2]) is not None
        ]

    @contextmanager
    def compared(self, *, full: bool = False) -> Generator[Comparison]:
        """Compare the model with the last sync, for as long as somebody looks at it. All rows have changed if `full`.

        What was found is taken back at the end, unless `keep` was called, with a journal for each mapping: then it is
        under way, and lasts.
        """
        columns = sorted_columns(self._warehouse.columns())
        own = id_column(self._id, columns)
        parts: list[Part] = []
        with contextlib.suppress(_TakenBackError), self._warehouse.transaction():
            snapshot = Snapshot(self._warehouse, own, columns)
            changes = {mapping.name: self._compare(snapshot, mapping, full=full) for mapping in self._mappings}
            snapshot.close()

            def keep(journals: Mapping[str, Path]) -> list[Part]:
                parts.extend(self._keep(name, found, columns, journals[name]) for name, found in changes.items())
                return parts

            known = self._known()
            first = frozenset(name for name in changes if name not in known or known[name][1] is None)
            column_changes = {} if full else dict(self._column_changes(columns, changes))
            yield Comparison(snapshot.count, snapshot.unusable, changes, column_changes, first, keep)
            if not parts:
                raise _TakenBackError

    def _compare(self, snapshot: Snapshot, mapping: ConfigMapping, *, full: bool) -> Changes:
        tables = self._tables(mapping.name)
        create_tables(self._warehouse, *tables)
        return snapshot.compare(*tables, changes_of(mapping), full=full)

    def _column_changes(
        self, columns: Sequence[Column], changes: Mapping[str, Changes]
    ) -> Iterator[tuple[str, ColumnChange]]:
        known = self._known()
        for mapping in self._mappings:
            before = known.get(mapping.name, (None, None, None))[0]
            updated = changes[mapping.name].counts[UPDATED]
            words = _difference(before, columns) if before else ""
            if words and updated and UPDATED in changes_of(mapping):
                yield mapping.name, ColumnChange(words, updated)

    def _keep(self, mapping: str, found: Changes, columns: Sequence[Column], journal: Path) -> Part:
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        document: dict[str, Any] = {
            "journal": str(journal),
            "count": found.taken,
            "counts": found.counts,
            "sync": f"retl-{secrets.token_hex(8)}",
            "moment": moment,
            "columns": columns,
        }
        warehouse = self._warehouse
        where = "where name = $1 and target = $2 and mapping = $3"
        values = (self._name, self._target, mapping)
        if not warehouse.query(f"select 1 from {self._about} {where}", *values):
            warehouse.query(f"insert into {self._about} (name, target, mapping) values ($1, $2, $3)", *values)
        warehouse.query(f"update {self._about} set pending = $4 {where}", *values, json.dumps(document))
        return _part(mapping, json.loads(json.dumps(document)))

    def chunks(self, part: Part) -> Iterator[Chunk]:
        """The events of a part, always the same and in the same order."""
        events = RowEvents(part.sync, part.moment, part.columns)
        _, changes = self._tables(part.mapping)
        for start in range(0, part.count, _PORTION):
            rows = self._warehouse.query(
                f"select number, id, change, content, previous from {changes} where number >= $1 and number < $2 "
                "order by number",
                start,
                start + _PORTION,
            )
            lines: Chunk = [events.line(Row(*row)) for row in rows]
            yield from (lines[at : at + _CHUNK] for at in range(0, len(lines), _CHUNK))

    def settle(self, part: Part, journal: Journal | None, account: str | None = None) -> None:
        """Take what became of a part as the new state: what failed stays as it was before, to be taken up again.

        `journal` is that of a complete run over its chunks; None where it had none to send. `account` is the id of the
        one that it went to.
        """
        rows, changes = self._tables(part.mapping)
        with self._warehouse.transaction():
            self._warehouse.query(f"drop table if exists {_FAILED}")
            self._warehouse.query(f"create temporary table {_FAILED} (number bigint, is_unknown boolean)")
            for numbers, is_unknown in _failures(journal) if journal else ():
                self._warehouse.query(
                    f"insert into {_FAILED} select unnest(cast($1 as bigint[])), cast($2 as boolean)",
                    numbers,
                    is_unknown,
                )
            apply_changes(self._warehouse, rows, changes, _FAILED)
            self._warehouse.query(f"drop table {_FAILED}")
            self._warehouse.query(
                f"update {self._about} set columns = $4, synced = $5, account = coalesce($6, account), pending = null "
                "where name = $1 and target = $2 and mapping = $3",
                self._name,
                self._target,
                part.mapping,
                json.dumps(part.columns),
                part.moment,
                account,
            )

    def reset(self, mappings: Sequence[str]) -> list[str]:
        """Forget what was synced by mappings, so that every row is added at the next sync; those that had state."""
        known = [name for name in mappings if name in self._known()]
        with self._warehouse.transaction():
            for name in known:
                for table in self._tables(name):
                    self._warehouse.query(f"drop table if exists {table}")
                self._warehouse.query(
                    f"delete from {self._about} where name = $1 and target = $2 and mapping = $3",
                    self._name,
                    self._target,
                    name,
                )
        return known


class _TakenBackError(Exception):
    """Ends a transaction whose outcome was only looked at."""


def _part(mapping: str, document: dict[str, Any]) -> Part:
    columns = [Column(*column) for column in document.pop("columns")]
    return Part(mapping, Path(document.pop("journal")), columns=columns, **document)


def _failures(journal: Journal) -> Iterator[tuple[list[int], bool]]:
    """The numbers of the rows that failed, in portions, and whether they may have arrived all the same."""
    for tally in failed_tallies(journal):
        numbers: list[int] = []
        for failure in journal.failures(tally.reason):
            numbers.append(failure.number)
            if len(numbers) == _PORTION:
                yield numbers, tally.status == "retryable"
                numbers = []
        if numbers:
            yield numbers, tally.status == "retryable"


def id_column(wanted: str, columns: Sequence[Column]) -> str:
    """The column that the source names as its id, in the case that it has."""
    names = [column.name for column in columns]
    found = [name for name in names if name == wanted] or [name for name in names if name.lower() == wanted.lower()]
    if len(found) == 1:
        return found[0]
    raise WarehouseError(f"the model has no column {wanted!r}, which is to be its id; it has {', '.join(names)}.")


def _difference(before: str, columns: Sequence[Column]) -> str:
    """How the columns differ from those of the last sync, in words; empty where they do not."""
    old, new = dict[str, str](json.loads(before)), dict[str, str](columns)
    parts = [f"{name} is new" for name in new if name not in old]
    parts += [f"{name} is gone" for name in old if name not in new]
    parts += [f"{name} was {old[name]} and is {new[name]}" for name in new if name in old and old[name] != new[name]]
    return ", ".join(parts)


def _key(*parts: str) -> str:
    """A name for what belongs to these: one that a table can have."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=10).hexdigest()
