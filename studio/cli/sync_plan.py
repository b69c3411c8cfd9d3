"""`studio sync --plan`: what has changed since the last sync, with examples. Nothing is sent, and nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import typer

from studio.cli.failures import EXIT_FAILED
from studio.cli.sync_text import counts_text, rows_text, unusable_documents, warnings_of
from studio.cli.text import json_line, printable, shortened
from studio.cli.words import say

if TYPE_CHECKING:
    from actions import Config, Mapping
    from actions.values import Json
    from actions.warehouse.comparison import Changes
    from actions.warehouse.row_events import Row
    from actions.warehouse.sync import Comparison, Sync

_WIDTH = 100


def show_plan(sync: Sync, config: Config, *, full: bool, as_json: bool) -> int:
    """Print what a sync would do; the exit code. Raises `WarehouseError`."""
    from actions.delivery.journal import JournalError

    waiting = sync.under_way()
    try:
        with sync.compared(full=full) as comparison:
            for words in warnings_of(comparison):
                say(words)
            if as_json:
                typer.echo(json_line(_document(comparison, config, [part.mapping for part in waiting])))
            else:
                typer.echo("\n".join(_lines(comparison, config)))
    except JournalError as error:
        say(str(error))
        return EXIT_FAILED
    for part in waiting:
        say(f"a sync of {part.mapping} was broken off; the next sync goes on with that first, then compares anew.")
    return EXIT_FAILED if comparison.unusable else 0


def tell_forgotten(sync: Sync) -> None:
    """Tell of mappings that were synced and are off or gone: under a new name, one begins anew."""
    for name in sync.forgotten():
        say(f"there is state of a mapping {name!r}, which is off or gone; one that has a new name begins anew.")


def _lines(comparison: Comparison, config: Config) -> Iterator[str]:
    from actions.config.row_changes import changes_of

    yield rows_text(comparison.rows)
    mappings = {mapping.name: mapping for mapping in config.mappings}
    for name, found in comparison.changes.items():
        taken = changes_of(mappings[name])
        first = ", the first sync" if name in comparison.first else ""
        yield ""
        yield f"{printable(name, one_line=True)}: {counts_text(found.counts)}{first}"
        yield f"  takes {' and '.join(taken)} rows, so {found.taken:,} would be sent"
        if name in comparison.column_changes:
            yield f"  the columns have changed: {printable(comparison.column_changes[name].words, one_line=True)}"
        for row in found.examples:
            note = "" if row.change in taken else ", not taken"
            yield f"  {row.change}{note}  {shortened(_example(row), _WIDTH)}"
    yield ""
    yield "Nothing was sent."


def _example(row: Row) -> str:
    """A row in a few words: of an updated one, what has changed."""
    from actions.config.row_changes import DELETED, UPDATED

    new, old = _values(row.content), _values(row.previous)
    if row.change == UPDATED:
        parts = [
            f"{key}: {json_line(old.get(key))} → {json_line(value)}"
            for key, value in new.items()
            if value != old.get(key)
        ]
        return f"{row.id}  {', '.join(parts) or 'as it was'}"
    return f"{row.id}  {json_line(old if row.change == DELETED else new)}"


def _values(content: str | None) -> dict[str, Json]:
    from pydantic_core import from_json

    return cast("dict[str, Json]", from_json(content)) if content else {}


def _document(comparison: Comparison, config: Config, waiting: list[str]) -> dict[str, Json]:
    mappings = {mapping.name: mapping for mapping in config.mappings}
    return {
        "rows": comparison.rows,
        "unusable": unusable_documents(comparison.unusable),
        "mappings": [
            _mapping_document(mappings[name], found, comparison, is_waiting=name in waiting)
            for name, found in comparison.changes.items()
        ],
    }


def _mapping_document(mapping: Mapping, found: Changes, comparison: Comparison, *, is_waiting: bool) -> dict[str, Json]:
    from actions.config.row_changes import changes_of

    change = comparison.column_changes.get(mapping.name)
    return {
        "mapping": mapping.name,
        "first": mapping.name in comparison.first,
        "broken_off": is_waiting,
        **found.counts,
        "on": list(changes_of(mapping)),
        "sent": found.taken,
        "known": found.known,
        "loses_many": found.loses_many,
        "columns_changed": change.words if change else None,
        "examples": [
            {
                "id": row.id,
                "change": row.change,
                "row": _values(row.content) or None,
                "previous": _values(row.previous) or None,
            }
            for row in found.examples
        ],
    }
