"""Flows played against scripted responses, without a network."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from actions.flow import Flow, Request, Response


def answer(status: int, body: Any = None, **headers: str) -> Response:
    """A response with a JSON body."""
    return Response(status, headers, b"" if body is None else json.dumps(body).encode())


def refusal(*pointers: str, status: int = 400, detail: str = "no") -> Response:
    """An error document, with an error for each pointer, or one without."""
    errors = [{"detail": detail, "source": {"pointer": pointer}} for pointer in pointers] or [{"detail": detail}]
    return answer(status, {"errors": errors})


def play(flow: Flow[Any], respond: Callable[[Request], Response] | list[Response]) -> tuple[list[Request], Any]:
    """Run a flow without a network: its requests, and its result. A list of responses ends with accepted ones."""
    script = iter(respond if isinstance(respond, list) else ())
    requests: list[Request] = []
    try:
        request = next(flow)
        while True:
            requests.append(request)
            request = flow.send(next(script, answer(202)) if isinstance(respond, list) else respond(request))
    except StopIteration as stop:
        return requests, stop.value
