"""A sandbox served over HTTP, in a thread of the test's own process."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from actions.klaviyo.sandbox import Faults, Sandbox


@contextmanager
def served_sandbox(faults: Faults) -> Iterator[tuple[Sandbox, str]]:
    """The sandbox and its address."""
    sandbox = Sandbox(faults=faults)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(sandbox.app, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    yield sandbox, f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    sandbox.close()
