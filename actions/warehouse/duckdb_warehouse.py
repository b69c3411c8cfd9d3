"""DuckDB: CSV, Parquet and JSON files, and DuckDB's own, which may be read-only. State is a file of ours beside it."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from duckdb.sqltypes import DuckDBPyType

from actions.warehouse.warehouse import Column, WarehouseError, quoted

_STATE, _SOURCE = "mapping_studio_state", "mapping_studio_source"
_MEMORY, _THREADS = "256MB", 4
"""What DuckDB may take; it uses the disk beyond that. Each thread takes a share, so that there are not too many."""
_EXACT_DIGITS = 15
_ISO = "replace(cast({0} as varchar), ' ', 'T')"
_SCALARS = {
    "double": "case when isfinite({0}) then {0} end",
    # by way of its text, for 0.1 is 0.10000000149 as a double
    "float": "case when isfinite({0}) then cast(cast({0} as varchar) as double) end",
    "blob": "base64({0})",
    "timestamp": _ISO,
    "timestamp_s": _ISO,
    "timestamp_ms": _ISO,
    "timestamp_ns": _ISO,
    "timestamp with time zone": "replace(cast({0} at time zone 'UTC' as varchar), ' ', 'T') || 'Z'",
}
_AS_THEY_ARE = frozenset({"boolean", "varchar", "date", "time", "uuid", "enum", "null", "integer", "uinteger"}) | {
    f"{sign}{size}int" for sign in ("", "u") for size in ("tiny", "small", "big", "huge")
}
_LOCKED = re.compile(r'Could not set lock on file "([^"]+)"')
_OWNER = re.compile(r"PID (\d+)")


class DuckDBWarehouse:
    """A model of DuckDB's. `database` is attached read-only; files are found from `folder`; `state` keeps what lasts.

    Without `state` nothing lasts. `label` stands for the database in messages that are not to tell its address. Raises
    `WarehouseError`.
    """

    def __init__(self, model: str, database: str, folder: Path, state: Path | None, label: str = "") -> None:
        self._model = model.strip().rstrip(";")
        self._types: dict[str, DuckDBPyType] = {}
        with _told():
            self._db = duckdb.connect(":memory:", config=_settings(folder, state))
        try:
            with _told():
                self._db.execute("set enable_progress_bar = false")
                self._db.execute(f"attach {_text(str(state) if state else ':memory:')} as {_STATE}")
                if database:
                    self._attach(database, label, folder)
        except BaseException:
            self._db.close()
            raise

    def _attach(self, database: str, label: str, folder: Path) -> None:
        path = Path(os.path.expanduser(database))  # noqa: PTH111 - an address such as `md:shop` is to stay as it is
        is_address = re.match(r"[a-z0-9]{2,}:", database) is not None
        if not is_address and not (folder / path).is_file():
            place = label or str(folder / path)
            raise WarehouseError(f"{place}: there is no such file; `database` names a file of DuckDB's.")
        name = database if is_address else str(folder / path)
        try:
            self._db.execute(f"attach {_text(name)} as {_SOURCE} (read_only)")
        except duckdb.Error as error:
            message = _words(str(error))
            raise WarehouseError(message.replace(name, label) if label else message) from None
        self._db.execute(f"use {_SOURCE}")

    def columns(self) -> list[Column]:
        """The columns of the model."""
        with _told():
            relation = self._db.sql(f"select * from ({self._model}\n) model")
            self._types = dict(zip(relation.columns, relation.types, strict=True))
        return [Column(name, str(kind)) for name, kind in self._types.items()]

    def rows(self, id_column: str, columns: Sequence[Column]) -> str:
        """The query of ids and contents."""
        members = ", ".join(f"{quoted(name)} := {_json(quoted(name), self._types[name])}" for name, _ in columns)
        return (
            f"select cast({quoted(id_column)} as varchar) as id, "
            f"cast(to_json(struct_pack({members})) as varchar) as content from ({self._model}\n) model"
        )

    def table(self, name: str) -> str:
        """The full name of a table of ours."""
        return f"{_STATE}.main.{quoted(name)}"

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement; the rows that it gives."""
        with _told():
            return self._db.execute(sql, list(values)).fetchall()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Everything inside lasts, or nothing does."""
        self.query("begin")
        try:
            yield
            self.query("commit")
        except BaseException:
            with contextlib.suppress(WarehouseError):  # DuckDB may have done so itself
                self.query("rollback")
            raise

    def prepare(self, table: str, column: str = "") -> None:
        """Nothing: tables are read by ranges of what they are in order of."""

    def hold(self, name: str) -> bool:  # noqa: ARG002 - the file of the state is held as a whole
        """The file is open for this process alone."""
        return True

    def close(self) -> None:
        """Let go of the files."""
        self._db.close()


def _settings(folder: Path, state: Path | None) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "memory_limit": _MEMORY,
        "threads": min(_THREADS, os.cpu_count() or 1),
        "file_search_path": str(folder),
    }
    if state is not None:
        settings["temp_directory"] = str(state.with_name(f"{state.name}.tmp"))
    return settings


def _json(value: str, kind: DuckDBPyType, depth: int = 0) -> str:
    """An expression for the value as `to_json` is to have it."""
    name = kind.id
    if name in _AS_THEY_ARE:  # JSON too, which stays what it is
        return value
    if name in _SCALARS:
        return _SCALARS[name].format(value)
    children: dict[str, Any] = dict(kind.children) if name in ("decimal", "list", "array", "struct", "map") else {}
    item = f"item_{depth}"
    if name == "decimal":
        return value if children["precision"] <= _EXACT_DIGITS else f"cast({value} as varchar)"
    if name in ("list", "array"):
        return f"list_transform({value}, lambda {item}: {_json(item, children['child'], depth + 1)})"
    if name == "struct":
        members = (f"{quoted(key)} := {_json(f'{value}.{quoted(key)}', own, depth)}" for key, own in children.items())
        return f"case when {value} is not null then struct_pack({', '.join(members)}) end"
    if name == "map":
        own = _json(f"{item}.value", children["value"], depth + 1)
        pair = f"struct_pack(key := cast({item}.key as varchar), value := {own})"
        return f"map_from_entries(list_transform(map_entries({value}), lambda {item}: {pair}))"
    return f"cast({value} as varchar)"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


@contextmanager
def _told() -> Generator[None]:
    """What DuckDB says, as a `WarehouseError`."""
    try:
        yield
    except duckdb.Error as error:
        raise WarehouseError(_words(str(error))) from error


def _words(message: str) -> str:
    found = _LOCKED.search(message)
    if found:
        return f"{found[1]} is in use by another program{_owner(message)}. Wait for that, or end it."
    if "out of disk" in message.lower() or "no space" in message.lower():
        return f"DuckDB has no room on the disk: {message}. Free space, then give the same command again."
    return f"DuckDB says: {message.strip()}"


def _owner(message: str) -> str:
    found = _OWNER.search(message)
    return f" (process {found[1]})" if found else ""
