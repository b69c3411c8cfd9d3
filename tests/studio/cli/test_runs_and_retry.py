"""What is kept of runs: going on, listing, showing, sending again."""

from __future__ import annotations

import json
import re
import resource
import signal
from pathlib import Path

import pytest
from commands import address, documents, identify, track, write_events
from served import served_sandbox

from actions.delivery.journal import Journal, JournalError
from actions.klaviyo.sandbox import Faults
from studio.runs import all_journals


def mixed(tmp_path: Path) -> Path:
    bad = [track("no address"), track("no address"), identify("neither")]
    return write_events(tmp_path / "e.ndjson", identify("a@example.com"), *bad, {"type": "page"})


def run_name(output: str) -> str:
    found = re.search(r"studio runs show (\S+)", output)
    assert found is not None, output
    return found[1]


def is_sending() -> bool:
    """Whether the newest run has something on its way."""
    try:
        with Journal(all_journals()[0], write=False) as journal:
            return bool(journal.in_flight())
    except (IndexError, JournalError):
        return False


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


def test_what_failed_is_sent_again_after_the_configuration_was_repaired(studio, config, tmp_path):
    name = run_name(studio("run", config, mixed(tmp_path)).stderr)
    nothing = studio("retry", name, "--json")
    assert nothing.exit_code == 1
    assert "Sent again to sandbox: 3 invalid." in nothing.stderr
    config.write_text(config.read_text().replace('"$.properties.email"', '"$.properties.nothing"').replace(
        "profile = { email", 'profile = { external_id = "x", email'
    ))  # fmt: skip
    again = studio("retry", name, "--json")
    assert "Sent again to sandbox: 2 delivered, 1 invalid." in again.stderr
    [report] = documents(again.stdout)
    assert report["mappings"] == {"Events": {"delivered": 2}, "People": {"delivered": 1, "invalid": 1}}
    assert documents(studio("runs", "show", name, "--json").stdout)[0]["mappings"] == report["mappings"]
    assert "Sent again to sandbox: 1 invalid." in studio("retry", name).stderr


def test_warnings_are_counted_once_however_often_an_event_is_sent(studio, start, config, tmp_path):
    dropping = 'on_invalid_phone = "drop"\n\n[mapping.fields]\nphone_number = "12"\nemail'
    config.write_text(config.read_text().replace("[mapping.fields]\nemail", dropping))
    events = write_events(tmp_path / "e.ndjson", identify("a@example.com"), identify("b@example.com"))
    with start("sandbox", "--port", "0", "--faults", "503=1") as server:
        url = address(server.stderr)
        name = run_name(studio("run", config, events, "--to", url, "--give-up", "0").stderr)
        [report] = documents(studio("retry", name, "--give-up", "0", "--json").stdout)
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=30)
    assert report["mappings"] == {"People": {"retryable": 2}}
    [warning] = report["warnings"]
    assert (warning["mapping"], warning["count"]) == ("People", 2)


def test_only_what_failed_for_a_reason_is_sent_again(studio, config, tmp_path):
    name = run_name(studio("run", config, mixed(tmp_path)).stderr)
    assert "Sent again to sandbox: 2 invalid." in studio("retry", name, "--reason", "Events").stderr
    assert "Sent again to sandbox: 3 invalid." in studio("retry", name, "--reason", "valid EMAIL").stderr
    result = studio("retry", name, "--reason", "weather")
    assert (result.exit_code, "nothing failed for a reason with 'weather'" in result.stderr) == (2, True)


def test_what_a_mapping_does_not_take_any_more_is_told(studio, config, tmp_path):
    name = run_name(studio("run", config, mixed(tmp_path)).stderr)
    config.write_text(config.read_text().replace("type = \"track\"'", "type = \"screen\"'").replace(
        'name = "People"', 'name = "Persons"'
    ))  # fmt: skip
    again = studio("retry", name, "--json")
    assert "2 unmatched. 1 were passed over, since their mapping is off or gone." in again.stderr
    assert documents(again.stdout)[0]["mappings"] == {
        "Events": {"unmatched": 2}, "People": {"delivered": 1, "invalid": 1}
    }  # fmt: skip


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


def test_a_plan_says_what_would_be_sent_and_sends_nothing(studio, config, tmp_path):
    events = write_events(
        tmp_path / "e.ndjson",
        *[identify(f"p{number}@example.com", type="track", event="Seen", properties={"email": "a@b.co"})
          for number in range(1200)],
        identify("a@example.com"), identify("no address"), {"type": "page"},
    )  # fmt: skip
    config.write_text(config.read_text().replace('type = "identify"\'', 'type != "page"\''))
    [plan] = documents(studio("run", config, events, "--plan", "--json").stdout)
    assert plan["mappings"] == {"Events": {"delivered": 1200}, "People": {"delivered": 1201, "invalid": 1}}
    assert plan["several"] == [{"mappings": ["People", "Events"], "count": 1200}]
    assert plan["unmatched"] == 1
    assert plan["uncovered"] == [{"kind": "page", "count": 1}]
    assert {each["endpoint"]: each["count"] for each in plan["requests"]} == {
        "POST /api/event-bulk-create-jobs": 2, "POST /api/profile-bulk-import-jobs": 1
    }  # fmt: skip
    assert all(each["bytes"] > 10_000 for each in plan["requests"])
    told = studio("run", config, events, "--plan").stdout
    assert "1,200 events are taken by several mappings: People, Events" in told
    assert "Nothing fires on 1 × page." in told
    assert "Nothing was sent." in told
    planned = studio("run", config, events, "--plan", "--failed", tmp_path / "f.ndjson")
    assert "with --plan nothing is written to " in planned.stderr
    assert not (tmp_path / "f.ndjson").exists()
    assert studio("runs").stdout == ""
    assert documents(studio("send", config, "--json", events).stdout)[0]["status"] == "delivered"


