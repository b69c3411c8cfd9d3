from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from dialog_host import HOSTILE, opened, settle, write
from pydantic_core import from_json
from textual.widgets import DataTable

from actions.klaviyo.sandbox import Sandbox
from studio.tui.sandbox_screen import SandboxScreen

HEADERS = {"Authorization": "Klaviyo-API-Key pk_test", "revision": "2026-07-15", "accept": "application/json"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with closing(Sandbox()) as it:
        yield it


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=sandbox.transport(), base_url="https://a.klaviyo.com", headers=HEADERS
    ) as it:
        yield it


async def _profile(client: httpx.AsyncClient, **attributes: Any) -> str:
    answer = await client.post("/api/profile-import", json={"data": {"type": "profile", "attributes": attributes}})
    assert answer.status_code in (200, 201), answer.text
    return answer.json()["data"]["id"]


async def _event(client: httpx.AsyncClient, metric: str, email: str, properties: dict[str, Any]) -> None:
    body = {
        "data": {
            "type": "event",
            "attributes": {
                "properties": properties,
                "metric": {"data": {"type": "metric", "attributes": {"name": metric}}},
                "profile": {"data": {"type": "profile", "attributes": {"email": email}}},
            },
        }
    }
    answer = await client.post("/api/events", json=body)
    assert answer.status_code == 202, answer.text


async def test_an_empty_sandbox_says_so_in_each_tab(sandbox: Sandbox) -> None:
    async with opened(SandboxScreen(sandbox, lambda: None)) as (host, pilot):
        for key, told in (("1", "No profiles yet."), ("3", "No events yet."), ("4", "No jobs yet.")):
            await pilot.press(key)
            await settle(host, pilot)
            assert told in host.shown()
        assert all(title in host.shown() for title in ("Profiles 0", "Lists 4", "Events 0", "Jobs 0"))


