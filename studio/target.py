"""Where events go: the sandbox on this machine, or the real Klaviyo. The real one only when it is named."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from studio import credentials

if TYPE_CHECKING:
    from actions.klaviyo.sandbox import Sandbox

    from actions import Engine

SANDBOX = "sandbox"
KLAVIYO = "klaviyo"
SANDBOX_KEY = "pk_sandbox"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class TargetError(ValueError):
    """A target that cannot be used; the text says why and what to do."""


def sandbox_path() -> Path:
    """The file in the user's data folder that keeps the sandbox between commands."""
    import platformdirs  # not needed for the real Klaviyo

    return platformdirs.user_data_path("mapping-studio", ensure_exists=True) / "sandbox.db"


def open_sandbox(*, fresh: bool = False, **options: Any) -> Sandbox:
    """The sandbox of this user, begun anew if `fresh`. Raises `TargetError` where its file cannot be used."""
    import sqlite3

    from actions.klaviyo.sandbox import Sandbox  # a web framework, for the sandbox only

    try:
        path = sandbox_path()
        sandbox = Sandbox(path, **options)
        if fresh:
            sandbox.erase()
    except (OSError, sqlite3.Error) as error:
        raise TargetError(
            f"The sandbox's file cannot be used: {error}. Set XDG_DATA_HOME to another folder."
        ) from error
    return sandbox


@asynccontextmanager
async def open_engine(
    target: str, settings: Mapping[str, Any], *, fresh: bool = False, retries: int = 0
) -> AsyncIterator[Engine]:
    """An engine for `sandbox`, `klaviyo`, or the address of a sandbox served on this machine.

    Raises `TargetError`: an unknown target, no key for the real Klaviyo, or a key that is none.
    """
    from actions import Engine
    from actions.klaviyo import KLAVIYO as DESTINATION

    if target == SANDBOX:
        sandbox = open_sandbox(fresh=fresh)
        try:
            async with Engine(
                DESTINATION, {**settings, "api_key": SANDBOX_KEY}, sandbox.transport(), retries
            ) as engine:
                yield engine
        finally:
            sandbox.close()
        return
    if fresh:
        raise TargetError("--fresh empties the sandbox; it goes with --to sandbox only.")
    key, url = _address(target)
    try:
        engine = Engine(DESTINATION, {**settings, "api_key": key}, None, retries, url=url)
    except ValueError as error:
        raise TargetError(str(error)) from error
    async with engine:
        yield engine


def _address(target: str) -> tuple[str, str | None]:
    """The key and the host for a target that is reached over the network."""
    if target == KLAVIYO:
        credential = credentials.find()
        if credential is None:
            raise TargetError(
                f"No API key for Klaviyo: set {credentials.KEY_VARIABLE}, or run `studio auth login`. "
                "Without a key, leave out --to klaviyo and everything goes to the sandbox."
            )
        return credential.key, None
    if target.startswith(("http://", "https://")) and urlsplit(target).hostname in _LOOPBACK:
        return SANDBOX_KEY, target
    raise TargetError(
        f"Unknown target {target!r}: it is sandbox, klaviyo, or the address of a `studio sandbox` on this machine "
        "such as http://127.0.0.1:8900."
    )
