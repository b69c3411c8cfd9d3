"""Configurations to start from, each `NAME.toml` with its sample events in `samples/NAME.ndjson`."""

from __future__ import annotations

from pathlib import Path

STARTER = "starter"
_FOLDER = Path(__file__).parent


def names() -> list[str]:
    """The presets, the starter first."""
    found = sorted(path.stem for path in _FOLDER.glob("*.toml"))
    return [STARTER, *(name for name in found if name != STARTER)]


def config_path(name: str) -> Path:
    """The preset's configuration."""
    return _FOLDER / f"{name}.toml"


def samples_path(name: str) -> Path:
    """The preset's sample events, as NDJSON."""
    return _FOLDER / "samples" / f"{name}.ndjson"
