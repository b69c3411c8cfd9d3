"""Track Event: record something that a person did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from actions.destination import Action, Packed, PayloadDict, Preparation, Prepared, Verdict
from actions.fields import Payload, field
from actions.flow import Flow
from actions.klaviyo.batching import batch_size_field, enable_batching_field
from actions.klaviyo.events import (
    BULK_MAXIMUM,
    Event,
    EventProfile,
    identifiers_of_event,
    pack_events,
    prepare_event,
    properties_field,
    record_events,
    time_field,
    unique_id_field,
    value_field,
)
from actions.klaviyo.refusals import accepted, judged


class TrackEvent(Payload):
    """What Track Event takes."""

    profile: EventProfile = field(
        "Profile",
        "Who did it: an e-mail address, a phone number, an external id or an anonymous id, and any attributes.",
        required=True,
    )
    metric_name: str = field(
        "Metric Name",
        "The metric's name at Klaviyo, fewer than 128 characters. It comes to be with its first event.",
        default={"@path": "$.event"},
        required=True,
    )
    properties: dict[str, Any] = properties_field()
    time: datetime | None = time_field()
    value: float | None = value_field()
    unique_id: str | None = unique_id_field()
    enable_batching: bool | None = enable_batching_field(on=True)
    batch_size: float | None = batch_size_field(100, BULK_MAXIMUM)


def _prepare(payload: PayloadDict, preparation: Preparation) -> Prepared:
    return prepare_event(payload, preparation, [payload["metric_name"]])


def _track(payload: PayloadDict) -> Flow[None]:
    accepted((yield Event.of(payload, payload["metric_name"]).request()))


def _perform(payload: PayloadDict) -> Flow[Verdict]:
    return judged(_track(payload))


def _pack(payload: PayloadDict) -> Packed:
    return pack_events([Event.of(payload, payload["metric_name"])])


TRACK_EVENT = Action(
    slug="trackEvent",
    title="Track Event",
    description="Records an event of a person under a metric, and creates the profile where there is none.",
    needs="who did it (an e-mail address, a phone number, an external id or an anonymous id); the metric's name; "
    "the event's properties",
    trigger='type = "track"',
    payload=TrackEvent,
    prepare=_prepare,
    perform=_perform,
    pack=_pack,
    perform_packed=record_events,
    batch_key=lambda _: (),
    batch_maximum=BULK_MAXIMUM,
    person=identifiers_of_event,
    hints=("Every track event becomes a metric of its own name; an account has room for 200.",),
)
