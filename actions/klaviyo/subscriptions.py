"""Subscribe Profile and Unsubscribe Profile: consent to be written to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic_core import to_json

from actions.destination import Action, InvalidPayload, PayloadDict, Preparation, Prepared, Verdict
from actions.fields import Payload, field
from actions.flow import Flow
from actions.klaviyo.batching import batch_keys_field, batch_size_field, enable_batching_field
from actions.klaviyo.bulk import LARGEST_PROFILE, ROWS, Envelope, Row, send_rows
from actions.klaviyo.person import country_field, email_field, identifiers_of, phone_field, prepare_person
from actions.values import Json

SUBSCRIBE_MAXIMUM = 1000
UNSUBSCRIBE_MAXIMUM = 100
SEGMENTS_SOURCE = "-59"
"""The number at Klaviyo for consent that came through Segment."""

_IDENTIFIERS = ("email", "phone_number")
_IDENTIFIER_NEEDED = "Phone Number or Email is required."


def _trait(name: str) -> Json:
    """The trait of an identify call, else that of any other call's context."""
    return {
        "@if": {
            "exists": {"@path": f"$.traits.{name}"},
            "then": {"@path": f"$.traits.{name}"},
            "else": {"@path": f"$.context.traits.{name}"},
        }
    }


class SubscribeProfile(Payload):
    """What Subscribe Profile takes."""

    email: str | None = email_field(default=_trait("email"))
    phone_number: str | None = phone_field(default=_trait("phone"))
    country_code: str | None = country_field()
    list_id: str | None = field(
        "List Id",
        "The list to subscribe to; its opt-in process decides whether the person must confirm first.",
        dynamic=True,
    )
    custom_source: str | None = field(
        "Custom Source ($source)", "How consent was given; -59 is Segment's number at Klaviyo.", default=SEGMENTS_SOURCE
    )
    historical_import: bool | None = field(
        "Historical Import",
        "Consent that was given earlier, elsewhere: no opt-in messages are sent. Needs the time of the consent.",
        default=False,
    )
    consented_at: datetime | None = field(
        "Consented At",
        "When consent was given. Sent only with a historical import.",
        default={"@path": "$.timestamp"},
    )
    enable_batching: bool | None = enable_batching_field()
    batch_keys: list[str] | None = batch_keys_field("list_id", "custom_source", "historical_import")
    batch_size: float | None = batch_size_field(100, SUBSCRIBE_MAXIMUM)


class UnsubscribeProfile(Payload):
    """What Unsubscribe Profile takes."""

    email: str | None = email_field(default=_trait("email"))
    phone_number: str | None = phone_field(default=_trait("phone"))
    country_code: str | None = country_field()
    list_id: str | None = field(
        "List Id",
        "The list to unsubscribe from. A person who is not on it is unsubscribed everywhere.",
        dynamic=True,
    )
    enable_batching: bool | None = enable_batching_field()
    batch_keys: list[str] | None = batch_keys_field("list_id")
    batch_size: float | None = batch_size_field(50, UNSUBSCRIBE_MAXIMUM)


def _prepare(payload: PayloadDict, preparation: Preparation) -> Prepared:
    return Prepared(*prepare_person(payload, preparation, _IDENTIFIERS, _IDENTIFIER_NEEDED))


def _prepare_subscription(payload: PayloadDict, preparation: Preparation) -> Prepared:
    if payload.get("historical_import"):
        consented_at = payload.get("consented_at")
        if not consented_at:
            raise InvalidPayload("Consented At is required for a Historical Import.")
        if datetime.fromisoformat(consented_at) > datetime.now(UTC):
            raise InvalidPayload(f"Consented At must be in the past but it is {consented_at}.")
    return _prepare(payload, preparation)


def _subscriptions(payload: PayloadDict) -> dict[str, Json]:
    consent: dict[str, Json] = {"consent": "SUBSCRIBED"}
    if payload.get("historical_import"):
        consent["consented_at"] = payload["consented_at"]
    channels = {"email": "email", "phone_number": "sms"}
    return {channel: {"marketing": consent} for key, channel in channels.items() if payload.get(key)}


