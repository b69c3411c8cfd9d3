"""Sending and previewing from the app: where events go, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from actions.errors import MappingError, TriggerError
from actions.klaviyo import KLAVIYO as DESTINATION
from actions.klaviyo.lists import KlaviyoList, read_lists
from actions.klaviyo.refusals import Refused, verdict
from studio.target import KLAVIYO, SANDBOX, SANDBOX_KEY, TargetError, open_engine, open_sandbox

if TYPE_CHECKING:
    from actions import Mapping
    from actions.engine import Outcome
    from actions.flow import Flow
    from actions.klaviyo.sandbox import Sandbox
    from actions.values import Json

T = TypeVar("T")


class Wire:
    """The way out: the sandbox, or another target once it was chosen. Keeps the sandbox open.

    `arrived` has the outcomes of the last sending, those so far where it was given up.
    """

    def __init__(self) -> None:
        self.target = SANDBOX
        self.arrived: list[Outcome] = []
        self._sandbox: Sandbox | None = None
        self._lists: dict[str, list[KlaviyoList]] = {}

    @property
    def is_real(self) -> bool:
        """Whether events go to the real Klaviyo."""
        return self.target == KLAVIYO

    @property
    def name(self) -> str:
        """The target's name for the status line."""
        known = {SANDBOX: "SANDBOX", KLAVIYO: "KLAVIYO"}
        return known.get(self.target) or f"SANDBOX {urlsplit(self.target).netloc}"

    @property
    def place(self) -> str:
        """Where events go, in words."""
        known = {SANDBOX: "the sandbox", KLAVIYO: "Klaviyo"}
        return known.get(self.target) or f"the sandbox at {self.target}"

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
        from actions.engine import Engine  # what the first screen does not need, here as below

        copy = self.sandbox.copy()
        try:
            async with Engine(DESTINATION, {**settings, "api_key": SANDBOX_KEY}, copy.transport()) as engine:
                return await engine.deliver(mapping, event)
        finally:
            copy.close()

    async def send(self, settings: AbstractMapping[str, Any], mappings: Sequence[Mapping], event: Json) -> None:
        """Send one event by each of the mappings. Raises `TargetError`."""
        from actions.engine import Outcome

        self.arrived = []
        async with open_engine(self.target, settings, mappings=mappings) as engine:
            for mapping in mappings:
                try:
                    self.arrived.append(await engine.deliver(mapping, event))
                except (MappingError, TriggerError) as error:
                    self.arrived.append(Outcome("invalid", f"The mapping has problems: {error}", mapping=mapping.name))

    async def send_batch(self, settings: AbstractMapping[str, Any], mapping: Mapping, events: Sequence[Json]) -> None:
        """Send the events on which a mapping fires as a batch. Raises `TargetError`, `MappingError`, `TriggerError`."""
        self.arrived = []
        async with open_engine(self.target, settings, mappings=[mapping]) as engine:
            firing = [event for event in events if engine.bind(mapping).fires(event)]
            self.arrived += await engine.deliver_batch(mapping, firing) if firing else []

    async def lists(self, settings: AbstractMapping[str, Any]) -> list[KlaviyoList]:
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

    def forget_lists(self) -> None:
        """There may be another list in the target's account: read them anew when they are needed."""
        self._lists.pop(self.target, None)

    async def ask(self, settings: AbstractMapping[str, Any], flow: Flow[T]) -> T:
        """Ask the target's account for something that is no sending, such as making a list. Raises `TargetError`.

        Nothing is asked twice, since what makes a list would make two.
        """
        async with open_engine(self.target, settings) as engine:
            return await engine.run(flow)
