"""A look at a model: its first rows as the events they would become, and what mappings read that it does not have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple, cast

from pydantic_core import from_json

from actions.config import ConfigProblem
from actions.config.files import read_text
from actions.config.reading import read
from actions.config.row_changes import ADDED, CHANGES, DELETED
from actions.config.source import Source
from actions.config.toml_source import scan
from actions.mapping.paths import keys_of
from actions.mapping.paths_read import paths_read
from actions.values import Json
from actions.warehouse.comparison import sorted_columns
from actions.warehouse.opening import open_warehouse
from actions.warehouse.row_events import Row, RowEvents
from actions.warehouse.sync import id_column
from actions.warehouse.warehouse import Column, WarehouseError

ROWS_SHOWN = 10
_MOMENT = "2026-01-01T00:00:00.000Z"


class ModelRow(NamedTuple):
    """The event of a row, for a change of it; `place` says which row and change, for people."""

    event: dict[str, Json]
    place: str


def model_rows(source: Source, folder: Path) -> list[ModelRow]:
    """The first rows of the model, as added ones, and the first of them also updated and deleted.

    Of a model without rows, a row with null in every column. Nothing is changed. Raises `WarehouseError`.
    """
    with closing(open_warehouse(source, folder, None)) as warehouse:
        columns = sorted_columns(warehouse.columns())
        query = warehouse.rows(id_column(source.id, columns), columns)
        found = warehouse.query(f"select id, content from ({query}) model limit {ROWS_SHOWN}")
    events = RowEvents("preview", _MOMENT, columns)
    rows = [Row(number, own or "", ADDED, content, None) for number, (own, content) in enumerate(found)]
    if rows:
        rows += [rows[0]._replace(number=len(rows) + at, change=change) for at, change in enumerate(CHANGES[1:])]
        rows[-1] = rows[-1]._replace(previous=rows[0].content)
    else:
        rows = [Row(0, "", DELETED, None, None)]
    lines = [events.line(row) for row in rows]
    return [ModelRow(cast("dict[str, Json]", from_json(line.content)), line.source) for line in lines]


def check_model(path: Path) -> list[ConfigProblem]:
    """What is wrong between a configuration's mappings and the model of its source, as warnings.

    Of a source that cannot be looked at, that. Raises `ConfigError` where there is no text.
    """
    text = read_text(path)
    reading = read(text, str(path))
    if reading.source is None:
        return []
    places = scan(text.removeprefix("\ufeff"))
    line = places.line_of(("source",))
    try:
        with closing(open_warehouse(reading.source, path.absolute().parent, None)) as warehouse:
            columns = warehouse.columns()
    except WarehouseError as error:
        return [ConfigProblem(f"the source cannot be looked at: {error}", str(path), line, severity="warning")]
    found: list[ConfigProblem] = []
    try:
        id_column(reading.source.id, columns)
    except WarehouseError as error:
        found.append(ConfigProblem(str(error), str(path), places.line_of(("source", "id"))))
    for number, mapping in enumerate(reading.mappings):
        for key, binding in mapping.fields.items():
            for message in _missing(binding, columns):
                at = places.line_of(("mapping", number, "fields", key))
                found.append(ConfigProblem(message, str(path), at, mapping.name, key, "warning"))
    return found


def _missing(binding: Json, columns: Sequence[Column]) -> Iterator[str]:
    """The columns that a binding reads and the model does not have."""
    names = [column.name for column in columns]
    for path in dict.fromkeys(paths_read(binding)):
        keys = keys_of(path)
        if len(keys) > 1 and keys[0] in ("properties", "previous") and keys[1] not in names:
            near = get_close_matches(keys[1].lower(), [name.lower() for name in names], 1)
            close = next((name for name in names if near and name.lower() == near[0]), None)
            hint = f"did you mean {close!r}?" if close else f"it has {', '.join(names)}"
            yield f"the model has no column {keys[1]!r}, so nothing is read; {hint}"
