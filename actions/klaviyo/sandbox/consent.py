"""Consent and suppression: subscribing and unsubscribing.

A profile's consent is kept as `{topic: {"consent": …, "timestamp": …, …}, "suppression": [{reason, timestamp}]}`,
where the topic is a channel for its marketing, and `channel.topic` for anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from pydantic_core import from_json, to_json

from actions.klaviyo.sandbox import lists, profiles
from actions.klaviyo.sandbox.bodies import (
    attributes_of,
    data_of,
    each_resource,
    known_attributes,
    needed_object,
    needed_rows,
    related_ids,
)
from actions.klaviyo.sandbox.documents import read_time
from actions.klaviyo.sandbox.errors import ApiError, invalid, refuse
from actions.klaviyo.sandbox.store import NEXT_CHANGE, Store, now
from actions.values import Json

SUBSCRIBE_MAXIMUM = 1000
UNSUBSCRIBE_MAXIMUM = 100

_ROWS = "/data/attributes/profiles/data"
_ATTRIBUTES = frozenset(("email", "phone_number", "subscriptions", "age_gated_date_of_birth", "id"))
_CHANNELS = {"email": "email", "sms": "phone_number", "whatsapp": "phone_number"}
_TOPICS = {
    "email": ("marketing", "open_tracking", "click_tracking"),
    "sms": ("marketing", "transactional"),
    "whatsapp": ("marketing", "transactional", "conversational"),
}
_LIFTED = ("UNSUBSCRIBE", "SPAM_COMPLAINT", "USER_SUPPRESSED")
"""Suppressions that subscribing ends; hard bounces and invalid addresses stay."""


class Person(NamedTuple):
    """Who is to be subscribed or unsubscribed, from what, and whether a phone number was ignored."""

    attributes: dict[str, Any]
    topics: dict[str, dict[str, Any]]
    ignored: bool


def subscribe(store: Store, body: Json) -> bool:
    """POST /api/profile-subscription-bulk-create-jobs. Gives whether a phone number was ignored."""
    data = data_of(body, "profile-subscription-bulk-create-job")
    attributes = known_attributes(data, "custom_source", "profiles", "historical_import")
    historical, source = attributes.get("historical_import") is True, attributes.get("custom_source")
    if source is not None and not isinstance(source, str):
        raise refuse("'custom_source' must be a string.", "/data/attributes/custom_source")
    rows = needed_rows(attributes, "profiles", "/data/attributes", SUBSCRIBE_MAXIMUM)
    people = _people(rows, "SUBSCRIBED", historical=historical)
    list_id = _list_of(store, data)
    if historical:
        _refuse_backdated(store, people)
    process = lists.DEFAULT_PROCESS if list_id is None else lists.opt_in_process(store, list_id)
    for person in people:
        if process == "double_opt_in" and not historical:
            _ask_for_confirmation(store, person.attributes, list_id)
            continue
        profile_id, _ = profiles.save(store, person.attributes)
        _grant(store, profile_id, person.topics, source)
        if list_id is not None:
            lists.join(store, list_id, [profile_id])
    return any(person.ignored for person in people)


def unsubscribe(store: Store, body: Json) -> bool:
    """POST /api/profile-subscription-bulk-delete-jobs: from a list, or everywhere for who is not on it.

    It is no change of a profile that is there. Gives whether a phone number was ignored.
    """
    data = data_of(body, "profile-subscription-bulk-delete-job")
    rows = needed_rows(known_attributes(data, "profiles"), "profiles", "/data/attributes", UNSUBSCRIBE_MAXIMUM)
    people = _people(rows, "UNSUBSCRIBED", historical=False)
    list_id = _list_of(store, data)
    for person in people:
        profile_id = profiles.ensure(store, person.attributes)
        if list_id is not None and lists.is_member(store, list_id, profile_id):
            lists.leave(store, list_id, [profile_id])
        else:
            _withdraw(store, profile_id, person.topics)
    return any(person.ignored for person in people)


def suppress(store: Store, emails: list[str]) -> int:
    """Suppress addresses, creating profiles where there are none; how many were not suppressed before."""
    changed = 0
    for email in emails:
        profile_id = profiles.ensure(store, {"email": email})
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


def _people(rows: list[Json], consent: str, *, historical: bool) -> list[Person]:
    """The people of the rows; refused with every error in any of them."""
    people: list[Person] = []
    errors: list[dict[str, Any]] = []
    for index, row in each_resource(rows, "profile", _ROWS):
        pointer = f"{_ROWS}/{index}/attributes"
        given = attributes_of(row, f"{_ROWS}/{index}")
        channels = needed_object(given, "subscriptions", pointer)
        attributes = profiles.without_bad_phone(given)
        errors += profiles.check_attributes(attributes, pointer, _ATTRIBUTES)
        ignored = len(attributes) < len(given)
        topics = _topics(channels, f"{pointer}/subscriptions")
        for topic, terms in topics.items():
            where = f"{pointer}/subscriptions/{_path(topic)}"
            if not given.get(_CHANNELS[topic.partition(".")[0]]):
                errors.append(invalid(f"'{_CHANNELS[topic.partition('.')[0]]}' is needed for the channel.", where))
            errors += _consent_errors(terms, consent, where, historical=historical)
        if not attributes.get("email") and not attributes.get("phone_number"):
            errors.append(invalid("One or more identifiers is required", pointer))
        kept = {key: attributes[key] for key in ("email", "phone_number") if attributes.get(key)}
        reachable = {name: terms for name, terms in topics.items() if _CHANNELS[name.partition(".")[0]] in kept}
        people.append(Person(kept, reachable, ignored))
    if errors:
        raise ApiError(400, errors)
    return people


def _topics(channels: Mapping[str, Any], pointer: str) -> dict[str, dict[str, Any]]:
    """The terms by topic."""
    found: dict[str, dict[str, Any]] = {}
    for channel, given in channels.items():
        if channel not in _CHANNELS:
            raise refuse(f"'{channel}' is not a valid field for the resource 'subscriptions'.", f"{pointer}/{channel}")
        if given is None:
            continue
        terms = needed_object(channels, channel, pointer)
        for topic, value in terms.items():
            if topic not in _TOPICS[channel]:
                detail = f"'{topic}' is not a valid field for the resource '{channel}'."
                raise refuse(detail, f"{pointer}/{channel}/{topic}")
            if value is not None:
                name = channel if topic == "marketing" else f"{channel}.{topic}"
                found[name] = needed_object(terms, topic, f"{pointer}/{channel}")
    if not found:
        raise refuse("At least one channel must be given.", pointer)
    return found


def _path(topic: str) -> str:
    channel, _, name = topic.partition(".")
    return f"{channel}/{name or 'marketing'}"


def _consent_errors(terms: Mapping[str, Any], consent: str, where: str, *, historical: bool) -> list[dict[str, Any]]:
    errors: list[dict[str, Any]] = []
    if terms.get("consent") != consent:
        errors.append(invalid(f"'consent' must be '{consent}'.", f"{where}/consent"))
    given = terms.get("consented_at")
    moment = read_time(given)
    if consent == "SUBSCRIBED" and historical and given is None:
        errors.append(invalid("'consented_at' is required for a historical import.", f"{where}/consented_at"))
    elif given is not None and not historical:
        errors.append(invalid("'consented_at' is only allowed for a historical import.", f"{where}/consented_at"))
    elif given is not None and (moment is None or moment > datetime.now(UTC)):
        errors.append(invalid("'consented_at' must be a time in the past.", f"{where}/consented_at"))
    return errors


def _refuse_backdated(store: Store, people: list[Person]) -> None:
    """Consent that is older than somebody's unsubscription does not undo it."""
    errors: list[dict[str, Any]] = []
    for index, person in enumerate(people):
        profile_id = profiles.find(store, person.attributes)
        known = {} if profile_id is None else _consent(store, profile_id)
        for topic, terms in person.topics.items():
            state, given = known.get(topic, {}), read_time(terms["consented_at"])
            left = read_time(state.get("timestamp")) if state.get("consent") == "UNSUBSCRIBED" else None
            if left is not None and given is not None and given < left:
                detail = f"backdated consent date [{given}] is before current unsubscription date [{left}]"
                pointer = f"{_ROWS}/{index}/attributes/subscriptions/{_path(topic)}/consented_at"
                errors.append(invalid(detail, pointer))
    if errors:
        raise ApiError(400, errors)


