"""A transport that sends nothing: requests are answered as if all went well, and counted."""

from __future__ import annotations

from collections import Counter

import httpx

from actions.destination import Destination
from actions.flow import Request


class Rehearsal(httpx.AsyncBaseTransport):
    """Counts requests and bytes by endpoint."""

    def __init__(self, destination: Destination) -> None:
        self._destination = destination
        self.requests: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer that the request would get if all went well."""
        asked = Request(request.method, request.url.path, query=dict(request.url.params))
        endpoint, _ = self._destination.limit_of(asked)
        self.requests[endpoint] += 1
        self.bytes[endpoint] += len(request.content)
        answer = self._destination.rehearse(asked)
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.content)
