"""Which calls a trigger can fire on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.triggers import parse
from actions.triggers.calls import CALLS

EVERY = set(CALLS)


@pytest.mark.parametrize(("fql", "calls"), [
    ('type = "identify"', {"identify"}),
    ('("track") = (type)', {"track"}),
    ('type != "track"', EVERY - {"track"}),
    ('!(type = "track" or type = "page")', EVERY - {"track", "page"}),
    ('type in ["page", "screen"]', {"page", "screen"}),
    ('!(type in ["page"])', EVERY - {"page"}),
    ('event = "Order Completed"', {"track"}),
    ('event != "Order Completed"', EVERY),
    ('type = "identify" and traits.email = "a"', {"identify"}),
    ('type = "identify" or traits.email = "a"', EVERY),
    ('type = "track" and type = "page"', set()),
    ('type = "Track"', EVERY),
    ('event = "Identify"', EVERY),
    ("type = event", EVERY),
])  # fmt: skip
def test_the_calls_follow_from_what_the_trigger_says(fql: str, calls: set[str]) -> None:
    assert parse(fql).calls() == calls


CONDITIONS = st.recursive(
    st.sampled_from([
        *(f'type {operator} "{call}"' for operator in ("=", "!=") for call in CALLS),
        'type in ["track", "page"]', 'event = "Paid"', 'event != "Paid"', "properties.a = 1", 'type = "other"',
    ]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda condition: f"!({condition})"),
    ),
    max_leaves=6,
)  # fmt: skip


@given(CONDITIONS, st.sampled_from(CALLS), st.booleans())
def test_a_call_on_which_it_fires_is_always_among_them(fql: str, call: str, is_paid: bool) -> None:
    trigger = parse(fql)
    event = {"type": call, "properties": {"a": 1}} | ({"event": "Paid"} if is_paid and call == "track" else {})
    assert call in trigger.calls() or not trigger.matches(event)
