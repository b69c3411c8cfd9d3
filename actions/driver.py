"""The driver: runs flows over httpx and keeps what went over the wire, without the key."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self, TypeVar

import httpx

from actions.flow import REDACTED, Exchange, Flow, Request, Response, is_retryable
from actions.pacing import Pacing
from actions.retrying import NO_RETRIES, Retrying
from actions.waiting import Waiting

T = TypeVar("T")

_SHORTEST_KEY = 8
"""Letters. Shorter ones are replaced in no answer: they would spoil it, and no real key is so short."""
_FORGOTTEN = 900.0
"""Seconds, more than the longest wait between two attempts: so long it is known that an endpoint was failing."""


class Driver:
    """An open connection to a destination: `run` performs one flow after the other, any number at a time.

    `headers` go with every request; those named in `secret_headers` are shown as dots in exchanges, and so is the key
    where an answer repeats it, before anybody reads the answer. `retrying` says when a request is sent again, `pacing`
    when one may go out at all; both wait by `waiting`, so that `run` raises `CalledOff` where that is ended.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        secret_headers: frozenset[str] = frozenset(),
        transport: httpx.AsyncBaseTransport | None = None,
        retrying: Retrying = NO_RETRIES,
        pacing: Pacing | None = None,
        waiting: Waiting | None = None,
        timeout: float = 30.0,
    ) -> None:
        self._client = httpx.AsyncClient(
            base_url=url, headers=headers, transport=transport, timeout=timeout, trust_env=transport is None
        )
        self._secret_headers = secret_headers
        self._secrets = _secret_texts([value for name, value in headers.items() if name.lower() in secret_headers])
        self._retrying = retrying
        self._pacing = pacing
        self._waiting = waiting or Waiting()
        self._timeout = timeout
        self._failing: dict[str, tuple[float, float]] = {}
        """Since when and until when an endpoint has given no other answers than such as may pass."""

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def run(self, flow: Flow[T], exchanges: list[Exchange]) -> T:
        """Run a flow to its end and return its result; each exchange is appended to `exchanges` as it ends."""
        try:
            request = next(flow)
            while True:
                request = flow.send(await self._answer(request, exchanges))
        except StopIteration as stop:
            return stop.value
        finally:
            flow.close()

    async def _answer(self, request: Request, exchanges: list[Exchange]) -> Response:
        """The answer that stands. Giving up counts from where the endpoint began to fail, if not this request only:

        while a destination is away for hours, those requests that come late need not wait as long as the first ones.
        An endpoint that nobody has tried for a while may have come back in between: that counts from the new failure.
        """
        place = f"{request.method} {request.path}"
        attempt, failing_since = 0, float("inf")
        while True:
            if self._pacing:
                standing = await self._pacing.admit(request, self._retrying.give_up)
                if standing is not None:
                    return standing
            response = await self._send(request, exchanges)
            moment = time.monotonic()
            if self._pacing:
                self._pacing.learn(request, response)
            if not is_retryable(response.status):
                self._failing.pop(place, None)
                return response
            since, until = self._failing.get(place, (moment, moment))
            if moment - until > _FORGOTTEN:
                since = moment
            self._failing[place] = since, moment
            failing_since = min(failing_since, since)
            wait = self._retrying.wait(response, attempt, moment - failing_since)
            if wait is None:
                return response
            why = response.failure or f"a {response.status}"
            await self._waiting.sleep(wait, f"another attempt after {why}")
            attempt += 1

    async def _send(self, request: Request, exchanges: list[Exchange]) -> Response:
        sent = self._client.build_request(
            request.method, request.path, params=request.query or None, content=request.content
        )
        if request.content is None:
            sent.headers.pop("content-type", None)
        started, clock = time.time(), time.perf_counter()
        try:
            answer = await self._client.send(sent)
            # it has been read, and httpx's own stream is in a circle with the answer, which keeps the megabytes of the
            # request until the garbage collector comes by
            answer.stream = httpx.ByteStream(b"")
            answered = {self._redacted(name): self._redacted(value) for name, value in answer.headers.items()}
            response = Response(answer.status_code, answered, self._redacted_content(answer.content))
        except httpx.HTTPError as error:
            response = Response(0, failure=self._redacted(self._failure(error)))
        elapsed = time.perf_counter() - clock
        headers = {name: REDACTED if name in self._secret_headers else value for name, value in sent.headers.items()}
        exchanges.append(Exchange(request, response, started, elapsed, str(sent.url), headers))
        return response

    def _redacted(self, text: str) -> str:
        """A text that came back, without the key that it may repeat."""
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        return text

    def _redacted_content(self, content: bytes) -> bytes:
        for secret in self._secrets:
            content = content.replace(secret.encode(), REDACTED.encode())
        return content

    def _failure(self, error: httpx.HTTPError) -> str:
        if isinstance(error, httpx.TimeoutException):
            return f"no answer within {self._timeout:g} seconds"
        if isinstance(error, httpx.ConnectError):
            return f"no connection ({error})"
        if isinstance(error, httpx.DecodingError):
            return "the answer is damaged and cannot be unpacked"
        return f"the connection broke ({str(error) or type(error).__name__})"


def _secret_texts(values: list[str]) -> list[str]:
    """What must not be told: the values of secret headers, and the key at the end of each, unless it is a mere word.

    In small letters too, as which the names of headers are read.
    """
    keys = [key for key in (value.rsplit(" ", 1)[-1] for value in values) if len(key) >= _SHORTEST_KEY]
    return list(dict.fromkeys([*values, *keys, *map(str.lower, keys)]))
