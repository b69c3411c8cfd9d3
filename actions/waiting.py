"""Waiting: what holds requests back, told to whoever watches, and called off when a run is to end."""

from __future__ import annotations

import asyncio
import time
from itertools import count


class CalledOff(Exception):
    """Raised in the place of a wait that is not waited out, because the run is to end."""


class Waiting:
    """All the waits of a run. `call_off` ends those that last and lets none begin; `over` is set from then on."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self._ends: dict[int, tuple[str, float]] = {}
        self._ids = count()

    async def sleep(self, seconds: float, reason: str) -> None:
        """Wait for a reason, such as `a limit of POST /api/events`. Raises `CalledOff`."""
        wait_id = next(self._ids)
        self._ends[wait_id] = (reason, time.monotonic() + seconds)
        try:
            await asyncio.wait_for(self.over.wait(), seconds)
        except TimeoutError:
            return
        finally:
            del self._ends[wait_id]
        raise CalledOff

    def call_off(self) -> None:
        """End all waits, those to come too."""
        self.over.set()

    @property
    def called_off(self) -> bool:
        """Whether the waits have been ended."""
        return self.over.is_set()

    @property
    def reasons(self) -> dict[str, float]:
        """What is waited for now, with the seconds until the first of these waits ends."""
        moment = time.monotonic()
        left: dict[str, float] = {}
        for reason, end in self._ends.values():
            left[reason] = min(left.get(reason, end - moment), end - moment)
        return left
