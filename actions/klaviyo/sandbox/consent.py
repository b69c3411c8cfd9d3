"""Consent and suppression: subscribing, unsubscribing, and what a profile's `subscriptions` say.

A profile's consent is kept as `{channel: {"consent": …, "timestamp": …, …}, "suppression": [{reason, timestamp}]}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from pydantic_core import from_json, to_json

from actions.klaviyo.sandbox import lists, profiles
from actions.klaviyo.sandbox.bodies import attributes_of, data_of, each_resource, needed_object, needed_rows, related_ids
from actions.klaviyo.sandbox.errors import ApiError, invalid, refuse
from actions.klaviyo.sandbox.store import Store, now
from actions.values import Json

SUBSCRIBE_MAXIMUM = 1000
UNSUBSCRIBE_MAXIMUM = 100

_ROWS = "/data/attributes/profiles/data"
_ATTRIBUTES = frozenset(("email", "phone_number", "subscriptions", "age_gated_date_of_birth", "id"))
_CHANNELS = {"email": "email", "sms": "phone_number", "whatsapp": "phone_number"}
_LIFTED = ("UNSUBSCRIBE", "SPAM_COMPLAINT", "USER_SUPPRESSED")
"""Suppressions that subscribing ends; hard bounces and invalid addresses stay."""


def subscribe(store: Store, body: Json) -> None:
    """POST /api/profile-subscription-bulk-create-jobs."""
    data = data_of(body, "profile-subscription-bulk-create-job")
    attributes = attributes_of(data)
    historical = attributes.get("historical_import") is True
    rows = needed_rows(attributes, "profiles", "/data/attributes", SUBSCRIBE_MAXIMUM)
    people = _people(rows, "SUBSCRIBED", historical=historical)
    list_id = _list_of(store, data)
    confirms = not historical and list_id is not None and lists.opt_in_process(store, list_id) == "double_opt_in"
    source = attributes.get("custom_source")
    for person, channels in people:
        if confirms:
            _ask_for_confirmation(store, person, list_id)
            continue
        profile_id, _ = profiles.save(store, person)
        _grant(store, profile_id, channels, source)
        if list_id is not None:
            lists.join(store, list_id, [profile_id])


def unsubscribe(store: Store, body: Json) -> None:
    """POST /api/profile-subscription-bulk-delete-jobs: from a list, or everywhere for who is not on it."""
    data = data_of(body, "profile-subscription-bulk-delete-job")
    rows = needed_rows(attributes_of(data), "profiles", "/data/attributes", UNSUBSCRIBE_MAXIMUM)
    people = _people(rows, "UNSUBSCRIBED", historical=False)
    list_id = _list_of(store, data)
    for person, channels in people:
        profile_id, _ = profiles.save(store, person)
        if list_id is not None and lists.is_member(store, list_id, profile_id):
            lists.leave(store, list_id, [profile_id])
        else:
            _withdraw(store, profile_id, channels)


def suppress(store: Store, emails: list[str]) -> int:
    """Suppress addresses, creating profiles where there are none; how many were not suppressed before."""
    changed = 0
    for email in emails:
        profile_id, _ = profiles.save(store, {"email": email})
        consent = _consent(store, profile_id)
        changed += _add_suppression(consent, "USER_SUPPRESSED")
        _keep(store, profile_id, consent)
    return changed


def unsuppress(store: Store, emails: list[str]) -> int:
    """Lift suppressions that people made; how many there were."""
    changed = 0
    for email in emails:
        profile_id = profiles.find(store, {"email": email})
        if profile_id is None:
            continue
        consent = _consent(store, profile_id)
        kept = [item for item in consent.get("suppression", []) if item["reason"] != "USER_SUPPRESSED"]
        changed += len(kept) < len(consent.get("suppression", []))
        _keep(store, profile_id, {**consent, "suppression": kept})
    return changed


def subscriptions(attributes: Mapping[str, Any], consent: dict[str, Any]) -> dict[str, Json]:
    """A profile's `subscriptions` as Klaviyo gives them."""
    email = consent.get("email", {})
    suppression = consent.get("suppression", [])
    sms = consent.get("sms", {})
    return {
        "email": {
            "marketing": {
                "can_receive_email_marketing": bool(attributes.get("email")) and not suppression,
                "consent": email.get("consent", "NEVER_SUBSCRIBED"),
                "consent_timestamp": email.get("timestamp"),
                "last_updated": email.get("timestamp"),
                "method": email.get("method"),
                "method_detail": "",
                "custom_method_detail": email.get("source"),
                "double_optin": None,
                "suppression": suppression,
                "list_suppressions": [],
            }
        },
        "sms": {
            "marketing": {
                "can_receive_sms_marketing": sms.get("consent") == "SUBSCRIBED",
                "consent": sms.get("consent", "NEVER_SUBSCRIBED"),
                "consent_timestamp": sms.get("timestamp"),
                "method": sms.get("method"),
                "method_detail": "",
                "last_updated": sms.get("timestamp"),
            }
        },
    }


