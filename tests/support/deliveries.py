"""Runs for tests: events as chunks of lines, a transport that records, and the run itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from actions import Engine, Mapping
from actions.delivery.journal import Journal
from actions.delivery.lines import BadLine, Chunk, Line
from actions.delivery.report import Report
from actions.delivery.run import Options, Run
from actions.klaviyo import KLAVIYO
from actions.klaviyo.sandbox import Sandbox
from actions.retrying import Retrying
from actions.waiting import Waiting

EMAIL = {"@path": "$.email"}
SEEN = {"metric_name": "Seen", "properties": {"n": {"@path": "$.n"}}, "profile": {"email": EMAIL}}
PEOPLE = Mapping(
    name="People",
    action="upsertProfile",
    trigger='type = "identify"',
    fields={"email": EMAIL, "title": {"@path": "$.title"}, "enable_batching": True, "batch_size": 3},
)
EVENTS = Mapping(
    name="Events",
    action="trackEvent",
    trigger='type = "track" or type = "identify"',
    fields={**SEEN, "unique_id": {"@path": "$.n"}},
)
ALONE = Mapping(
    name="Alone", action="trackEvent", trigger='type = "track"', fields={**EVENTS.fields, "enable_batching": False}
)


def event(number: int, kind: str = "identify", email: str = "", **more: Any) -> dict[str, Any]:
    return {"type": kind, "email": email or f"p{number}@example.com", "n": str(number), **more}


def chunks(items: Sequence[dict[str, Any] | bytes], size: int = 7) -> Iterator[Chunk]:
    """The events as chunks; bytes stand for lines as they are."""
    contents = [item if isinstance(item, bytes) else json.dumps(item).encode() for item in items]
    lines: list[Line | BadLine] = [Line(content, "f", number) for number, content in enumerate(contents, 1)]
    return iter([lines[start : start + size] for start in range(0, len(lines), size)])


class Recording(httpx.AsyncBaseTransport):
    """Passes requests on to a sandbox. `answer` may answer in its place, or raise, by the request's number from 1."""

    def __init__(
        self, sandbox: Sandbox, answer: Callable[[int, httpx.Request], httpx.Response | None] | None = None
    ) -> None:
        self._inner = sandbox.transport()
        self._answer = answer
        self.requests: list[httpx.Request] = []

    @property
    def paths(self) -> list[str]:
        return [request.url.path.rstrip("/") for request in self.requests]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answer(len(self.requests), request) if self._answer else None
        return answer or await self._inner.handle_async_request(request)


async def deliver(
    transport: httpx.AsyncBaseTransport,
    journal: Path | Journal,
    items: Sequence[dict[str, Any] | bytes] | Iterator[Chunk],
    mappings: Sequence[Mapping] = (PEOPLE, EVENTS),
    options: Options | None = None,
    retrying: Retrying | None = None,
    waiting: Waiting | None = None,
) -> Report:
    """Do a run; the report."""
    source = items if isinstance(items, Iterator) else chunks(items)
    with ExitStack() as stack:
        opened = journal if isinstance(journal, Journal) else stack.enter_context(Journal(journal))
        waiting = waiting or Waiting()
        engine = Engine(KLAVIYO, {"api_key": "pk_sandbox"}, transport, retrying or 0, waiting=waiting)
        async with engine:
            run = Run(engine, mappings, opened, waiting, options)
            await run.deliver(source)
        with opened.transaction():
            opened.note(state="finished" if run.complete else "stopped")
        return Report.of(opened)


async def soon(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to be")
