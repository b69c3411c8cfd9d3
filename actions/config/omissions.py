"""What a person left out of a file, because it is the default, stays left out when the file is saved."""

from __future__ import annotations

from actions.config.canonical import same
from actions.config.model import VERSION
from actions.config.pairing import Document
from actions.config.row_changes import row_trigger, taken
from actions.values import Json

_DEFAULTS: Document = {"version": VERSION, "destination": "klaviyo"}
_OF_SOURCE: Document = {"kind": "duckdb"}
_EMPTY: Document = {"settings": {}, "mapping": []}


def omit_like(document: Document, before: Document, written: Document, pairs: dict[int, int]) -> Document:
    """The document as the file would say it.

    `written` is what the file says word for word, `before` the same as it was understood, `pairs` the places of its
    mappings in both. A mapping that is as it was is taken from the file, with what could not be understood; of others
    the defaults are left out that the file leaves out.
    """
    result = {key: value for key, value in document.items() if key in written or value != _DEFAULTS.get(key)}
    result |= {key: empty for key, empty in _EMPTY.items() if key in written and key not in document}
    if isinstance(written.get("source"), dict) and "source" in document:
        result["source"] = {
            key: value
            for key, value in document["source"].items()
            if key in written["source"] or value != _OF_SOURCE.get(key)
        }
    if "mapping" in document:
        result["mapping"] = [
            mapping
            if place not in pairs
            else written["mapping"][pairs[place]]
            if same(mapping, before["mapping"][pairs[place]])
            else _omitted(mapping, written["mapping"][pairs[place]])
            for place, mapping in enumerate(document["mapping"])
        ]
    return result


def _omitted(mapping: Document, written: Document) -> Document:
    """The mapping without the defaults that the file leaves out, and with those that it has."""
    defaults: list[tuple[str, Json]] = [
        ("enabled", True),
        ("fields", {}),
        ("trigger", row_trigger(taken(mapping["action"], mapping.get("on")))),
    ]
    result = {key: value for key, value in mapping.items() if key in written or (key, value) not in defaults}
    if "on_invalid_phone" in written:
        result.setdefault("on_invalid_phone", "reject")
    return result
