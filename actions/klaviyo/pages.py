"""Klaviyo's collections, a page at a time."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from actions.flow import Flow, Request, Response
from actions.klaviyo.refusals import accepted
from actions.values import Json


def resources(response: Response) -> list[dict[str, Any]]:
    """The resources of a page; none where the answer is something else."""
    data = as_object(response.json).get("data")
    items = cast("list[Json]", data) if isinstance(data, list) else []
    return [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]


def next_page(response: Response) -> Request | None:
    """The request for the page behind this one; None behind the last.

    Only path and query of Klaviyo's link are used: the key goes to no other host.
    """
    following = as_object(as_object(response.json).get("links")).get("next")
    if not isinstance(following, str) or not following:
        return None
    link = urlsplit(following)
    return Request("GET", link.path, query=dict(parse_qsl(link.query)))


def read_all(first: Request) -> Flow[list[dict[str, Any]]]:
    """The resources of all pages. Raises `Refused`. A page that was read before ends it."""
    request: Request | None = first
    found: list[dict[str, Any]] = []
    seen: set[tuple[tuple[str, str], ...]] = set()
    while request is not None and (query := tuple(sorted(request.query.items()))) not in seen:
        seen.add(query)
        response = accepted((yield request))
        found += resources(response)
        request = next_page(response)
    return found


def as_object(value: Json) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
