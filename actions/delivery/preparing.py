"""Preparing: lines become payloads, by every mapping that fires, in this process or in several.

What comes out does not depend on how many processes there are: chunks come back in the order in which they went in.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, get_context, parent_process
from typing import NamedTuple, TypeAlias

from pydantic_core import PydanticSerializationError, to_json

from actions.binding import BatchKey, BoundMapping, bind
from actions.config import Mapping
from actions.delivery.lines import BadLine, Chunk, Line
from actions.delivery.sources import parse_event
from actions.destination import Destination, InvalidPayload, Packed, PayloadDict
from actions.engine import NOT_WRITABLE
from actions.triggers.possible import can_fire
from actions.values import Json

_INLINE_CHUNKS = 4
"""So many are prepared here before other processes are started, which small inputs are not worth."""
_LONGEST_KIND = 120
_KINDS = 1000
"""So many kinds of events have their mappings remembered."""
_AHEAD = 3
"""Chunks for each process that wait for it or for being taken."""


class Take(NamedTuple):
    """What one mapping makes of an event: a payload, packed as it will go out, or the problem why there is none.

    `mapping` is its position. Payloads share requests where their `key` is the same; `person` names whom it is about.
    `size` is the bytes of its rows. Of a mapping that sends one by one, the only row is the payload itself. `audience`
    is the list of an Engage audience that the event speaks of.
    """

    mapping: int
    problem: str = ""
    key: BatchKey = ((), ())
    person: tuple[str, ...] = ()
    packed: Packed = Packed(())
    size: int = 0
    warnings: tuple[str, ...] = ()
    audience: str = ""


class PreparedEvent(NamedTuple):
    """An event with what each mapping makes of it that fires. `kind` tells what it is where none does."""

    message_id: str | None
    takes: tuple[Take, ...]
    kind: str = ""


PreparedChunk: TypeAlias = "tuple[Chunk, list[PreparedEvent | str]]"
"""Lines, and for each the prepared event, or the reason why it is none."""


class _Way(NamedTuple):
    """A mapping by its position, and how its payloads are packed."""

    position: int
    fires: Callable[[Json], bool]
    bound: BoundMapping
    pack: Callable[[PayloadDict], Packed]


class Preparer:
    """Mappings bound to their actions."""

    def __init__(self, destination: Destination, mappings: Sequence[Mapping]) -> None:
        bound = [bind(destination, mapping) for mapping in mappings]
        self._ways = [
            _Way(position, own.fires, own, own.action.pack if own.batch_count > 1 else _pack_alone)
            for position, own in enumerate(bound)
        ]
        self._possible: dict[tuple[str, str | None], list[_Way]] = {}

    def prepare(self, contents: Sequence[bytes], *, only_ids: bool = False) -> list[PreparedEvent | str]:
        """What the mappings make of events. With `only_ids`, mappings are left out."""
        results: list[PreparedEvent | str] = []
        for content in contents:
            event = parse_event(content)
            if isinstance(event, str):
                results.append(event)
                continue
            message_id = event.get("messageId")
            takes = () if only_ids else self._takes(event)
            kind = "" if takes else _kind_of(event)
            results.append(PreparedEvent(message_id if isinstance(message_id, str) else None, takes, kind))
        return results

    def _takes(self, event: dict[str, Json]) -> tuple[Take, ...]:
        takes: list[Take] = []
        for position, fires, bound, pack in self._asked(event):
            if not fires(event):
                continue
            try:
                payload, warnings = bound.prepare(event)
                packed = pack(payload)
            except InvalidPayload as error:
                takes.append(Take(position, str(error)))
            except PydanticSerializationError:
                takes.append(Take(position, NOT_WRITABLE.message or ""))
            else:
                action, size = bound.action, sum(map(len, packed.rows))
                audience = bound.audience(event, payload) if action.audience else ""
                key, person = bound.batch_key(payload), action.person(payload)
                takes.append(Take(position, "", key, person, packed, size, warnings, audience))
        return tuple(takes)

    def _asked(self, event: dict[str, Json]) -> Sequence[_Way]:
        """The ways that can fire on events with this type and name, which nearly all triggers ask for first."""
        kind, name = event.get("type"), event.get("event")
        if not isinstance(kind, str) or not (name is None or isinstance(name, str)):
            return self._ways
        possible = self._possible.get((kind, name))
        if possible is None:
            if len(self._possible) >= _KINDS or len(kind) + len(name or "") > _LONGEST_KIND:
                return self._ways
            known = {"type": kind} if name is None else {"type": kind, "event": name}
            possible = [way for way in self._ways if can_fire(way.bound.trigger.root, known)]
            self._possible[kind, name] = possible
        return possible


def _kind_of(event: dict[str, Json]) -> str:
    """What an event is, for people: its type and, where it has one, its name."""
    name = event.get("event") or event.get("name")
    words = [word for word in (event.get("type"), name) if isinstance(word, str) and word]
    return " · ".join(words)[:_LONGEST_KIND] or "without a type"


def _pack_alone(payload: PayloadDict) -> Packed:
    return Packed((to_json(payload),))


async def prepared_chunks(
    chunks: AsyncIterator[Chunk], destination: Destination, mappings: Sequence[Mapping], workers: int, settled: int
) -> AsyncGenerator[PreparedChunk]:
    """The chunks with what the mappings make of them, in order.

    With more than one worker that many processes do it, unless there is little to do. Of the first `settled` lines
    only the message ids are wanted.
    """
    preparer = Preparer(destination, mappings)
    number = inlined = 0
    async for chunk in chunks:
        contents = _contents(chunk)
        number += len(chunk)
        yield chunk, _with_bad_lines(chunk, preparer.prepare(contents, only_ids=number <= settled))
        inlined += 1
        if workers > 1 and inlined >= _INLINE_CHUNKS and number >= settled:
            break
    else:
        return
    context = get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, _start_worker, (destination, tuple(mappings)))
    try:
        async for each in _pooled(pool, preparer, chunks, workers * _AHEAD):
            yield each
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


async def _pooled(
    pool: ProcessPoolExecutor, preparer: Preparer, chunks: AsyncIterator[Chunk], ahead: int
) -> AsyncIterator[PreparedChunk]:
    """The chunks, prepared by the pool; by the preparer of this process once a worker was killed."""
    loop = asyncio.get_running_loop()
    pending: deque[tuple[Chunk, asyncio.Future[list[PreparedEvent | str]]]] = deque()

    def begin(chunk: Chunk) -> asyncio.Future[list[PreparedEvent | str]]:
        try:
            return loop.run_in_executor(pool, _work, _contents(chunk))
        except BrokenProcessPool as error:
            broken: asyncio.Future[list[PreparedEvent | str]] = loop.create_future()
            broken.set_exception(error)
            return broken

    async def first() -> PreparedChunk:
        chunk, future = pending.popleft()
        try:
            results = await future
        except BrokenProcessPool:
            results = preparer.prepare(_contents(chunk))
        return chunk, _with_bad_lines(chunk, results)

    async for chunk in chunks:
        pending.append((chunk, begin(chunk)))
        while pending and (len(pending) >= ahead or pending[0][1].done()):
            yield await first()
    while pending:
        yield await first()


def _contents(chunk: Chunk) -> list[bytes]:
    return [line.content for line in chunk if isinstance(line, Line)]


def _with_bad_lines(chunk: Chunk, results: list[PreparedEvent | str]) -> list[PreparedEvent | str]:
    """The results, with the reasons of the lines that were bad before anybody looked at them."""
    if len(results) == len(chunk):
        return results
    following = iter(results)
    return [line.reason if isinstance(line, BadLine) else next(following) for line in chunk]


_worker: list[Preparer] = []
"""The preparer of this process, where it is a worker."""


def _start_worker(destination: Destination, mappings: Sequence[Mapping]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the run says when to end
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    _worker.append(Preparer(destination, mappings))


def _end_with(sentinel: int) -> None:
    """End this process when the run's is gone, however that ended."""
    connection.wait([sentinel])
    os._exit(1)


def _work(contents: Sequence[bytes]) -> list[PreparedEvent | str]:
    return _worker[0].prepare(contents)
