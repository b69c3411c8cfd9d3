from __future__ import annotations

import json
from pathlib import Path

import pytest

from actions.errors import MappingError
from actions.mapping import resolve
from actions.values import Json

VECTORS = Path(__file__).parents[3] / ".." / "shared" / "conformance" / "vectors" / "mapping.jsonl"


def cases() -> list[Json]:
    return [json.loads(line) for line in VECTORS.read_text().splitlines()] if VECTORS.exists() else []


@pytest.mark.skipif(not VECTORS.exists(), reason="the conformance vectors are not here")
@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_a_mapping_resolves_as_in_segments_engine(case: Json) -> None:
    if "error" in case:
        with pytest.raises(MappingError):
            resolve(case["mapping"], case["event"])
    else:
        assert resolve(case["mapping"], case["event"]) == case["value"]
