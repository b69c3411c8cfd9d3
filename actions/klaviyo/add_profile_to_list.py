"""Add Profile to List (Engage): who enters an audience joins its list."""

from __future__ import annotations

import re
from typing import Any

from actions.destination import Action, InvalidPayload, PayloadDict, Preparation, Prepared, Verdict
from actions.fields import Payload, field
from actions.flow import Flow
from actions.klaviyo import upsert_profile
from actions.klaviyo.batching import batch_keys_field, batch_size_field, enable_batching_field
from actions.klaviyo.lists import add_members
from actions.klaviyo.person import Location, country_field, email_field, external_id_field, identifiers_of, phone_field
from actions.klaviyo.profiles import IMPORT_MAXIMUM, attributes_of, create, import_profiles, needed_id, pack_profile
from actions.klaviyo.refusals import accepted, judged
from actions.values import Json

AUDIENCE_LIST: Json = {
    "@if": {
        "exists": {"@path": "$.context.personas.audience_settings.listId"},
        "then": {"@path": "$.context.personas.audience_settings.listId"},
        "else": {"@path": "$.context.personas.external_audience_id"},
    }
}
"""The list that an Engage event stands for: the audience's setting, else the list that was created for it."""

_EMAIL = re.compile(r"[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}", re.ASCII)


def audience_list_field() -> Any:
    """The list of an Engage audience."""
    return field(
        "List Id", "The audience's list, taken from the event.", default=AUDIENCE_LIST, hidden=True, required=True
    )


class AddProfileToList(Payload):
    """What Add Profile to List takes."""

    email: str | None = email_field(default={"@path": "$.context.traits.email"})
    phone_number: str | None = phone_field(default={"@path": "$.context.traits.phone"})
    list_id: str = audience_list_field()
    external_id: str | None = external_id_field()
    enable_batching: bool | None = enable_batching_field(on=True)
    batch_size: float | None = batch_size_field(100, IMPORT_MAXIMUM)
    first_name: str | None = field(
        "First Name", "The person's given name.", default={"@path": "$.properties.firstName"}
    )
    last_name: str | None = field("Last Name", "The person's family name.", default={"@path": "$.properties.lastName"})
    image: str | None = field("Image", "The URL of a picture of the person.", default={"@path": "$.properties.avatar"})
    title: str | None = field("Title", "The person's job title.", default={"@path": "$.properties.title"})
    organization: str | None = field(
        "Organization", "The company that the person works for.", default={"@path": "$.properties.company.name"}
    )
    location: Location | None = field(
        "Location",
        "Where the person lives.",
        default={
            "city": {"@path": "$.properties.address.city"},
            "region": {"@path": "$.properties.address.state"},
            "zip": {"@path": "$.properties.address.postal_code"},
            "address1": {"@path": "$.properties.address.street"},
            "country": {"@path": "$.properties.address.country"},
        },
    )
    properties: dict[str, Any] | None = field(
        "Properties", "Your own properties of the person, by name.", default={"@path": "$.properties.properties"}
    )
    country_code: str | None = country_field()
    batch_keys: list[str] | None = batch_keys_field("list_id")


def _prepare(payload: PayloadDict, preparation: Preparation) -> Prepared:
    email = payload.get("email")
    if email and not _EMAIL.fullmatch(email):
        raise InvalidPayload("Email must be a valid email address.")
    return upsert_profile.prepare(payload, preparation)


def _add(payload: PayloadDict) -> Flow[None]:
    profile_id, _ = yield from create(attributes_of(payload))
    accepted((yield add_members(payload["list_id"], [needed_id(profile_id)])))


def _perform(payload: PayloadDict) -> Flow[Verdict]:
    return judged(_add(payload))


ADD_PROFILE_TO_LIST = Action(
    slug="addProfileToList",
    title="Add Profile to List (Engage)",
    description="Puts a person on the list of an Engage audience, and creates the profile where there is none.",
    needs="the list's id; an e-mail address, a phone number or an external id",
    trigger='event = "Audience Entered"',
    payload=AddProfileToList,
    prepare=_prepare,
    perform=_perform,
    pack=pack_profile,
    perform_packed=import_profiles,
    batch_key=lambda payload: (payload["list_id"],),
    batch_maximum=IMPORT_MAXIMUM,
    person=identifiers_of,
    audience=lambda payload: payload["list_id"],
    hints=(
        "Joining a list does not lift a suppression and is not consent: Subscribe Profile does both.",
        "An audience's first sync takes hours and brings every member; later ones bring only changes.",
        "An audience can use a list that there is, by its setting List Id, though Segment's page says that none can.",
        "A person who exists already keeps the profile's attributes when added alone; a batch updates them.",
    ),
)
