"""Runs that were broken off and go on, and the journals that they go on by."""

from __future__ import annotations

import json
import resource
import signal

import pytest
from commands import address, documents, identify, mixed, run_name, track, write_events

from actions.delivery.journal import Journal, JournalError
from studio.runs import all_journals


def is_sending() -> bool:
    """Whether the newest run has something on its way."""
    try:
        with Journal(all_journals()[0], write=False) as journal:
            return bool(journal.in_flight())
    except (IndexError, JournalError):
        return False


def test_the_same_command_goes_on_with_a_run_that_was_ended(start, studio, config, tmp_path):
    config.write_text(config.read_text().replace("[mapping.fields]", "[mapping.fields]\nenable_batching = false"))
    events = write_events(tmp_path / "e.ndjson", *[identify(f"p{number}@example.com") for number in range(400)])
    with start("sandbox", "--port", "0", "--faults", "delay=0.05") as server:
        try:
            url = address(server.stderr)
            with start("run", config, events, "--to", url, "--json") as process:
                while not is_sending():
                    assert process.poll() is None
                process.send_signal(signal.SIGTERM)
                output, said = process.communicate(timeout=60)
            again = studio("run", config, events, "--to", url, "--json")
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=30)
    assert process.returncode == 130
    [first] = map(json.loads, output.splitlines())
    assert not first["complete"]
    assert "studio: ending: what is on its way is finished first." in said
    assert f"studio: going on with run {first['run']}, which was broken off.\n" in again.stderr
    [report] = documents(again.stdout)
    assert (report["run"], report["complete"]) == (first["run"], True)
    assert report["mappings"] == {"People": {"delivered": 400}}
    assert "going on" not in studio("run", config, events, "--skip", "400").stderr


@pytest.mark.parametrize("content", [b"", None])
def test_a_run_that_has_finished_or_is_none_is_not_gone_on_with(studio, config, tmp_path, content):
    if content is None:
        name = run_name(studio("run", config, mixed(tmp_path)).stderr)
        result = studio("run", "--resume", name)
        assert f"run {name} has finished; `studio retry {name}` sends again what failed." in result.stderr
    else:
        (tmp_path / "x.db").write_bytes(content)
        result = studio("run", "--resume", tmp_path / "x.db")
        assert "is no journal of a run" in result.stderr
    assert result.exit_code == 2


def test_a_named_journal_belongs_to_one_run(studio, config, tmp_path):
    events, journal = mixed(tmp_path), tmp_path / "mine.db"
    assert studio("run", config, events, "--journal", journal).exit_code == 1
    assert journal.exists()
    assert "has finished" in studio("run", config, events, "--journal", journal).stderr
    assert studio("run", config, events, "--journal", journal, "--restart").exit_code == 1
    assert studio("runs", "show", journal).exit_code == 1
    assert studio("retry", journal).exit_code == 1


@pytest.mark.parametrize("content", ["version = 1\n", "SQLite format 3\0", "x" * 9000])
def test_a_file_that_is_no_journal_is_never_deleted(studio, config, tmp_path, content):
    mine = tmp_path / "mine"
    mine.write_text(content)
    result = studio("run", config, mixed(tmp_path), "--journal", mine, "--restart")
    assert (result.exit_code, mine.read_text()) == (2, content)
    assert f"{mine} is no journal of a run. It stays as it is; name another file with --journal." in result.stderr


def test_a_journal_that_is_being_written_is_not_deleted(studio, config, tmp_path):
    events, journal = mixed(tmp_path), tmp_path / "j.db"
    studio("run", config, events, "--journal", journal)
    with Journal(journal):
        result = studio("run", config, events, "--journal", journal, "--restart")
    assert (result.exit_code, journal.exists()) == (2, True)
    assert "is being written by another run" in result.stderr


def test_what_a_run_that_goes_on_is_not_asked_anew_is_told(studio, config, tmp_path):
    run = run_name(studio("run", config, mixed(tmp_path)).stderr)
    for more in ((config,), ("--to", "klaviyo"), ("--limit", "1"), ("--fresh",), ("--restart",)):
        result = studio("run", "--resume", run, *more)
        assert (result.exit_code, "leave out CONFIG, EVENTS, --to" in result.stderr) == (2, True)


