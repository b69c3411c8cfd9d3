"""Lists at Klaviyo: joining and leaving them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from actions.flow import Flow, Request
from actions.klaviyo.pages import as_object, next_page, resources
from actions.klaviyo.refusals import accepted

_PAGES_AT_MOST = 200

MEMBERS_MAXIMUM = 1000
"""How many members one request adds or removes."""


def add_members(list_id: str, profile_ids: Sequence[str]) -> Request:
    """The request that makes profiles members of a list. It changes no consent."""
    return Request.of("POST", _members_path(list_id), _members(profile_ids))


def remove_members(list_id: str, profile_ids: Sequence[str]) -> Request:
    """The request that takes profiles off a list. It changes no consent."""
    return Request.of("DELETE", _members_path(list_id), _members(profile_ids))


def read_lists() -> Flow[list[tuple[str, str]]]:
    """The account's lists, all pages: id and name. Raises `Refused`."""
    request: Request | None = Request("GET", "/api/lists/", query={"fields[list]": "name"})
    found: list[tuple[str, str]] = []
    for _ in range(_PAGES_AT_MOST):
        response = accepted((yield request))
        for item in resources(response):
            list_id, name = item.get("id"), as_object(item.get("attributes")).get("name")
            if isinstance(list_id, str):
                found.append((list_id, name if isinstance(name, str) and name else list_id))
        request = next_page(response)
        if request is None:
            break
    return found


def _members_path(list_id: str) -> str:
    return f"/api/lists/{quote(list_id, safe='')}/relationships/profiles/"


def _members(profile_ids: Sequence[str]) -> dict[str, list[dict[str, str]]]:
    return {"data": [{"type": "profile", "id": profile_id} for profile_id in profile_ids]}
