import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.delivery.entries import Entries, Failure, Reason, packed, unpacked
from actions.delivery.journal import Journal, JournalError

DELIVERED = Reason("A", "delivered")


def settle(journal: Journal, *numbers: int, reason: Reason = DELIVERED) -> None:
    entries = Entries()
    for number in numbers:
        entries.add(reason, number)
    with journal.transaction():
        journal.settle(entries)


@given(st.lists(st.integers(0, 2**40), unique=True, min_size=1).map(sorted))
def test_numbers_come_back_as_they_were(numbers: list[int]):
    assert list(unpacked(packed(numbers))) == numbers


def test_many_numbers_in_a_row_take_little_room():
    assert len(packed(range(100_000))) < 5000


def test_what_was_put_on_record_is_there_when_it_is_opened_again(tmp_path: Path):
    with Journal(tmp_path / "run.db") as journal:
        settle(journal, 1, 2, 5)
        entries = Entries()
        entries.fail(Reason("B", "invalid", "why"), Failure(3, "f", 4, b'{"a": 1}'))
        with journal.transaction():
            journal.settle(entries)
            flight = journal.take_off("A", [7, 8])
            journal.add_job("job", "A", [9], b"rows")
            journal.note(watermark="2")
    with Journal(tmp_path / "run.db", write=False) as journal:
        known = {mapping: [n for n in range(99) if n in found] for mapping, found in journal.settled(2).items()}
        assert known == {"A": [2, 5, 9], "B": [3]}
        assert journal.in_flight() == {"A": 2}
        assert list(journal.failures(Reason("B", "invalid", "why"))) == [Failure(3, "f", 4, b'{"a": 1}')]
        assert journal.about["watermark"] == "2"
        assert (journal.jobs(), journal.job_rows("job")) == ([("job", "A")], b"rows")
    with Journal(tmp_path / "run.db") as journal:
        with journal.transaction():
            journal.land(flight)
            journal.end_job("job")
        assert (journal.in_flight(), journal.jobs()) == ({}, [])


def broken_off(journal: Journal) -> None:
    with journal.transaction():
        journal.take_off("A", [1])
        journal._db.execute("select nothing")


def test_a_transaction_that_breaks_off_leaves_nothing(tmp_path: Path):
    with Journal(tmp_path / "run.db") as journal:
        with pytest.raises(JournalError):
            broken_off(journal)
        assert journal.in_flight() == {}
        settle(journal, 1)
        assert journal.numbers("A") == [1]


def test_one_process_writes_a_journal_and_others_read_it(tmp_path: Path):
    path = tmp_path / "run.db"
    with Journal(path) as journal:
        settle(journal, 1)
        with pytest.raises(JournalError, match="is being written by another run"):
            Journal(path)
        with Journal(path, write=False) as reader:
            assert reader.numbers("A") == [1]
    with Journal(path) as journal:
        settle(journal, 2)


def test_a_process_that_is_killed_lets_go_of_its_journal(tmp_path: Path):
    path = tmp_path / "run.db"
    code = (
        "import os, sys; from pathlib import Path; from actions.delivery.journal import Journal\n"
        f"journal = Journal(Path({str(path)!r}))\n"
        "with journal.transaction(): journal.take_off('A', [1])\n"
        "os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9  # noqa: S603
    with Journal(path) as journal:
        assert journal.in_flight() == {"A": 1}


@pytest.mark.parametrize(
    ("content", "said"), [(b"no database " * 1000, "no journal of a run"), (None, "no journal of a run")]
)
def test_what_is_no_journal_is_said_so_and_left_alone(tmp_path: Path, content: bytes | None, said: str):
    path = tmp_path / "run.db"
    if content is None:
        with sqlite3.connect(path) as other:
            other.execute("create table orders (id)")
        other.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    for write in (True, False):
        with pytest.raises(JournalError, match=said):
            Journal(path, write=write)
    assert path.read_bytes()[:100] == before[:100]


def test_a_full_disk_is_told_with_what_to_do(tmp_path: Path):
    with Journal(tmp_path / "run.db") as journal:
        settle(journal, 1)
        journal._db.execute("pragma max_page_count = 1")
        entries = Entries()
        entries.fail(Reason("B", "invalid", "why"), Failure(3, "f", 4, b"x" * 100_000))
        with (
            pytest.raises(JournalError, match="Free space and give the same command again"),
            journal.transaction(),
        ):
            journal.settle(entries)
        assert journal.numbers("A") == [1]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be used"):
        Journal(tmp_path / "file" / "run.db")
