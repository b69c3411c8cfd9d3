"""What tests of runs share: a sandbox of their own, and where the journal is to be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from actions.klaviyo.sandbox import Sandbox


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A new one, made with what a test gives as this fixture's parameter."""
    with closing(Sandbox(**getattr(request, "param", {}))) as sandbox:
        yield sandbox


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.db"
