"""Where events go: the sandbox on this machine, or the real Klaviyo. The real one only when it is named."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from collections.abc import Mapping as AbstractMapping
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from studio.target_names import KLAVIYO, SANDBOX

if TYPE_CHECKING:
    import httpx

    from actions import Engine, Mapping
    from actions.klaviyo.sandbox import Sandbox
    from actions.retrying import Retrying
    from actions.waiting import Waiting

SANDBOX_KEY = "pk_sandbox"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class TargetError(ValueError):
    """A target that cannot be used; the text says why and what to do."""


def sandbox_path() -> Path:
    """The file in the user's data folder that keeps the sandbox between commands."""
    import platformdirs  # not needed for the real Klaviyo

    return platformdirs.user_data_path("mapping-studio") / "sandbox.db"


def open_sandbox(*, fresh: bool = False, **options: Any) -> Sandbox:
    """The sandbox of this user, begun anew if `fresh`. Raises `TargetError` where its file cannot be used."""
    from actions.klaviyo.sandbox import Sandbox  # a web framework, for the sandbox only

    path = sandbox_path()
    with _usable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        sandbox = Sandbox(path, **options)
        if fresh:
            sandbox.erase()
    return sandbox


def copy_sandbox() -> Sandbox:
    """A copy in memory of this user's sandbox, a new one where there is none. Raises `TargetError` like the other.

    Lists that it does not know are taken as there, since a configuration names those of the real account.
    """
    from actions.klaviyo.sandbox import Sandbox

    path = sandbox_path()
    with _usable(path):
        if not path.exists():
            return Sandbox(any_list=True)
        with closing(Sandbox(path, any_list=True)) as sandbox:
            return sandbox.copy()


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    import sqlite3

    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror or error if isinstance(error, OSError) else error
        raise TargetError(
            f"The sandbox's file {path} cannot be used: {reason}. Set XDG_DATA_HOME to another folder."
        ) from error


@asynccontextmanager
async def open_engine(
    target: str,
    settings: AbstractMapping[str, Any],
    *,
    mappings: Iterable[Mapping] = (),
    fresh: bool = False,
    retries: int | Retrying = 0,
    waiting: Waiting | None = None,
    paced: bool = False,
) -> AsyncIterator[Engine]:
    """An engine for `sandbox`, `klaviyo`, or the address of a sandbox served on this machine.

    `mappings` are those that will be sent by: the lists that they are connected to are in the sandbox too, and those of
    the sandbox are not sent to Klaviyo. With `paced`, requests keep to the limits of a Klaviyo account; the sandbox in
    this process has none. Raises `TargetError`: an unknown target, no key for the real Klaviyo, a key that is none, or
    mappings that are connected elsewhere.
    """
    from actions import Engine
    from actions.klaviyo import KLAVIYO as DESTINATION
    from actions.pacing import Pacing
    from studio.connections import lists_of, problem_at  # the engine too, which `--help` does not need

    mappings = list(mappings)
    problem = problem_at(target, mappings)
    if problem:
        raise TargetError(problem)
    if target == SANDBOX:
        sandbox = open_sandbox(fresh=fresh)
        try:
            for each in lists_of(mappings):
                sandbox.ensure_list(*each)
            async with Engine(
                DESTINATION, {**settings, "api_key": SANDBOX_KEY}, sandbox.transport(), retries, waiting=waiting
            ) as engine:
                yield engine
        finally:
            sandbox.close()
        return
    if fresh:
        raise TargetError("--fresh empties the sandbox; it goes with --to sandbox only.")
    key, url, transport = _reached(target)
    try:
        pacing = Pacing(DESTINATION.limit_of, waiting) if paced else None
        secret = {**settings, "api_key": key}
        engine = Engine(DESTINATION, secret, transport, retries, pacing=pacing, waiting=waiting, url=url)
    except ValueError as error:
        raise TargetError(str(error)) from error
    async with engine:
        yield engine


def _reached(target: str) -> tuple[str, str | None, httpx.AsyncBaseTransport | None]:
    """The key, the host and the transport for a target outside this process; None is Klaviyo's, and httpx's own."""
    if target == KLAVIYO:
        from studio import credentials  # for the real Klaviyo only

        credential = credentials.find()
        if credential is None:
            problem = credentials.keyring_problem() or "The system's keyring has none; `studio auth login` stores one."
            raise TargetError(
                f"No API key for Klaviyo: the variable {credentials.KEY_VARIABLE} is not set. {problem} "
                "Without a key, leave out --to klaviyo and everything goes to the sandbox."
            )
        return credential.key, None, None
    if _is_loopback(target):
        import httpx  # the engine has it already

        return SANDBOX_KEY, target, httpx.AsyncHTTPTransport()  # a transport of its own heeds no proxy
    raise TargetError(
        f"Unknown target {target!r}: it is sandbox, klaviyo, or the address of a `studio sandbox` on this machine "
        "such as http://127.0.0.1:8900."
    )


def address_problem(address: str) -> str | None:
    """Why an address is not that of a sandbox served on this machine; None where it can be."""
    return None if _is_loopback(address) else "Such as http://127.0.0.1:8900; only this machine's own are taken."


def _is_loopback(target: str) -> bool:
    try:
        address = urlsplit(target)
        port = address.port
    except ValueError:  # of the port, or of what stands in brackets
        return False
    return address.scheme == "http" and address.hostname in _LOOPBACK and port != 0
