"""The comparison of a model with what was synced last, done by the database.

Per mapping there is a table of the rows that were synced, each with the checksum of its content, and while a sync is
under way a table of its changes. A row whose outcome is not known stays marked (`again`): the next sync sends it
whatever its content is by then.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from actions.config.row_changes import ADDED, CHANGES, DELETED, UPDATED
from actions.warehouse.row_events import Row
from actions.warehouse.warehouse import Column, Warehouse

NULL_ID, DUPLICATE_ID = "ErrRecordNullUniqueID", "ErrRecordDuplicate"
"""Segment's names for rows that cannot be told apart."""
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class UnusableRows:
    """Rows left out for their ids, under Segment's name for that: how many, and some of them."""

    name: str
    count: int
    examples: Sequence[str]

    def __str__(self) -> str:
        shown = ", ".join(self.examples)
        if self.name == NULL_ID:
            return f"{self.name}: {_rows(self.count)} no id (null) and cannot be synced, e.g. {shown}"
        return (
            f"{self.name}: {_rows(self.count)} an id that other rows have too; none of them is synced, and what was "
            f"synced of these ids stays, e.g. {shown}"
        )


def _rows(count: int) -> str:
    return "1 row has" if count == 1 else f"{count:,} rows have"


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed for a mapping since its last sync: counts, and a few rows of each change."""

    counts: dict[str, int]
    on: Collection[str]
    known: int
    examples: list[Row] = field(default_factory=list[Row])

    @property
    def taken(self) -> int:
        """How many of them the mapping takes."""
        return sum(self.counts[change] for change in CHANGES if change in self.on)

    @property
    def deleted(self) -> int:
        """How many rows are gone."""
        return self.counts[DELETED]

    @property
    def takes_deleted(self) -> bool:
        """Whether the mapping takes rows that are gone."""
        return DELETED in self.on

    @property
    def loses_many(self) -> bool:
        """Whether more than a tenth of the rows that were synced are gone."""
        return self.deleted > self.known / 10


class Snapshot:
    """The rows of the model as they are now, for the time of a transaction."""

    def __init__(self, warehouse: Warehouse, id_column: str, columns: Sequence[Column]) -> None:
        self._warehouse = warehouse
        rows = warehouse.rows(id_column, columns)
        for table in ("snapshot", "doubled", "different"):
            warehouse.query(f"drop table if exists mapping_studio_{table}")
        warehouse.query(
            "create temporary table mapping_studio_snapshot as "
            f"select id, cast(md5(content) as uuid) as checksum, content from ({rows}) model"
        )
        warehouse.prepare("mapping_studio_snapshot")
        self.count = warehouse.query("select count(*) from mapping_studio_snapshot")[0][0]
        self.unusable = [*self._nulls(), *self._duplicates()]

    def _nulls(self) -> list[UnusableRows]:
        query = "from mapping_studio_snapshot where id is null"
        [(count,)] = self._warehouse.query(f"select count(*) {query}")
        if not count:
            return []
        examples = self._warehouse.query(f"select content {query} limit {_EXAMPLES}")
        self._warehouse.query("delete from mapping_studio_snapshot where id is null")
        return [UnusableRows(NULL_ID, count, [content for (content,) in examples])]

    def _duplicates(self) -> list[UnusableRows]:
        self._warehouse.query(
            "create temporary table mapping_studio_doubled as select id, count(*) as occurrences "
            "from mapping_studio_snapshot group by id having count(*) > 1"
        )
        [(count,)] = self._warehouse.query(
            "select coalesce(cast(sum(occurrences) as bigint), 0) from mapping_studio_doubled"
        )
        if not count:
            return []
        found = self._warehouse.query(
            f"select id, occurrences from mapping_studio_doubled order by occurrences desc, id limit {_EXAMPLES}"
        )
        self._warehouse.query("delete from mapping_studio_snapshot where id in (select id from mapping_studio_doubled)")
        return [UnusableRows(DUPLICATE_ID, count, [f"{own} ({times} times)" for own, times in found])]

    def compare(self, rows: str, changes: str, taken: Collection[str], *, full: bool) -> Changes:
        """Fill the table `changes` with what has changed against the table `rows`.

        Those of the kinds in `taken` get numbers from 0; all rows that are still there count as changed if `full`.
        """
        warehouse = self._warehouse
        is_different = "true" if full else "old.again is not null or new.checksum <> old.checksum"
        warehouse.query(
            "create temporary table mapping_studio_different as "
            "select coalesce(new.id, old.id) as id, case when old.id is null then 'added' "
            "when new.id is null then 'deleted' else coalesce(old.again, 'updated') end as change "
            f"from mapping_studio_snapshot new full join {rows} old on new.id = old.id "
            f"where new.id is null or old.id is null or {is_different}"
        )
        warehouse.query("delete from mapping_studio_different where id in (select id from mapping_studio_doubled)")
        counts: dict[str, int] = dict.fromkeys(CHANGES, 0)
        counts |= dict(warehouse.query("select change, count(*) from mapping_studio_different group by change"))
        kinds = ", ".join(f"'{change}'" for change in CHANGES if change in taken)
        for number, condition in (
            ("row_number() over () - 1", f"in ({kinds})"),
            ("cast(null as bigint)", f"not in ({kinds})"),
        ):
            warehouse.query(
                f"insert into {changes} select {number}, changed.id, changed.change, new.checksum, new.content, "
                "old.content from mapping_studio_different changed "
                "left join mapping_studio_snapshot new on new.id = changed.id "
                f"left join {rows} old on old.id = changed.id where changed.change {condition}"
            )
        warehouse.query("drop table mapping_studio_different")
        warehouse.prepare(changes, "number")
        [(known,)] = warehouse.query(f"select count(*) from {rows}")
        return Changes(counts, taken, known, self._examples(changes))

    def _examples(self, changes: str) -> list[Row]:
        examples: list[Row] = []
        for change in CHANGES:
            found = self._warehouse.query(
                f"select coalesce(number, 0), id, change, content, previous from {changes} where change = $1 "
                f"limit {_EXAMPLES}",
                change,
            )
            examples += [Row(*row) for row in found]
        return examples

    def close(self) -> None:
        """Let go of the rows."""
        for table in ("snapshot", "doubled"):
            self._warehouse.query(f"drop table if exists mapping_studio_{table}")


def sorted_columns(columns: Sequence[Column]) -> list[Column]:
    """By their names, so that a row says the same when only the columns' order has changed."""
    return sorted(columns)


