"""`studio delete`, against a sandbox served over HTTP."""

from __future__ import annotations

import json
from contextlib import closing

import pytest
from commands import documents, identify, write_events
from sandbox_account import served

from actions.klaviyo.sandbox import Sandbox
from studio.cli import delete as command
from studio.cli.failures import UsageFailure


@pytest.fixture
def address(studio, config, tmp_path, sandbox):
    """Where a sandbox answers that knows a, b and c."""
    text = config.read_text().replace("[mapping.fields]", '[mapping.fields]\nexternal_id = { "@path" = "$.userId" }', 1)
    config.write_text(text)
    events = write_events(tmp_path / "e.ndjson", *(identify(f"{who}@example.com", userId=f"id-{who}") for who in "abc"))
    with served(sandbox) as address:
        assert studio("send", config, events, "--to", address).exit_code == 0
        yield address


def left(sandbox: Sandbox) -> str:
    return "".join(sorted(profile["email"][0] for profile in sandbox.profiles()))


def test_one_person_is_erased_and_an_unknown_one_is_told(studio, sandbox, address):
    result = studio("delete", "--external-id", "id-a", "--to", address)
    assert result.exit_code == 0
    assert result.stdout.startswith("✓ erasure asked for  id-a  profile 0")
    assert result.stderr == f"To {address}: 1 asked to be erased.\n"
    assert left(sandbox) == "bc"
    again = studio("delete", "--external-id", "id-a", "--to", address)
    assert again.exit_code == 1
    assert again.stdout == (
        "✗ invalid  id-a  Klaviyo has no profile with the external id id-a, so there is nobody to erase.\n"
    )
    assert studio("delete", "--email", "B@example.com", "--to", address).exit_code == 0
    assert left(sandbox) == "c"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("who.txt", "\ufeffid-a\n\n b@example.com \n+14155550000\nid-a\n"),
        ("who.csv", "Name,userId,E-mail,phone\nAnn,id-a,,\n\nBob,,b@example.com,\n,,,+14155550000\nAnn,id-a,,\n"),
        ("who.ndjson", '{"userId": "id-a", "n": 1}\n\n{"email": "b@example.com"}\n{"phone_number": "+14155550000"}\n'),
    ],
)
def test_a_file_of_each_kind_is_read_each_person_once(studio, sandbox, address, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    result = studio("delete", "--file", tmp_path / name, "--to", address, "--json")
    assert result.exit_code == 1
    first, second, third = documents(result.stdout)
    assert (first["person"], first["status"], first["line"]) == (
        {"external_id": "id-a"},
        "delivered",
        2 - (name[-3:] != "csv"),
    )
    assert len(first["profiles"]) == 1
    assert (second["person"], second["status"]) == ({"email": "b@example.com"}, "delivered")
    assert (third["person"], third["status"], third["profiles"]) == ({"phone_number": "+14155550000"}, "invalid", [])
    assert left(sandbox) == "c"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("who.csv", b"name,age\nann,5\n", "who.csv:1: the heading names no column of external_id, email and phone."),
        ("who.csv", b"email\nid-a\nb@example.com\n,\n", "who.csv:2: 'id-a' is no e-mail address."),
        ("who.csv", b'email\n"a@example.com\n', "this is no CSV"),
        ("who.txt", b"id-a\n+1 415\n", "who.txt:2: '+1 415' is no phone number in E.164 form"),
        ("who.txt", b"id-a\n\xff\n", "is no text in UTF-8: byte 6"),
        ("who.ndjson", b'{"email": "a@example.com"}\n[]\n{\n', "who.ndjson:3: this is no JSON object"),
        ("who.ndjson", b'{"email": "a@example.com"}\n[]\n{\n', "who.ndjson:2: this is no JSON object."),
        ("who.ndjson", b'{"email": ["a@example.com"]}\n', "email must be a text"),
        ("who.ndjson", b'{"userId": "a", "external_id": "b"}\n', "says something else"),
        ("who.ndjson", b'{"name": "a"}\n', "nobody is named"),
    ],
)
def test_a_line_that_is_not_right_keeps_everybody(studio, sandbox, address, tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    result = studio("delete", "--file", tmp_path / name, "--to", address)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert left(sandbox) == "abc"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((), "name a person"),
        (("--email", "a@example.com", "--file", "x"), "name a person"),
        (("--email", "nobody"), "is no e-mail address"),
        (("--phone", "0415"), "E.164"),
        (("--external-id", " "), "nobody is named"),
        (("--file", "/nowhere"), "/nowhere cannot be read: No such file"),
        (("--file", "/"), "/ cannot be read"),
    ],
)
def test_what_cannot_be_done_is_told(studio, given, said):
    result = studio("delete", *given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_an_empty_file_erases_nobody(studio, tmp_path):
    (tmp_path / "none.txt").write_text("\n")
    assert studio("delete", "--file", tmp_path / "none.txt").exit_code == 0


def test_the_real_klaviyo_is_not_asked_without_yes(studio, tmp_path, monkeypatch):
    monkeypatch.setenv("KLAVIYO_API_KEY", "pk_0123456789abcdef")
    result = studio("delete", "--email", "a@example.com", "--to", "klaviyo")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "This erases a@example.com at the REAL Klaviyo for good. Give --yes if that is meant." in result.stderr
    many = "".join(f"id-{number}\n" for number in range(600))
    (tmp_path / "many.txt").write_text(many)
    result = studio("delete", "--file", tmp_path / "many.txt", "--to", "klaviyo")
    assert "This erases 600 people at the REAL Klaviyo for good. Klaviyo takes 60 a minute" in result.stderr
    assert "10 minutes at least" in result.stderr


def test_somebody_who_says_no_erases_nobody(monkeypatch):
    class Terminal:
        @staticmethod
        def isatty() -> bool:
            return True

    from studio.people import Listed, person_of

    monkeypatch.setattr("sys.stdin", Terminal)
    for answer in (False, True):
        monkeypatch.setattr("typer.confirm", lambda *_, answer=answer, **__: answer)
        people = [Listed(person_of({"email": "a@example.com"}), 0)]
        if answer:
            command._ask(people)
        else:
            with pytest.raises(UsageFailure, match="nobody was erased"):
                command._ask(people)


def test_the_limits_of_klaviyo_are_kept_to(studio, tmp_path):
    with closing(Sandbox(limits=True)) as limited, served(limited) as address:
        (tmp_path / "who.ndjson").write_text(
            "".join(json.dumps({"email": f"p{n}@example.com"}) + "\n" for n in range(7))
        )
        for number in range(7):
            import httpx

            body = {"data": {"type": "profile", "attributes": {"email": f"p{number}@example.com"}}}
            headers = {"Authorization": "Klaviyo-API-Key pk_x", "revision": "2026-07-15"}
            httpx.post(f"{address}/api/profiles", json=body, headers=headers).raise_for_status()
        result = studio("delete", "--file", tmp_path / "who.ndjson", "--to", address)
        assert result.exit_code == 0
        assert limited.profiles() == []
