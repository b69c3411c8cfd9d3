"""`studio run`."""

from __future__ import annotations

import subprocess
import sys

from commands import documents, identify, track, write_events


def test_every_line_is_accounted_for(studio, config, tmp_path):
    lines = []
    for index in range(400):
        kind = index % 5
        if kind == 0:
            lines.append("bad")
        elif kind == 1:
            lines.append('{"type": "page"}')
        else:
            person = f'"email": "{"no address" if index % 7 == 0 else f"p{index}@example.com"}"'
            part = "traits" if kind == 2 else "properties"
            lines.append(
                f'{{"type": "{"identify" if kind == 2 else "track"}", "event": "Seen", "{part}": {{{person}}}}}'
            )
    (tmp_path / "e.ndjson").write_text("\n".join(lines))
    result = studio("run", config, tmp_path / "e.ndjson", "--json")
    assert result.exit_code == 1
    [report] = documents(result.stdout)
    assert report["bad_lines"] == report["unmatched"] == 80
    assert report["events"] == 320
    outcomes = [count for counts in report["mappings"].values() for count in counts.values()]
    assert sum(outcomes) + report["unmatched"] + report["bad_lines"] == len(lines)
    invalid = sum(1 for index in range(400) if index % 5 > 1 and index % 7 == 0)
    assert sum(counts.get("invalid", 0) for counts in report["mappings"].values()) == invalid
    assert sum(failure["count"] for failure in report["failures"]) == invalid
    assert result.stderr.count("not valid JSON") == 80


def test_generated_events_are_accounted_for_in_batches(studio, config, tmp_path, shared):
    config.write_text(config.read_text().replace("[mapping.fields]", "[mapping.fields]\nenable_batching = true"))
    command = [sys.executable, shared / "tools" / "gen_events.py", "500", "--bad", "20", "--kind", "identify"]
    generated = subprocess.run(command, capture_output=True, check=True)  # noqa: S603
    (tmp_path / "e.ndjson").write_bytes(generated.stdout)
    [report] = documents(studio("run", config, tmp_path / "e.ndjson", "--json").stdout)
    assert report["events"] == 500
    people = report["mappings"]["People"]
    assert sum(people.values()) + report["unmatched"] == 500
    assert people["delivered"] > 300
    assert people["invalid"] > 10


def test_a_report_for_people_groups_failures_and_names_places(studio, config, tmp_path):
    events = write_events(tmp_path / "e.ndjson", identify("a@example.com"), *[track("no address")] * 5, {"type": "x"})
    result = studio("run", config, events)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[:3] == [
        "7 events, 1 unmatched, 0 bad lines",
        "           5  invalid     Events",
        "           1  delivered   People",
    ]
    assert lines[4] == f"5 invalid by Events, e.g. {events}:2, {events}:3, {events}:4"
    assert lines[5] == "  Email must be a valid email address string but it was not."


def test_all_delivered_ends_with_0(studio, config, tmp_path):
    assert studio("run", config, write_events(tmp_path / "e.ndjson", identify("a@example.com"))).exit_code == 0


def test_the_starter_runs_without_anything(studio):
    result = studio("run", "--json")
    assert result.exit_code == 0
    assert documents(result.stdout)[0]["events"] == 8


def test_a_target_that_cannot_be_used_gives_no_report(studio):
    result = studio("run", "--to", "klaviyo", "--json")
    assert (result.exit_code, result.stdout) == (2, "")
