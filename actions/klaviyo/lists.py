"""Lists at Klaviyo: those there are, joining and leaving them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from actions.flow import Flow, Request, Response
from actions.klaviyo.pages import as_object, read_all
from actions.values import json_text

MEMBERS_MAXIMUM = 1000
"""How many members one request adds or removes."""


def add_members(list_id: str, profile_ids: Sequence[str]) -> Request:
    """The request that makes profiles members of a list. It changes no consent."""
    return Request.of("POST", _members_path(list_id), _members(profile_ids))


def remove_members(list_id: str, profile_ids: Sequence[str]) -> Request:
    """The request that takes profiles off a list. It changes no consent."""
    return Request.of("DELETE", _members_path(list_id), _members(profile_ids))


class KlaviyoList(NamedTuple):
    """A list of an account."""

    id: str
    name: str


def read_lists() -> Flow[list[KlaviyoList]]:
    """The account's lists, all pages. Raises `Refused`."""
    return _read({})


def find_lists(name: str) -> Flow[list[KlaviyoList]]:
    """The account's lists of that very name, of which there may be several at Klaviyo. Raises `Refused`."""
    found = yield from _read({"filter": f"equals(name,{json_text(name)})"})
    return [each for each in found if each.name == name]


def get_list(list_id: str) -> Request:
    """The request that reads a list."""
    return Request("GET", list_path(list_id), query={"fields[list]": "name"})


def create_list(name: str) -> Request:
    """The request that creates a list. Sent twice, it creates two."""
    return Request.of("POST", "/api/lists/", {"data": {"type": "list", "attributes": {"name": name}}})


def list_in(response: Response) -> KlaviyoList | None:
    """The list that an answer holds; None where it holds none."""
    return _list_of(as_object(as_object(response.json).get("data")))


def list_path(list_id: str) -> str:
    """The path of one list."""
    return f"/api/lists/{quote(list_id, safe='')}"


def _read(query: dict[str, str]) -> Flow[list[KlaviyoList]]:
    found = yield from read_all(Request("GET", "/api/lists/", query={**query, "fields[list]": "name"}))
    return [each for item in found if (each := _list_of(item))]


def _list_of(item: dict[str, Any]) -> KlaviyoList | None:
    list_id, name = item.get("id"), as_object(item.get("attributes")).get("name")
    if not isinstance(list_id, str) or not list_id:
        return None
    return KlaviyoList(list_id, name if isinstance(name, str) and name else list_id)


def _members_path(list_id: str) -> str:
    return f"{list_path(list_id)}/relationships/profiles/"


def _members(profile_ids: Sequence[str]) -> dict[str, list[dict[str, str]]]:
    return {"data": [{"type": "profile", "id": profile_id} for profile_id in profile_ids]}
