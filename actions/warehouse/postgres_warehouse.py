"""PostgreSQL: a model of its tables. State is kept beside the data, in a schema of ours."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from actions.warehouse.warehouse import Column, WarehouseError, quoted

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.rows import tuple_row
except ImportError as error:
    raise WarehouseError(
        "PostgreSQL needs psycopg, which is not installed; `pip install 'mapping-studio[postgres]'` installs it."
    ) from error

_SCHEMA = "mapping_studio"
_EXACT_DIGITS = 15
_FINITE = "case when cast({0} as text) not in ('NaN', 'Infinity', '-Infinity') then {0} end"
_CONNECT_SECONDS = 10


class PostgresWarehouse:
    """A model of PostgreSQL's. `address` is a URL or a connection string, which may have a password.

    Without `keeps` nothing may be changed. Raises `WarehouseError`.
    """

    def __init__(self, model: str, address: str, *, keeps: bool) -> None:
        self._model = model.strip().rstrip(";")
        self._secrets = _secrets(address)
        with self._told():
            self._db = psycopg.connect(
                address,
                autocommit=True,
                prepare_threshold=None,
                cursor_factory=psycopg.RawCursor,
                row_factory=tuple_row,
                **_defaults(address),
            )
        try:
            self.query("set timezone = 'UTC'")
            if keeps:
                self._make_schema()
            else:
                self.query("set default_transaction_read_only = on")
        except BaseException:
            self.close()
            raise

    def _make_schema(self) -> None:
        if self.query("select 1 from pg_namespace where nspname = $1", _SCHEMA):
            return
        try:
            self.query(f"create schema if not exists {_SCHEMA}")
        except WarehouseError as error:
            raise WarehouseError(
                f"{error} Its state is kept in the schema {_SCHEMA}; let somebody who may create it do that: "
                f"create schema {_SCHEMA} authorization {quoted(self._db.info.user)};"
            ) from error

    def columns(self) -> list[Column]:
        """The columns of the model."""
        with self._told(), self._db.cursor() as cursor:
            cursor.execute(f"select * from ({self._model}\n) model limit 0".encode())
            result = cursor.pgresult
            if result is None:
                return []
            names = [(result.fname(at) or b"").decode() for at in range(result.nfields)]
            kinds = [(result.ftype(at), result.fmod(at)) for at in range(result.nfields)]
        return [Column(name, self._type(*kind)) for name, kind in zip(names, kinds, strict=True)]

    def _type(self, oid: int, modifier: int) -> str:
        return self.query("select format_type(cast($1 as oid), cast($2 as integer))", oid, modifier)[0][0]

    def rows(self, id_column: str, columns: Sequence[Column]) -> str:
        """The query of ids and contents."""
        values = ", ".join(f"{_json(f'model.{quoted(name)}', kind)} as {quoted(name)}" for name, kind in columns)
        return (
            f"select cast(model.{quoted(id_column)} as text) as id, "
            f"(select cast(row_to_json(content) as text) from (select {values}) content) as content "
            f"from ({self._model}\n) model"
        )

    def table(self, name: str) -> str:
        """The full name of a table of ours."""
        return f"{_SCHEMA}.{quoted(name)}"

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement; the rows that it gives."""
        with self._told(), self._db.cursor() as cursor:
            cursor.execute(sql.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def prepare(self, table: str, column: str = "") -> None:
        """Let the planner know the table, and find its rows by a column, where one is named."""
        if column:
            self.query(f"create index on {table} ({column})")
        self.query(f"analyze {table}")

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Everything inside lasts, or nothing does."""
        with self._told(), self._db.transaction():
            yield

    def hold(self, name: str) -> bool:
        """Take a lock, which PostgreSQL lets go when the connection ends, however it does."""
        return self.query("select pg_try_advisory_lock(hashtextextended($1, 0))", name)[0][0]

    def close(self) -> None:
        """Let go of the connection."""
        self._db.close()

    @contextmanager
    def _told(self) -> Generator[None]:
        """What PostgreSQL says, as a `WarehouseError` without the password."""
        try:
            yield
        except psycopg.Error as error:
            message = str(error).strip()
            for secret in self._secrets:
                message = message.replace(secret, "•••")
            if isinstance(error, psycopg.OperationalError):
                message += ". Give the same command again when it can be reached: it goes on where it was."
            raise WarehouseError(f"PostgreSQL says: {message}") from None


def _secrets(address: str) -> list[str]:
    """What no message may repeat. Raises `WarehouseError` where the address cannot be read, without repeating it."""
    try:
        parts = conninfo_to_dict(address)
    except psycopg.Error:
        raise WarehouseError(
            "The address of the PostgreSQL database cannot be read; it is like "
            "postgresql://user:password@host:5432/shop, with what is special in the password as %40 and the like."
        ) from None
    return [str(parts[key]) for key in ("password", "sslpassword") if parts.get(key)]


def _defaults(address: str) -> dict[str, Any]:
    return {} if "connect_timeout" in conninfo_to_dict(address) else {"connect_timeout": _CONNECT_SECONDS}


def _json(value: str, kind: str) -> str:
    """An expression for the value as `row_to_json` is to have it."""
    if kind in ("real", "double precision", "numeric"):
        return _FINITE.format(value)
    if kind.startswith("numeric("):
        digits = int(kind.removeprefix("numeric(").partition(",")[0].rstrip(")"))
        return f"cast({value} as text)" if digits > _EXACT_DIGITS else _FINITE.format(value)
    if kind == "bytea":
        return f"translate(encode({value}, 'base64'), chr(10), '')"
    return value
