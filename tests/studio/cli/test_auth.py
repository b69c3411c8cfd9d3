"""`studio auth`, with and without a keyring, and that the key is never told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import keyring
import keyring.backend
import pytest
from commands import documents, identify, write_events

import actions.klaviyo
from studio import credentials

KEY = "pk_0123456789abcdef0123456789abcdef01"


class InMemory(keyring.backend.KeyringBackend):
    """A keyring that works, for the tests."""

    def __init__(self) -> None:
        super().__init__()
        self.passwords: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.passwords[service, username]


class Broken(InMemory):
    """A keyring that fails and tells what it was given."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"cannot keep {password}")


class Echo(BaseHTTPRequestHandler):
    """Refuses every request and gives back the key that it was sent."""

    def do_GET(self) -> None:
        self._refuse()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self._refuse()

    def _refuse(self) -> None:
        sent = self.headers["authorization"]
        body = f'{{"errors": [{{"detail": "{sent} is not valid: {sent.split()[-1]}", "source": {{"pointer": "/x"}}}}]}}'
        self.send_response(400)
        self.send_header("x-echo", sent)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


@pytest.fixture
def keys() -> Iterator[InMemory]:
    """A machine that has a keyring."""
    before = keyring.get_keyring()
    backend = InMemory()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture
def echoing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Klaviyo that refuses everything and echoes the key."""
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr(actions.klaviyo, "KLAVIYO", replace(actions.klaviyo.KLAVIYO, url=url))
        yield
        server.shutdown()
        thread.join()


def test_a_key_is_stored_found_and_removed(studio, keys, monkeypatch):
    assert studio("auth", "login", "--no-test", input=f"{KEY}\n").stderr == "The key is in the system's keyring.\n"
    assert list(keys.passwords.values()) == [KEY]
    result = studio("auth", "status", "--no-test")
    assert (result.exit_code, result.stdout) == (0, "The key comes from the system's keyring.\n")
    monkeypatch.setenv("KLAVIYO_API_KEY", KEY)
    assert studio("auth", "status", "--no-test").stdout == "The key comes from the variable KLAVIYO_API_KEY.\n"
    monkeypatch.delenv("KLAVIYO_API_KEY")
    assert studio("auth", "logout").stdout == "The key is gone from the keyring.\n"
    assert studio("auth", "logout").stdout == "The keyring has no key.\n"
    assert keys.passwords == {}


def test_the_status_is_told_to_machines_too(studio, keys, monkeypatch):
    [found] = documents(studio("auth", "status", "--json").stdout)
    assert (found["key_from"], found["accepted"]) == (None, None)
    monkeypatch.setenv("KLAVIYO_API_KEY", KEY)
    result = studio("auth", "status", "--no-test", "--json")
    [found] = documents(result.stdout)
    assert (result.exit_code, found["key_from"], found["accepted"]) == (0, "environment", None)
    assert KEY not in result.output


def test_a_keyring_without_a_key_is_told_apart_from_no_keyring(studio, keys):
    result = studio("auth", "status")
    assert result.exit_code == 1
    assert "The system's keyring has no key either; `studio auth login` stores it." in result.stdout


def test_a_machine_without_a_keyring_is_told_and_the_variable_named(studio):
    status = studio("auth", "status")
    assert status.exit_code == 1
    assert "The system's keyring cannot be used: there is none on this machine." in status.stdout
    assert "Set the environment variable KLAVIYO_API_KEY instead." in status.stdout
    for command in ("login", "logout"):
        result = studio("auth", command, input=f"{KEY}\n")
        assert result.exit_code == 2
        assert "there is none on this machine" in result.stderr
        assert "KLAVIYO_API_KEY" in result.stderr
        assert KEY not in result.output


@pytest.mark.parametrize(
    "given", ["", "\n", "secret-of-another-kind\n", "pk_schlüssel\n", "pk_two words\n", b"pk_\xff\n"]
)
def test_what_is_no_key_is_refused_without_telling_it(studio, keys, given):
    result = studio("auth", "login", "--no-test", input=given)
    assert result.exit_code == 2
    assert "Nothing was stored." in result.stderr
    assert keys.passwords == {}
    text = given.decode(errors="replace") if isinstance(given, bytes) else given
    assert not text.strip() or text.strip() not in result.output


def test_a_keyring_that_fails_does_not_tell_the_key(studio, keys):
    keyring.set_keyring(Broken())
    result = studio("auth", "login", "--no-test", input=f"{KEY}\n")
    assert result.exit_code == 2
    assert "cannot keep …" in result.stderr
    assert KEY not in result.output


def test_the_prompt_that_ends_without_a_key_is_no_error(studio, keys, monkeypatch):
    import getpass

    def end(_: str) -> str:
        raise EOFError

    monkeypatch.setattr(getpass, "getpass", end)
    monkeypatch.setattr("typer.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)
    result = studio("auth", "login")
    assert result.exit_code == 2
    assert "Nothing was stored." in result.stderr


def test_a_key_that_klaviyo_refuses_is_not_stored_nor_told(studio, keys, echoing):
    result = studio("auth", "login", input=f"{KEY}\n")
    assert result.exit_code == 1
    assert "nothing was stored" in result.stderr
    assert keys.passwords == {}
    assert KEY not in result.output


@pytest.mark.parametrize("options", [[], ["--full"], ["--curl"], ["--json"]])
@pytest.mark.parametrize("origin", ["environment", "keyring"])
def test_a_key_that_klaviyo_echoes_is_never_shown(
    studio, config, tmp_path, keys, echoing, monkeypatch, options, origin
):
    if origin == "environment":
        monkeypatch.setenv("KLAVIYO_API_KEY", KEY)
    else:
        credentials.store(KEY)
    events = write_events(tmp_path / "e.ndjson", identify("ann@example.com"))
    result = studio("send", config, events, "--to", "klaviyo", *options)
    assert result.exit_code == 1
    assert "rejected" in result.output
    assert KEY not in result.output
    assert KEY not in studio("run", config, events, "--to", "klaviyo").output
    assert KEY not in studio("auth", "status").output


def test_a_credential_does_not_show_its_key():
    assert KEY not in repr(credentials.Credential(KEY, "environment"))
