"""The warehouses that the tests go through."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from warehouses import Table, table

from actions.klaviyo.sandbox import Sandbox


@pytest.fixture(params=["duckdb", "postgres"])
def people(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    """A table `people` in each kind of warehouse."""
    with table(request.param, tmp_path, monkeypatch) as found:
        yield found


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    own = Sandbox(any_list=True)
    yield own
    own.close()
