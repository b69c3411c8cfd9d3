"""Profiles at Klaviyo: creating, updating, looking up and importing them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from actions.destination import Packed, PayloadDict, Verdict
from actions.flow import Flow, Request, Response, json_bytes
from actions.klaviyo.bulk import LARGEST_PROFILE, ROWS, Envelope, rows_of, send_rows
from actions.klaviyo.pages import as_object, next_page, resources
from actions.klaviyo.person import PROFILE_IDENTIFIERS
from actions.klaviyo.refusals import Refused, accepted, errors_of
from actions.values import Json, json_text

ATTRIBUTES = (
    "email",
    "external_id",
    "phone_number",
    "first_name",
    "last_name",
    "organization",
    "title",
    "image",
    "location",
    "properties",
)
"""The payload's fields that are attributes of the profile."""

IMPORT_MAXIMUM = 10_000
_LOOKUP_MAXIMUM = 100
_LOOKUP_BYTES = 6_000  # of the encoded filter: a longer URL may be refused on its way
_PAGES_AT_MOST = 50


def attributes_of(payload: PayloadDict) -> dict[str, Json]:
    """The profile attributes of a payload."""
    return {key: payload[key] for key in ATTRIBUTES if key in payload}


def resource(attributes: dict[str, Json], profile_id: str | None = None) -> dict[str, Json]:
    """A profile as Klaviyo's JSON:API writes it."""
    identity = {"id": profile_id} if profile_id else {}
    return {"type": "profile", **identity, "attributes": attributes}


def profile_path(profile_id: str) -> str:
    """The path of one profile."""
    return f"/api/profiles/{quote(profile_id, safe='')}"


def create(attributes: dict[str, Json]) -> Flow[tuple[str, bool]]:
    """Create the profile, or find the one that has one of its identifiers. Gives its id and whether it is new.

    Klaviyo answers 409 with the other profile's id where an identifier is taken, which is no error here.
    """
    response = yield Request.of("POST", "/api/profiles/", {"data": resource(attributes)})
    if response.status == 409:
        profile_id = _duplicate_of(response)
        if profile_id:
            return profile_id, False
    return _id_of(accepted(response)), True


def create_or_update(attributes: dict[str, Json]) -> Flow[str]:
    """Create the profile or, where it exists, update it. Gives its id."""
    profile_id, is_new = yield from create(attributes)
    if not is_new:
        body = {"data": resource(attributes, profile_id)}
        accepted((yield Request.of("PATCH", profile_path(profile_id), body)))
    return profile_id


def pack_profile(payload: PayloadDict) -> Packed:
    """A profile's row in the bulk import."""
    return Packed((json_bytes(resource(attributes_of(payload))),))


def import_profiles(batch_key: tuple[Json, ...], packed: Sequence[Packed]) -> Flow[list[Verdict]]:
    """Create or update profiles through the bulk import. The batch key is the list that they join, or None."""
    (list_id,) = batch_key
    body: dict[str, Json] = {
        "type": "profile-bulk-import-job",
        "attributes": {"profiles": {"data": ROWS}},
    }
    if list_id:
        body["relationships"] = {"lists": {"data": [{"type": "list", "id": list_id}]}}
    envelope = Envelope.of("/api/profile-bulk-import-jobs/", {"data": body}, IMPORT_MAXIMUM, LARGEST_PROFILE)
    return send_rows(envelope, rows_of(packed), len(packed))


def look_up(attribute: str, values: Sequence[str]) -> Iterator[tuple[Sequence[str], Flow[list[Json]]]]:
    """The profiles that have one of the values as the attribute: portions of the values, each with its flow.

    A flow reads all pages and gives Klaviyo's profile resources.
    """
    portion: list[str] = []
    size = 0
    for value in values:
        added = len(quote(value)) + 9
        if portion and (len(portion) == _LOOKUP_MAXIMUM or size + added > _LOOKUP_BYTES):
            yield portion, _read_pages(attribute, portion)
            portion, size = [], 0
        portion.append(value)
        size += added
    if portion:
        yield portion, _read_pages(attribute, portion)


def _read_pages(attribute: str, values: Sequence[str]) -> Flow[list[Json]]:
    request: Request | None = Request(
        "GET",
        "/api/profiles/",
        query={
            "filter": f"any({attribute},{json_text(list(values))})",
            "fields[profile]": ",".join(sorted(PROFILE_IDENTIFIERS)),
            "page[size]": str(_LOOKUP_MAXIMUM),
        },
    )
    found: list[Json] = []
    for _ in range(_PAGES_AT_MOST):
        response = accepted((yield request))
        found += resources(response)
        request = next_page(response)
        if request is None:
            break
    return found


def _duplicate_of(response: Response) -> str | None:
    for error in errors_of(response):
        profile_id = as_object(error.get("meta")).get("duplicate_profile_id")
        if isinstance(profile_id, str) and profile_id:
            return profile_id
    return None


def _id_of(response: Response) -> str:
    """The id of the profile in an answer; empty where the answer has none, which only a list needs."""
    profile_id = as_object(as_object(response.json).get("data")).get("id")
    return profile_id if isinstance(profile_id, str) else ""


def needed_id(profile_id: str) -> str:
    """The id, where a request cannot do without: raises `Refused` where Klaviyo's answer had none."""
    if not profile_id:
        raise Refused(Response(0, failure="its answer names no profile"))
    return profile_id
