"""The engine: an event, the mappings it fires, and what became of it.

::

    async with Engine(KLAVIYO, {"api_key": "pk_…"}) as engine:
        outcome = await engine.deliver(mapping, event)
        outcomes = await engine.deliver_batch(mapping, events)
        results = await engine.handle(config, event)
"""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, TypeVar

from pydantic_core import PydanticSerializationError, to_json

from actions.binding import BoundMapping, bind
from actions.config import Config, Mapping
from actions.destination import Destination, InvalidPayload, PayloadDict, Prepared, Verdict
from actions.flow import Exchange, Flow
from actions.values import Json

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

Status: TypeAlias = Literal["delivered", "invalid", "rejected", "retryable", "unmatched"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event by one mapping.

    `status` is `delivered`; `invalid` (refused here, before sending); `rejected` (refused by the destination for
    good); `retryable` (it may be taken later); or, from `handle` only, `unmatched` (no mapping fires). `message` says
    what went wrong and what to do, and is None when delivered. `payload` is the validated payload; of an invalid
    event, what the mapping made of it. `exchanges` are all that went over the wire for it, shared in a batch.
    """

    status: Status
    message: str | None = None
    warnings: list[str] = field(default_factory=list[str])
    payload: PayloadDict | None = None
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    mapping: str = ""


class Engine:
    """Delivers events to a destination. An async context manager: it holds the connections.

    `settings` are the destination's (`api_key`, …); wrong ones raise `ValueError`, all problems in its text.
    `transport` replaces the network, for the sandbox and tests. `retries` is how often a retryable response is asked
    for again before it becomes the outcome.
    """

    def __init__(
        self,
        destination: Destination,
        settings: AbstractMapping[str, Any],
        transport: httpx.AsyncBaseTransport | None = None,
        retries: int = 0,
        *,
        url: str | None = None,
        timeout: float = 30.0,
    ) -> None:
        from actions.driver import Driver  # httpx, a third of what the engine takes to import; payloads need none

        self.destination = destination
        self._bound: dict[int, BoundMapping] = {}
        self._driver = Driver(
            url or destination.url,
            destination.headers(settings),
            secret_headers=destination.secret_headers,
            transport=transport,
            retries=retries,
            timeout=timeout,
        )

    async def __aenter__(self) -> Self:
        await self._driver.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._driver.__aexit__(kind, error, trace)

    async def authenticate(self) -> Outcome:
        """Whether the destination accepts the settings; if so, `payload` has the account's `id` and `name`."""
        exchanges: list[Exchange] = []
        verdict, account = await self._driver.run(self.destination.authenticate(), exchanges)
        return Outcome(verdict.status, verdict.message, payload=account.payload, exchanges=exchanges)

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow of the destination that no mapping asks for, such as reading the account's lists."""
        return await self._driver.run(flow, [])

    def bind(self, mapping: Mapping) -> BoundMapping:
        """The mapping compiled for this destination, once. Raises `MappingError` or `TriggerError`."""
        bound = self._bound.get(id(mapping))
        if bound is None:
            bound = self._bound[id(mapping)] = bind(self.destination, mapping)
        return bound

    async def deliver(self, mapping: Mapping, event: Json) -> Outcome:
        """Deliver one event by one mapping; whether its trigger fires is the caller's to decide."""
        bound = self.bind(mapping)
        prepared = _prepare(bound, event)
        if isinstance(prepared, Outcome):
            return prepared
        exchanges: list[Exchange] = []
        try:
            verdict = await self._driver.run(bound.action.perform(prepared.payload), exchanges)
        except PydanticSerializationError:
            verdict = _NO_TEXT
        return _outcome(bound, prepared, verdict, exchanges)

    async def deliver_batch(self, mapping: Mapping, events: Sequence[Json]) -> list[Outcome]:
        """Deliver events by one mapping through the bulk endpoints; one outcome an event, in order."""
        bound = self.bind(mapping)
        outcomes: dict[int, Outcome] = {}
        groups: dict[tuple[Json, ...], list[tuple[int, Prepared]]] = {}
        for index, event in enumerate(events):
            prepared = _prepare(bound, event)
            if isinstance(prepared, Outcome):
                outcomes[index] = prepared
            else:
                groups.setdefault(bound.batch_key(prepared.payload), []).append((index, prepared))
        for group in groups.values():
            exchanges: list[Exchange] = []
            try:
                verdicts = await self._run_batch(bound, [prepared.payload for _, prepared in group], exchanges)
            except PydanticSerializationError:  # rare, so looked for only once it has happened
                writable = [(index, prepared) for index, prepared in group if _is_writable(prepared.payload)]
                payloads = [prepared.payload for _, prepared in writable]
                found = await self._run_batch(bound, payloads, exchanges) if payloads else []
                known = {index: verdict for (index, _), verdict in zip(writable, found, strict=True)}
                verdicts = [known.get(index, _NO_TEXT) for index, _ in group]
            for (index, prepared), verdict in zip(group, verdicts, strict=True):
                outcomes[index] = _outcome(bound, prepared, verdict, exchanges)
        return [outcomes[index] for index in range(len(events))]

    async def _run_batch(
        self, bound: BoundMapping, payloads: list[PayloadDict], exchanges: list[Exchange]
    ) -> list[Verdict]:
        return await self._driver.run(bound.action.perform_batch(payloads), exchanges)

    async def handle(self, config: Config, event: Json) -> list[Outcome]:
        """Deliver one event by every enabled mapping whose trigger fires; one `unmatched` outcome if none does."""
        firing = [mapping for mapping in config.mappings if mapping.enabled and self.bind(mapping).fires(event)]
        if not firing:
            return [Outcome("unmatched", "No enabled mapping fires on this event.")]
        return [await self.deliver(mapping, event) for mapping in firing]


_NO_TEXT = Verdict("invalid", "It holds text that JSON cannot carry, such as half of an emoji. Map other values.")


def _is_writable(payload: PayloadDict) -> bool:
    """Whether the payload can be written as JSON."""
    try:
        to_json(payload)
    except PydanticSerializationError:
        return False
    return True


def _prepare(bound: BoundMapping, event: Json) -> Prepared | Outcome:
    try:
        return bound.prepare(event)
    except InvalidPayload as error:
        return Outcome("invalid", str(error), payload=bound.mapped(event), mapping=bound.mapping.name)


def _outcome(bound: BoundMapping, prepared: Prepared, verdict: Verdict, exchanges: list[Exchange]) -> Outcome:
    return Outcome(
        verdict.status,
        verdict.message,
        [*prepared.warnings, *verdict.warnings],
        prepared.payload,
        exchanges,
        bound.mapping.name,
    )
