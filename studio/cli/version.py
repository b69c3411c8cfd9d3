"""Which version this is."""

from __future__ import annotations

import tomllib
from importlib import metadata
from pathlib import Path


def version() -> str:
    """The version of the installed package or, run from a checkout, the one that its project file states."""
    try:
        return metadata.version("mapping-studio")
    except metadata.PackageNotFoundError:
        project = Path(__file__).parents[2] / "pyproject.toml"
        return (
            tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"] if project.exists() else "unknown"
        )
