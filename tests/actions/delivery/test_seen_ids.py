from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.delivery.journal import JournalError
from actions.delivery.seen_ids import SeenIds


@pytest.fixture
def seen() -> Iterator[SeenIds]:
    seen = SeenIds()
    yield seen
    seen.close()


def test_ids_that_were_there_are_told_by_the_numbers_of_their_events(seen: SeenIds):
    assert seen.add([("a", 0), ("b", 1), ("c", 2)]) == set()
    assert seen.add([("d", 3), ("b", 4), ("e", 5), ("e", 6)]) == {4, 6}
    assert seen.add([]) == set()


def test_half_of_an_emoji_is_an_id_too(seen: SeenIds):
    assert seen.add([("a", 0), ("\ud83d", 1), ("b", 2)]) == set()
    assert seen.add([("b", 3), ("\ud83d", 4), ("\ud83e", 5)]) == {3, 4}


@given(st.lists(st.lists(st.text(max_size=2))))
def test_it_finds_what_a_set_finds(portions: list[list[str]]):
    seen, known, number = SeenIds(), set[str](), 0
    for portion in portions:
        numbered = list(enumerate(portion, number))
        number += len(portion)
        expected: set[int] = set()
        for own, message_id in numbered:
            if message_id in known:
                expected.add(own)
            known.add(message_id)
        assert seen.add([(message_id, own) for own, message_id in numbered]) == expected
    seen.close()


def test_a_temporary_folder_that_is_full_is_told():
    seen = SeenIds()
    seen._db.execute("pragma max_page_count = 5")
    with pytest.raises(JournalError, match=r"temporary folder: database or disk is full\. Free space there"):
        seen.add([(f"message {number}", number) for number in range(1000)])
    seen.close()
