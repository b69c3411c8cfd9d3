"""Unsaved work, kept beside the user's state so that a crash or a closed terminal loses nothing."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from actions.config import Mapping
from actions.config.secrets import key_paths
from studio.samples import Sample
from studio.session import Document

_FORMAT = 2


def recovery_path(document: Path | None) -> Path:
    """Where the unsaved work on a document is kept."""
    import platformdirs

    name = str(document.resolve()) if document else "starter"
    folder = platformdirs.user_state_path("mapping-studio", ensure_exists=True)
    return folder / f"unsaved-{hashlib.sha256(name.encode()).hexdigest()[:16]}.json"


def keep(path: Path, document: Document) -> str | None:
    """Keep the document as it is now; why it cannot be kept, if so, which is no reason to disturb the work."""
    mappings = [asdict(mapping) for mapping in document.mappings]
    if any(key_paths({"mapping": mappings})):
        forget(path)
        return "Unsaved work is not kept for a crash while a binding holds an API key: take the key out."
    kept = {"format": _FORMAT, "mappings": mappings, "samples": [sample.event for sample in document.samples]}
    temporary = path.with_suffix(".new")
    try:
        temporary.write_text(json.dumps(kept))  # unlike other writers, takes halves of surrogate pairs
        temporary.replace(path)
    except (OSError, ValueError, RecursionError) as error:
        return f"Unsaved work cannot be kept for a crash ({error}): save it."
    return None


def find(path: Path) -> Document | None:
    """The unsaved work, if there is any that can be read, whatever is wrong in its mappings."""
    try:
        kept = json.loads(path.read_text())
        if kept["format"] != _FORMAT:
            return None
        mappings = tuple(Mapping(**mapping) for mapping in kept["mappings"])
        return Document(mappings, tuple(Sample(event) for event in kept["samples"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def forget(path: Path) -> None:
    """There is nothing unsaved any more."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
