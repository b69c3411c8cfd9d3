"""JSON:API documents: what is asked of a query (filters, pages, fields), and how resources are given."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlencode

from pydantic_core import to_json

from actions.klaviyo.sandbox.errors import bad_parameter
from actions.values import Json

_TERM = re.compile(r"\s*(?P<operator>[a-z-]+)\(\s*(?P<field>[A-Za-z_.$]+)\s*,\s*")
_BARE = re.compile(r"[^()\",\[\]]+")
_DECODER = json.JSONDecoder()
_LARGEST_SIZE = re.compile(r"\d{1,4}", re.ASCII)
_TIMES = ("time", "created", "updated")
_OPERATORS = {
    "equals": "=",
    "greater-than": ">",
    "greater-or-equal": ">=",
    "less-than": "<",
    "less-or-equal": "<=",
}


@dataclass(frozen=True, slots=True)
class Query:
    """A request's address, and its parameters, each given once."""

    base: str
    path: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on rows, as SQL with its values."""

    sql: str
    values: tuple[str, ...] = ()


def condition(query: Query, columns: Mapping[str, tuple[str, frozenset[str]]]) -> Condition:
    """The `filter` parameter as a condition. `columns` gives for each field its column and the operators it takes."""
    text = query.parameters.get("filter", "").strip()
    if not text:
        return Condition("1")
    if text.startswith("and(") and text.endswith(")"):
        text = text[4:-1]
    parts: list[str] = []
    values: list[str] = []
    position = 0
    while position < len(text):
        term = _TERM.match(text, position)
        if not term:
            raise bad_parameter(f"The filter cannot be read at {text[position : position + 40]!r}.", "filter")
        column, operators = columns.get(term["field"], ("", frozenset[str]()))
        if term["operator"] not in operators:
            raise bad_parameter(f"{term['operator']!r} cannot be asked of {term['field']!r}.", "filter")
        wanted, position = _value(text, term.end())
        if term["operator"] == "any":
            members = wanted if isinstance(wanted, list) else [wanted]
            parts.append(f"{column} in (select value from json_each(?))")
            values.append(to_json([_as_kept(column, item) for item in members]).decode())
        elif isinstance(wanted, str):
            parts.append(f"{column} {_OPERATORS[term['operator']]} ?")
            values.append(_as_kept(column, wanted))
        else:
            raise bad_parameter(f"{term['operator']!r} takes one value, no list.", "filter")
    if not parts:
        raise bad_parameter("The filter has no condition.", "filter")
    return Condition(" and ".join(parts), tuple(values))


def _value(text: str, start: int) -> tuple[str | list[str], int]:
    """The value at a place of the filter, up to its parenthesis and the comma behind it; and where that ends."""
    unreadable = bad_parameter(f"The filter cannot be read at {text[start : start + 40]!r}.", "filter")
    if text[start : start + 1] in ('"', "["):
        try:
            value, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            raise unreadable from None
    else:
        bare = _BARE.match(text, start)
        if not bare:
            raise unreadable
        value, end = bare[0].strip(), bare.end()
    rest = text[end:].lstrip()
    if not rest.startswith(")"):
        raise unreadable
    rest = rest[1:].lstrip()
    if rest and not rest.startswith(","):
        raise bad_parameter("Conditions of a filter are joined by commas.", "filter")
    if isinstance(value, list):
        value = [item if isinstance(item, str) else json.dumps(item) for item in cast("list[Json]", value)]
    try:
        "".join(value).encode()  # half a surrogate pair is no text that anything could have
    except UnicodeEncodeError:
        raise unreadable from None
    return value, len(text) - len(rest.removeprefix(","))


def _as_kept(column: str, value: str) -> str:
    """A value in the form in which the column has it."""
    if column.endswith("email"):
        return value.lower()
    if column not in _TIMES:
        return value
    moment = read_time(value)
    if moment is None:
        raise bad_parameter(f"{value!r} is no ISO 8601 time.", "filter")
    return moment.isoformat()


def read_time(value: Json) -> datetime | None:
    """An ISO 8601 time in UTC, cut to the second; None for anything else. Without an offset it is taken as UTC."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is None:
            return None
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # the first and the last day of the calendar have no other zone
        return None
    return moment.replace(microsecond=0)


def page(
    query: Query,
    sizes: tuple[int, int] | None,
    fetch: Callable[[str, int], list[dict[str, Any]]],
) -> dict[str, Json]:
    """A page of resources with its links. `fetch` gives at most so many resources whose id is behind the one given.

    `sizes` are the usual and the largest size; None where the endpoint takes no `page[size]`.
    """
    after = _cursor(query.parameters.get("page[cursor]", ""))
    size = _size(query, sizes)
    found = fetch(after, size + 1)
    links = {"self": _address(query, query.parameters)}
    if len(found) > size:
        found = found[:size]
        cursor = base64.urlsafe_b64encode(f"next::id::{found[-1]['id']}".encode()).decode()
        links["next"] = _address(query, {**query.parameters, "page[cursor]": cursor})
    return {"data": [select_fields(query, resource) for resource in found], "links": links}


def single(query: Query, resource: dict[str, Any]) -> dict[str, Json]:
    """A document with one resource."""
    return {"data": select_fields(query, resource), "links": {"self": resource["links"]["self"]}}


def resource(query: Query, kind: str, resource_id: str, path: str, attributes: dict[str, Json]) -> dict[str, Any]:
    """A resource with its link."""
    return {
        "type": kind,
        "id": resource_id,
        "attributes": attributes,
        "links": {"self": f"{query.base}{path}/{resource_id}"},
    }


def select_fields(query: Query, item: dict[str, Any]) -> dict[str, Any]:
    """The resource with the attributes that `fields[type]` names, or all."""
    wanted = query.parameters.get(f"fields[{item['type']}]")
    if wanted is None:
        return item
    names = {name.strip().partition(".")[0] for name in wanted.split(",")}
    return {**item, "attributes": {key: value for key, value in item["attributes"].items() if key in names}}


def _size(query: Query, sizes: tuple[int, int] | None) -> int:
    given = query.parameters.get("page[size]")
    if sizes is None:
        if given is not None:
            raise bad_parameter("'page[size]' is not an allowed parameter for this resource.", "page[size]")
        return 200
    if given is None:
        return sizes[0]
    if not _LARGEST_SIZE.fullmatch(given) or not 1 <= int(given) <= sizes[1]:
        raise bad_parameter(f"Page size must be an integer between 1 and {sizes[1]}.", "page[size]")
    return int(given)


def _cursor(text: str) -> str:
    if not text:
        return ""
    try:
        _, _, after = base64.urlsafe_b64decode(text.encode()).decode().split("::")
    except (ValueError, binascii.Error, UnicodeError):
        raise bad_parameter("Invalid cursor.", "page[cursor]") from None
    return after


def _address(query: Query, parameters: Mapping[str, str]) -> str:
    return f"{query.base}{query.path}{'?' if parameters else ''}{urlencode(parameters)}"
