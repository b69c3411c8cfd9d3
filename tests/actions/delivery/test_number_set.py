"""A set of numbers with a bit each holds what a set holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from actions.delivery.number_set import NumberSet

NUMBERS = st.lists(st.integers(0, 300))


@given(st.integers(0, 40), st.lists(NUMBERS))
def test_it_holds_what_a_set_holds_from_its_first_on(first: int, portions: list[list[int]]):
    numbers = NumberSet(first)
    for portion in portions:
        numbers.update(portion)
    held = [number for number in range(-20, 400) if number in numbers]
    assert held == sorted({number for portion in portions for number in portion if number >= first})
