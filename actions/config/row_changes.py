"""Changes of warehouse rows (Reverse ETL): what there is, and which of them a mapping takes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from actions.config.model import Mapping
from actions.values import Json

if TYPE_CHECKING:
    from actions.config import Config

ADDED, UPDATED, DELETED = "added", "updated", "deleted"
CHANGES = (ADDED, UPDATED, DELETED)
EVENT_OF = {ADDED: "new", UPDATED: "updated", DELETED: "deleted"}
"""The name (`event`) of the track event that Segment makes of a row that has changed so."""

TAKEN_BY_DEFAULT: dict[str, tuple[str, ...]] = {
    "orderCompleted": (ADDED,),
    "trackEvent": (ADDED,),
    "upsertProfile": (ADDED, UPDATED),
    "removeProfile": (ADDED, DELETED),
    "subscribeProfile": (ADDED, DELETED),
    "unsubscribeProfile": (ADDED, DELETED),
    "addProfileToList": (ADDED,),
    "removeProfileFromList": (DELETED,),
}
"""What each action takes. The first six are the table of Segment's page; the last two are for Engage's audiences."""


def changes_of(mapping: Mapping) -> tuple[str, ...]:
    """The changes that a mapping takes: its `on`, or what its action takes."""
    return taken(mapping.action, mapping.on)


def with_changes(config: Config) -> Config:
    """The configuration with each mapping saying which changes it takes, as a sync understands it."""
    return replace(config, mappings=[replace(mapping, on=changes_of(mapping)) for mapping in config.mappings])


def taken(action: str, on: Sequence[str] | None) -> tuple[str, ...]:
    """The changes that an action takes, where a mapping says this of it."""
    return TAKEN_BY_DEFAULT.get(action, CHANGES) if on is None else tuple(on)


def row_trigger(changes: Collection[str]) -> str:
    """The trigger that Segment keeps for a choice of changes: `event = "new" or event = "updated"`."""
    return " or ".join(f'event = "{EVENT_OF[change]}"' for change in CHANGES if change in changes)


def with_row_trigger(before: Mapping, mapping: Mapping) -> Mapping:
    """A changed mapping, whose trigger follows the rows that it takes where before it said these and nothing else."""
    if before.trigger != row_trigger(changes_of(before)):
        return mapping
    return replace(mapping, trigger=row_trigger(changes_of(mapping)))


def is_change(event: Json, changes: Collection[str]) -> bool:
    """Whether an event is that of a row which has changed so."""
    members = cast("dict[str, Json]", event) if isinstance(event, dict) else {}
    return "__segment_id" in members and any(EVENT_OF[change] == members.get("event") for change in changes)
