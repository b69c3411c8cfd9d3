"""Subscribe Profile and Unsubscribe Profile: consent to be written to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from actions.destination import Action, InvalidPayload, Packed, PayloadDict, Preparation, Prepared, Verdict
from actions.fields import Payload, field
from actions.flow import Flow, json_bytes
from actions.klaviyo.batching import batch_keys_field, batch_size_field, enable_batching_field
from actions.klaviyo.bulk import LARGEST_PROFILE, ROWS, Envelope, rows_of, send_rows
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


def _packed(payload: PayloadDict, subscriptions: dict[str, Json]) -> Packed:
    person = {key: payload[key] for key in _IDENTIFIERS if payload.get(key)}
    return Packed((json_bytes({"type": "profile", "attributes": {**person, "subscriptions": subscriptions}}),))


def _pack_subscription(payload: PayloadDict) -> Packed:
    return _packed(payload, _subscriptions(payload))


def _pack_unsubscription(payload: PayloadDict) -> Packed:
    return _packed(payload, _unsubscriptions(payload))


def _subscription_key(payload: PayloadDict) -> tuple[Json, ...]:
    """The list, the source, and whether it is a historical import."""
    return (
        payload.get("list_id"),
        payload.get("custom_source", SEGMENTS_SOURCE),
        payload.get("historical_import", False),
    )


def _unsubscription_key(payload: PayloadDict) -> tuple[Json, ...]:
    return (payload.get("list_id"),)


def _job(kind: str, attributes: dict[str, Json], list_id: str | None) -> Json:
    job: dict[str, Json] = {"type": kind, "attributes": {**attributes, "profiles": {"data": ROWS}}}
    if list_id:
        job["relationships"] = {"list": {"data": {"type": "list", "id": list_id}}}
    return {"data": job}


def _subscribe(batch_key: tuple[Json, ...], packed: Sequence[Packed]) -> Flow[list[Verdict]]:
    list_id, custom_source, historical_import = batch_key
    attributes: dict[str, Json] = {"custom_source": custom_source, "historical_import": historical_import}
    job = _job("profile-subscription-bulk-create-job", attributes, list_id)
    envelope = Envelope.of("/api/profile-subscription-bulk-create-jobs/", job, SUBSCRIBE_MAXIMUM, LARGEST_PROFILE)
    return send_rows(envelope, rows_of(packed), len(packed))


def _unsubscribe(batch_key: tuple[Json, ...], packed: Sequence[Packed]) -> Flow[list[Verdict]]:
    (list_id,) = batch_key
    job = _job("profile-subscription-bulk-delete-job", {}, list_id)
    envelope = Envelope.of("/api/profile-subscription-bulk-delete-jobs/", job, UNSUBSCRIBE_MAXIMUM, LARGEST_PROFILE)
    return send_rows(envelope, rows_of(packed), len(packed))


def _subscribe_one(payload: PayloadDict) -> Flow[Verdict]:
    verdicts = yield from _subscribe(_subscription_key(payload), [_pack_subscription(payload)])
    return verdicts[0]


def _unsubscribe_one(payload: PayloadDict) -> Flow[Verdict]:
    verdicts = yield from _unsubscribe(_unsubscription_key(payload), [_pack_unsubscription(payload)])
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
    pack=_pack_subscription,
    perform_packed=_subscribe,
    batch_key=_subscription_key,
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
    pack=_pack_unsubscription,
    perform_packed=_unsubscribe,
    batch_key=_unsubscription_key,
    batch_maximum=UNSUBSCRIBE_MAXIMUM,
    person=identifiers_of,
    changes_consent=True,
    hints=("Unsubscribing from a list that the person is not on unsubscribes the person everywhere.",),
)
