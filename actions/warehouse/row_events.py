"""Rows to events, as Segment makes them: `properties` has the columns, `$.__segment_id` the id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pydantic_core import to_json

from actions.config.row_changes import DELETED, EVENT_OF
from actions.delivery.lines import Line
from actions.warehouse.warehouse import Column


class Row(NamedTuple):
    """A row that has changed: its number among those to send, and its content, and that of the last sync, as JSON."""

    number: int
    id: str
    change: str
    content: str | None
    previous: str | None


class RowEvents:
    """Makes the events of a sync, always the same ones for the same rows. `moment` is when it began, as ISO 8601.

    Deleted rows have null in every column, as at Segment; the row as it was last is at `$.previous`, which Segment
    does not have.
    """

    def __init__(self, sync: str, moment: str, columns: Sequence[Column]) -> None:
        self._sync = sync
        times = to_json({"timestamp": moment, "receivedAt": moment})[1:-1]
        self._middle = b'","userId":null,"integrations":{},"version":2,' + times + b',"properties":'
        self._nulls = to_json({column.name: None for column in columns})

    def line(self, row: Row) -> Line:
        """The event of a row, as it would stand in a file."""
        head = f'{{"type":"track","event":"{EVENT_OF[row.change]}","messageId":"{self._sync}-{row.number}'.encode()
        if row.change == DELETED:
            content = self._nulls
            tail = b',"previous":' + row.previous.encode() + b"}" if row.previous else b"}"
        else:
            content, tail = (row.content or "{}").encode(), b"}"
        event = b"".join((head, self._middle, content, b',"__segment_id":', to_json(row.id), tail))
        return Line(event, f"{row.change} row {row.id}", 0)
