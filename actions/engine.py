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

from actions.binding import BatchKey, BoundMapping, bind
from actions.config import Config, Mapping
from actions.destination import Destination, InvalidPayload, PayloadDict, Prepared, Verdict
from actions.flow import Exchange, Flow
from actions.retrying import Retrying
from actions.values import Json

if TYPE_CHECKING:
    import httpx

    from actions.pacing import Pacing
    from actions.waiting import Waiting

T = TypeVar("T")

Status: TypeAlias = Literal["delivered", "invalid", "rejected", "retryable", "unmatched"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event by one mapping.

    `status` is `delivered`; `invalid` (refused here, before sending); `rejected` (refused by the destination for
    good); `retryable` (it may be taken later); or, from `handle` only, `unmatched` (no mapping fires). `message` says
    what went wrong and what to do, and is None when delivered. `payload` is the validated payload; of an invalid
    event, what the mapping made of it. `exchanges` are all that went over the wire for it, shared in a batch. `job` is
    the id of the destination's job that goes on with it, where there is one.
    """

    status: Status
    message: str | None = None
    warnings: list[str] = field(default_factory=list[str])
    payload: PayloadDict | None = None
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    mapping: str = ""
    job: str | None = None


class Engine:
    """Delivers events to a destination. An async context manager: it holds the connections.

    `settings` are the destination's (`api_key`, …); wrong ones raise `ValueError`, all problems in its text.
    `transport` replaces the network, for the sandbox and tests. `retries` is how often a retryable response is asked
    for again before it becomes the outcome, or the policy of that. `pacing` holds requests back that the account would
    not take; where `waiting` is called off, what would have to wait raises `CalledOff`.
    """

    def __init__(
        self,
        destination: Destination,
        settings: AbstractMapping[str, Any],
        transport: httpx.AsyncBaseTransport | None = None,
        retries: int | Retrying = 0,
        *,
        pacing: Pacing | None = None,
        waiting: Waiting | None = None,
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
            retrying=Retrying(attempts=retries) if isinstance(retries, int) else retries,
            pacing=pacing,
            waiting=waiting,
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

    async def run(self, flow: Flow[T], exchanges: list[Exchange] | None = None) -> T:
        """Run a flow of the destination that no mapping asks for, such as reading the account's lists.

        What goes over the wire is appended to `exchanges` where they are wanted.
        """
        return await self._driver.run(flow, [] if exchanges is None else exchanges)

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
        return prepared if isinstance(prepared, Outcome) else await self.deliver_prepared(mapping, prepared)

    async def deliver_batch(self, mapping: Mapping, events: Sequence[Json]) -> list[Outcome]:
        """Deliver events by one mapping through the bulk endpoints; one outcome an event, in order."""
        bound = self.bind(mapping)
        outcomes: dict[int, Outcome] = {}
        groups: dict[BatchKey, list[tuple[int, Prepared]]] = {}
        for index, event in enumerate(events):
            prepared = _prepare(bound, event)
            if isinstance(prepared, Outcome):
                outcomes[index] = prepared
            else:
                groups.setdefault(bound.batch_key(prepared.payload), []).append((index, prepared))
        for group in groups.values():
            found = await self.deliver_prepared_batch(mapping, [prepared for _, prepared in group])
            outcomes.update({index: outcome for (index, _), outcome in zip(group, found, strict=True)})
        return [outcomes[index] for index in range(len(events))]

    async def deliver_prepared(self, mapping: Mapping, prepared: Prepared) -> Outcome:
        """Deliver one payload that the mapping has prepared."""
        bound = self.bind(mapping)
        exchanges: list[Exchange] = []
        try:
            verdict = await self._driver.run(bound.action.perform(prepared.payload), exchanges)
        except PydanticSerializationError:
            verdict = NOT_WRITABLE
        return _outcome(bound, prepared, verdict, exchanges)

    async def deliver_prepared_batch(self, mapping: Mapping, batch: Sequence[Prepared]) -> list[Outcome]:
        """Deliver payloads that the mapping has prepared and that may share requests; one outcome each, in order."""
        bound = self.bind(mapping)
        exchanges: list[Exchange] = []
        try:
            verdicts = await self._run_batch(bound, batch, exchanges)
        except PydanticSerializationError:  # rare, so looked for only once it has happened
            writable = [is_writable(prepared.payload) for prepared in batch]
            portion = [prepared for prepared, good in zip(batch, writable, strict=True) if good]
            found = iter(await self._run_batch(bound, portion, exchanges) if portion else ())
            verdicts = [next(found) if good else NOT_WRITABLE for good in writable]
        return [_outcome(bound, own, verdict, exchanges) for own, verdict in zip(batch, verdicts, strict=True)]

    async def _run_batch(
        self, bound: BoundMapping, batch: Sequence[Prepared], exchanges: list[Exchange]
    ) -> list[Verdict]:
        return await self._driver.run(bound.action.perform_batch([own.payload for own in batch]), exchanges)

    async def handle(self, config: Config, event: Json) -> list[Outcome]:
        """Deliver one event by every enabled mapping whose trigger fires; one `unmatched` outcome if none does."""
        firing = [mapping for mapping in config.mappings if mapping.enabled and self.bind(mapping).fires(event)]
        if not firing:
            return [Outcome("unmatched", "No enabled mapping fires on this event.")]
        return [await self.deliver(mapping, event) for mapping in firing]


NOT_WRITABLE = Verdict("invalid", "It holds text that JSON cannot carry, such as half of an emoji. Map other values.")


def is_writable(payload: PayloadDict) -> bool:
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
        verdict.job,
    )
