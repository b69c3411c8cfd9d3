from __future__ import annotations

import json
from pathlib import Path

import pytest

from actions.errors import TriggerError
from actions.triggers import parse
from actions.values import Json

VECTORS = Path(__file__).parents[3] / ".." / "shared" / "conformance" / "vectors" / "triggers.jsonl"


def cases() -> list[Json]:
    return [json.loads(line) for line in VECTORS.read_text().splitlines()] if VECTORS.exists() else []


@pytest.mark.skipif(not VECTORS.exists(), reason="the conformance vectors are not here")
@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_a_trigger_fires_as_documented(case: Json) -> None:
    if case["match"] == "error":
        with pytest.raises(TriggerError):
            parse(case["fql"])
    else:
        trigger = parse(case["fql"])
        assert trigger.matches(case["event"]) is case["match"]
        assert trigger.explain(case["event"]).result is case["match"]
