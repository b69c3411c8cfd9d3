"""What mappings would do: the same engine, before a copy of the sandbox that nobody keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from studio.target import SANDBOX_KEY, copy_sandbox

if TYPE_CHECKING:
    from actions import Engine


@asynccontextmanager
async def preview_engine(settings: Mapping[str, Any]) -> AsyncIterator[Engine]:
    """An engine whose requests change nothing: it talks to a copy in memory of the sandbox as it is now.

    Lists that the sandbox does not know are taken as there, since a configuration names those of the real account.
    """
    from actions import Engine  # the engine, which `--help` does not need
    from actions.klaviyo import KLAVIYO

    copy = copy_sandbox()
    try:
        async with Engine(KLAVIYO, {**settings, "api_key": SANDBOX_KEY}, copy.transport()) as engine:
            yield engine
    finally:
        copy.close()
