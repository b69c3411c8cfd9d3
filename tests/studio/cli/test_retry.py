"""`studio retry`: what failed in a run is sent again."""

from __future__ import annotations

import signal

from commands import address, documents, identify, mixed, run_name, write_events
from served import served_sandbox

from actions.klaviyo.sandbox import Faults


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


def test_a_run_with_a_journal_of_its_own_is_named_by_that_here_too(studio, config, tmp_path):
    journal = tmp_path / "mine.db"
    studio("run", config, mixed(tmp_path), "--journal", journal)
    again = studio("retry", journal)
    assert f"studio runs show {journal} tells all of it." in again.stderr
    assert f"studio retry {journal}" in again.stderr
