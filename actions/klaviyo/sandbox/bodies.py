"""Request bodies: what must be there, of which type, and nothing that Klaviyo does not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from actions.klaviyo.sandbox.errors import ApiError, invalid, refuse
from actions.values import Json


def data_of(body: Json, kind: str) -> dict[str, Any]:
    """The body's `data`, which must be a resource of the kind."""
    data = cast("Json", body).get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise refuse("The payload provided in the request is invalid.")
    found = cast("dict[str, Any]", data)
    if found.get("type") != kind:
        raise refuse(f"The type of the resource must be '{kind}'.", "/data/type")
    return found


def attributes_of(data: Mapping[str, Any], pointer: str = "/data") -> dict[str, Any]:
    """A resource's attributes, which must be there."""
    return needed_object(data, "attributes", pointer)


def known_attributes(data: Mapping[str, Any], *known: str) -> dict[str, Any]:
    """The attributes of the body's resource, refused where one is not known."""
    attributes = attributes_of(data)
    errors = unknown_keys(attributes, frozenset(known), data["type"], "/data/attributes")
    if errors:
        raise ApiError(400, errors)
    return attributes


def needed_object(container: Mapping[str, Any], key: str, pointer: str) -> dict[str, Any]:
    """A member that must be there and be an object."""
    value = container.get(key)
    if not isinstance(value, dict):
        raise refuse(f"'{key}' is a required field.", f"{pointer}/{key}")
    return cast("dict[str, Any]", value)


def needed_resource(container: Mapping[str, Any], key: str, pointer: str) -> dict[str, Any]:
    """The resource of `{key: {data: {type: key, …}}}`."""
    data = needed_object(needed_object(container, key, pointer), "data", f"{pointer}/{key}")
    if data.get("type") != key:
        raise refuse(f"The type of the resource must be '{key}'.", f"{pointer}/{key}/data/type")
    return data


def needed_rows(container: Mapping[str, Any], key: str, pointer: str, maximum: int) -> list[Json]:
    """The rows of `{key: {data: [...]}}`, at least one and at most `maximum`."""
    rows = needed_object(container, key, pointer).get("data")
    where = f"{pointer}/{key}/data"
    if not isinstance(rows, list):
        raise refuse("'data' is a required field.", where)
    found = cast("list[Json]", rows)
    if not found:
        raise refuse(f"'{key}' must not be empty.", where)
    if len(found) > maximum:
        raise refuse(f"At most {maximum} resources are allowed in one request, but there are {len(found)}.", where)
    return found


def each_resource(rows: list[Json], kind: str, pointer: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows as resources of a kind; all that are none are refused at once."""
    errors = [
        invalid(f"The type of the resource must be '{kind}'.", f"{pointer}/{index}")
        for index, row in enumerate(rows)
        if not isinstance(row, dict) or cast("dict[str, Any]", row).get("type") != kind
    ]
    if errors:
        raise ApiError(400, errors)
    yield from enumerate(cast("list[dict[str, Any]]", rows))


def related_ids(data: Mapping[str, Any], name: str, kind: str) -> list[str]:
    """The ids of resources of a kind that a resource names under `relationships`, one or many."""
    relationships = data.get("relationships")
    if relationships is None:
        return []
    if not isinstance(relationships, dict):
        raise refuse("The payload provided in the request is invalid.", "/data/relationships")
    relation = cast("dict[str, Any]", relationships).get(name)
    if relation is None:
        return []
    linked = cast("dict[str, Any]", relation).get("data") if isinstance(relation, dict) else None
    items = cast("list[Json]", linked) if isinstance(linked, list) else [linked]
    return [identifier_of(item, kind, f"/data/relationships/{name}/data") for item in items]


def identifier_of(item: Json, kind: str, pointer: str) -> str:
    """The id of `{type, id}`."""
    found = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
    if not isinstance(found.get("id"), str) or not found["id"]:
        raise refuse("'id' is a required field.", f"{pointer}/id")
    if found.get("type") != kind:
        raise refuse(f"The type of the resource must be '{kind}'.", f"{pointer}/type")
    return found["id"]


def unknown_keys(attributes: Mapping[str, Any], known: frozenset[str], kind: str, pointer: str) -> list[dict[str, Any]]:
    """An error for each attribute that the resource has not."""
    return [
        invalid(f"'{key}' is not a valid field for the resource '{kind}'.", f"{pointer}/{key}")
        for key in attributes
        if key not in known
    ]
