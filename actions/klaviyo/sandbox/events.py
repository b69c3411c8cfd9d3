"""Events and metrics: recorded one by one or in bulk, once for each unique id of a person and metric."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from pydantic_core import from_json, to_json

from actions.klaviyo.sandbox import profiles
from actions.klaviyo.sandbox.bodies import attributes_of, data_of, each_resource, needed_object, needed_rows
from actions.klaviyo.sandbox.documents import Query, condition, page, resource
from actions.klaviyo.sandbox.errors import ApiError, invalid, refuse
from actions.klaviyo.sandbox.store import Store, new_job_id, new_short_id, now
from actions.values import Json

BULK_MAXIMUM = 1000
PROPERTIES_MAXIMUM = 400
METRIC_NAME_BELOW = 128

_ROWS = "/data/attributes/events-bulk-create/data"
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_ATTRIBUTES = frozenset(
    ("properties", "time", "value", "value_currency", "unique_id", "metric", "profile", "backfill")
)
_FILTERS = {
    "metric_id": ("metric_id", frozenset(("equals",))),
    "profile_id": ("profile_id", frozenset(("equals",))),
    "datetime": ("time", frozenset(("greater-than", "greater-or-equal", "less-than", "less-or-equal"))),
}


def create_event(store: Store, body: Json) -> None:
    """POST /api/events."""
    attributes = attributes_of(data_of(body, "event"))
    pointer = "/data/attributes"
    errors = _event_errors(attributes, pointer)
    person = attributes_of(needed_object(needed_object(attributes, "profile", pointer), "data", f"{pointer}/profile"))
    errors += _person_errors(person, f"{pointer}/profile/data/attributes")
    if errors:
        raise ApiError(400, errors)
    _record(store, person, attributes)


def create_events(store: Store, body: Json) -> None:
    """POST /api/event-bulk-create-jobs: all rows are taken, or none."""
    attributes = attributes_of(data_of(body, "event-bulk-create-job"))
    rows = needed_rows(attributes, "events-bulk-create", "/data/attributes", BULK_MAXIMUM)
    found: list[tuple[dict[str, Any], dict[str, Any]]] = []
    errors: list[dict[str, Any]] = []
    for index, row in each_resource(rows, "event-bulk-create", _ROWS):
        pointer = f"{_ROWS}/{index}/attributes"
        inner = attributes_of(row, f"{_ROWS}/{index}")
        person = attributes_of(needed_object(needed_object(inner, "profile", pointer), "data", f"{pointer}/profile"))
        errors += _person_errors(person, f"{pointer}/profile/data/attributes")
        events = needed_rows(inner, "events", pointer, BULK_MAXIMUM)
        for number, event in each_resource(events, "event", f"{pointer}/events/data"):
            where = f"{pointer}/events/data/{number}"
            event_attributes = attributes_of(event, where)
            errors += _event_errors(event_attributes, f"{where}/attributes")
            found.append((person, event_attributes))
    if errors:
        raise ApiError(400, errors)
    if len(found) > BULK_MAXIMUM:
        raise refuse(f"At most {BULK_MAXIMUM} events are allowed in one request, but there are {len(found)}.", _ROWS)
    _refuse_repeats(found)
    for person, event_attributes in found:
        _record(store, person, event_attributes)


def get_events(store: Store, query: Query) -> dict[str, Json]:
    """GET /api/events."""
    where = condition(query, _FILTERS)

    def fetch(after: str, limit: int) -> list[dict[str, Any]]:
        sql = f"select * from events where {where.sql} and id > ? order by id limit ?"  # noqa: S608 - our own
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
    attributes = {
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


def _person_errors(person: Mapping[str, Any], pointer: str) -> list[dict[str, Any]]:
    # any other attribute of an event's profile is taken as a property of the profile
    known = frozenset(person) | profiles.EVENT_ATTRIBUTES
    errors = profiles.check_attributes(person, pointer, known)
    if not any(person.get(key) for key in (*profiles.IDENTIFIERS, "anonymous_id", "_kx", "id")):
        errors.append(invalid("One or more identifiers is required", pointer))
    return errors


def _event_errors(attributes: Mapping[str, Any], pointer: str) -> list[dict[str, Any]]:
    errors = [
        invalid(f"'{key}' is not a valid field for the resource 'event'.", f"{pointer}/{key}")
        for key in attributes
        if key not in _ATTRIBUTES
    ]
    properties = attributes.get("properties")
    if not isinstance(properties, dict):
        errors.append(invalid("'properties' is a required field.", f"{pointer}/properties"))
    elif len(cast("dict[str, Any]", properties)) > PROPERTIES_MAXIMUM:
        detail = f"An event has at most {PROPERTIES_MAXIMUM} properties."
        errors.append(invalid(detail, f"{pointer}/properties"))
    name = _metric_name(attributes)
    if not name or len(name) >= METRIC_NAME_BELOW:
        detail = "The metric's name must be given." if not name else "The metric's name must be below 128 characters."
        errors.append(invalid(detail, f"{pointer}/metric/data/attributes/name"))
    if attributes.get("time") is not None and _time(attributes["time"]) is None:
        detail = "'time' must be an ISO 8601 time after 1990 and at most a year ahead."
        errors.append(invalid(detail, f"{pointer}/time"))
    value = attributes.get("value")
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        errors.append(invalid("'value' must be a number.", f"{pointer}/value"))
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
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if not _EARLIEST <= moment <= datetime.now(UTC) + timedelta(days=366):
        return None
    return moment.replace(microsecond=0)


def _refuse_repeats(found: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """A unique id twice for a person and metric: Klaviyo then processes none of the events."""
    seen: set[tuple[str, str, bytes]] = set()
    for person, attributes in found:
        unique_id = attributes.get("unique_id")
        if unique_id is None:
            continue
        identity = to_json({key: person.get(key) for key in (*profiles.IDENTIFIERS, "anonymous_id")})
        key = (unique_id, _metric_name(attributes) or "", identity)
        if key in seen:
            raise refuse(f"The unique_id {unique_id!r} is repeated for the same profile and metric.", _ROWS)
        seen.add(key)


def _record(store: Store, person: dict[str, Any], attributes: Mapping[str, Any]) -> None:
    """Keep an event, unless one with its unique id is there; its person and metric come to be."""
    own = {key: value for key, value in person.items() if key in profiles.EVENT_ATTRIBUTES}
    other = {key: value for key, value in person.items() if key not in profiles.EVENT_ATTRIBUTES and key != "id"}
    if other:
        own["properties"] = {**(own.get("properties") or {}), **other}
    profile_id, _ = profiles.save(store, own, nulls_clear=False)
    metric_id = _metric_id(store, cast("str", _metric_name(attributes)))
    moment = (_time(attributes.get("time")) or datetime.now(UTC).replace(microsecond=0)).isoformat()
    unique_id = attributes.get("unique_id") or str(int(datetime.fromisoformat(moment).timestamp()))
    properties = to_json(attributes["properties"]).decode()
    store.db.execute(
        "insert or ignore into events values (?, ?, ?, ?, ?, ?, ?)",
        (new_job_id(), metric_id, profile_id, unique_id, moment, attributes.get("value"), properties),
    )


def _metric_id(store: Store, name: str) -> str:
    row = store.db.execute("select id from metrics where name = ?", (name,)).fetchone()
    if row:
        return row["id"]
    metric_id = new_short_id()
    store.db.execute("insert into metrics values (?, ?, ?)", (metric_id, name, now()))
    return metric_id
