"""The sandbox's state: kept in a file, shared by processes, copied, erased."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from sandbox_account import (
    HEADERS,
    SINGLE,
    SUBSCRIBE,
    Account,
    bulk_import,
    event,
    members,
    new_list,
    open_account,
    profile,
    subscribe,
)

from actions.klaviyo.sandbox import Sandbox
from actions.klaviyo.sandbox.store import DEMO_LISTS

WRITER = """
import asyncio, sys
from contextlib import closing
from pathlib import Path
import httpx
from actions.klaviyo.sandbox import Sandbox

async def main(path, name, number):
    headers = {"Authorization": "Klaviyo-API-Key pk_test", "revision": "2026-07-15"}
    with closing(Sandbox(Path(path))) as sandbox:
        async with httpx.AsyncClient(transport=sandbox.transport(), headers=headers, base_url="https://k") as client:
            for each in range(int(number)):
                both = {"external_id": f"both-{each}", "properties": {name: each}}
                for attributes in ({"external_id": f"{name}-{each}"}, both):
                    body = {"data": {"type": "profile", "attributes": attributes}}
                    response = await client.post("/api/profile-import", json=body)
                    assert response.is_success, response.text

asyncio.run(main(*sys.argv[1:]))
"""


def test_two_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    names = ("first", "second", "third")
    writers = [
        subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", WRITER, str(path), name, "40"], stderr=subprocess.PIPE, text=True, cwd=_root()
        )
        for name in names
    ]
    ended = [(writer.communicate(timeout=60)[1], writer.returncode) for writer in writers]
    assert ended == [("", 0)] * 3
    with closing(Sandbox(path)) as sandbox:
        found = {each["external_id"]: each for each in sandbox.profiles(1000)}
        assert len(found) == sandbox.counts()["profiles"] == 160
        for number in range(40):
            assert found[f"both-{number}"]["properties"] == dict.fromkeys(names, number)
        assert sandbox.counts()["lists"] == len(DEMO_LISTS), "the demo lists are made once"


def _root() -> Path:
    return Path(__file__).parents[4]


async def test_the_state_outlives_the_program(tmp_path: Path) -> None:
    async with open_account(tmp_path / "sandbox.db") as account:
        await account.ask("POST", SUBSCRIBE, subscribe({"email": "ann@example.com"}))
        await account.ask("POST", "/api/events", event({"email": "ann@example.com"}))
        before = account.sandbox.profiles(), account.sandbox.events(), account.sandbox.lists()
    async with open_account(tmp_path / "sandbox.db") as account:
        assert (account.sandbox.profiles(), account.sandbox.events(), account.sandbox.lists()) == before


async def test_a_copy_begins_with_the_state_and_goes_its_own_way(tmp_path: Path) -> None:
    async with open_account(tmp_path / "sandbox.db", any_list=True) as account:
        profile_id = await account.create(email="ann@example.com")
        with closing(account.sandbox.copy()) as copy:
            assert copy.profiles() == account.sandbox.profiles()
            async with httpx.AsyncClient(
                transport=copy.transport(), headers=HEADERS, base_url="https://a.klaviyo.com"
            ) as client:
                joined = await Account(copy, client).ask(
                    "POST", "/api/lists/Real01/relationships/profiles", members(profile_id)
                )
                assert joined.status_code == 204
            await account.create(email="bob@example.com")
            assert copy.counts()["profiles"] == 1
            assert copy.members("Real01") == [profile_id]
            copy.erase()
        assert account.sandbox.counts()["profiles"] == 2
        assert account.sandbox.members("Real01") == []


async def test_a_copy_of_a_sandbox_in_memory_is_one(account: Account) -> None:
    await account.create(email="ann@example.com")
    with closing(account.sandbox.copy()) as copy:
        account.sandbox.erase()
        assert copy.counts()["profiles"] == 1


async def test_erasing_leaves_a_new_account() -> None:
    async with open_account(limits=True) as account, open_account() as new:
        profile_id = await account.create(email="ann@example.com")
        await account.ask("POST", "/api/lists", new_list("New"))
        await account.ask("POST", f"/api/lists/{SINGLE}/relationships/profiles", members(profile_id))
        await account.ask("POST", "/api/events", event({"email": "ann@example.com"}))
        await account.ask("POST", "/api/profile-bulk-import-jobs", bulk_import({"external_id": "u"}))
        account.sandbox.erase()
        assert account.sandbox.counts() == new.sandbox.counts()
        assert await account.create(email="ann@example.com")
        assert account.sandbox.members(SINGLE) == []


async def test_the_profile_changed_last_comes_first(account: Account) -> None:
    def last() -> str:
        return account.sandbox.profiles(1)[0]["email"]

    ann = await account.create(email="ann@example.com")
    await account.create(email="bob@example.com")
    assert last() == "bob@example.com"
    body = {"data": {"type": "profile", "id": ann, "attributes": {"title": "Dr"}}}
    assert (await account.ask("PATCH", f"/api/profiles/{ann}", body)).status_code == 200
    assert last() == "ann@example.com"
    await account.ask("POST", SUBSCRIBE, subscribe({"email": "bob@example.com"}))
    assert last() == "bob@example.com"


async def test_a_file_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    async with open_account(path) as account:
        await account.create(email="ann@example.com")
        await account.create(email="bob@example.com")
    with closing(sqlite3.connect(path)) as database:
        database.execute("drop index profiles_by_change")
        database.execute("alter table profiles drop column change")
        database.execute("pragma user_version = 1")
        database.commit()
    with closing(Sandbox(path)) as sandbox:
        assert [each["email"] for each in sandbox.profiles()] == ["bob@example.com", "ann@example.com"]


async def test_what_is_in_it_can_be_looked_at(account: Account) -> None:
    await account.ask("POST", SUBSCRIBE, subscribe({"email": "ann@example.com"}))
    await account.ask("POST", "/api/profile-bulk-import-jobs", bulk_import({"external_id": "u"}))
    vip = next(each for each in account.sandbox.lists() if each["id"] == SINGLE)
    assert vip == {"id": SINGLE, "name": "VIP customers", "opt_in_process": "single_opt_in", "members": 1}
    assert [each.get("external_id") for each in account.sandbox.profiles(1)] == ["u"]
    [job] = account.sandbox.jobs()
    assert job | {"id": ""} == {
        "id": "",
        "kind": "profile-bulk-import-job",
        "total": 1,
        "completed": 1,
        "failed": 0,
        "done": True,
    }


def write_text(path: Path) -> None:
    path.write_text("no database " * 1000)


def write_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("pragma user_version = 99")


def write_other(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("create table orders (id)")


@pytest.mark.parametrize("write", [write_text, write_newer, write_other])
def test_a_file_that_is_no_sandbox_of_ours_is_left_alone(tmp_path: Path, write) -> None:
    path = tmp_path / "sandbox.db"
    write(path)
    with pytest.raises(sqlite3.DatabaseError):
        Sandbox(path)
    with closing(sqlite3.connect(path)) as database:
        if write is not write_text:
            assert database.execute("select count(*) from sqlite_master where name = 'profiles'").fetchone() == (0,)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        Sandbox(tmp_path / "none" / "sandbox.db")


async def test_a_file_that_another_program_holds_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    async with open_account(path) as account:
        account.sandbox._store.db.execute("pragma busy_timeout = 10")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("begin immediate")
            response = await account.ask("POST", "/api/profiles", profile({"external_id": "u"}))
            other.execute("rollback")
        assert response.status_code == 503
        assert "locked" in response.json()["errors"][0]["detail"]
        assert await account.create(external_id="u")


async def test_a_file_that_is_damaged_meanwhile_is_said_so(tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    async with open_account(path) as account:
        for number in range(200):
            await account.create(external_id=str(number), properties={"text": "x" * 1000})
        account.sandbox._store.db.execute("pragma wal_checkpoint(truncate)")
        account.sandbox._store.db.execute("pragma cache_size = 0")
        with path.open("r+b") as file:
            file.seek(8192)
            file.write(b"\xff" * (path.stat().st_size - 8192))
        response = await account.ask("GET", "/api/profiles")
    assert response.status_code == 503
    assert "malformed" in response.json()["errors"][0]["detail"]


async def test_many_requests_at_once_keep_to_themselves(account: Account) -> None:
    async def upsert(number: int) -> int:
        body = profile({"external_id": f"u-{number % 20}", "properties": {str(number): number}})
        return (await account.ask("POST", "/api/profile-import", body)).status_code

    async def refuse(number: int) -> int:
        people = ({"external_id": f"bad-{number}"}, {"email": "x"})
        return (await account.ask("POST", "/api/profile-bulk-import-jobs", bulk_import(*people))).status_code

    requests = [each(number) for number in range(200) for each in (upsert, refuse)]
    statuses = await asyncio.gather(*requests)
    assert sorted(statuses) == [200] * 180 + [201] * 20 + [400] * 200
    found = account.sandbox.profiles(1000)
    assert len(found) == 20
    assert sorted(value for each in found for value in each["properties"].values()) == list(range(200))


async def test_looking_from_another_thread_while_requests_run_sees_whole_requests(account: Account) -> None:
    seen: list[int] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.append(account.sandbox.counts()["events"])

    thread = threading.Thread(target=look)
    thread.start()
    try:
        for number in range(30):
            response = await account.ask("POST", "/api/events", event({"external_id": "u"}, unique_id=str(number)))
            assert response.status_code == 202
            response = await account.ask("POST", "/api/profile-bulk-import-jobs", bulk_import({"external_id": "u"}))
            assert response.status_code == 202
    finally:
        done.set()
        thread.join()
    assert seen == sorted(seen)
    assert account.sandbox.counts()["events"] == 30
