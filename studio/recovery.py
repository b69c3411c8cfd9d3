"""Unsaved work, kept beside the user's state so that a crash or a closed terminal loses nothing."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

from pydantic_core import from_json, to_json

from actions.config import Config, ConfigError
from studio.samples import Sample
from studio.session import Document


def recovery_path(document: Path | None) -> Path:
    """Where the unsaved work on a document is kept."""
    import platformdirs

    name = str(document.resolve()) if document else "starter"
    folder = platformdirs.user_state_path("mapping-studio", ensure_exists=True)
    return folder / f"unsaved-{hashlib.sha256(name.encode()).hexdigest()[:16]}.json"


def keep(path: Path, document: Document) -> None:
    """Keep the document as it is now. A disk that cannot be written is no reason to disturb the work."""
    config = Config(mappings=list(document.mappings))
    content = to_json({"configuration": config.dumps(), "samples": [sample.event for sample in document.samples]})
    temporary = path.with_suffix(".new")
    with contextlib.suppress(OSError):
        temporary.write_bytes(content)
        temporary.replace(path)


def find(path: Path) -> Document | None:
    """The unsaved work, if there is any that can be read."""
    try:
        kept = from_json(path.read_bytes())
        config = Config.loads(kept["configuration"])
        return Document(tuple(config.mappings), tuple(Sample(event) for event in kept["samples"]))
    except (OSError, ValueError, KeyError, TypeError, ConfigError):
        return None


def forget(path: Path) -> None:
    """There is nothing unsaved any more."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