async def test_a_profile_is_shown_with_attributes_consent_and_lists(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    profile_id = await _profile(client, email="ann@example.com", first_name="Ann", properties={"plan": "pro"})
    body = {"data": [{"type": "profile", "id": profile_id}]}
    answer = await client.post("/api/lists/XyZ12a/relationships/profiles", json=body)
    assert answer.status_code == 204
    async with opened(SandboxScreen(sandbox, lambda: None), (140, 42)) as (host, pilot):
        shown = host.shown()
        assert "Profiles 1" in shown
        for text in ("ann@example.com", '"first_name": "Ann"', '"plan": "pro"', "never subscribed", "Recent lantern"):
            assert text in shown
        await pilot.press("2")
        await settle(host, pilot)
        await pilot.press("down", "down")
        await settle(host, pilot)
        assert "Members" in host.shown()


async def test_a_list_is_shown_with_its_members(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    profile_id = await _profile(client, email="ann@example.com")
    body = {"data": [{"type": "profile", "id": profile_id}]}
    await client.post("/api/lists/VmR4Lk/relationships/profiles", json=body)
    async with opened(SandboxScreen(sandbox, lambda: None)) as (host, pilot):
        await pilot.press("2")
        await settle(host, pilot)
        assert "Engage audience" in host.shown()
        assert "ann@example.com" in host.shown()


async def test_events_are_shown_with_properties_and_jobs_with_their_state(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    await _event(client, "Order Completed", "ann@example.com", {"total": 129.5})
    async with opened(SandboxScreen(sandbox, lambda: None), (140, 42)) as (host, pilot):
        await pilot.press("ctrl+t", "ctrl+t")
        await settle(host, pilot)
        assert "Events 1" in host.shown()
        assert "Order Completed" in host.shown()
        assert '"total": 129.5' in host.shown()


async def test_the_filter_narrows_and_escape_clears_it_before_it_closes(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    await _profile(client, email="ann@example.com", properties={"plan": "gold"})
    await _profile(client, email="bob@example.com")
    async with opened(SandboxScreen(sandbox, lambda: None)) as (host, pilot):
        await pilot.press("slash")
        await write(pilot, "GOLD")
        await settle(host, pilot)
        assert "ann@example.com" in host.shown()
        assert "bob@example.com" not in host.shown()
        await write(pilot, "er")
        await settle(host, pilot)
        assert "Nothing here holds that text." in host.shown()
        await pilot.press("escape")
        await settle(host, pilot)
        assert "bob@example.com" in host.shown()
        assert not host.closed
        await pilot.press("escape")
        assert host.result is None


@pytest.mark.parametrize("key", ["f5", "r"])
async def test_refresh_shows_what_came_since_and_keeps_the_chosen_one(
    sandbox: Sandbox, client: httpx.AsyncClient, key: str
) -> None:
    await _profile(client, email="ann@example.com")
    async with opened(SandboxScreen(sandbox, lambda: None)) as (host, pilot):
        await _profile(client, email="bob@example.com")
        await pilot.press(key)
        await settle(host, pilot)
        assert "Profiles 2" in host.shown()
        assert "bob@example.com" in host.shown()
        table = host.screen.query_one("#profiles-records DataTable", DataTable)
        assert str(table.get_row_at(table.cursor_row)[0]) == "ann@example.com"


async def test_erasing_asks_first(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    await _profile(client, email="ann@example.com")
    async with opened(SandboxScreen(sandbox, lambda: None)) as (host, pilot):
        await pilot.press("e", "enter")
        await settle(host, pilot)
        assert sandbox.counts()["profiles"] == 1
        await pilot.press("e", "y")
        await settle(host, pilot)
        assert sandbox.counts()["profiles"] == 0
        assert "No profiles yet." in host.shown()


async def test_more_than_is_shown_is_told(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    rows = [{"type": "profile", "attributes": {"email": f"p{number}@example.com"}} for number in range(600)]
    body = {"data": {"type": "profile-bulk-import-job", "attributes": {"profiles": {"data": rows}}}}
    answer = await client.post("/api/profile-bulk-import-jobs", json=body)
    assert answer.status_code == 202, answer.text
    await client.get("/api/profiles")
    async with opened(SandboxScreen(sandbox, lambda: None)) as (host, pilot):
        assert "Profiles 600" in host.shown()
        assert "the newest 500 of 600" in host.shown()
        await pilot.press("4")
        await settle(host, pilot)
        assert "profile bulk import" in host.shown()
        assert "done" in host.shown()
        assert "newest" not in host.shown()


async def test_a_sandbox_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    with closing(Sandbox(path)) as sandbox:
        async with opened(SandboxScreen(sandbox, lambda: None)) as (host, pilot):
            with closing(sqlite3.connect(path)) as other:
                other.execute("drop table jobs")
                other.commit()
            await pilot.press("r", "e", "y")
            await settle(host, pilot)
            assert {"cannot be read", "cannot be erased"} <= {
                str(toast.message)[12:].split(" (")[0] for toast in host._notifications
            }
            assert not host.closed


@pytest.mark.parametrize("size", [(80, 24), (140, 42)])
async def test_hostile_data_is_shown_safely(sandbox: Sandbox, client: httpx.AsyncClient, size: tuple[int, int]) -> None:
    await _profile(
        client, email="ann@example.com", external_id="[/b]", first_name=HOSTILE, properties={HOSTILE: HOSTILE}
    )
    await _profile(client, external_id=HOSTILE)
    await _event(client, HOSTILE, "ann@example.com", {HOSTILE: [HOSTILE]})
    async with opened(SandboxScreen(sandbox, lambda: None), size) as (host, pilot):
        assert "[/] [b [/b] [bold red]x[/]" in host.shown()
        await pilot.press("down", "3")
        await settle(host, pilot)
        assert "[/] [b [/b]" in host.shown()


async def test_what_the_hostile_sample_leaves_is_shown(
    shared: Path, sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    event = from_json((shared / "samples" / "26_track_hostile.json").read_bytes())
    properties = json.loads(json.dumps(event["properties"]))
    await _event(client, event["event"], "ann@example.com", properties)
    async with opened(SandboxScreen(sandbox, lambda: None), (140, 42)) as (host, pilot):
        await pilot.press("3")
        await settle(host, pilot)
        assert "{{ lantern }}" in host.shown()
        assert '"": "empty key"' in host.shown()


@pytest.mark.parametrize("size", [(80, 24), (140, 42)])
async def test_the_keys_are_shown(sandbox: Sandbox, size: tuple[int, int]) -> None:
    async with opened(SandboxScreen(sandbox, lambda: None), size) as (host, _):
        assert all(key in host.shown() for key in ("/ Filter", "^t Next tab", "f5 Refresh", "e Erase…", "esc Close"))
