"""What is kept of runs: listing them, showing one, the events that failed."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import documents, mixed, run_name


def test_a_run_is_listed_and_shown_by_reason_with_advice(studio, config, tmp_path):
    name = run_name(studio("run", config, mixed(tmp_path)).stderr)
    listed = studio("runs").stdout
    heading, line = listed.splitlines()
    assert heading.split() == ["run", "read", "delivered", "failed", "of"]
    assert line.split() == [name, "5", "1", "3", "shop.toml", "to", "sandbox"]
    shown = studio("runs", "show", name[:10])
    assert shown.exit_code == 1
    assert shown.stdout.startswith(f"Run {name}, finished\n{config} to sandbox, from {tmp_path / 'e.ndjson'}\n")
    assert "2 invalid by Events, e.g. " in shown.stdout
    assert f"studio retry {name}" in shown.stdout
    [document] = documents(studio("runs", "show", name, "--json").stdout)
    assert document["mappings"] == {"Events": {"invalid": 2}, "People": {"delivered": 1, "invalid": 1}}
    assert documents(studio("runs", "--json").stdout)[0]["run"] == name


def test_there_are_no_runs_at_first_and_an_unknown_one_is_said_so(studio):
    assert studio("runs").stdout == ""
    for command in (("runs", "show", "2026"), ("retry", "2026"), ("run", "--resume", "2026")):
        result = studio(*command)
        assert result.exit_code == 2
        assert "there is no run '2026'; `studio runs` lists those there are." in result.stderr


def test_the_failed_events_are_written_with_their_reasons(studio, config, tmp_path):
    events = mixed(tmp_path)
    events.write_text(f"{events.read_text()}bad\n")
    studio("run", config, events, "--failed", tmp_path / "failed.ndjson")
    written = documents((tmp_path / "failed.ndjson").read_text())
    assert len(written) == 4
    assert {"mapping": "", "status": "bad_line", "content": "bad"}.items() <= next(
        each for each in written if each["status"] == "bad_line"
    ).items()
    failed = [each for each in written if each["mapping"] == "Events"]
    assert [each["event"]["properties"]["email"] for each in failed] == ["no address"] * 2
    assert [each["place"] for each in failed] == [f"{events}:2", f"{events}:3"]
    assert all(each["message"] for each in written)


def test_a_run_with_a_journal_of_its_own_is_named_by_that(studio, config, tmp_path):
    journal = tmp_path / "a journal"
    told = studio("run", config, mixed(tmp_path), "--journal", journal).stderr
    assert f"studio runs show '{journal}' tells all of it." in told
    assert f"studio retry '{journal}'" in told
    assert studio("runs", "show", journal).stdout.startswith(f"Run {journal}, finished\n")
    assert studio("retry", journal).exit_code == 1
    assert f"`studio retry '{journal}'` sends again" in studio("run", "--resume", journal).stderr


def test_failed_events_are_not_written_over_what_a_run_needs(studio, config, tmp_path):
    events = mixed(tmp_path)
    before = events.read_bytes()
    for path, words in (
        (events, "would replace what the run itself needs"),
        (config, "would replace what the run itself needs"),
        (tmp_path, "is a folder"),
        (tmp_path / "none" / "f.ndjson", "there is no folder"),
    ):
        result = studio("run", config, events, "--failed", path)
        assert (result.exit_code, events.read_bytes()) == (2, before)
        assert words in result.stderr
    assert studio("runs").stdout == ""
    run = run_name(studio("run", config, events).stderr)
    assert studio("runs", "show", run, "--failed", events).exit_code == 2
    assert events.read_bytes() == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux's")
def test_failed_events_that_cannot_be_written_do_not_cost_the_report(studio, config, tmp_path):
    result = studio("run", config, mixed(tmp_path), "--failed", "/dev/full")
    assert result.exit_code == 1
    assert "1  delivered   " in result.stdout
    assert "/dev/full could not be written: No space left on device. studio runs show " in result.stderr
    assert "--failed FILE writes the events that failed." in result.stderr


def test_a_run_that_could_not_begin_is_not_on_record(studio, config, tmp_path):
    result = studio("run", config, mixed(tmp_path), "--to", "http://192.0.2.1")
    assert result.exit_code == 2
    listed = studio("runs")
    assert (listed.stdout, "No run is on record in " in listed.stderr) == ("", True)


def test_a_folder_for_runs_that_cannot_be_used_is_told_with_what_to_do(studio, config, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    result = studio("run", config, mixed(tmp_path))
    assert result.exit_code == 2
    assert "Not a directory. Set XDG_STATE_HOME to another folder, or name a file with --journal." in result.stderr
    assert studio("run", config, mixed(tmp_path), "--journal", tmp_path / "j.db").exit_code == 1
