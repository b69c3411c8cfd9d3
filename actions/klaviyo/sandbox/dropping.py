"""Connections that break without an answer."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class ConnectionDropped(Exception):
    """Raised in place of an answer where there is no socket to close."""


class Dropped(Response):
    """No response at all: the server's socket is closed.

    ASGI has no message for this, so the transport is taken from uvicorn's `receive`, which is a method of the
    connection's state; uvicorn says nothing about an application that ends after its client has gone. Without such a
    transport `ConnectionDropped` is raised.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's three
        """Close the connection and wait until it is closed."""
        transport: Any = getattr(getattr(receive, "__self__", None), "transport", None)
        if transport is None:
            raise ConnectionDropped
        transport.close()
        while (await receive())["type"] != "http.disconnect":
            pass
