"""Klaviyo's rate limits: for each endpoint a fixed window of a second and one of a minute, for the whole account."""

from __future__ import annotations

import time

from actions.klaviyo.sandbox.errors import ApiError, error_object
from actions.klaviyo.sandbox.store import Store

EXTRA_SMALL = (1, 15)
SMALL = (3, 60)
MEDIUM = (10, 150)
LARGE = (75, 750)
EXTRA_LARGE = (350, 3500)
"""Requests a second, and a minute."""


def count(store: Store, endpoint: str, limits: tuple[int, int]) -> dict[str, str]:
    """Count a request; the headers that tell what is left. Raises the 429 of a window that is full."""
    moment = time.time()
    used = {}
    for seconds, limit in ((1, limits[0]), (60, limits[1])):
        start = int(moment // seconds * seconds)
        row = store.db.execute(
            "insert into windows values (?, ?, ?, 1) on conflict do update set "
            "used = case when start = excluded.start then used + 1 else 1 end, start = excluded.start returning used",
            (endpoint, seconds, start),
        ).fetchone()
        used[seconds] = row[0]
        if row[0] > limit:
            raise throttled(max(1, int(start + seconds - moment + 0.999)))
    return {
        "ratelimit-limit": str(limits[1]),
        "ratelimit-remaining": str(limits[1] - used[60]),
        "ratelimit-reset": str(int(60 - moment % 60)),
    }


def throttled(seconds: int) -> ApiError:
    """A 429 that asks to wait."""
    detail = f"Request was throttled. Expected available in {seconds} second{'' if seconds == 1 else 's'}."
    error = error_object(429, "throttled", "Request was throttled.", detail, pointer="/data/")
    return ApiError(429, [error], {"retry-after": str(seconds)})
