"""Pacing: requests go out as fast as the destination takes them, and no faster.

Each endpoint has windows, at most so many requests in so many seconds. A request waits until it fits into all of them.
What answers say goes before what is declared: a smaller limit, what is left of a window that others use too, and how
long to stay away.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TypeAlias

from actions.flow import Request, Response
from actions.waiting import Waiting

LimitOf: TypeAlias = Callable[[Request], tuple[str, Mapping[int, int]]]
"""The endpoint that a request counts for, and how many requests it takes in a window of so many seconds."""

_MARGIN = 1.02
"""Windows are kept a little longer than they are: requests that leave apart may arrive together."""
_PAUSE = 1.0
"""Seconds to stay away behind a 429 that does not say how long."""
_STEADY_AT_MOST = 60
"""Seconds of the longest window that the `RateLimit-*` headers speak of."""


class Pacing:
    """What keeps the requests of one account apart. Shared by all that sends with the account's key."""

    def __init__(
        self, limit_of: LimitOf, waiting: Waiting | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit_of = limit_of
        self._waiting = waiting or Waiting()
        self._clock = clock
        self._endpoints: dict[str, _Endpoint] = {}

    async def admit(self, request: Request, patience: float = float("inf")) -> Response | None:
        """Wait until the request may go out, in the order of asking, and count it. Raises `CalledOff`.

        Where an earlier answer asked to stay away for longer than `patience` seconds from now, that answer stands for
        this request, too: it is returned, and the request is not to go out.
        """
        name, endpoint = self._endpoint(request)
        async with endpoint.turn:
            if endpoint.closed_until - self._clock() > patience:
                return endpoint.closed_by
            while (wait := endpoint.wait(self._clock())) > 0:
                await self._waiting.sleep(wait, f"the limit of {name}")
            endpoint.count(self._clock())
        return None

    def learn(self, request: Request, response: Response) -> None:
        """Take in what an answer says of the limits. Wanted once for each request that was admitted."""
        _, endpoint = self._endpoint(request)
        endpoint.learn(response, self._clock())

    def _endpoint(self, request: Request) -> tuple[str, _Endpoint]:
        name, windows = self._limit_of(request)
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            endpoint = self._endpoints[name] = _Endpoint(windows)
        return name, endpoint


class _Endpoint:
    """The requests of one endpoint: when they went out, and until when there must be none."""

    def __init__(self, windows: Mapping[int, int]) -> None:
        self.turn = asyncio.Lock()
        self._windows = dict(windows)
        self._steady = max((seconds for seconds in windows if seconds <= _STEADY_AT_MOST), default=_STEADY_AT_MOST)
        self._sent: deque[float] = deque()
        self._in_flight = 0
        self.closed_until = 0.0
        self.closed_by: Response | None = None
        self._left: int | None = None
        self._resets_at = 0.0

    def wait(self, moment: float) -> float:
        """Seconds until another request fits."""
        opens = self.closed_until
        for seconds, limit in self._windows.items():
            if len(self._sent) >= limit:
                opens = max(opens, self._sent[-limit] + seconds * _MARGIN)
        if self._left is not None and self._left <= 0:
            opens = max(opens, self._resets_at)
        return opens - moment

    def count(self, moment: float) -> None:
        """A request goes out."""
        self._in_flight += 1
        self._sent.append(moment)
        longest = max(self._windows, default=0) * _MARGIN
        while self._sent[0] < moment - longest:
            self._sent.popleft()
        if self._left is not None:
            self._left = self._left - 1 if moment < self._resets_at else None

    def learn(self, response: Response, moment: float) -> None:
        """An answer came."""
        self._in_flight -= 1
        if response.status == 429:
            asked = response.retry_after
            closed_until = moment + (_PAUSE if asked is None else asked)
            if closed_until > self.closed_until:
                self.closed_until, self.closed_by = closed_until, response
            return
        limit, left = _number(response, "ratelimit-limit"), _number(response, "ratelimit-remaining")
        reset = _number(response, "ratelimit-reset")
        if limit:
            self._windows[self._steady] = min(limit, self._windows.get(self._steady, limit))
        if left is not None and reset is not None:
            resets_at = moment + reset + 1  # it is told in whole seconds
            same_window = self._left is not None and moment < self._resets_at
            free = left - self._in_flight
            self._left = min(free, self._left) if same_window and self._left is not None else free
            self._resets_at = min(resets_at, self._resets_at) if same_window else resets_at


def _number(response: Response, header: str) -> int | None:
    text = response.headers.get(header, "")
    return int(text) if text.isascii() and text.isdigit() else None
