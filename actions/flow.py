"""Flows: what an action wants sent, without sending it.

A flow is a generator that yields a `Request` and is sent the `Response`, the way `httpx.Auth.auth_flow` works. It
does no I/O itself, so the same code serves a delivery, a preview, a batch and a test without a network::

    def add_to_list(profile: str, list_id: str) -> Flow[None]:
        response = yield Request("POST", f"/api/lists/{list_id}/relationships/profiles", ...)
        if not response.ok:
            raise Refused(response)
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from functools import cached_property
from typing import TypeAlias, TypeVar

from pydantic_core import from_json, to_json

from actions.values import Json

T = TypeVar("T")

REDACTED = "•••"
"""What stands in an `Exchange` in the place of the key."""


def is_retryable(status: int) -> bool:
    """Whether the same request may succeed later: Segment's rule. 0 stands for a failed connection."""
    return status in (0, 408, 423, 429) or (500 <= status < 600 and status != 501)


def json_bytes(value: Json) -> bytes:
    """A value as JSON goes over the wire. A number that JSON has none for (`1e999` in an event) is null, as JavaScript
    writes it."""
    return to_json(value, inf_nan_mode="null")


@dataclass(frozen=True)
class Request:
    """A request as a flow states it: `path` is below the destination's host, `content` is the JSON body's bytes."""

    method: str
    path: str
    content: bytes | None = None
    query: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(cls, method: str, path: str, body: Json) -> Request:
        """A request whose body is `body` as JSON."""
        return cls(method, path, json_bytes(body))

    @property
    def json(self) -> Json:
        """The body as a JSON value; None where there is none."""
        return None if self.content is None else from_json(self.content)


@dataclass(frozen=True)
class Response:
    """What came back, or what kept anything from coming back.

    `status` is 0 where the connection failed; `failure` then says how, in words for people.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content: bytes = b""
    failure: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300

    @cached_property
    def json(self) -> Json:
        """The body as a JSON value; None where it is empty or no JSON."""
        try:
            return from_json(self.content)
        except ValueError:
            return None

    @property
    def retry_after(self) -> float | None:
        """Seconds that it asks to stay away, said as a number or a date (RFC 9110); None where it asks nothing."""
        text = self.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            return float(text)
        from email.utils import parsedate_to_datetime  # dates are seldom: what stands between may send one

        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, moment.timestamp() - time.time())

    @property
    def text(self) -> str:
        """The body as text, whatever its encoding."""
        return self.content.decode(errors="replace")


@dataclass(frozen=True)
class Exchange:
    """One request and its response as they went over the wire, the key redacted.

    `started` is seconds since the epoch, `elapsed` seconds. `url` and `request_headers` are the request's, complete.
    """

    request: Request
    response: Response
    started: float
    elapsed: float
    url: str
    request_headers: Mapping[str, str] = field(default_factory=dict[str, str])


Flow: TypeAlias = Generator[Request, Response, T]