def test_a_run_that_goes_on_is_told_from_one_that_was_killed(studio, config, tmp_path):
    run = run_name(studio("run", config, mixed(tmp_path)).stderr)
    [path] = all_journals()
    with Journal(path) as journal:
        with journal.transaction():
            journal.note(state="running")
        assert "running, shop.toml" in studio("runs").stdout
        shown = studio("runs", "show", run).stdout
        assert shown.startswith(f"Run {run}, running\n")
        assert "Not complete: it goes on at e.ndjson:5." in shown.replace(f"{tmp_path}/", "")
    assert "killed, shop.toml" in studio("runs").stdout
    shown = studio("runs", "show", run).stdout.replace(f"{tmp_path}/", "")
    assert "Not complete: it ended at e.ndjson:5. The same command goes on where it was" in shown


def test_a_run_that_goes_on_by_other_mappings_says_so(studio, config, tmp_path):
    command = ("run", config, mixed(tmp_path))
    studio(*command)
    for changed in (False, True):
        with Journal(all_journals()[0]) as journal, journal.transaction():
            journal.note(state="stopped")
        if changed:
            config.write_text(config.read_text().replace('type = "track"', 'type = "page"'))
        result = studio(*command)
        assert "going on with run" in result.stderr
        assert ("the mappings have changed since." in result.stderr) == changed


def test_of_a_journal_that_could_not_be_made_nothing_is_left(start, config, tmp_path):
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    events, journal = mixed(tmp_path), tmp_path / "j.db"
    with start("run", config, events, "--journal", journal, preexec_fn=no_room) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert f"the journal {journal} cannot be used" in said
    assert not list(tmp_path.glob("j.db*"))


def test_an_input_that_changed_where_not_all_was_settled_is_not_gone_on_with(studio, config, tmp_path):
    events = [identify("ann@example.com"), *(track(f"p{number}@example.com") for number in range(5))]
    path = write_events(tmp_path / "e.ndjson", *events)
    studio("run", config, path)
    studio("run", config, "-", input=path.read_bytes())
    for each in all_journals():  # as if it had been killed while the first event was on its way
        with Journal(each) as journal, journal.transaction():
            journal.note(state="running", watermark="0", digest="")
    write_events(path, events[0], track("new@example.com"), *events[1:])
    result = studio("run", config, path, "--json")
    assert "the input is not the one that run" in result.stderr
    [report] = documents(result.stdout)
    assert (report["mappings"]["Events"], result.exit_code) == ({"delivered": 6}, 0)
    piped = studio("run", config, "-", input=path.read_bytes())
    assert (piped.exit_code, "this is not the input" in piped.stderr) == (2, True)


def test_a_named_journal_is_not_left_for_another_where_the_input_changed(studio, config, tmp_path):
    path, journal = mixed(tmp_path), tmp_path / "j.db"
    studio("run", config, path, "--journal", journal)
    with Journal(journal) as opened, opened.transaction():
        opened.note(state="stopped")
    write_events(path, identify("new@example.com"))
    result = studio("run", config, path, "--journal", journal)
    assert result.exit_code == 2
    assert "nothing was sent. Give the same input, or begin anew with --restart." in result.stderr
    assert studio("run", config, path, "--journal", journal, "--restart").exit_code == 0


def test_an_input_that_has_grown_is_gone_on_with(studio, config, tmp_path):
    events = [identify("ann@example.com"), *(track(f"p{number}@example.com") for number in range(5))]
    path = write_events(tmp_path / "e.ndjson", *events)
    studio("run", config, path)
    with Journal(all_journals()[0]) as journal, journal.transaction():
        journal.note(state="running", watermark="0", digest="")
    write_events(path, *events, track("new@example.com"))
    result = studio("run", config, path, "--json")
    assert "going on with run" in result.stderr
    assert documents(result.stdout)[0]["mappings"] == {"People": {"delivered": 1}, "Events": {"delivered": 6}}


def test_a_run_that_was_started_with_nohup_outlives_its_terminal(start, config, tmp_path):
    events = write_events(tmp_path / "e.ndjson", *[identify(f"p{number}@example.com") for number in range(20)])
    config.write_text(config.read_text().replace("[mapping.fields]", "[mapping.fields]\nenable_batching = false"))
    with start("sandbox", "--port", "0", "--faults", "delay=0.3") as server:
        try:
            url = address(server.stderr)
            ignored = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)  # noqa: E731 - what nohup does
            with start("run", config, events, "--to", url, "--json", preexec_fn=ignored) as process:
                while not is_sending():
                    assert process.poll() is None
                process.send_signal(signal.SIGHUP)
                output, said = process.communicate(timeout=60)
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=30)
    assert (process.returncode, said) == (0, "")
    assert json.loads(output)["mappings"] == {"People": {"delivered": 20}}
