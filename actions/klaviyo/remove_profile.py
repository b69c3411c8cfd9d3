"""Remove Profile from List (Engage) and Remove Profile: people are looked up, then taken off a list.

Klaviyo removes members by profile id, so each identifier of an event is looked up first. Up to three identifiers of
one event may belong to as many profiles; all of them leave the list, as at Segment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from pydantic_core import from_json, to_json

from actions.destination import DELIVERED, Action, Packed, PayloadDict, Preparation, Prepared, Verdict
from actions.fields import Payload, field
from actions.flow import Flow
from actions.klaviyo.add_profile_to_list import audience_list_field
from actions.klaviyo.batching import batch_keys_field, batch_size_field, enable_batching_field
from actions.klaviyo.lists import MEMBERS_MAXIMUM, remove_members
from actions.klaviyo.person import (
    PROFILE_IDENTIFIERS,
    country_field,
    email_field,
    external_id_field,
    identifiers_of,
    phone_field,
    prepare_person,
)
from actions.klaviyo.profiles import look_up
from actions.klaviyo.refusals import Refused, verdict
from actions.klaviyo.upsert_profile import IDENTIFIER_NEEDED
from actions.values import Json

_UNKNOWN = Verdict("invalid", "No profiles found for the provided identifiers.")


class RemoveProfileFromList(Payload):
    """What Remove Profile from List takes."""

    email: str | None = email_field(default={"@path": "$.context.traits.email"})
    external_id: str | None = external_id_field()
    list_id: str = audience_list_field()
    phone_number: str | None = phone_field(default={"@path": "$.context.traits.phone"})
    enable_batching: bool | None = enable_batching_field(on=True)
    country_code: str | None = country_field()
    batch_size: float | None = batch_size_field(100, MEMBERS_MAXIMUM)
    batch_keys: list[str] | None = batch_keys_field("list_id")


class RemoveProfile(Payload):
    """What Remove Profile takes."""

    email: str | None = email_field(default={"@path": "$.traits.email"})
    external_id: str | None = external_id_field()
    list_id: str = field("List", "The list that the person leaves.", dynamic=True, required=True)
    enable_batching: bool | None = enable_batching_field(on=True)
    batch_size: float | None = batch_size_field(100, MEMBERS_MAXIMUM)
    phone_number: str | None = phone_field(default={"@path": "$.traits.phone"})
    country_code: str | None = country_field()
    batch_keys: list[str] | None = batch_keys_field("list_id")


def _prepare(payload: PayloadDict, preparation: Preparation) -> Prepared:
    return Prepared(*prepare_person(payload, preparation, PROFILE_IDENTIFIERS, IDENTIFIER_NEEDED))


def _perform(payload: PayloadDict) -> Flow[Verdict]:
    verdicts = yield from _perform_packed(_batch_key(payload), [_pack(payload)])
    return verdicts[0]


def _batch_key(payload: PayloadDict) -> tuple[Json, ...]:
    return (payload["list_id"],)


def _pack(payload: PayloadDict) -> Packed:
    return Packed((to_json({key: payload[key] for key in PROFILE_IDENTIFIERS if payload.get(key)}),))


def _perform_packed(batch_key: tuple[Json, ...], packed: Sequence[Packed]) -> Flow[list[Verdict]]:
    """Look everybody up, then remove those found from the list, which the batch key names."""
    (list_id,) = batch_key
    payloads: list[PayloadDict] = [from_json(own.rows[0]) for own in packed]
    verdicts: dict[int, Verdict] = {}
    owners: dict[str, list[int]] = {}
    for attribute in PROFILE_IDENTIFIERS:
        yield from _find_owners(attribute, payloads, owners, verdicts)
    found = {index for indices in owners.values() for index in indices}
    for index in range(len(payloads)):
        if index not in verdicts:
            verdicts[index] = DELIVERED if index in found else _UNKNOWN
    profile_ids = [
        profile_id
        for profile_id, indices in owners.items()
        if any(verdicts[index].status == "delivered" for index in indices)
    ]
    for start in range(0, len(profile_ids), MEMBERS_MAXIMUM):
        portion = profile_ids[start : start + MEMBERS_MAXIMUM]
        response = yield remove_members(list_id, portion)
        if not response.ok:
            refused = verdict(response)
            verdicts.update({index: refused for profile_id in portion for index in owners[profile_id]})
    return [verdicts[index] for index in range(len(payloads))]


def _find_owners(
    attribute: str, payloads: Sequence[PayloadDict], owners: dict[str, list[int]], verdicts: dict[int, Verdict]
) -> Flow[None]:
    """Look up all values of one identifier; note for each profile found whose payloads it belongs to.

    A payload whose look-up has failed already is not asked for again: its outcome is known.
    """
    wanted: dict[str, str] = {}
    askers: dict[str, list[int]] = {}
    for index, payload in enumerate(payloads):
        value = payload.get(attribute)
        if value and index not in verdicts:
            wanted.setdefault(_folded(attribute, value), value)
            askers.setdefault(_folded(attribute, value), []).append(index)
    for values, flow in look_up(attribute, list(wanted.values())):
        portion = [index for value in values for index in askers[_folded(attribute, value)]]
        try:
            profiles = yield from flow
        except Refused as refusal:
            verdicts.update(dict.fromkeys(portion, verdict(refusal.response)))
            continue
        for profile in profiles:
            value = _attribute(profile, attribute)
            # an answer without attributes cannot be told apart: it then speaks for all that was asked
            indices = portion if value is None else askers.get(_folded(attribute, value), [])
            owners.setdefault(profile["id"], []).extend(indices)


def _folded(attribute: str, value: str) -> str:
    """Klaviyo compares e-mail addresses without regard to case."""
    return value.lower() if attribute == "email" else value


def _attribute(profile: Json, attribute: str) -> str | None:
    attributes = profile.get("attributes")
    value = cast("dict[str, Any]", attributes).get(attribute) if isinstance(attributes, dict) else None
    return value if isinstance(value, str) else None


REMOVE_PROFILE_FROM_LIST = Action(
    slug="removeProfileFromList",
    title="Remove Profile from List (Engage)",
    description="Takes a person off the list of an Engage audience. The profile and its consent stay.",
    needs="the list's id; an e-mail address, a phone number or an external id",
    trigger='event = "Audience Exited"',
    payload=RemoveProfileFromList,
    prepare=_prepare,
    perform=_perform,
    pack=_pack,
    perform_packed=_perform_packed,
    batch_key=_batch_key,
    batch_maximum=MEMBERS_MAXIMUM,
    person=identifiers_of,
    audience=lambda payload: payload["list_id"],
    hints=(
        "Leaving a list does not unsubscribe: Unsubscribe Profile does.",
        "Audiences send only changes: who came onto the list in another way stays there.",
    ),
)

REMOVE_PROFILE = Action(
    slug="removeProfile",
    title="Remove Profile",
    description="Takes a person off a list that you choose. The profile and its consent stay.",
    needs="a list of the account; an e-mail address, a phone number or an external id",
    trigger='event = "Identify"',
    payload=RemoveProfile,
    prepare=_prepare,
    perform=_perform,
    pack=_pack,
    perform_packed=_perform_packed,
    batch_key=_batch_key,
    batch_maximum=MEMBERS_MAXIMUM,
    person=identifiers_of,
    hints=(
        "Segment's own trigger never fires, since identify calls have no event name: write the trigger that you mean.",
        "Leaving a list does not unsubscribe: Unsubscribe Profile does.",
    ),
)
