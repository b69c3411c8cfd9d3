"""What is asked and told before anything is sent: the plan, consent, what was given wrongly."""

from __future__ import annotations

import pytest
from commands import documents, identify, mixed, write_events


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
