"""Engage audiences: each is verified once a run, before the first of its members is sent."""

from __future__ import annotations

import asyncio

from actions.destination import Verdict
from actions.engine import Engine


class Audiences:
    """What was found out about the audiences of a run."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._verdicts: dict[str, Verdict] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def refusal(self, list_id: str) -> Verdict | None:
        """Why nothing can be sent to the list of an audience; None where it can. Raises `CalledOff`."""
        if list_id not in self._verdicts:
            async with self._locks.setdefault(list_id, asyncio.Lock()):
                if list_id not in self._verdicts:
                    verify = self._engine.destination.verify_audience
                    self._verdicts[list_id] = await self._engine.run(verify(list_id))
        verdict = self._verdicts[list_id]
        return None if verdict.status == "delivered" else verdict
