"""`studio send`."""

from __future__ import annotations

import shlex

import pytest
from commands import documents, identify, track, write_events


@pytest.fixture
def events(tmp_path):
    return write_events(
        tmp_path / "e.ndjson", identify("ann@example.com"), track("no address"), {"type": "page", "name": "Home"}
    )


def test_exchanges_are_shown_whole_and_the_key_as_dots(studio, config, events):
    result = studio("send", config, events)
    assert result.exit_code == 1
    assert "identify  e.ndjson:1\n  ✓ delivered  People\n" in result.stdout
    assert "→ POST https://a.klaviyo.com/api/profiles/\n" in result.stdout
    assert "← 201 Created  " in result.stdout
    assert " ms\n" in result.stdout
    assert "authorization: •••\n" in result.stdout
    assert "pk_sandbox" not in result.stdout
    assert "✗ invalid  Events" in result.stdout
    assert "page · Home  e.ndjson:3\n  · unmatched" in result.stdout
    assert result.stderr == "To the sandbox: 1 delivered, 1 invalid, 1 unmatched.\n"


def test_all_delivered_or_unmatched_ends_with_0(studio, config, tmp_path):
    events = write_events(tmp_path / "good.ndjson", identify("ann@example.com"), {"type": "page"})
    assert studio("send", config, events).exit_code == 0


def test_json_has_one_document_an_outcome(studio, config, events):
    delivered, invalid, unmatched = documents(studio("send", config, events, "--json").stdout)
    assert (delivered["mapping"], delivered["status"], delivered["line"]) == ("People", "delivered", 1)
    [exchange] = delivered["exchanges"]
    assert (exchange["method"], exchange["status"]) == ("POST", 201)
    assert exchange["request_headers"]["authorization"] == "•••"
    assert exchange["request_body"]["data"]["attributes"]["email"] == "ann@example.com"
    assert exchange["response_body"]["data"]["type"] == "profile"
    assert (invalid["status"], invalid["exchanges"]) == ("invalid", [])
    assert (unmatched["status"], unmatched["mapping"]) == ("unmatched", None)


def test_curl_commands_can_be_run_and_name_the_variable_of_the_key(studio, config, tmp_path):
    text = 'it\'s "$HOME" `id` \x7f \u202e !'
    events = write_events(tmp_path / "e.ndjson", track("ann@example.com", text=text))
    output = studio("send", config, events, "--curl").stdout
    heading, _, command = output.partition("\n")
    assert heading == "# track · Seen: delivered by Events"
    words = shlex.split(command)
    assert words[:4] == ["curl", "--request", "POST", "https://a.klaviyo.com/api/events/"]
    assert "authorization: Klaviyo-API-Key $KLAVIYO_API_KEY" in words
    assert '"authorization: Klaviyo-API-Key $KLAVIYO_API_KEY"' in command  # within quotes that let the variable be
    body = documents(words[words.index("--data-raw") + 1])[0]
    assert body["data"]["attributes"]["properties"]["text"] == text


def test_the_sandbox_remembers_and_fresh_makes_it_forget(studio, config, tmp_path):
    events = write_events(tmp_path / "e.ndjson", identify("ann@example.com"))

    def statuses(*options: str) -> list[int]:
        [document] = documents(studio("send", config, events, "--json", *options).stdout)
        return [exchange["status"] for exchange in document["exchanges"]]

    assert statuses() == [201]
    assert statuses() == [409, 200]
    assert statuses("--fresh") == [201]


def test_the_real_klaviyo_needs_a_key(studio):
    result = studio("send", "--to", "klaviyo")
    assert result.exit_code == 2
    assert "KLAVIYO_API_KEY is not set" in result.stderr
    assert "there is none on this machine" in result.stderr
    assert result.stdout == ""


def test_samples_beside_the_configuration_are_sent_where_no_events_are_named(studio, config, tmp_path):
    write_events(tmp_path / "shop.samples.ndjson", identify("ann@example.com"))
    assert studio("send", config).stderr == "To the sandbox: 1 delivered.\n"
