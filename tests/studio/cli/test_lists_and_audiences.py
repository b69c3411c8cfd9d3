"""`studio lists` and `studio audiences`."""

from __future__ import annotations

import pytest
from commands import documents
from dialog_host import HOSTILE, is_dangerous


def test_all_pages_are_listed_by_name(studio, sandbox, address):
    for number in range(25):
        sandbox.ensure_list(f"L{number:05}", f"List of {number:02}")
    result = studio("lists", "--to", address)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) == len(sandbox.lists())
    assert lines[1:3] == ["L00000  List of 00", "L00001  List of 01"]
    as_json = documents(studio("lists", "--to", address, "--json").stdout)
    assert as_json[1] == {"id": "L00000", "name": "List of 00"}
    assert len(as_json) == len(lines)


def test_a_list_is_created_once(studio, sandbox, address):
    first = studio("lists", "--create", "Lantern buyers", "--to", address)
    assert first.exit_code == 0
    [made] = [each for each in sandbox.lists() if each["name"] == "Lantern buyers"]
    assert first.stdout == f"List 'Lantern buyers' (id: {made['id']}) created successfully!\n"
    assert "POST" in first.stderr
    again = studio("lists", "--create", "Lantern buyers", "--to", address, "--json")
    [document] = documents(again.stdout)
    assert (document["id"], document["created"], document["status"]) == (made["id"], False, "delivered")
    assert [exchange["method"] for exchange in document["exchanges"]] == ["GET"]
    assert again.stderr == ""
    assert sum(each["name"] == "Lantern buyers" for each in sandbox.lists()) == 1


def test_names_of_lists_do_nothing_to_the_terminal(studio, sandbox, address):
    sandbox.ensure_list("Hostil", HOSTILE)
    for result in (studio("lists", "--to", address), studio("lists", "--create", HOSTILE, "--to", address)):
        assert result.exit_code == 0
        assert "Hostil" in result.stdout
        assert not [character for character in result.stdout + result.stderr if is_dangerous(character)]


def test_a_list_without_a_name_is_refused(studio, address):
    result = studio("lists", "--create", " ", "--to", address)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Missing audience name value" in result.stderr


@pytest.mark.parametrize("command", [("lists",), ("lists", "--create", "X"), ("audiences", "verify", "VmR4Lk")])
def test_an_account_that_cannot_be_asked_is_told(studio, command):
    gone = studio(*command, "--to", "http://127.0.0.1:9")
    assert gone.exit_code == 1
    assert "Klaviyo was not reached" in gone.stderr
    keyless = studio(*command, "--to", "klaviyo")
    assert keyless.exit_code == 2
    assert "No API key" in keyless.stderr


def test_an_audience_gets_a_list_of_its_name_or_one_that_there_is(studio, sandbox, address):
    [made] = documents(studio("audiences", "create", "Fans", "--to", address, "--json").stdout)
    assert made["created"]
    [same] = documents(studio("audiences", "create", "Fans", "--to", address, "--json").stdout)
    assert (same["id"], same["created"]) == (made["id"], False)
    [own] = documents(studio("audiences", "create", "Fans", "--list-id", "XyZ12a", "--to", address, "--json").stdout)
    assert (own["id"], own["name"]) == ("XyZ12a", "Recent lantern buyers")
    wrong = studio("audiences", "create", "Fans", "--list-id", "nope", "--to", address)
    assert wrong.exit_code == 1
    assert "has no list with the id nope" in wrong.stderr
    assert len([each for each in sandbox.lists() if each["name"] == "Fans"]) == 1


def test_ownership_of_an_audience_is_verified(studio, address):
    assert studio("audiences", "verify", "VmR4Lk", "--to", address).stdout == "The account has the list VmR4Lk.\n"
    refused = studio("audiences", "verify", "nope", "--to", address)
    assert refused.exit_code == 1
    assert "Segment Audience ID doesn't match The Klaviyo List Id." in refused.stderr
    [document] = documents(studio("audiences", "verify", "nope", "--to", address, "--json").stdout)
    assert (document["id"], document["status"]) == ("nope", "rejected")
