"""What mappings make of events does not depend on how few of their triggers are asked."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from actions import Mapping
from actions.binding import bind
from actions.delivery import preparing
from actions.delivery.preparing import PreparedEvent, Preparer
from actions.klaviyo import KLAVIYO
from actions.values import Json

TRIGGERS = (
    'type = "identify"',
    'type = "track" and !(event in ["Paid", "Left"])',
    'event = "Paid"',
    'event != "Paid"',
    'type != "track" or traits.plan = "pro"',
    "type = null or event = null",
    "type = true or type = 1",
    "traits.plan = event",
    'length(event) > 3 and contains(type, "t")',
)
MAPPINGS = [
    Mapping(name=trigger, action="upsertProfile", trigger=trigger, fields={"email": "a@b.co", "enable_batching": True})
    for trigger in TRIGGERS
]
BOUND = [bind(KLAVIYO, mapping) for mapping in MAPPINGS]
PREPARER = Preparer(KLAVIYO, MAPPINGS)

WORDS = st.sampled_from(["identify", "track", "page", "Paid", "Left", "pro", "", "x" * 200])
VALUES: st.SearchStrategy[Json] = st.one_of(
    WORDS, st.none(), st.booleans(), st.integers(0, 1), st.lists(WORDS, max_size=1)
)
EVENTS: st.SearchStrategy[dict[str, Json]] = st.fixed_dictionaries(
    {}, optional={"type": VALUES, "event": VALUES, "traits": st.fixed_dictionaries({"plan": VALUES})}
)


def fired(preparer: Preparer, event: Json) -> list[int]:
    (prepared,) = preparer.prepare([to_json(event)])
    assert isinstance(prepared, PreparedEvent)
    return [take.mapping for take in prepared.takes]


@given(EVENTS)
def test_every_mapping_whose_trigger_fires_takes_an_event(event: dict[str, Json]):
    assert fired(PREPARER, event) == [at for at, own in enumerate(BOUND) if own.fires(event)]


def test_events_of_more_names_than_are_remembered_are_taken_alike(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(preparing, "_KINDS", 3)
    preparer = Preparer(KLAVIYO, MAPPINGS)
    names: Sequence[str] = ["Paid", "Left", "Seen", "Bought", "Paid", "Returned", "Left"]
    for name in names:
        event: Json = {"type": "track", "event": name}
        assert fired(preparer, event) == [at for at, own in enumerate(BOUND) if own.fires(event)]
