"""Whatever is given: one clear message, the right exit code, never a traceback."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from commands import documents, identify, track, write_events

GOOD = b'{"type":"track","event":"Seen","properties":{"email":"ann@example.com"}}\n'
READERS = ["preview", "send", "run", "match", "map"]

BAD_LINES = {
    "no JSON": (b"{bad\n", "not valid JSON"),
    "a text that is not UTF-8": (b'{"a":"\xff"}\n', "not valid JSON"),
    "a number": (b"5\n", "an event must be an object but this is a number"),
    "an array": (b"[1]\n", "an event must be an object but this is an array"),
    "null": (b"null\n", "an event must be an object but this is null"),
    "too deep to read": (b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"\n", "recursion"),
}


def arguments(command: str, config: Path, events: Path | str) -> list[str]:
    given = {"match": 'type = "track"', "map": '{"@path": "$.properties.email"}'}
    return [command, given.get(command, str(config)), str(events)]


@pytest.mark.parametrize("command", READERS)
@pytest.mark.parametrize("kind", BAD_LINES)
def test_a_bad_line_is_named_and_the_rest_goes_on(studio, config, tmp_path, command, kind):
    line, word = BAD_LINES[kind]
    (tmp_path / "events.ndjson").write_bytes(GOOD + line + GOOD)
    result = studio(*arguments(command, config, tmp_path / "events.ndjson"), "--json")
    assert result.exit_code == 1
    assert result.stderr.count("events.ndjson:2: ") == 1
    assert word in result.stderr
    if command == "run":
        [report] = documents(result.stdout)
        assert (report["events"], report["bad_lines"], report["complete"]) == (2, 1, True)
    else:
        assert len(documents(result.stdout)) == {"preview": 4}.get(command, 2)


@pytest.mark.parametrize("command", ["preview", "send", "map"])
def test_a_number_beyond_json_is_null_in_what_is_printed_for_machines(studio, config, tmp_path, command):
    (tmp_path / "events.ndjson").write_bytes(GOOD[:-3] + b',"n":1e999}}\n')
    asked = arguments(command, config, tmp_path / "events.ndjson")
    if command == "map":
        asked[1] = '{"@path": "$.properties"}'
    result = studio(*asked, "--json")
    assert result.exit_code == 0
    assert '"n":null' in result.stdout


@pytest.mark.parametrize("command", READERS)
@pytest.mark.parametrize(
    ("content", "word"),
    [
        pytest.param(gzip.compress(GOOD * 9)[:-9], "gzip data is damaged", id="gzip cut off"),
        pytest.param(b"\x1f\x8bdamaged", "gzip data is damaged", id="no gzip"),
        pytest.param(GOOD.decode().encode("utf-16"), "UTF-16", id="UTF-16"),
        pytest.param(b"[" + GOOD.strip() + b",", "the array has no end", id="array cut off"),
    ],
)
def test_a_broken_file_is_told_once(studio, config, tmp_path, command, content, word):
    (tmp_path / "events").write_bytes(content)
    result = studio(*arguments(command, config, tmp_path / "events"))
    assert result.exit_code == 1
    assert result.stderr.count(word) == 1


@pytest.mark.parametrize("command", READERS)
def test_a_missing_file_and_an_empty_folder_are_wrong_usage(studio, config, tmp_path, command):
    missing, folder = tmp_path / "none.ndjson", tmp_path / "folder"
    folder.mkdir()
    result = studio(*arguments(command, config, missing), folder)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"{missing}: there is no such file." in result.stderr
    assert f"{folder}: this folder has no files with events" in result.stderr
    assert len(result.stderr.splitlines()) == 2


@pytest.mark.parametrize("command", READERS)
def test_an_empty_file_is_nothing_to_do(studio, config, tmp_path, command):
    (tmp_path / "events").write_bytes(b"")
    assert studio(*arguments(command, config, tmp_path / "events")).exit_code == 0


@pytest.mark.parametrize("command", READERS)
def test_a_large_event_and_a_deep_one_are_taken(studio, config, tmp_path, command):
    deep: object = "end"
    for _ in range(100):
        deep = {"d": deep}
    large = track("ann@example.com", text="x" * 10_000_000)
    events = write_events(tmp_path / "events.ndjson", large, track("ann@example.com", deep=deep))
    result = studio(*arguments(command, config, events))
    assert result.exit_code == (1 if command in ("preview", "send", "run") else 0)  # Klaviyo takes neither of them
    assert len(result.stdout) < 200_000


@pytest.mark.parametrize("command", ["preview", "send", "run", "check"])
@pytest.mark.parametrize(
    ("content", "place"),
    [(b"version = 1\n[[mapping", 2), (b'[[mapping]]\nname = "x"\naction = "nothing"\ntrigger = "type"\n', 3)],
)
def test_a_broken_configuration_is_told_with_its_line(studio, config, command, content, place):
    config.write_bytes(content)
    result = studio(command, config)
    assert result.exit_code == (1 if command == "check" else 2)
    assert f"shop.toml:{place}: " in result.stdout + result.stderr


@pytest.mark.parametrize("command", ["preview", "send", "run", "check"])
def test_a_configuration_that_cannot_be_read_is_wrong_usage(studio, tmp_path, command):
    (tmp_path / "latin.toml").write_bytes(b'name = "\xff"\n')
    for path, word in ((tmp_path / "latin.toml", "not UTF-8"), (tmp_path, "folder"), (tmp_path / "no.toml", "no such")):
        result = studio(command, path)
        assert result.exit_code == 2
        assert word in result.stderr
        assert result.stdout == ""


@pytest.mark.parametrize("command", ["preview", "send", "run"])
def test_a_configuration_without_samples_needs_events(studio, config, command):
    result = studio(command, config)
    assert result.exit_code == 2
    assert "shop.samples.ndjson is not there" in result.stderr


@pytest.mark.parametrize("command", ["preview", "send", "run"])
def test_events_in_the_place_of_the_configuration_are_noticed(studio, tmp_path, command):
    result = studio(command, write_events(tmp_path / "events.ndjson", identify("ann@example.com")))
    assert result.exit_code == 2
    assert "give CONFIG first, then EVENTS" in result.stderr


@pytest.mark.parametrize("command", ["preview", "send", "run", "sandbox"])
def test_a_data_folder_that_cannot_be_used_is_told(studio, tmp_path, monkeypatch, command):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    result = studio(command)
    if command == "preview":  # it needs no sandbox of its own
        assert result.exit_code == 0
    else:
        assert result.exit_code == 2
        assert "Set XDG_DATA_HOME to another folder" in result.stderr


@pytest.mark.parametrize("command", ["preview", "send", "run", "sandbox"])
def test_a_sandbox_file_that_is_none_is_told_and_kept(studio, tmp_path, command):
    path = tmp_path / "data" / "mapping-studio" / "sandbox.db"
    path.parent.mkdir(parents=True)
    path.write_text("something else " * 100)
    result = studio(command)
    assert result.exit_code == 2
    assert "sandbox.db cannot be used: file is not a database" in result.stderr
    assert path.read_text().startswith("something else")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told(studio, tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir(mode=0o500)
    monkeypatch.chdir(tmp_path / "closed")
    result = studio("init")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


@pytest.mark.parametrize("mapping", ["{", "[1", "{}x", '{"@path": 5}', '{"@case": {}}', "none.json", '"\ud800"'])
def test_a_mapping_that_is_none_is_wrong_usage(studio, mapping):
    result = studio("map", mapping)
    assert result.exit_code == 2
    assert result.stderr.startswith("studio: ")
    assert result.stdout == ""


@pytest.mark.parametrize("trigger", ["", "type =", "type = 'x' and", "match(event)", "a = \x1b", "(" * 5000])
def test_a_trigger_that_is_none_is_wrong_usage(studio, trigger):
    result = studio("match", trigger)
    assert result.exit_code == 2
    assert result.stderr.startswith("studio: the trigger cannot be read: line 1, column ")
    assert "\x1b" not in result.stderr


@pytest.mark.parametrize(
    "target", ["nowhere", "http://example.com", "http://127.0.0.1:99999", "http://[::1", "https://"]
)
@pytest.mark.parametrize("command", ["send", "run"])
def test_an_unknown_target_is_wrong_usage(studio, command, target):
    result = studio(command, "--to", target)
    assert result.exit_code == 2
    assert f"Unknown target '{target}'" in result.stderr
    assert result.stdout == ""


def test_fresh_goes_with_the_sandbox_only(studio):
    result = studio("send", "--to", "http://127.0.0.1:9", "--fresh")
    assert result.exit_code == 2
    assert "--to sandbox only" in result.stderr


def test_a_json_document_and_several_files_are_read(studio, config, tmp_path):
    (tmp_path / "a.json").write_text(json.dumps([identify("ann@example.com"), identify("bob@example.com")], indent=2))
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(json.dumps(track("ann@example.com"), indent=2).encode()))
    result = studio("run", config, tmp_path / "a.json", tmp_path / "b.json.gz", "--json")
    assert result.exit_code == 0
    [report] = documents(result.stdout)
    assert report["mappings"] == {"People": {"delivered": 2}, "Events": {"delivered": 1}}