def _unsubscriptions(payload: PayloadDict) -> dict[str, Json]:
    """Text messages are ended whole, transactional ones too."""
    consent = {"consent": "UNSUBSCRIBED"}
    channels: dict[str, Json] = {}
    if payload.get("email"):
        channels["email"] = {"marketing": consent}
    if payload.get("phone_number"):
        channels["sms"] = {"marketing": consent, "transactional": consent}
    return channels


def _send(
    payloads: Sequence[PayloadDict], subscriptions: Sequence[dict[str, Json]], envelope: Envelope
) -> Flow[list[Verdict]]:
    rows = [
        Row(index, to_json({"type": "profile", "attributes": {**_person(payload), "subscriptions": channels}}))
        for index, (payload, channels) in enumerate(zip(payloads, subscriptions, strict=True))
    ]
    return send_rows(envelope, rows, len(payloads))


def _person(payload: PayloadDict) -> dict[str, Json]:
    return {key: payload[key] for key in _IDENTIFIERS if payload.get(key)}


def _job(kind: str, attributes: dict[str, Json], list_id: str | None) -> Json:
    job: dict[str, Json] = {"type": kind, "attributes": {**attributes, "profiles": {"data": ROWS}}}
    if list_id:
        job["relationships"] = {"list": {"data": {"type": "list", "id": list_id}}}
    return {"data": job}


def _subscribe(payloads: Sequence[PayloadDict]) -> Flow[list[Verdict]]:
    first = payloads[0]
    attributes: dict[str, Json] = {
        "custom_source": first.get("custom_source", SEGMENTS_SOURCE),
        "historical_import": first.get("historical_import", False),
    }
    job = _job("profile-subscription-bulk-create-job", attributes, first.get("list_id"))
    envelope = Envelope.of("/api/profile-subscription-bulk-create-jobs/", job, SUBSCRIBE_MAXIMUM, LARGEST_PROFILE)
    return _send(payloads, [_subscriptions(payload) for payload in payloads], envelope)


def _unsubscribe(payloads: Sequence[PayloadDict]) -> Flow[list[Verdict]]:
    job = _job("profile-subscription-bulk-delete-job", {}, payloads[0].get("list_id"))
    envelope = Envelope.of("/api/profile-subscription-bulk-delete-jobs/", job, UNSUBSCRIBE_MAXIMUM, LARGEST_PROFILE)
    return _send(payloads, [_unsubscriptions(payload) for payload in payloads], envelope)


def _subscribe_one(payload: PayloadDict) -> Flow[Verdict]:
    verdicts = yield from _subscribe([payload])
    return verdicts[0]


def _unsubscribe_one(payload: PayloadDict) -> Flow[Verdict]:
    verdicts = yield from _unsubscribe([payload])
    return verdicts[0]


SUBSCRIBE_PROFILE = Action(
    slug="subscribeProfile",
    title="Subscribe Profile",
    description="Records a person's consent to e-mails and text messages, and puts the person on a list.",
    needs="an e-mail address or a phone number",
    trigger='type = "track" and event = "User Subscribed"',
    payload=SubscribeProfile,
    prepare=_prepare_subscription,
    perform=_subscribe_one,
    perform_batch=_subscribe,
    batch_key=lambda payload: (
        payload.get("list_id"),
        payload.get("custom_source", SEGMENTS_SOURCE),
        payload.get("historical_import", False),
    ),
    batch_maximum=SUBSCRIBE_MAXIMUM,
    person=identifiers_of,
    changes_consent=True,
    hints=(
        "With a double opt-in list Klaviyo answers 202 and nothing shows until the person confirms.",
        "Subscribing lifts a suppression, except after hard bounces and for invalid addresses.",
    ),
)

UNSUBSCRIBE_PROFILE = Action(
    slug="unsubscribeProfile",
    title="Unsubscribe Profile",
    description="Ends a person's consent to e-mails and text messages.",
    needs="an e-mail address or a phone number",
    trigger='type = "track" and event = "User Unsubscribed"',
    payload=UnsubscribeProfile,
    prepare=_prepare,
    perform=_unsubscribe_one,
    perform_batch=_unsubscribe,
    batch_key=lambda payload: (payload.get("list_id"),),
    batch_maximum=UNSUBSCRIBE_MAXIMUM,
    person=identifiers_of,
    changes_consent=True,
    hints=("Unsubscribing from a list that the person is not on unsubscribes the person everywhere.",),
)
