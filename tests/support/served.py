"""A sandbox served over HTTP, in a thread of the test's own process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from sandbox_account import served

from actions.klaviyo.sandbox import Faults, Sandbox


@contextmanager
def served_sandbox(faults: Faults) -> Iterator[tuple[Sandbox, str]]:
    """The sandbox and its address."""
    with closing(Sandbox(faults=faults)) as sandbox, served(sandbox) as address:
        yield sandbox, address
