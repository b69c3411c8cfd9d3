"""Faults on demand, for tests and demonstrations: shares of requests that fail as Klaviyo's can."""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Fault: TypeAlias = Literal["throttle", "error", "unavailable", "html_forbidden", "drop"]

_NAMES = {
    "429": "throttle",
    "500": "error",
    "503": "unavailable",
    "403": "html_forbidden",
    "drop": "drop",
    "import": "import_error",
    "delay": "delay",
    "seed": "seed",
}


@dataclass(frozen=True, slots=True)
class Faults:
    """Which share of the requests (0 to 1) gets which fault, and how long every answer takes.

    `throttle` is a 429 with Retry-After, `error` a 500, `unavailable` a 503, `html_forbidden` a 403 with a web page,
    `drop` a connection that closes without an answer; `import_error` is the share of imported rows that fail in their
    job. `delay` is in seconds. The same `seed` gives the same faults.
    """

    throttle: float = 0.0
    error: float = 0.0
    unavailable: float = 0.0
    html_forbidden: float = 0.0
    drop: float = 0.0
    import_error: float = 0.0
    delay: float = 0.0
    seed: int = 7

    @classmethod
    def parse(cls, text: str) -> Faults:
        """Faults from a text such as `429=0.1,500=0.05,drop=0.02,delay=0.2`. Raises `ValueError`."""
        faults = cls()
        for part in text.split(","):
            name, _, amount = part.strip().partition("=")
            field = _NAMES.get(name)
            try:
                value = float(amount)
            except ValueError:
                value = -1.0
            largest = sys.maxsize if field in ("delay", "seed") else 1
            if field is None or not 0 <= value <= largest:  # which NaN is not either
                known = ", ".join(_NAMES)
                raise ValueError(f"{part.strip()!r} is no fault: write NAME=SHARE with a share from 0 to 1; {known}.")
            faults = replace(faults, **{field: int(value) if field == "seed" else value})
        if sum(share for _, share in faults.shares()) > 1:
            raise ValueError("The shares of 429, 500, 503, 403 and drop add up to more than 1.")
        return faults

    def pick(self, numbers: random.Random) -> Fault | None:
        """The fault of the next request, if it has one."""
        drawn = numbers.random()
        for fault, share in self.shares():
            if drawn < share:
                return fault
            drawn -= share
        return None

    def shares(self) -> tuple[tuple[Fault, float], ...]:
        """The faults that end a request, with their shares."""
        return (
            ("throttle", self.throttle),
            ("error", self.error),
            ("unavailable", self.unavailable),
            ("html_forbidden", self.html_forbidden),
            ("drop", self.drop),
        )
