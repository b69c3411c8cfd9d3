"""Text of events reaches the terminal as text: neither as control characters nor as markup."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from commands import documents, track, write_events

TRIGGER = 'contains(event, "x") or properties.name = "y" or userId = 1'
MAPPING = '{"@path": "$."}'
ATTACKS = {
    "colour": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;owned\x07",
    "one byte CSI": "\x9b2J",
    "bell and backspace": "a\x07\x08\x7fb",
    "carriage return": "all is well\rnothing is",
    "direction": "abc\u202edcba\u2066x\u2069\u200f\u061c",
    "invisible": "zero\u200bwidth\ufeff\u2028line",
    "rich markup": "[red]not red[/red] [/] [b [link=http://x]y[/link] :smile:",
    "line ends": "first\nsecond\r\nthird\tfourth",
}


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    events: list[object] = []
    for text in ATTACKS.values():
        events.append(track(f"{text}@example.com", event=f"x{text}", name=text, **{text: {text: [text]}}))
        events.append(track("ann@example.com", event=f"x{text}", name=text, **{text: {text: [text]}}))
        events.append({"type": text, "event": {"x": text}, "traits": text})
    return write_events(tmp_path / "events \x1b[31m\u202e.ndjson", *events)


def commands(config: Path, events: Path) -> list[list[str]]:
    return [
        ["preview", str(config), str(events)],
        ["preview", str(config), str(events), "--full"],
        ["send", str(config), str(events)],
        ["send", str(config), str(events), "--full"],
        ["send", str(config), str(events), "--curl"],
        ["run", str(config), str(events)],
        ["match", TRIGGER, str(events)],
        ["map", MAPPING, str(events)],
    ]


def dangerous(text: str) -> set[str]:
    """The characters of a text that a terminal would act on or hide."""
    return {character for character in text if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs")} - {
        "\n"
    }


@pytest.mark.parametrize("index", range(8))
def test_nothing_that_a_terminal_acts_on_is_printed(studio, config, hostile, index):
    result = studio(*commands(config, hostile)[index])
    assert "event" in result.stdout
    assert dangerous(result.stdout) == set()
    assert dangerous(result.stderr) == set()


@pytest.mark.parametrize("index", [0, 2, 6])
def test_what_looks_like_markup_is_printed_as_it_is(studio, config, hostile, index):
    output = studio(*commands(config, hostile)[index]).stdout
    assert "[red]not red[/red] [/] [b [link=http://x]y[/link] :smile:" in output


@pytest.mark.parametrize("command", ["preview", "send", "run", "match", "map"])
def test_json_is_printed_safely_and_says_the_same(studio, config, hostile, command):
    given = {"match": TRIGGER, "map": MAPPING}.get(command, str(config))
    result = studio(command, given, hostile, "--json")
    assert dangerous(result.stdout) == set()
    read = documents(result.stdout)
    if command == "map":
        assert read == [json.loads(line) for line in hostile.read_text().split("\n") if line]
    if command in ("preview", "send"):
        names = {document["payload"]["properties"]["name"] for document in read if document.get("payload")}
        assert names == set(ATTACKS.values())


@pytest.mark.parametrize("index", range(8))
def test_the_hostile_sample_is_shown_safely(studio, config, shared, index):
    sample = shared / "samples" / "26_track_hostile.json"
    result = studio(*commands(config, sample)[index])
    assert dangerous(result.stdout + result.stderr) == set()


def test_colours_are_only_the_programs_own(studio, config, hostile, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    output = studio("send", config, hostile).stdout
    assert "\x1b[32m✓ delivered" in output
    assert dangerous(re.sub(r"\x1b\[[0-9;]*m", "", output)) == set()


def test_no_color_is_obeyed(studio, config, hostile, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    for arguments in (*commands(config, hostile), ["actions", "upsertProfile"]):
        assert "\x1b" not in studio(*arguments).stdout


def test_a_name_in_the_configuration_is_shown_safely(studio, config, tmp_path):
    text = config.read_text().replace('"Events"', r'"Ev\u001b[31m\u202eents [red]"')
    config.write_text(text)
    events = write_events(tmp_path / "events.ndjson", track("ann@example.com"), track("no address"))
    for command in ("preview", "send", "run", "check"):
        result = studio(command, config, *([] if command == "check" else [events]))
        assert dangerous(result.stdout + result.stderr) == set()
