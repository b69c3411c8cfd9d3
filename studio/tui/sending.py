"""Sending and previewing from the app: where events go, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from actions.engine import Engine, Outcome
from actions.klaviyo import KLAVIYO as DESTINATION
from actions.klaviyo.lists import read_lists
from actions.klaviyo.refusals import Refused, verdict
from studio.target import KLAVIYO, SANDBOX, SANDBOX_KEY, TargetError, open_engine, open_sandbox

if TYPE_CHECKING:
    from actions import Mapping
    from actions.klaviyo.sandbox import Sandbox
    from actions.values import Json


class Wire:
    """The way out: the sandbox, or the real Klaviyo once it was chosen. Keeps the sandbox open."""

    def __init__(self) -> None:
        self.target = SANDBOX
        self._sandbox: Sandbox | None = None
        self._lists: dict[str, list[tuple[str, str]]] = {}

    @property
    def is_real(self) -> bool:
        """Whether events go to the real Klaviyo."""
        return self.target == KLAVIYO

    @property
    def sandbox(self) -> Sandbox:
        """The user's sandbox, opened when first needed. Raises `TargetError`."""
        if self._sandbox is None:
            self._sandbox = open_sandbox(any_list=True)  # previews name the lists of the real account
        return self._sandbox

    def close(self) -> None:
        """Close the sandbox's file."""
        if self._sandbox is not None:
            self._sandbox.close()

    async def preview(self, settings: AbstractMapping[str, Any], mapping: Mapping, event: Json) -> Outcome:
        """What a mapping would do with an event, before a copy of the sandbox that nobody keeps."""
        copy = self.sandbox.copy()
        try:
            async with Engine(DESTINATION, {**settings, "api_key": SANDBOX_KEY}, copy.transport()) as engine:
                return await engine.deliver(mapping, event)
        finally:
            copy.close()

    async def send(
        self, settings: AbstractMapping[str, Any], mappings: Sequence[Mapping], events: Sequence[Json]
    ) -> list[Outcome]:
        """Send events by mappings: one event alone, several as a batch where it fires. Raises `TargetError`."""
        outcomes: list[Outcome] = []
        async with open_engine(self.target, settings) as engine:
            for mapping in mappings:
                if len(events) == 1:
                    outcomes.append(await engine.deliver(mapping, events[0]))
                else:
                    firing = [event for event in events if engine.bind(mapping).fires(event)]
                    outcomes += await engine.deliver_batch(mapping, firing) if firing else []
        return outcomes

    async def lists(self, settings: AbstractMapping[str, Any]) -> list[tuple[str, str]]:
        """The lists of the target's account, id and name, asked for once a sitting. Raises `TargetError`."""
        known = self._lists.get(self.target)
        if known is None:
            async with open_engine(self.target, settings) as engine:
                try:
                    known = await engine.run(read_lists())
                except Refused as refusal:
                    raise TargetError(verdict(refusal.response).message or "Klaviyo refused it.") from None
            self._lists[self.target] = known
        return known