def _list_of(store: Store, data: Mapping[str, Any]) -> str | None:
    named = related_ids(data, "list", "list")
    if not named:
        return None
    if not lists.exists(store, named[0]):
        raise refuse(f"List not found with id {named[0]}", "/data/relationships/list/data/id")
    return named[0]


def _ask_for_confirmation(store: Store, person: dict[str, Any], list_id: str | None) -> None:
    """A double opt-in list: a message goes out and nothing changes until the person confirms."""
    store.db.execute("insert into confirmations values (?, ?, ?)", (to_json(person).decode(), list_id, now()))


def _grant(store: Store, profile_id: str, topics: Mapping[str, Mapping[str, Any]], source: Json) -> None:
    consent = _consent(store, profile_id)
    for topic, terms in topics.items():
        if consent.get(topic, {}).get("consent") != "SUBSCRIBED":
            given = read_time(terms.get("consented_at"))
            stamp = given.isoformat() if given else now()
            consent[topic] = {"consent": "SUBSCRIBED", "timestamp": stamp, "method": "API", "source": source}
    if "email" in topics:
        suppression = consent.get("suppression", [])
        consent["suppression"] = [item for item in suppression if item["reason"] not in _LIFTED]
    _keep(store, profile_id, consent)


def _withdraw(store: Store, profile_id: str, topics: Mapping[str, Mapping[str, Any]]) -> None:
    consent = _consent(store, profile_id)
    for topic in topics:
        consent[topic] = {"consent": "UNSUBSCRIBED", "timestamp": now(), "method": "API", "source": None}
    if "email" in topics:
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
    sql = f"update profiles set consent = ?, change = {NEXT_CHANGE} where id = ?"
    store.db.execute(sql, (to_json(consent).decode(), profile_id))
