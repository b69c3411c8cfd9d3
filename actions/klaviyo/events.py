"""Events at Klaviyo: their fields, their resource, alone and in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic_core import from_json

from actions.destination import InvalidPayload, Packed, PayloadDict, Preparation, Prepared, Verdict
from actions.fields import Payload, field
from actions.flow import Flow, Request, json_bytes
from actions.klaviyo.bulk import ROWS, Envelope, Row, rows_of, send_rows
from actions.klaviyo.person import (
    country_field,
    email_field,
    external_id_field,
    identifiers_of,
    phone_field,
    prepare_person,
)
from actions.values import Json

BULK_MAXIMUM = 1000
LONGEST_METRIC_NAME = 127

_IDENTIFIERS = ("email", "phone_number", "external_id", "anonymous_id")
_IDENTIFIER_NEEDED = "One of External ID, Anonymous ID, Phone Number or Email is required."


class EventProfile(Payload, extra="allow"):
    """Who did it. Other attributes of a profile may stand beside the identifiers."""

    email: str | None = email_field()
    phone_number: str | None = phone_field()
    country_code: str | None = country_field()
    external_id: str | None = external_id_field("External Id", default={"@path": "$.userId"})
    anonymous_id: str | None = field(
        "Anonymous Id", "Names a person who is not known yet.", default={"@path": "$.anonymousId"}
    )


class OrderProfile(EventProfile):
    """Who ordered. Its e-mail address is not checked here, as Segment does not either."""

    email: str | None = email_field(checked=False)


def properties_field() -> Any:
    """What the event carries."""
    return field(
        "Properties",
        "What the event carries, by name; flows and segments can use it.",
        default={"@path": "$.properties"},
        required=True,
    )


def time_field() -> Any:
    """When the event happened."""
    text = "When it happened, from the year 2000 to a year ahead. Without a time, Klaviyo takes when it receives it."
    return field("Time", text, default={"@path": "$.timestamp"})


def value_field() -> Any:
    """A number that Klaviyo sums."""
    return field("Value", "A number to sum over, such as the order's total.")


def unique_id_field() -> Any:
    """What makes a repeated event recognisable."""
    return field(
        "Unique ID",
        "Klaviyo keeps only the first event with the same id for a person and metric. "
        "Without one, it keeps one event a second for them.",
        default={"@path": "$.messageId"},
    )


def prepare_event(payload: PayloadDict, preparation: Preparation, metric_names: Sequence[str]) -> Prepared:
    """The payload with its person checked; raises `InvalidPayload` for nobody or a metric name that is too long."""
    for name in metric_names:
        if len(name) > LONGEST_METRIC_NAME:
            raise InvalidPayload(f"Metric Name must have fewer than 128 characters but it has {len(name)}.")
    profile, warnings = prepare_person(payload["profile"], preparation, _IDENTIFIERS, _IDENTIFIER_NEEDED)
    return Prepared(payload if profile is payload["profile"] else {**payload, "profile": profile}, warnings)


def identifiers_of_event(payload: PayloadDict) -> tuple[str, ...]:
    """All that names the person of an event's payload."""
    return identifiers_of(payload["profile"])


class Event(NamedTuple):
    """One event for Klaviyo: what a metric of a person records."""

    metric: str
    profile: dict[str, Json]
    properties: dict[str, Json]
    time: str | None = None
    value: float | None = None
    unique_id: str | None = None

    @classmethod
    def of(cls, payload: PayloadDict, metric: str) -> Event:
        """The event that a payload states."""
        return cls(
            metric,
            payload["profile"],
            payload["properties"],
            payload.get("time"),
            payload.get("value"),
            payload.get("unique_id"),
        )

    def attributes(self) -> dict[str, Json]:
        """The event's attributes but for its profile."""
        attributes: dict[str, Json] = {
            "metric": {"data": {"type": "metric", "attributes": {"name": self.metric}}},
            "properties": self.properties,
        }
        if self.time is not None:
            attributes["time"] = self.time
        if self.value is not None:
            attributes["value"] = self.value
        if self.unique_id is not None:
            attributes["unique_id"] = self.unique_id
        return attributes

    def request(self) -> Request:
        """The request that records it alone."""
        profile = {"data": {"type": "profile", "attributes": self.profile}}
        resource = {"type": "event", "attributes": {**self.attributes(), "profile": profile}}
        return Request.of("POST", "/api/events/", {"data": resource})

    @property
    def identity(self) -> str:
        """What Klaviyo knows it again by, for a person; empty where it has no unique id."""
        return "" if self.unique_id is None else f"{self.metric}\n{self.unique_id}"

    def row(self) -> bytes:
        """Its JSON in a bulk request."""
        head, between, tail = _ROW
        return b"".join((head, json_bytes(self.profile), between, json_bytes(self.attributes()), tail))


_HOLE = "the profile's attributes, then the event's"
_ROW = json_bytes(
    {
        "type": "event-bulk-create",
        "attributes": {
            "profile": {"data": {"type": "profile", "attributes": _HOLE}},
            "events": {"data": [{"type": "event", "attributes": _HOLE}]},
        },
    }
).split(json_bytes(_HOLE))
"""The text of a row in a bulk request around what differs: writing only that takes two thirds of the time."""


def pack_events(events: Sequence[Event]) -> Packed:
    """The rows of a payload's events in the bulk request."""
    if len(events) == 1:  # the usual case, in half the time
        return Packed((events[0].row(),), (events[0].identity,))
    return Packed(tuple([event.row() for event in events]), tuple([event.identity for event in events]))


def record_events(_: tuple[Json, ...], packed: Sequence[Packed]) -> Flow[list[Verdict]]:
    """Record the events of each payload through the bulk endpoint; a verdict a payload.

    Klaviyo refuses a request that has a unique id twice for a person and metric, so only the first of them is sent.
    """
    rows, repeats = _without_repeats(packed)
    body = {
        "type": "event-bulk-create-job",
        "attributes": {"events-bulk-create": {"data": ROWS}},
    }
    envelope = Envelope.of("/api/event-bulk-create-jobs/", {"data": body}, BULK_MAXIMUM)
    verdicts = yield from send_rows(envelope, rows, len(packed))
    for index, first in repeats.items():
        if verdicts[index].status == "delivered":
            verdicts[index] = _repeat_of(verdicts[first])
    return verdicts


def _without_repeats(packed: Sequence[Packed]) -> tuple[list[Row], dict[int, int]]:
    """The rows to send, and by the number of a payload that of the one that it repeats."""
    identities = [identity for own in packed for identity in own.identities if identity]
    if len(set(identities)) == len(identities):  # the usual case
        return rows_of(packed), {}
    rows: list[Row] = []
    seen: dict[str, list[Row]] = {}
    repeats: dict[int, int] = {}
    for index, own in enumerate(packed):
        for content, identity in zip(own.rows, own.identities, strict=True):
            if identity:
                alike = seen.setdefault(identity, [])
                first = next((first for first, other in alike if _is_same_person(other, content)), None)
                if first is not None:
                    repeats[index] = first
                    continue
                alike.append((index, content))
            rows.append((index, content))
    return rows, repeats


def _is_same_person(one: bytes, other: bytes) -> bool:
    return _profile_of(one) == _profile_of(other)


def _profile_of(row: bytes) -> Json:
    return from_json(row)["attributes"]["profile"]


def _repeat_of(first: Verdict) -> Verdict:
    text = "Another event of this batch has the same unique id, metric and person: Klaviyo counts them as one."
    return Verdict(first.status, first.message, (*first.warnings, text))