def _people(
    rows: list[Json], consent: str, *, historical: bool
) -> list[tuple[dict[str, Any], dict[str, dict[str, Any]]]]:
    """The identifiers and channels of each row; refused with every error in any of them."""
    people: list[tuple[dict[str, Any], dict[str, dict[str, Any]]]] = []
    errors: list[dict[str, Any]] = []
    for index, row in each_resource(rows, "profile", _ROWS):
        pointer = f"{_ROWS}/{index}/attributes"
        attributes = attributes_of(row, f"{_ROWS}/{index}")
        channels = needed_object(attributes, "subscriptions", pointer)
        errors += profiles.check_attributes(attributes, pointer, _ATTRIBUTES)
        marketing = _marketing(channels, f"{pointer}/subscriptions")
        for channel, terms in marketing.items():
            errors += _consent_errors(attributes, channel, terms, consent, pointer, historical=historical)
        if not attributes.get("email") and not attributes.get("phone_number"):
            errors.append(invalid("One or more identifiers is required", pointer))
        people.append(({key: attributes[key] for key in ("email", "phone_number") if attributes.get(key)}, marketing))
    if errors:
        raise ApiError(400, errors)
    return people


def _marketing(channels: Mapping[str, Any], pointer: str) -> dict[str, dict[str, Any]]:
    """The marketing terms by channel."""
    found: dict[str, dict[str, Any]] = {}
    for channel in channels:
        if channel not in _CHANNELS:
            raise refuse(f"'{channel}' is not a valid field for the resource 'subscriptions'.", f"{pointer}/{channel}")
        terms = needed_object(channels, channel, pointer)
        if "marketing" in terms:
            found[channel] = needed_object(terms, "marketing", f"{pointer}/{channel}")
    if not found:
        raise refuse("At least one channel must be given.", pointer)
    return found


def _consent_errors(
    attributes: Mapping[str, Any],
    channel: str,
    terms: Mapping[str, Any],
    consent: str,
    pointer: str,
    *,
    historical: bool,
) -> list[dict[str, Any]]:
    where = f"{pointer}/subscriptions/{channel}/marketing"
    errors: list[dict[str, Any]] = []
    if terms.get("consent") != consent:
        errors.append(invalid(f"'consent' must be '{consent}'.", f"{where}/consent"))
    if not attributes.get(_CHANNELS[channel]):
        errors.append(invalid(f"'{_CHANNELS[channel]}' is needed for the channel.", where))
    given = terms.get("consented_at")
    if consent == "SUBSCRIBED" and historical and given is None:
        errors.append(invalid("'consented_at' is required for a historical import.", f"{where}/consented_at"))
    elif given is not None and not historical:
        errors.append(invalid("'consented_at' is only allowed for a historical import.", f"{where}/consented_at"))
    elif given is not None and not _is_past(given):
        errors.append(invalid("'consented_at' must be a time in the past.", f"{where}/consented_at"))
    return errors


def _is_past(value: Json) -> bool:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return False
    if moment is None:
        return False
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) <= datetime.now(UTC)


def _list_of(store: Store, data: Mapping[str, Any]) -> str | None:
    named = related_ids(data, "list")
    if not named:
        return None
    if not lists.exists(store, named[0]):
        raise refuse(f"List not found with id {named[0]}", "/data/relationships/list/data/id")
    return named[0]


def _ask_for_confirmation(store: Store, person: dict[str, Any], list_id: str | None) -> None:
    """A double opt-in list: a message goes out and nothing changes until the person confirms."""
    store.db.execute("insert into confirmations values (?, ?, ?)", (to_json(person).decode(), list_id, now()))


def _grant(store: Store, profile_id: str, channels: Mapping[str, Mapping[str, Any]], source: Json) -> None:
    consent = _consent(store, profile_id)
    for channel, terms in channels.items():
        known = consent.get(channel, {})
        if known.get("consent") != "SUBSCRIBED":
            stamp = terms.get("consented_at") or now()
            consent[channel] = {"consent": "SUBSCRIBED", "timestamp": stamp, "method": "API", "source": source}
    if "email" in channels:
        suppression = consent.get("suppression", [])
        consent["suppression"] = [item for item in suppression if item["reason"] not in _LIFTED]
    _keep(store, profile_id, consent)


def _withdraw(store: Store, profile_id: str, channels: Mapping[str, Mapping[str, Any]]) -> None:
    consent = _consent(store, profile_id)
    for channel in channels:
        consent[channel] = {"consent": "UNSUBSCRIBED", "timestamp": now(), "method": "API", "source": None}
    if "email" in channels:
        _add_suppression(consent, "UNSUBSCRIBE")
    _keep(store, profile_id, consent)


def _add_suppression(consent: dict[str, Any], reason: str) -> bool:
    suppression = consent.setdefault("suppression", [])
    if any(item["reason"] == reason for item in suppression):
        return False
    suppression.append({"reason": reason, "timestamp": now()})
    return True


def _consent(store: Store, profile_id: str) -> dict[str, Any]:
    row = store.db.execute("select consent from profiles where id = ?", (profile_id,)).fetchone()
    return cast("dict[str, Any]", from_json(row["consent"]))


def _keep(store: Store, profile_id: str, consent: Mapping[str, Any]) -> None:
    store.db.execute("update profiles set consent = ? where id = ?", (to_json(consent).decode(), profile_id))
