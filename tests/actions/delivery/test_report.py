from pathlib import Path

import pytest

from actions.delivery.entries import EVENT, Entries, Failure, Reason
from actions.delivery.journal import Journal
from actions.delivery.report import Report


@pytest.fixture
def journal(tmp_path: Path):
    with Journal(tmp_path / "run.db") as journal:
        yield journal


def failure(number: int) -> Failure:
    return Failure(number, "f", number + 1, b"{}")


def settle(journal: Journal, entries: Entries, **facts: str) -> Report:
    with journal.transaction():
        journal.settle(entries)
        journal.note(**facts)
    return Report.of(journal)


def test_a_run_that_finished_without_failures_has_not_failed(journal):
    assert Report.of(journal).failed
    assert not settle(journal, Entries(), state="finished").failed


def test_failures_are_grouped_by_reason_with_a_few_places(journal):
    entries = Entries()
    for number in range(5):
        entries.fail(Reason("A", "invalid", "no address"), failure(number))
    entries.fail(Reason("A", "rejected", "no address"), failure(5))
    entries.add(Reason("B", "delivered"), 6)
    entries.warn("B", ["no phone"])
    report = settle(journal, entries, state="finished", read="7")
    document = report.document()
    assert document["failures"] == [
        {"mapping": "A", "status": "invalid", "message": "no address", "count": 5, "examples": ["f:1", "f:2", "f:3"]},
        {"mapping": "A", "status": "rejected", "message": "no address", "count": 1, "examples": ["f:6"]},
    ]
    assert document["mappings"] == {"A": {"invalid": 5, "rejected": 1}, "B": {"delivered": 1}}
    assert document["warnings"] == [{"mapping": "B", "message": "no phone", "count": 1}]
    assert report.failed


def test_bad_lines_duplicates_and_unmatched_events_are_the_events_own(journal):
    entries = Entries()
    entries.add(Reason(EVENT, "unmatched"), 0)
    entries.add(Reason(EVENT, "duplicate", "again"), 1)
    assert not settle(journal, entries, state="finished").failed
    entries = Entries()
    entries.fail(Reason(EVENT, "bad_line", "no JSON"), failure(2))
    report = settle(journal, entries, read="3", reached="f:3")
    assert (report.read, report.unmatched, report.duplicates, report.bad_lines) == (3, 1, 1, 1)
    assert report.reached == "f:3"
    assert report.document()["bad_line_reasons"] == [{"message": "no JSON", "count": 1, "examples": ["f:3"]}]
    assert report.failed


def test_what_is_on_its_way_is_told(journal):
    with journal.transaction():
        journal.take_off("A", [0, 1])
        journal.add_job("job", "B", [3], b"")
    assert Report.of(journal).outcomes == {("A", "in_flight"): 2, ("B", "in_job"): 1}


def test_reasons_without_end_do_not_grow_the_report(journal):
    entries = Entries()
    for number in range(1500):
        entries.fail(Reason("A", "rejected", f"reason {number}"), failure(number))
        entries.warn("A", [f"warning {number}"])
    report = settle(journal, entries)
    assert len(report.reasons) == len(report.warnings) == 1001
    assert sum(tally.count for tally in report.reasons) == sum(count for _, _, count in report.warnings) == 1500
