"""Klaviyo's rate limits, kept: requests are counted in the sandbox's file, for all processes that use it."""

from __future__ import annotations

import time

from actions.klaviyo.limits import MINUTE, Windows
from actions.klaviyo.sandbox.errors import ApiError, error_object
from actions.klaviyo.sandbox.store import Store


def count(store: Store, endpoint: str, limits: Windows) -> dict[str, str]:
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
        "ratelimit-limit": str(limits[MINUTE]),
        "ratelimit-remaining": str(limits[MINUTE] - used[MINUTE]),
        "ratelimit-reset": str(int(MINUTE - moment % MINUTE)),
    }


def throttled(seconds: int) -> ApiError:
    """A 429 that asks to wait."""
    detail = f"Request was throttled. Expected available in {seconds} second{'' if seconds == 1 else 's'}."
    error = error_object(429, "throttled", "Request was throttled.", detail, pointer="/data/")
    return ApiError(429, [error], {"retry-after": str(seconds)})
