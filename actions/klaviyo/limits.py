"""How many requests Klaviyo takes from an account: for each endpoint fixed windows of a second and of a minute.

From the rate limits that Klaviyo documents for each operation, revision 2026-07-15.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from actions.flow import Request

SECOND, MINUTE, DAY = 1, 60, 24 * 3600

Windows: TypeAlias = Mapping[int, int]
"""Requests allowed in a window of so many seconds."""

EXTRA_SMALL: Windows = {SECOND: 1, MINUTE: 15}
SMALL: Windows = {SECOND: 3, MINUTE: 60}
MEDIUM: Windows = {SECOND: 10, MINUTE: 150}
LARGE: Windows = {SECOND: 75, MINUTE: 750}
EXTRA_LARGE: Windows = {SECOND: 350, MINUTE: 3500}
LIST_CREATION: Windows = {**MEDIUM, DAY: 150}

_ENDPOINTS: tuple[tuple[str, str, Windows], ...] = (
    ("GET", "/api/accounts", EXTRA_SMALL),
    ("POST", "/api/profiles", LARGE),
    ("GET", "/api/profiles", LARGE),
    ("PATCH", "/api/profiles/{id}", LARGE),
    ("POST", "/api/profile-bulk-import-jobs", MEDIUM),
    ("GET", "/api/profile-bulk-import-jobs/{id}", MEDIUM),
    ("GET", "/api/profile-bulk-import-jobs/{id}/import-errors", MEDIUM),
    ("POST", "/api/events", EXTRA_LARGE),
    ("POST", "/api/event-bulk-create-jobs", MEDIUM),
    ("POST", "/api/profile-subscription-bulk-create-jobs", LARGE),
    ("POST", "/api/profile-subscription-bulk-delete-jobs", LARGE),
    ("POST", "/api/lists", LIST_CREATION),
    ("GET", "/api/lists", LARGE),
    ("GET", "/api/lists/{id}", LARGE),
    ("POST", "/api/lists/{id}/relationships/profiles", MEDIUM),
    ("DELETE", "/api/lists/{id}/relationships/profiles", MEDIUM),
    ("POST", "/api/data-privacy-deletion-jobs", SMALL),
)
_LIMITS = {f"{method} {path}": windows for method, path, windows in _ENDPOINTS}
_COLLECTION_MEMBER = re.compile(r"^(/api/[^/]+)/[^/]+(.*)$")


def limit_of(request: Request) -> tuple[str, Windows]:
    """The endpoint that a request counts for, such as `POST /api/events`, and its windows.

    An endpoint that is not in the table is taken to have the most common limits.
    """
    path = request.path.partition("?")[0].rstrip("/")
    own = f"{request.method} {path}"
    if own not in _LIMITS:
        member = _COLLECTION_MEMBER.sub(r"\1/{id}\2", path)
        own = f"{request.method} {member}"
    return own, _LIMITS.get(own, LARGE)
