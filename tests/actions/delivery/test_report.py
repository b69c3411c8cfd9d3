from pathlib import Path

import pytest

from actions.delivery.entries import EVENT, Entries, Failure, Reason, Tally, kind_of
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
    told = {"mapping": "A", "message": "no address", "messages": 1}
    assert document["failures"] == [
        {**told, "status": "invalid", "count": 5, "examples": ["f:1", "f:2", "f:3"]},
        {**told, "status": "rejected", "count": 1, "examples": ["f:6"]},
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
    assert report.document()["bad_line_reasons"] == [
        {"message": "no JSON", "count": 1, "messages": 1, "examples": ["f:3"]}
    ]
    assert report.failed


def test_what_is_on_its_way_is_told(journal):
    with journal.transaction():
        journal.take_off("A", [0, 1])
        journal.add_job("job", "B", [3], b"")
        journal.note(state="finished")
    report = Report.of(journal)
    assert report.outcomes == {("A", "in_flight"): 2, ("B", "in_job"): 1}
    assert report.failed


def test_reasons_without_end_do_not_grow_the_journal(journal):
    entries = Entries()
    for number in range(2500):
        entries.fail(Reason("A", "rejected", f"reason{'x' * number}"), failure(number))
        entries.warn("A", [f"warning{'x' * number}"])
    report = settle(journal, entries)
    assert len(report.reasons) == len(report.warnings) == 2001
    assert sum(tally.count for tally in report.reasons) == sum(count for _, _, count in report.warnings) == 2500
    assert report.reasons[0] == Tally("A", "rejected", "Further ones, which are too many to be told apart.", 500)


def test_reasons_of_a_kind_are_told_together(journal):
    entries = Entries()
    for number in range(1500):
        entries.fail(Reason("A", "invalid", f"{5550000 + number} is no phone."), failure(number))
        entries.warn("A", [f"The phone {number} was left out."])
    entries.fail(Reason("A", "invalid", "5550007 is no phone."), failure(1500))
    entries.fail(Reason("A", "retryable", "It had a problem (500)."), failure(1501))
    entries.fail(Reason("A", "retryable", "It had a problem (503)."), failure(1502))
    entries.fail(Reason("B", "invalid", "5550007 is no phone."), failure(1503))
    report = settle(journal, entries)
    phones, *others = report.reasons
    assert phones == Tally("A", "invalid", "5550007 is no phone.", 1501, 1001)  # those behind the thousandth are one
    assert report.places(phones) == ["f:1", "f:2", "f:3"]
    assert others == [
        Tally("A", "retryable", "It had a problem (500).", 1),
        Tally("A", "retryable", "It had a problem (503).", 1),
        Tally("B", "invalid", "… is no phone.", 1),
    ]
    assert report.warnings == [("A", "The phone 0 was left out.", 1500)]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("555 12 34 is not valid", "… is not valid"),
        ("the list 'VIP' is unknown (404).", "the list … is unknown (404)."),
        ("ann+b@example.com is none", "… is none"),
        ("Klaviyo says: no (at /email).", "Klaviyo says: no (at /email)."),
        ("not valid JSON: `}` at column 17", "not valid JSON: … at column …"),
        ("", ""),
    ],
)
def test_what_messages_of_a_kind_have_in_common(message: str, kind: str):
    assert kind_of(message) == kind == kind_of(kind)


@pytest.mark.parametrize("text", ["x", "a@", "1", "'", "(", ". ", "é"])
def test_what_a_message_of_megabytes_has_in_common_with_others_is_found_at_once(text: str):
    kind = kind_of(text * 5_000_000)
    assert len(kind) <= 3000
    assert kind_of(kind) == kind
