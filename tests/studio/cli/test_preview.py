"""`studio preview`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from commands import documents, identify, track, write_events


def database(tmp_path: Path) -> str:
    """All that the sandbox's file holds, as SQL."""
    with closing(sqlite3.connect(tmp_path / "data" / "mapping-studio" / "sandbox.db")) as db:
        return "\n".join(db.iterdump())


def test_a_preview_shows_payload_and_requests(studio, config, tmp_path):
    events = write_events(tmp_path / "e.ndjson", identify("ann@example.com"), {"type": "page"})
    result = studio("preview", config, events)
    assert result.exit_code == 0
    assert "identify  e.ndjson:1\n  ✓ fires  People  upsertProfile\n" in result.stdout
    assert '"email": "ann@example.com"' in result.stdout
    assert "→ POST https://a.klaviyo.com/api/profiles/  (sandbox: 201 Created)" in result.stdout
    assert "page  e.ndjson:2\n  no enabled mapping fires" in result.stdout


def test_follow_ups_are_shown_as_the_sandbox_is_now(studio, config, tmp_path):
    events = write_events(tmp_path / "e.ndjson", identify("ann@example.com"))
    studio("send", config, events)
    [people, _] = documents(studio("preview", config, events, "--json").stdout)
    assert [(request["method"], request["sandbox_status"]) for request in people["requests"]] == [
        ("POST", 409),
        ("PATCH", 200),
    ]


def test_a_preview_changes_nothing_in_the_sandbox(studio, config, tmp_path):
    studio("send", config, write_events(tmp_path / "one.ndjson", identify("ann@example.com")))
    before = database(tmp_path)
    more = write_events(tmp_path / "two.ndjson", identify("ann@example.com", name="x"), track("bob@example.com"))
    assert studio("preview", config, more).exit_code == 0
    assert database(tmp_path) == before


def test_a_preview_makes_no_file(studio, tmp_path):
    assert studio("preview").exit_code == 0
    assert not (tmp_path / "data").exists()


def test_each_mapping_is_told_in_json(studio, config, tmp_path):
    events = write_events(tmp_path / "e.ndjson", identify("no address"))
    result = studio("preview", config, events, "--json")
    assert result.exit_code == 1
    people, other = documents(result.stdout)
    assert (people["fires"], people["valid"], people["requests"]) == (True, False, [])
    assert people["message"] == "Email must be a valid email address string but it was not."
    assert people["payload"] == {"email": "no address"}
    assert (other["mapping"], other["fires"]) == ("Events", False)
    assert "payload" not in other


def test_a_list_that_the_sandbox_does_not_know_is_taken_as_there(studio, config, tmp_path):
    config.write_text(
        '[[mapping]]\nname = "List"\naction = "addProfileToList"\ntrigger = "type = \\"identify\\""\n[mapping.fields]\n'
        'email = { "@path" = "$.traits.email" }\nlist_id = "MyReal"\n'
    )
    result = studio("preview", config, write_events(tmp_path / "e.ndjson", identify("ann@example.com")), "--json")
    assert result.exit_code == 0
    assert "/api/lists/MyReal/relationships/profiles" in result.stdout


def test_long_payloads_are_cut_unless_all_is_asked_for(studio, config, tmp_path):
    wide = track("ann@example.com", text="x" * 3000, rows=list(range(200)))
    events = write_events(tmp_path / "e.ndjson", wide)
    short, full = studio("preview", config, events).stdout, studio("preview", config, events, "--full").stdout
    assert "more lines; --full shows them" in short
    assert "more characters; --full shows them" in short
    assert "--full" not in full
    assert "x" * 3000 in full
    assert "  199\n" in full
