"""Payloads gathered into batches: none is lost, none too large, and nobody's overtake each other."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from actions.delivery.batching import LARGEST_BATCH, Batch, Batcher, Item
from actions.delivery.fingerprint import Portion
from actions.delivery.lines import Line
from actions.delivery.preparing import Take

COUNT = 3
PORTION = Portion(0, "")
TAKES = st.builds(
    lambda key, person, size: Take(0, key=((key,), ()), person=person, size=size),
    st.sampled_from("abc"),
    st.lists(st.sampled_from(["ann", "bob", "cid", "dee"]), max_size=2, unique=True).map(tuple),
    st.sampled_from([10, LARGEST_BATCH // 2, LARGEST_BATCH]),
)


def gathered(takes: list[Take], done: list[bool]) -> list[Batch]:
    """The batches in the order in which they are to go out; where `done` says so, one is done before the next comes."""
    batcher = Batcher(0, COUNT)
    batches: list[Batch] = []
    for number, (take, is_done) in enumerate(zip(takes, done, strict=True)):
        batches += batcher.add(Item(number, Line(b"{}", "f", number), take, PORTION), 1.0)
        first = next((batch for batch in batches if not batch.done.is_set()), None)
        if is_done and first is not None and all(earlier.done.is_set() for earlier in first.after):
            batcher.finish(first)
    return batches + batcher.close()


@given(st.lists(st.tuples(TAKES, st.booleans()), max_size=20))
def test_every_payload_is_in_one_batch_with_others_of_its_key_and_there_is_room_for_all(given: list[tuple[Take, bool]]):
    takes, done = [take for take, _ in given], [is_done for _, is_done in given]
    batches = gathered(takes, done)
    assert sorted(item.number for batch in batches for item in batch.items) == list(range(len(takes)))
    for batch in batches:
        assert [item.number for item in batch.items] == sorted(item.number for item in batch.items)
        assert {item.take.key for item in batch.items} == {batch.key}
        assert len(batch.items) <= COUNT
        assert len(batch.items) == 1 or sum(item.take.size for item in batch.items) <= LARGEST_BATCH


@given(st.lists(TAKES, max_size=20))
def test_what_concerns_the_same_person_goes_out_in_order_and_nothing_waits_for_what_comes_later(takes: list[Take]):
    batches = gathered(takes, [False] * len(takes))
    batch_of = {item.number: batch for batch in batches for item in batch.items}
    waits_for: dict[int, set[int]] = {}
    for at, batch in enumerate(batches):
        befores = [batches.index(before) for before in batch.after]
        assert all(before < at for before in befores)
        waits_for[at] = {*befores, *(each for before in befores for each in waits_for[before])}
    for (earlier, one), (later, other) in combinations(enumerate(takes), 2):
        if set(one.person) & set(other.person) and batch_of[earlier] is not batch_of[later]:
            assert batches.index(batch_of[earlier]) in waits_for[batches.index(batch_of[later])]
