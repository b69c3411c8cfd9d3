"""Events and metrics: recorded one by one or in bulk, once for each unique id of a person and metric."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, cast

from pydantic_core import from_json, to_json

from actions.klaviyo.sandbox import profiles
from actions.klaviyo.sandbox.bodies import (
    attributes_of,
    data_of,
    each_resource,
    known_attributes,
    needed_resource,
    needed_rows,
    unknown_keys,
)
from actions.klaviyo.sandbox.documents import Query, condition, page, read_time, resource
from actions.klaviyo.sandbox.errors import ApiError, invalid, refuse
from actions.klaviyo.sandbox.store import Store, new_job_id, new_short_id, now
from actions.values import Json

BULK_MAXIMUM = 1000
PROPERTIES_MAXIMUM = 400
METRIC_NAME_BELOW = 128
LONGEST_TEXT = 100_000

_ROWS = "/data/attributes/events-bulk-create/data"
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_IN_BULK = frozenset(("properties", "time", "value", "value_currency", "unique_id", "metric", "backfill"))
_ALONE = _IN_BULK | {"profile"}
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_FILTERS = {
    "metric_id": ("metric_id", frozenset(("equals",))),
    "profile_id": ("profile_id", frozenset(("equals",))),
    "datetime": ("time", frozenset(("greater-than", "greater-or-equal", "less-than", "less-or-equal"))),
}


class Person(NamedTuple):
    """Whose event it is: the id that was named, the attributes, what is to be patched, and a phone that was ignored."""

    profile_id: str | None
    attributes: dict[str, Any]
    meta: Json
    ignored: bool


def create_event(store: Store, body: Json) -> bool:
    """POST /api/events. Gives whether a phone number was ignored."""
    attributes = attributes_of(data_of(body, "event"))
    pointer = "/data/attributes"
    person, errors = _person(store, attributes, pointer)
    errors = _event_errors(attributes, pointer, _ALONE) + errors
    if errors:
        raise ApiError(400, errors)
    _record(store, _profile_id(store, person), attributes)
    return person.ignored


def create_events(store: Store, body: Json) -> bool:
    """POST /api/event-bulk-create-jobs: all rows are taken, or none. Gives whether a phone number was ignored."""
    data = data_of(body, "event-bulk-create-job")
    attributes = known_attributes(data, "events-bulk-create")
    rows = needed_rows(attributes, "events-bulk-create", "/data/attributes", BULK_MAXIMUM)
    people: list[Person] = []
    found: list[tuple[int, dict[str, Any]]] = []
    errors: list[dict[str, Any]] = []
    for index, row in each_resource(rows, "event-bulk-create", _ROWS):
        pointer = f"{_ROWS}/{index}/attributes"
        inner = attributes_of(row, f"{_ROWS}/{index}")
        errors += unknown_keys(inner, frozenset(("profile", "events", "backfill")), "event-bulk-create", pointer)
        person, wrong = _person(store, inner, pointer)
        people.append(person)
        errors += wrong
        events = needed_rows(inner, "events", pointer, BULK_MAXIMUM)
        for number, event in each_resource(events, "event", f"{pointer}/events/data"):
            where = f"{pointer}/events/data/{number}"
            event_attributes = attributes_of(event, where)
            errors += _event_errors(event_attributes, f"{where}/attributes", _IN_BULK)
            found.append((index, event_attributes))
    if errors:
        raise ApiError(400, errors)
    if len(found) > BULK_MAXIMUM:
        raise refuse(f"At most {BULK_MAXIMUM} events are allowed in one request, but there are {len(found)}.", _ROWS)
    _record_all(store, people, found)
    return any(person.ignored for person in people)


def get_events(store: Store, query: Query) -> dict[str, Json]:
    """GET /api/events."""
    where = condition(query, _FILTERS)

    def fetch(after: str, limit: int) -> list[dict[str, Any]]:
        sql = f"select * from events where {where.sql} and id > ? order by id limit ?"
        return [_document(query, row) for row in store.db.execute(sql, (*where.values, after, limit))]

    return page(query, (200, 1000), fetch)


def get_metrics(store: Store, query: Query) -> dict[str, Json]:
    """GET /api/metrics."""

    def fetch(after: str, limit: int) -> list[dict[str, Any]]:
        rows = store.db.execute("select * from metrics where id > ? order by id limit ?", (after, limit))
        return [
            resource(
                query,
                "metric",
                row["id"],
                "/api/metrics",
                {"name": row["name"], "created": row["created"], "updated": row["created"], "integration": {}},
            )
            for row in rows
        ]

    return page(query, None, fetch)


def _document(query: Query, row: Any) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "timestamp": int(datetime.fromisoformat(row["time"]).timestamp()),
        "event_properties": {**from_json(row["properties"]), "$event_id": row["unique_id"]},
        "datetime": row["time"],
        "uuid": row["id"],
    }
    if row["value"] is not None:
        attributes["event_properties"]["$value"] = row["value"]
    item = resource(query, "event", row["id"], "/api/events", attributes)
    item["relationships"] = {
        "profile": {"data": {"type": "profile", "id": row["profile_id"]}},
        "metric": {"data": {"type": "metric", "id": row["metric_id"]}},
    }
    return item


def _person(store: Store, container: Mapping[str, Any], pointer: str) -> tuple[Person, list[dict[str, Any]]]:
    """Whose event it is, and everything that is wrong with it."""
    data = needed_resource(container, "profile", pointer)
    given = attributes_of(data, f"{pointer}/profile/data")
    where = f"{pointer}/profile/data/attributes"
    attributes = profiles.without_bad_phone(given)
    # any other attribute of an event's profile is taken as a property of the profile
    errors = profiles.check_attributes(attributes, where, frozenset(given) | profiles.EVENT_ATTRIBUTES)
    profile_id = data.get("id")
    if profile_id is not None and not (isinstance(profile_id, str) and profiles.exists(store, profile_id)):
        errors.append(invalid("There is no profile with this id.", f"{pointer}/profile/data/id"))
    elif profile_id is None and not any(attributes.get(key) for key in profiles.EVENT_IDENTIFIERS):
        errors.append(invalid("One or more identifiers is required", where))
    # up to revision 2026-07-15 meta stands among the attributes of a single event, since then beside them
    meta = data.get("meta") or attributes.get("meta")
    return Person(profile_id, attributes, meta, len(attributes) < len(given)), errors


def _event_errors(attributes: Mapping[str, Any], pointer: str, known: frozenset[str]) -> list[dict[str, Any]]:
    errors = unknown_keys(attributes, known, "event", pointer)
    properties = attributes.get("properties")
    if not isinstance(properties, dict):
        errors.append(invalid("'properties' is a required field.", f"{pointer}/properties"))
    elif len(cast("dict[str, Any]", properties)) > PROPERTIES_MAXIMUM:
        detail = f"An event has at most {PROPERTIES_MAXIMUM} properties."
        errors.append(invalid(detail, f"{pointer}/properties"))
    elif len(to_json(properties)) > LONGEST_TEXT and _has_long_text(properties):
        errors.append(invalid("A text in an event's properties is at most 100 KB.", f"{pointer}/properties"))
    name = _metric_name(attributes)
    if not name or len(name) >= METRIC_NAME_BELOW:
        detail = "The metric's name must be given." if not name else "The metric's name must be below 128 characters."
        errors.append(invalid(detail, f"{pointer}/metric/data/attributes/name"))
    if attributes.get("time") is not None and _time(attributes["time"]) is None:
        detail = "'time' must be an ISO 8601 time after 1990 and at most a year ahead."
        errors.append(invalid(detail, f"{pointer}/time"))
    if attributes.get("value") is not None and _number(attributes["value"]) is None:
        errors.append(invalid("'value' must be a number.", f"{pointer}/value"))
    currency = attributes.get("value_currency")
    if currency is not None and not (isinstance(currency, str) and _CURRENCY.fullmatch(currency)):
        errors.append(invalid("'value_currency' must be an ISO 4217 code.", f"{pointer}/value_currency"))
    if attributes.get("backfill") is not None and not isinstance(attributes["backfill"], bool):
        errors.append(invalid("'backfill' must be true or false.", f"{pointer}/backfill"))
    if attributes.get("unique_id") is not None and not isinstance(attributes["unique_id"], str):
        errors.append(invalid("'unique_id' must be a string.", f"{pointer}/unique_id"))
    return errors


def _metric_name(attributes: Mapping[str, Any]) -> str | None:
    match attributes.get("metric"):
        case {"data": {"type": "metric", "attributes": {"name": str(name)}}}:
            return name
        case _:
            return None


def _time(value: Json) -> datetime | None:
    """A time that an event can have, cut to the second; None for any other."""
    moment = read_time(value)
    if moment is None or not _EARLIEST <= moment <= datetime.now(UTC) + timedelta(days=366):
        return None
    return moment


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:  # an integer beyond every float
        return None


def _has_long_text(value: Json) -> bool:
    match value:
        case str():
            return len(value.encode()) > LONGEST_TEXT
        case list():
            return any(map(_has_long_text, cast("list[Json]", value)))
        case dict():
            return any(map(_has_long_text, cast("dict[str, Json]", value).values()))
        case _:
            return False


def _record_all(store: Store, people: list[Person], found: list[tuple[int, dict[str, Any]]]) -> None:
    """Keep the events of one request, each with the index of its person.

    Klaviyo processes none of them where a unique id is there twice for a person and metric.
    """
    profile_ids = [_profile_id(store, person) for person in people]
    seen: set[tuple[str, str, str]] = set()
    for index, attributes in found:
        profile_id = profile_ids[index]
        unique_id = attributes.get("unique_id")
        if unique_id:
            key = (profile_id, cast("str", _metric_name(attributes)), unique_id)
            if key in seen:
                raise refuse(f"The unique_id {unique_id!r} is repeated for the same profile and metric.", _ROWS)
            seen.add(key)
        _record(store, profile_id, attributes)


def _profile_id(store: Store, person: Person) -> str:
    """The profile of an event, which comes to be, or changes, with it."""
    own = {key: value for key, value in person.attributes.items() if key in profiles.EVENT_ATTRIBUTES}
    other = {key: value for key, value in person.attributes.items() if key not in (*own, "id")}
    if other:
        own["properties"] = {**(own.get("properties") or {}), **other}
    if person.profile_id is None:
        profile_id, _ = profiles.save(store, own, nulls_clear=False)
    else:
        profile_id = person.profile_id
        profiles.update(store, profile_id, own, nulls_clear=False, strict=False)
    profiles.patch_properties(store, profile_id, person.meta)
    return profile_id


def _record(store: Store, profile_id: str, attributes: Mapping[str, Any]) -> None:
    """Keep an event, unless one with its unique id is there; its metric comes to be."""
    metric_id = _metric_id(store, cast("str", _metric_name(attributes)))
    moment = _time(attributes.get("time")) or datetime.now(UTC).replace(microsecond=0)
    unique_id = attributes.get("unique_id") or str(int(moment.timestamp()))
    properties = to_json(attributes["properties"]).decode()
    store.db.execute(
        "insert or ignore into events values (?, ?, ?, ?, ?, ?, ?)",
        (
            new_job_id(),
            metric_id,
            profile_id,
            unique_id,
            moment.isoformat(),
            _number(attributes.get("value")),
            properties,
        ),
    )


def _metric_id(store: Store, name: str) -> str:
    row = store.db.execute("select id from metrics where name = ?", (name,)).fetchone()
    if row:
        return row["id"]
    metric_id = new_short_id()
    store.db.execute("insert into metrics values (?, ?, ?)", (metric_id, name, now()))
    return metric_id
