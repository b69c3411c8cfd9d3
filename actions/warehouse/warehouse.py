"""The seam: what a sync needs of a database, so that a further kind of warehouse is one module."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol


class Column(NamedTuple):
    """A column of the model, with its type in the database's words."""

    name: str
    type: str


class WarehouseError(Exception):
    """A warehouse or a model that cannot be used; its text says why and what to do."""


class Warehouse(Protocol):
    """An open database with a model. SQL is what databases share, with `$1`, `$2` … for values.

    Every method raises `WarehouseError`, which never holds a password.
    """

    def columns(self) -> list[Column]:
        """The columns of the model."""
        ...

    def rows(self, id_column: str, columns: Sequence[Column]) -> str:
        """A query with a line a row: its `id` as text, and its `content`, a JSON object of the columns as they come.

        Dates and times are ISO 8601, in UTC where they have a zone; numbers that JSON has not (NaN, infinity) are null;
        decimals of more than 15 digits are text, which keeps all of them; bytes are Base64; lists and structures stay
        what they are.
        """
        ...

    def table(self, name: str) -> str:
        """The full name of a table of ours, which lasts."""
        ...

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement; the rows that it gives."""
        ...

    def prepare(self, table: str, column: str = "") -> None:
        """Make a table that was filled quick to read: by ranges of a column, where one is named."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Everything inside lasts, or nothing does: a `WarehouseError` or any other exception takes all back."""
        ...

    def hold(self, name: str) -> bool:
        """Keep others from syncing what has this name until this is closed; False where somebody does."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


def quoted(name: str) -> str:
    """A name as SQL writes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'
