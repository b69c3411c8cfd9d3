"""Upsert Profile: create a profile or update it, and put it on a list."""

from __future__ import annotations

from typing import Any, cast

from actions.destination import Action, Connection, Hook, PayloadDict, Preparation, Prepared, Verdict
from actions.fields import Payload, field
from actions.flow import Flow
from actions.klaviyo.batching import batch_keys_field, batch_size_field, enable_batching_field
from actions.klaviyo.lists import add_members
from actions.klaviyo.person import (
    PROFILE_IDENTIFIERS,
    Location,
    country_field,
    email_field,
    external_id_field,
    identifiers_of,
    phone_field,
    prepare_person,
)
from actions.klaviyo.profiles import (
    IMPORT_MAXIMUM,
    attributes_of,
    create_or_update,
    import_profiles,
    needed_id,
    pack_profile,
)
from actions.klaviyo.refusals import accepted, judged
from actions.values import Json

CONNECTED_LIST = "retlOnMappingSave"
IDENTIFIER_NEEDED = "One of External ID, Phone Number and Email is required."


class UpsertProfile(Payload):
    """What Upsert Profile takes."""

    email: str | None = email_field(default={"@path": "$.traits.email"})
    enable_batching: bool | None = enable_batching_field()
    phone_number: str | None = phone_field(default={"@path": "$.context.traits.phone"})
    country_code: str | None = country_field()
    external_id: str | None = external_id_field()
    first_name: str | None = field("First Name", "The person's given name.", default={"@path": "$.traits.firstName"})
    last_name: str | None = field("Last Name", "The person's family name.", default={"@path": "$.traits.lastName"})
    organization: str | None = field(
        "Organization", "The company that the person works for.", default={"@path": "$.traits.company.name"}
    )
    title: str | None = field("Title", "The person's job title.", default={"@path": "$.traits.title"})
    image: str | None = field("Image", "The URL of a picture of the person.", default={"@path": "$.traits.avatar"})
    location: Location | None = field(
        "Location",
        "Where the person lives.",
        default={
            "city": {"@path": "$.traits.address.city"},
            "region": {"@path": "$.traits.address.state"},
            "zip": {"@path": "$.traits.address.postal_code"},
            "address1": {"@path": "$.traits.address.street"},
            "country": {"@path": "$.traits.address.country"},
        },
    )
    properties: dict[str, Any] | None = field(
        "Properties",
        "Your own properties of the person, by name. Properties that are not named stay as they are at Klaviyo.",
        default={"@path": "$.properties"},
    )
    list_id: str | None = field(
        "List", "The list that the person joins. Joining a list is not consent to be written to.", dynamic=True
    )
    batch_size: float | None = batch_size_field(100, IMPORT_MAXIMUM)
    override_list_id: str | None = field(
        "List ID Override",
        "A list that the event itself names; it goes before the mapping's list.",
        default={"@path": "$.integrations.Klaviyo.listId"},
        hidden=True,
    )
    batch_keys: list[str] | None = batch_keys_field("list_id", "override_list_id")


class ConnectList(Payload):
    """What connecting a mapping to a list asks."""

    list_identifier: str | None = field("Existing List ID", "A list that the account has.", dynamic=True)
    list_name: str | None = field("Name of list to create", "A list to create, by name.")


class ConnectedList(Payload):
    """What a mapping remembers of its list."""

    id: str | None = field("ID", "The list's id.")
    name: str | None = field("List Name", "The list's name.")


def prepare(payload: PayloadDict, preparation: Preparation) -> Prepared:
    """The payload with its phone number converted; raises `InvalidPayload` without an identifier."""
    return Prepared(*prepare_person(payload, preparation, PROFILE_IDENTIFIERS, IDENTIFIER_NEEDED))


def list_of(payload: PayloadDict) -> str | None:
    """The list to join: the connected one, else the one that the event names, else the mapping's."""
    connected = payload.get(CONNECTED_LIST)
    list_id = connected_list(connected) if connected else None
    return list_id or payload.get("override_list_id") or payload.get("list_id")


def connected_list(remembered: Json) -> str | None:
    """The id of the list that a mapping remembers to be connected to; None where it is not."""
    outputs = cast("dict[str, Json]", remembered).get("outputs") if isinstance(remembered, dict) else None
    list_id = cast("dict[str, Json]", outputs).get("id") if isinstance(outputs, dict) else None
    return list_id if isinstance(list_id, str) and list_id else None


def _upsert(payload: PayloadDict) -> Flow[None]:
    profile_id = yield from create_or_update(attributes_of(payload))
    list_id = list_of(payload)
    if list_id:
        accepted((yield add_members(list_id, [needed_id(profile_id)])))


def _perform(payload: PayloadDict) -> Flow[Verdict]:
    return judged(_upsert(payload))


def _connect(inputs: PayloadDict) -> Flow[Connection]:
    from actions.klaviyo.list_connection import connect_list  # for saving only

    return connect_list(inputs.get("list_identifier"), inputs.get("list_name"))


UPSERT_PROFILE = Action(
    slug="upsertProfile",
    title="Upsert Profile",
    description="Creates a person's profile or updates it, and puts the person on a list if you name one.",
    needs="an e-mail address, a phone number or an external id",
    trigger='type = "identify"',
    payload=UpsertProfile,
    prepare=prepare,
    perform=_perform,
    pack=pack_profile,
    perform_packed=import_profiles,
    batch_key=lambda payload: (list_of(payload),),
    batch_maximum=IMPORT_MAXIMUM,
    person=identifiers_of,
    hooks=(
        Hook(
            CONNECTED_LIST,
            "Connected List",
            "Connect to a static list in Klaviyo",
            "On saving, uses a list of the account or creates one; every person of the mapping joins it.",
            ConnectList,
            ConnectedList,
            _connect,
        ),
    ),
    hints=(
        "Klaviyo answers 409 where the person exists already; the update follows by itself.",
        "Joining a list is not consent: Subscribe Profile records consent.",
        "Engage's audiences and computed traits come as traits of identify calls: bind Properties to $.traits.",
    ),
)
