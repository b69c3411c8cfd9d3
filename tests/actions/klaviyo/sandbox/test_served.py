"""The sandbox over HTTP."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import httpx
import pytest
from sandbox_account import HEADERS, IMPORTS, bulk_import, profile, served

from actions.klaviyo.sandbox import Faults, Sandbox


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with (
        closing(Sandbox()) as sandbox,
        served(sandbox) as address,
        httpx.Client(base_url=address, headers=HEADERS) as client,
    ):
        yield client


def test_links_lead_back_to_the_server(client: httpx.Client) -> None:
    for number in range(3):
        assert client.post("/api/profiles", json=profile({"external_id": str(number)})).status_code == 201
    page = client.get("/api/profiles", params={"page[size]": "2"}).json()
    assert page["links"]["next"].startswith(str(client.base_url))
    assert len(client.get(page["links"]["next"]).json()["data"]) == 1


def test_answers_without_a_body_keep_the_connection(client: httpx.Client) -> None:
    assert client.post(IMPORTS, json=bulk_import({"external_id": "u"})).status_code == 202
    profile_id = client.get("/api/profiles").json()["data"][0]["id"]
    members = {"data": [{"type": "profile", "id": profile_id}]}
    path = "/api/lists/VipCst/relationships/profiles"
    assert client.request("POST", path, json=members).status_code == 204
    assert client.request("DELETE", path, json=members).status_code == 204
    assert client.get("/api/lists/VipCst/profiles").json()["data"] == []


def test_a_body_far_above_5_mb_is_too_large(client: httpx.Client, capfd: pytest.CaptureFixture[str]) -> None:
    assert client.post("/api/profiles", content=b" " * 30_000_000).status_code == 413
    assert client.post("/api/profiles", content=(b" " * 100_000 for _ in range(100))).status_code == 413
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("body", [None, {"data": "x" * 200_000}])
def test_a_dropped_connection_is_a_closed_socket_and_no_traceback(
    capfd: pytest.CaptureFixture[str], body: object
) -> None:
    with closing(Sandbox(faults=Faults(drop=1))) as sandbox, served(sandbox) as address:
        for _ in range(3):
            with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
                httpx.post(f"{address}/api/profiles", json=body, headers=HEADERS)
    assert capfd.readouterr().err == ""


def test_only_the_share_of_connections_is_dropped() -> None:
    with (
        closing(Sandbox(faults=Faults(drop=0.5))) as sandbox,
        served(sandbox) as address,
        httpx.Client(base_url=address, headers=HEADERS) as client,
    ):
        dropped = 0
        for _ in range(40):
            try:
                assert client.get("/api/profiles").status_code == 200
            except httpx.RemoteProtocolError:
                dropped += 1
        assert 5 < dropped < 35


def test_a_client_that_goes_away_in_the_middle_leaves_no_traceback(
    client: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    address = urlsplit(str(client.base_url))
    with socket.create_connection((str(address.hostname), address.port or 0)) as connection:
        connection.sendall(b"POST /api/profiles HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        time.sleep(0.05)
    assert client.get("/api/profiles").status_code == 200
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("host", ["[", "a b", "x:y", "", "\u00e9"])
def test_an_odd_host_is_no_error_of_the_server(
    client: httpx.Client, host: str, capfd: pytest.CaptureFixture[str]
) -> None:
    address = urlsplit(str(client.base_url))
    with socket.create_connection((str(address.hostname), address.port or 0)) as connection:
        lines = (
            f"GET /api/profiles HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nrevision: 2026-07-15\r\n"
            "Authorization: Klaviyo-API-Key pk_test\r\n\r\n"
        )
        connection.sendall(lines.encode("latin-1"))
        answer = connection.makefile("rb").readline()
    assert answer.split()[1] in (b"200", b"400"), answer
    assert "Traceback" not in capfd.readouterr().err
