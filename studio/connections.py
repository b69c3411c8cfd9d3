"""Which list a mapping is connected to, and where: a list of the sandbox is none of the real Klaviyo.

A mapping remembers its connection as Segment does, under the hook's key in its fields: `inputs` is what was asked for,
`outputs` the list that was found or made. Beside its fields, `connected_in = "sandbox"` says that the list is one of
the sandbox; without it the list is one of the real account, as in mappings that come from Segment.

What is connected in the sandbox is connected anew at the real Klaviyo, when the mapping is saved or connected there. A
list of the real account stays what it is: the sandbox takes it as one of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple, cast

from actions.config import Mapping
from actions.config.model import CONNECTED_IN
from actions.destination import Connection, Hook
from actions.klaviyo import KLAVIYO as DESTINATION
from actions.values import Json
from studio.target_names import KLAVIYO, SANDBOX


class NamedList(NamedTuple):
    """A list as a mapping remembers it."""

    id: str
    name: str


def hook_of(mapping: Mapping) -> Hook | None:
    """What connects a mapping to a list; None where its action has nothing to connect."""
    action = DESTINATION.actions.get(mapping.action)
    return action.hooks[0] if action and action.hooks else None


def inputs_of(mapping: Mapping) -> dict[str, Json]:
    """What connecting the mapping is asked for; empty where nobody has asked."""
    inputs = _object(_remembered(mapping).get("inputs"))
    return {key: value for key, value in inputs.items() if isinstance(value, str) and value.strip()}


def list_of(mapping: Mapping) -> NamedList | None:
    """The list that the mapping is connected to; None where it is to none, or not yet."""
    outputs = _object(_remembered(mapping).get("outputs"))
    list_id, name = outputs.get("id"), outputs.get("name")
    if not isinstance(list_id, str) or not list_id:
        return None
    return NamedList(list_id, name if isinstance(name, str) and name else list_id)


def is_of_sandbox(mapping: Mapping) -> bool:
    """Whether the list that the mapping is connected to is one of the sandbox."""
    return mapping.extra.get(CONNECTED_IN) == SANDBOX


def is_waiting(mapping: Mapping, target: str) -> bool:
    """Whether the mapping is to be connected before what is sent to the target."""
    if not inputs_of(mapping):
        return False
    return list_of(mapping) is None or (target == KLAVIYO and is_of_sandbox(mapping))


def to_be_connected(mapping: Mapping, inputs: dict[str, Json]) -> Mapping:
    """The mapping with what connecting it is asked for; with nothing, it is connected no longer."""
    hook = hook_of(mapping)
    if hook is None:
        raise ValueError(f"{mapping.name!r} has no list to connect to: that is for Upsert Profile.")
    fields = {key: value for key, value in mapping.fields.items() if key != hook.key}
    if inputs:
        fields[hook.key] = {"inputs": inputs}
    return replace(mapping, fields=fields, extra=_without_mark(mapping))


def connected(mapping: Mapping, inputs: dict[str, Json], connection: Connection, target: str) -> Mapping:
    """The mapping that remembers a connection that was made at the target."""
    hook = hook_of(mapping)
    if hook is None:
        return mapping
    remembered: dict[str, Json] = {"inputs": inputs, "outputs": {"id": connection.id, "name": connection.name}}
    mark: dict[str, Json] = {} if target == KLAVIYO else {CONNECTED_IN: SANDBOX}
    return replace(mapping, fields={**mapping.fields, hook.key: remembered}, extra={**_without_mark(mapping), **mark})


def lists_of(mappings: Iterable[Mapping]) -> Iterator[NamedList]:
    """The lists that mappings are connected to."""
    for mapping in mappings:
        found = list_of(mapping)
        if found is not None:
            yield found


def problem_at(target: str, mappings: Iterable[Mapping]) -> str | None:
    """Why the mappings cannot be sent to a target: their lists are others'. None where they can."""
    if target != KLAVIYO:
        return None
    strangers = [mapping for mapping in mappings if list_of(mapping) and is_of_sandbox(mapping)]
    if not strangers:
        return None
    named = ", ".join(f'"{mapping.name}" ({list_text(mapping)})' for mapping in strangers)
    verb = "is connected to a list" if len(strangers) == 1 else "are connected to lists"
    return (
        f"{named} {verb} of the sandbox, which the real Klaviyo does not have. Nothing was sent. Connect at Klaviyo "
        "first: save it in the studio with Klaviyo as the target, or `studio connect CONFIG MAPPING --to klaviyo`."
    )


def list_text(mapping: Mapping) -> str:
    """The list that a mapping is connected to, or what it is to be connected to, in a few words; else empty.

    Names are as the account has them: whoever shows the text makes it printable.
    """
    found, inputs = list_of(mapping), inputs_of(mapping)
    if found is not None:
        return f"{found.name}, {found.id}" if found.name != found.id else found.id
    return str(inputs.get("list_identifier") or inputs.get("list_name") or "")


def _remembered(mapping: Mapping) -> dict[str, Json]:
    hook = hook_of(mapping)
    return {} if hook is None else _object(mapping.fields.get(hook.key))


def _without_mark(mapping: Mapping) -> dict[str, Json]:
    return {key: value for key, value in mapping.extra.items() if key != CONNECTED_IN}


def _object(value: Json) -> dict[str, Json]:
    return cast("dict[str, Json]", value) if isinstance(value, dict) else {}
