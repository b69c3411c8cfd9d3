from actions.delivery.report import Report
from actions.delivery.sources import BadLine, SourceEvent
from actions.engine import Outcome


def item(line: int) -> SourceEvent:
    return SourceEvent({}, "f", line)


def test_a_new_report_of_a_complete_run_has_nothing_failed():
    assert not Report(complete=True).failed
    assert Report().failed


def test_failures_are_grouped_by_reason_with_a_few_places():
    report = Report(complete=True)
    for line in range(1, 6):
        report.add_outcome(item(line), Outcome("invalid", "no address", mapping="A"))
    report.add_outcome(item(6), Outcome("rejected", "no address", mapping="A"))
    report.add_outcome(item(7), Outcome("delivered", warnings=["no phone"], mapping="B"))
    document = report.document()
    assert document["failures"] == [
        {"mapping": "A", "status": "invalid", "message": "no address", "count": 5, "examples": ["f:1", "f:2", "f:3"]},
        {"mapping": "A", "status": "rejected", "message": "no address", "count": 1, "examples": ["f:6"]},
    ]
    assert document["mappings"] == {"A": {"invalid": 5, "rejected": 1}, "B": {"delivered": 1}}
    assert document["warnings"] == [{"mapping": "B", "message": "no phone", "count": 1}]
    assert report.failed


def test_a_bad_line_is_a_failure_and_a_warning_is_none():
    report = Report(complete=True)
    report.add_event(item(1), matched=False)
    report.add_outcome(item(2), Outcome("delivered", warnings=["no phone"], mapping="B"))
    assert not report.failed
    report.add_bad_line(BadLine("no JSON", "f", 3))
    assert report.failed
    assert (report.events, report.unmatched, report.bad_lines, report.reached) == (1, 1, 1, "f:3")


def test_reasons_without_end_do_not_grow_the_report():
    report = Report()
    for line in range(5000):
        outcome = Outcome("rejected", f"reason {line}", [f"warning {line}"], mapping="A")
        report.add_outcome(item(line), outcome)
    assert len(report.reasons) == len(report.examples) == len(report.warnings) == 1001
    assert report.reasons.total() == report.warnings.total() == report.outcomes["A", "rejected"] == 5000
