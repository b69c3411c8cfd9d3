"""Traps of mappings that take warehouse rows: changes that an action is not made for, and what rows do not have."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as AbstractMapping
from typing import Any, cast

from actions.config.model import Mapping
from actions.config.row_changes import ADDED, CHANGES, DELETED, EVENT_OF, UPDATED, changes_of
from actions.mapping.paths_read import paths_read, root_of
from actions.triggers import Trigger
from actions.triggers.possible import can_fire

ON = ("on",)
"""The place of what is said of the changes that a mapping takes."""

_IDENTIFIERS = ("email", "phone_number", "external_id", "anonymous_id")
_NOT_FORESEEN = {
    ("orderCompleted", UPDATED): "each change of a row would be another order; take added rows only",
    ("orderCompleted", DELETED): "a deleted row has null in every column and is no order; take added rows only",
    ("trackEvent", UPDATED): "each change of a row becomes another event; Segment foresees added rows only",
    ("trackEvent", DELETED): "a deleted row has null in every column, and Segment foresees added rows only; what the "
    "row was is at $.previous",
    ("upsertProfile", DELETED): "a deleted row has null in every column and would be written like that, or find "
    "nobody; Remove Profile is for deleted rows",
    ("removeProfile", UPDATED): "each change of a row removes its person once more, those too who have come back",
    ("subscribeProfile", UPDATED): "each change of a row subscribes its person once more, those too who have "
    "unsubscribed since",
    ("unsubscribeProfile", UPDATED): "each change of a row unsubscribes its person once more, those too who have "
    "subscribed since",
}
_BOTH = {
    "removeProfile": "so every row of the first sync is removed, and every deleted one",
    "subscribeProfile": "so a person is also subscribed when the row is deleted, which is seldom meant",
    "unsubscribeProfile": "so every row of the first sync is unsubscribed, and every deleted one",
}
_OF_AUDIENCES = {"addProfileToList": "Upsert Profile with its List", "removeProfileFromList": "Remove Profile"}
_NOT_IN_ROWS = ("userId", "anonymousId", "context", "traits", "integrations", "groupId")


def row_traps(mapping: Mapping, trigger: Trigger) -> Iterator[tuple[tuple[str, ...], str]]:
    """The traps of a mapping whose events are rows: the place of each, and what to say."""
    fired = [change for change in CHANGES if can_fire(trigger.root, {"type": "track", "event": EVENT_OF[change]})]
    taken = [change for change in changes_of(mapping) if change in fired]
    if not taken:
        yield from _never_fires(mapping, fired)
    for change in mapping.on or ():
        if (mapping.action, change) in _NOT_FORESEEN:
            yield ON, f"{change} rows: {_NOT_FORESEEN[mapping.action, change]}"
    if mapping.on is None and mapping.action in _BOTH and len(taken) > 1:
        text = f"without `on` it takes added and deleted rows, {_BOTH[mapping.action]}"
        yield ON, f'{text}; write which are meant, such as on = ["{ADDED}"]'
    if mapping.action in _OF_AUDIENCES:
        instead = _OF_AUDIENCES[mapping.action]
        yield ON, f"rows have no context.personas, where this action finds its list; use {instead} instead"
    yield from _not_in_rows(mapping)
    if DELETED in taken:
        yield from _nobody_found(mapping, only=taken == [DELETED])


def _never_fires(mapping: Mapping, fired: list[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    wanted = " and ".join(changes_of(mapping))
    if not fired:
        yield ("trigger",), "rows are track events named new, updated or deleted, on none of which it fires"
    else:
        told = " and ".join(fired)
        listed = ", ".join(f'"{change}"' for change in fired)
        advice = f"write on = [{listed}]" if mapping.on is None else "change one of them"
        yield ("trigger",), f"it fires on {told} rows only, and the mapping takes {wanted} ones; {advice}"


def _not_in_rows(mapping: Mapping) -> Iterator[tuple[tuple[str, ...], str]]:
    for place, binding in _bindings(mapping.fields):
        roots = {root_of(path) for path in paths_read(binding)}
        if roots and roots <= set(_NOT_IN_ROWS) and place[:1] != ("override_list_id",):
            named = " and ".join(sorted(roots))
            yield (
                place,
                f"rows have no {named}, so nothing is read; columns are at $.properties, the id at $.__segment_id",
            )


def _nobody_found(mapping: Mapping, *, only: bool) -> Iterator[tuple[tuple[str, ...], str]]:
    """Identifiers that read columns alone, which are null in deleted rows."""
    person = mapping.fields.get("profile", mapping.fields)
    base = ("profile",) if "profile" in mapping.fields else ()
    members = cast("dict[str, Any]", person) if isinstance(person, dict) else {}
    bound = [(key, list(paths_read(members[key]))) for key in _IDENTIFIERS if key in members]
    columns = [(key, paths) for key, paths in bound if paths and all(root_of(path) == "properties" for path in paths)]
    if not columns or any(root_of(path) != "properties" for _, paths in bound for path in paths):
        return
    key, paths = columns[0]
    previous = paths[0].replace("$.properties", "$.previous", 1)
    read = f"read {previous}" if only else f"read {previous} where {paths[0]} is null"
    text = (
        f"a deleted row has null in every column, so nobody is found; {read}, the row as it was, or $.__segment_id if "
        "that identifies the person (Segment has nothing else)"
    )
    yield (*base, key), text


def _bindings(fields: AbstractMapping[str, Any], place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The bindings of fields and of their sub-fields, each with its place."""
    for key, binding in fields.items():
        members = cast("dict[str, Any]", binding) if isinstance(binding, dict) else {}
        if members and not any(name.startswith("@") for name in members):
            yield from _bindings(members, (*place, key))
        else:
            yield (*place, key), binding