def test_consent_of_many_people_at_the_real_klaviyo_wants_a_yes(studio, config, tmp_path, monkeypatch):
    monkeypatch.setenv("KLAVIYO_API_KEY", "pk_0123456789abcdef")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nothing leaves this machine
    config.write_text(config.read_text().replace("upsertProfile", "subscribeProfile"))
    many = write_events(tmp_path / "m.ndjson", *[identify(f"p{number}@example.com") for number in range(1001)])
    few = write_events(tmp_path / "f.ndjson", *[identify(f"p{number % 900}@example.com") for number in range(1001)])
    asked = studio("run", config, many, "--to", "klaviyo", "--give-up", "0")
    assert asked.exit_code == 2
    assert (
        "changes the consent of more than 1,000 people at the real Klaviyo (People). Nothing was sent. Give --yes"
        in asked.stderr
    )
    piped = studio("run", config, "-", "--to", "klaviyo", input=many.read_bytes())
    assert (piped.exit_code, "standard input cannot be counted first" in piped.stderr) == (2, True)
    for command in ((few,), (many, "--yes"), (many, "--only", "Events")):
        result = studio("run", config, *command, "--to", "klaviyo", "--give-up", "0")
        assert "consent" not in result.stderr
        assert result.exit_code in (0, 1)
    assert studio("run", config, many, "--json").exit_code == 0


def test_sending_again_to_the_real_klaviyo_asks_about_consent_too(studio, config, tmp_path, monkeypatch):
    monkeypatch.setenv("KLAVIYO_API_KEY", "pk_0123456789abcdef")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nothing leaves this machine
    many = write_events(tmp_path / "m.ndjson", *[identify(f"p{number}@example.com") for number in range(1001)])
    name = run_name(studio("run", config, many, "--to", "klaviyo", "--give-up", "0").stderr)
    assert "Sent again to klaviyo: 1,001 retryable." in studio("retry", name, "--give-up", "0").stderr
    config.write_text(config.read_text().replace("upsertProfile", "subscribeProfile"))
    asked = studio("retry", name)
    assert asked.exit_code == 2
    assert "changes the consent of up to 1,001 people at the real Klaviyo (People). Nothing was sent." in asked.stderr
    assert "Sent again to klaviyo: 1,001 retryable." in studio("retry", name, "--yes", "--give-up", "0").stderr


def test_jobs_of_what_is_sent_again_are_followed(studio, config, tmp_path):
    events = write_events(tmp_path / "e.ndjson", *[identify(f"p{number}@example.com") for number in range(40)])
    right = config.read_text()
    config.write_text(right.replace("$.traits.email", "$.nothing"))
    with served_sandbox(Faults(import_error=0.2)) as (sandbox, url):
        name = run_name(studio("run", config, events, "--to", url).stderr)
        config.write_text(right)
        again = studio("retry", name, "--wait", "--json")
        arrived = sandbox.counts()["profiles"]
    [report] = documents(again.stdout)
    assert 0 < arrived < 40
    assert report["mappings"] == {"People": {"delivered": arrived, "rejected": 40 - arrived}}
    assert f"Sent again to {url}: {arrived} delivered, {40 - arrived} rejected." in again.stderr


def test_only_some_mappings_run(studio, config, tmp_path):
    events = mixed(tmp_path)
    [report] = documents(studio("run", config, events, "--only", "People", "--json").stdout)
    assert report["mappings"] == {"People": {"delivered": 1, "invalid": 1}}
    result = studio("run", config, events, "--only", "Peeple")
    assert (result.exit_code, "there is no mapping 'Peeple'; there are People, Events." in result.stderr) == (2, True)


@pytest.mark.parametrize("time", ["", "soon", "-1", "4 hours"])
def test_a_time_that_is_none_is_wrong_usage(studio, config, tmp_path, time):
    result = studio("run", config, mixed(tmp_path), "--give-up", time)
    assert (result.exit_code, "is no time; write 30s, 10m or 4h." in result.stderr) == (2, True)


def test_a_run_with_a_journal_of_its_own_is_named_by_that(studio, config, tmp_path):
    journal = tmp_path / "a journal"
    told = studio("run", config, mixed(tmp_path), "--journal", journal).stderr
    assert f"studio runs show '{journal}' tells all of it." in told
    assert f"studio retry '{journal}'" in told
    assert studio("runs", "show", journal).stdout.startswith(f"Run {journal}, finished\n")
    assert studio("retry", journal).exit_code == 1
    assert f"`studio retry '{journal}'` sends again" in studio("run", "--resume", journal).stderr


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


def test_what_a_run_that_goes_on_is_not_asked_anew_is_told(studio, config, tmp_path):
    run = run_name(studio("run", config, mixed(tmp_path)).stderr)
    for more in ((config,), ("--to", "klaviyo"), ("--limit", "1"), ("--fresh",), ("--restart",)):
        result = studio("run", "--resume", run, *more)
        assert (result.exit_code, "leave out CONFIG, EVENTS, --to" in result.stderr) == (2, True)


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
