"""Klaviyo's rate limits: for each endpoint fixed windows of a second and of a minute, for the whole account."""

from __future__ import annotations

import time
from collections.abc import Mapping

from actions.klaviyo.sandbox.errors import ApiError, error_object
from actions.klaviyo.sandbox.store import Store

_SECOND, _MINUTE, _DAY = 1, 60, 24 * 3600

EXTRA_SMALL = {_SECOND: 1, _MINUTE: 15}
SMALL = {_SECOND: 3, _MINUTE: 60}
MEDIUM = {_SECOND: 10, _MINUTE: 150}
LARGE = {_SECOND: 75, _MINUTE: 750}
EXTRA_LARGE = {_SECOND: 350, _MINUTE: 3500}
LIST_CREATION = {**MEDIUM, _DAY: 150}
"""Requests allowed in a window of so many seconds."""


def count(store: Store, endpoint: str, limits: Mapping[int, int]) -> dict[str, str]:
    """Count a request; the headers that tell what is left of a minute. Raises the 429 of a window that is full."""
    moment = time.time()
    used: dict[int, int] = {}
    for seconds, limit in limits.items():
        start = int(moment // seconds * seconds)
        with store.lock:
            row = store.db.execute(
                "insert into windows values (?, ?, ?, 1) on conflict do update set used = "
                "case when start = excluded.start then used + 1 else 1 end, start = excluded.start returning used",
                (endpoint, seconds, start),
            ).fetchone()
        used[seconds] = row[0]
        if row[0] > limit:
            raise throttled(max(1, int(start + seconds - moment + 0.999)))
    return {
        "ratelimit-limit": str(limits[_MINUTE]),
        "ratelimit-remaining": str(limits[_MINUTE] - used[_MINUTE]),
        "ratelimit-reset": str(int(_MINUTE - moment % _MINUTE)),
    }


def throttled(seconds: int) -> ApiError:
    """A 429 that asks to wait."""
    detail = f"Request was throttled. Expected available in {seconds} second{'' if seconds == 1 else 's'}."
    error = error_object(429, "throttled", "Request was throttled.", detail, pointer="/data/")
    return ApiError(429, [error], {"retry-after": str(seconds)})
