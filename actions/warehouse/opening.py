"""Opening the warehouse that a configuration names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from actions.warehouse.warehouse import WarehouseError

if TYPE_CHECKING:
    from actions.config.source import Source
    from actions.warehouse.warehouse import Warehouse


def open_warehouse(source: Source, folder: Path, state: Path | None) -> Warehouse:
    """The warehouse of a source. Paths are relative to `folder`; what lasts is kept in `state`, or beside the data.

    Raises `WarehouseError`.
    """
    model = source.model or _model_of(folder / source.model_file)
    address = source.database
    if source.dsn_env:
        address = os.environ.get(source.dsn_env, "")
        if not address:
            raise WarehouseError(
                f"The environment variable {source.dsn_env}, which has the address of the warehouse, is not set."
            )
    if source.kind == "postgres":
        from actions.warehouse.postgres_warehouse import PostgresWarehouse  # an extra, for those who have one

        return PostgresWarehouse(model, address, keeps=state is not None)
    from actions.warehouse.duckdb_warehouse import DuckDBWarehouse  # only commands with a source need it

    if state is not None:
        _make_folder(state.parent)
    label = f"the database of {source.dsn_env}" if source.dsn_env else ""
    return DuckDBWarehouse(model, address, folder, state, label)


def _model_of(path: Path) -> str:
    try:
        model = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise WarehouseError(f"{path}: the model cannot be read ({reason}).") from error
    if not model.strip():
        raise WarehouseError(f"{path}: the model is empty; write the SQL there whose rows are to be synced.")
    return model


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WarehouseError(
            f"{folder}: this folder, which keeps what was synced, cannot be made ({error.strerror}). "
            "Set XDG_STATE_HOME to another."
        ) from error