def create_tables(warehouse: Warehouse, rows: str, changes: str) -> None:
    """Make the tables of a mapping: the rows that were synced, and the changes of the sync that begins."""
    warehouse.query(f"create table if not exists {rows} (id text, checksum uuid, content text, again text)")
    warehouse.query(f"drop table if exists {changes}")
    warehouse.query(
        f"create table {changes} (number bigint, id text, change text, checksum uuid, content text, previous text)"
    )


def apply_changes(warehouse: Warehouse, rows: str, changes: str, failed: str) -> None:
    """Bring the rows that were synced up to the changes, but for those whose numbers are in the table `failed`.

    A failure is `unknown` where it may have arrived all the same.
    """
    failure = f"select 1 from {failed} failed where failed.number = changed.number"
    warehouse.query(
        f"delete from {rows} where id in (select changed.id from {changes} changed "
        f"where not exists ({failure} and not failed.is_unknown))"
    )
    warehouse.query(
        f"insert into {rows} select id, checksum, content, null from {changes} changed "
        f"where change <> '{DELETED}' and not exists ({failure})"
    )
    warehouse.query(
        f"insert into {rows} select id, null, case when change = '{ADDED}' then content else previous end, "
        f"case when change = '{UPDATED}' then '{UPDATED}' else '{ADDED}' end from {changes} changed "
        f"where exists ({failure} and failed.is_unknown)"
    )
    warehouse.query(f"drop table {changes}")
