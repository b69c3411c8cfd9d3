"""Retrying: how long to wait before a request that may succeed later is sent again, and when to give up."""

from __future__ import annotations

import random
from dataclasses import dataclass

from actions.flow import Response, is_retryable

_LONGEST_WAIT = 300.0
"""Seconds. Waits double from one second up to this."""


@dataclass(frozen=True, slots=True)
class Retrying:
    """A policy: at most `attempts` further ones, and none that would begin `give_up` seconds after things went wrong.

    What is retryable is Segment's rule (`is_retryable`), and so is the length of four hours.
    """

    attempts: int | None = None
    give_up: float = 4 * 3600.0

    def wait(self, response: Response, attempt: int, elapsed: float) -> float | None:
        """Seconds until the next attempt, or None where the response stands.

        `attempt` counts from 0, `elapsed` are the seconds since such answers began. An answer that says how long to
        stay away is obeyed; otherwise the waits grow, with jitter, so that many who were turned away do not come back
        at once.
        """
        if not is_retryable(response.status) or (self.attempts is not None and attempt >= self.attempts):
            return None
        wait = response.retry_after
        if wait is None:
            wait = random.uniform(0.5, 1.0) * min(2.0 ** min(attempt, 20), _LONGEST_WAIT)  # noqa: S311 - jitter is no secret
        return wait if elapsed + wait <= self.give_up else None


NO_RETRIES = Retrying(attempts=0)
