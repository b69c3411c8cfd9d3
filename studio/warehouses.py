"""The warehouse of a configuration, and where the state of its syncs is kept."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actions import Config
    from actions.warehouse.sync import Sync
    from actions.warehouse.warehouse import Warehouse


def state_path(config: Path) -> Path:
    """The file in the user's state folder that keeps what was synced, where that is not kept beside the data."""
    import platformdirs  # for syncs only

    name = hashlib.blake2b(str(config.absolute()).encode(), digest_size=6).hexdigest()
    return platformdirs.user_state_path("mapping-studio") / "syncs" / f"{config.stem}-{name}.duckdb"


def open_sync(config: Config, path: Path, target: str) -> tuple[Warehouse, Sync]:
    """The warehouse that a configuration names, to be closed, and its syncs to a target. Raises `WarehouseError`."""
    from actions.warehouse.opening import open_warehouse  # a database, for syncs only
    from actions.warehouse.sync import Sync

    if config.source is None:
        raise ValueError("the configuration has no source")
    warehouse = open_warehouse(config.source, path.absolute().parent, state_path(path))
    try:
        return warehouse, Sync(warehouse, config.source.id, config.mappings, str(path.absolute()), target)
    except BaseException:
        warehouse.close()
        raise
