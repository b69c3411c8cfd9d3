"""The fields that say how a mapping's events share requests."""

from __future__ import annotations

from typing import Any

from actions.fields import Condition, field
from actions.values import MISSING


def enable_batching_field(*, on: bool = False) -> Any:
    """The switch for Klaviyo's bulk endpoints."""
    text = "Send many events in one request through Klaviyo's bulk endpoints, far faster than one by one."
    return field("Batch Data to Klaviyo", text, default=True if on else MISSING)


def batch_size_field(minimum: int, maximum: int) -> Any:
    """How many events at most share a request."""
    return field(
        "Batch Size",
        f"How many events at most share a request, from {minimum:,} to {maximum:,}.",
        default=maximum,
        minimum=minimum,
        maximum=maximum,
        depends_on=Condition("enable_batching", "is", value=True),
    )


def batch_keys_field(*keys: str) -> Any:
    """The fields in which events of one request agree."""
    text = "Fields by which events are kept apart: events that differ in one of them never share a request."
    return field("Batch Keys", text, default=list(keys), hidden=True)
