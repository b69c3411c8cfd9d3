"""Which configuration and which events a command works on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import presets

if TYPE_CHECKING:
    from actions import Config


def samples_beside(config: Path) -> Path:
    """Where the samples of a configuration live: `shop.toml` has `shop.samples.ndjson`."""
    return config.with_name(f"{config.stem}.samples.ndjson")


def load_config(path: Path | None) -> Config:
    """The configuration, or the starter preset. Raises `actions.ConfigError`."""
    from actions import Config  # the engine, which `--help` does not need

    return Config.load(path or presets.config_path(presets.STARTER))


def event_sources(config: Path | None, events: Sequence[str]) -> list[str]:
    """The sources of events: those given, else the samples beside the configuration, else the starter's.

    An empty list says that there are none: a configuration was given that has no samples beside it.
    """
    if events:
        return list(events)
    if config is None:
        return [str(presets.samples_path(presets.STARTER))]
    beside = samples_beside(config)
    return [str(beside)] if beside.exists() else []
