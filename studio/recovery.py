"""Unsaved work, kept beside the user's state so that a crash or a closed terminal loses nothing."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from actions.config import Mapping
from actions.config.secrets import key_paths
from studio.edited_document import Document
from studio.samples import Sample, own_samples

_FORMAT = 3


def recovery_path(document: Path | None) -> Path:
    """Where the unsaved work on a document is kept."""
    import platformdirs

    name = str(document.resolve()) if document else "starter"
    folder = platformdirs.user_state_path("mapping-studio", ensure_exists=True)
    return folder / f"unsaved-{hashlib.sha256(name.encode()).hexdigest()[:16]}.json"


class Recovery:
    """Unsaved work on one document. Samples, which may be many, are written only where they have changed."""

    def __init__(self, document: Path | None) -> None:
        self.document = document
        self._mappings = recovery_path(document)
        self._samples = self._mappings.with_suffix(".samples.json")
        self._kept_samples: tuple[Sample, ...] | None = None

    def keep(self, document: Document) -> str | None:
        """Keep the document as it is now; why it cannot be kept, if so, which is no reason to disturb the work."""
        mappings = [asdict(mapping) for mapping in document.mappings]
        if any(key_paths({"mapping": mappings})):
            self.forget()
            return "Unsaved work is not kept for a crash while a binding holds an API key: take the key out."
        try:
            if document.samples is not self._kept_samples:
                _replace(self._samples, _written([sample.event for sample in own_samples(document.samples)]))
                self._kept_samples = document.samples
            _replace(self._mappings, _written({"format": _FORMAT, "mappings": mappings}))
        except (OSError, ValueError, RecursionError) as error:
            return f"Unsaved work cannot be kept for a crash ({error}): save it."
        return None

    def find(self) -> Document | None:
        """The unsaved work, if there is any that can be read, whatever is wrong in its mappings."""
        try:
            kept = json.loads(self._mappings.read_text())
            if kept["format"] != _FORMAT:
                return None
            mappings = tuple(_mapping(mapping) for mapping in kept["mappings"])
            return Document(mappings, tuple(Sample(event) for event in json.loads(self._samples.read_text())))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def forget(self) -> None:
        """There is nothing unsaved any more."""
        self._kept_samples = None
        for path in (self._mappings, self._samples):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)


def _mapping(kept: dict[str, Any]) -> Mapping:
    """The mapping of a JSON object, which has lists only."""
    if kept.get("on") is not None:
        kept["on"] = tuple(kept["on"])
    return Mapping(**kept)


def _written(value: Any) -> bytes:
    """The value as JSON, halves of surrogate pairs too."""
    try:
        return to_json(value)
    except PydanticSerializationError:
        return json.dumps(value).encode()


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".new")
    temporary.write_bytes(content)
    temporary.replace(path)
