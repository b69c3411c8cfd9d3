"""`studio sync`: the command, what it says, and what it asks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from commands import documents
from deliveries import Recording
from sandbox_account import served
from warehouses import MAPPINGS, Syncs

from actions.klaviyo.sandbox import Faults, Sandbox
from studio.credentials import KEY_VARIABLE
from studio.target import open_sandbox, sandbox_path
from studio.warehouses import state_path

SOURCE = """
[source]
model = "select * from 'people.csv'"
id = "id"
"""
GONE = """
[[mapping]]
name = "Gone"
action = "unsubscribeProfile"
on = ["deleted"]

[mapping.fields]
email = { "@path" = "$.previous.email" }
"""
ANN, BOB, EVE = ("1", "ann@example.com", "Ann"), ("2", "bob@example.com", "Bob"), ("3", "eve@example.com", "Eve")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.toml"
    path.write_text(SOURCE + MAPPINGS)
    write(path, ANN, BOB, EVE)
    return path


def write(shop: Path, *rows: Sequence[str], columns: str = "id,email,name") -> None:
    shop.with_name("people.csv").write_text("".join(f"{line}\n" for line in (columns, *map(",".join, rows))))


def people() -> dict[str, str | None]:
    with closing(open_sandbox()) as sandbox:
        return {each["email"]: each.get("first_name") for each in sandbox.profiles(100)}


def counts(document: Any, name: str = "People") -> tuple[int, int, int, int]:
    found = next(each for each in document["mappings"] if each["mapping"] == name)
    return found["added"], found["updated"], found["deleted"], found["sent"]


def test_what_an_import_job_refuses_is_sent_again_by_the_next_sync(studio, shop: Path) -> None:
    faults = Faults(import_error=0.5, seed=1)
    with closing(Sandbox(faults=faults, job_seconds=0.2)) as sandbox, served(sandbox) as address:
        write(shop, *((str(number), f"p{number}@example.com", "P") for number in range(20)))
        first = studio("sync", shop, "--to", address, "--wait", "--json")
        assert first.exit_code == 1
        outcomes = documents(first.stdout)[0]["mappings"][0]["mappings"]["People"]
        assert outcomes["delivered"] == sandbox.counts()["profiles"]
        assert outcomes["delivered"] + outcomes["rejected"] == 20
        again = documents(studio("sync", shop, "--to", address, "--wait", "--json").stdout)[0]
        assert counts(again)[3] == outcomes["rejected"] > 0


def test_a_table_from_the_first_sync_to_a_changed_and_a_deleted_row(studio, shop: Path) -> None:
    result = studio("sync", shop, "--json")
    assert result.exit_code == 0
    [first] = documents(result.stdout)
    assert first["rows"] == 3
    assert counts(first) == (3, 0, 0, 3)
    assert first["mappings"][0]["mappings"] == {"People": {"delivered": 3}}
    assert people() == {"ann@example.com": "Ann", "bob@example.com": "Bob", "eve@example.com": "Eve"}
    write(shop, (*ANN[:2], "Anna"), BOB)
    plan = studio("sync", shop, "--plan")
    assert plan.exit_code == 0
    assert "People: 0 added, 1 updated, 1 deleted" in plan.stdout
    assert 'updated  1  name: "Ann" → "Anna"' in plan.stdout
    assert 'deleted, not taken  3  {"email":"eve@example.com","id":3,"name":"Eve"}' in plan.stdout
    assert people()["ann@example.com"] == "Ann"
    again = studio("sync", shop)
    assert again.exit_code == 0
    assert "1  delivered   People" in again.stdout
    assert people()["ann@example.com"] == "Anna"
    assert counts(documents(studio("sync", shop, "--json").stdout)[0]) == (0, 0, 0, 0)


def test_the_plan_as_json(studio, shop: Path) -> None:
    [plan] = documents(studio("sync", shop, "--plan", "--json").stdout)
    [mapping] = plan["mappings"]
    examples = mapping.pop("examples")
    assert mapping == {
        "mapping": "People",
        "first": True,
        "broken_off": False,
        "added": 3,
        "updated": 0,
        "deleted": 0,
        "on": ["added", "updated"],
        "sent": 3,
        "known": 0,
        "loses_many": False,
        "columns_changed": None,
    }
    assert {
        "id": "1",
        "change": "added",
        "row": {"id": 1, "email": ANN[1], "name": "Ann"},
        "previous": None,
    } in examples
    assert not sandbox_path().exists()


def test_many_deleted_rows_are_warned_of_where_they_are_taken(studio, shop: Path) -> None:
    shop.write_text(SOURCE + MAPPINGS + GONE)
    studio("sync", shop)
    write(shop, ANN, BOB)
    for arguments in (("--plan",), ()):
        result = studio("sync", shop, *arguments)
        assert "Gone has synced are gone, and it takes deleted rows: 1 of 3" in result.stderr
        assert "People has synced" not in result.stderr


def test_other_columns_want_full(studio, shop: Path) -> None:
    studio("sync", shop)
    write(shop, (*ANN, "gold"), (*BOB, "silver"), columns="id,email,name,tier")
    result = studio("sync", shop)
    assert result.exit_code == 2
    assert "columns have changed since the last sync of People: tier is new" in result.stderr
    assert "2 rows of 2 count as updated and would be sent again" in result.stderr
    assert "--full" in result.stderr
    assert "the columns have changed: tier is new" in studio("sync", shop, "--plan").stdout
    result = studio("sync", shop, "--full", "--json")
    assert result.exit_code == 0
    assert counts(documents(result.stdout)[0]) == (0, 2, 1, 2)
    assert counts(documents(studio("sync", shop, "--json").stdout)[0]) == (0, 0, 0, 0)


def test_reset_forgets_and_sends_nothing(studio, shop: Path) -> None:
    assert "Nothing was synced to sandbox yet" in studio("sync", shop, "--reset").stderr
    studio("sync", shop)
    result = studio("sync", shop, "--reset")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Forgot what was synced to sandbox by People. At the next sync every row is added." in result.stderr
    assert counts(documents(studio("sync", shop, "--json").stdout)[0]) == (3, 0, 0, 3)


def test_rows_without_ids_of_their_own_are_told_and_the_others_go(studio, shop: Path) -> None:
    write(shop, ANN, ("", "no@example.com", "No"), BOB, (*BOB[:2], "Bobby"))
    result = studio("sync", shop)
    assert result.exit_code == 1
    assert 'ErrRecordNullUniqueID: 1 row has no id (null) and cannot be synced, e.g. {"email":"no@' in result.stderr
    assert "ErrRecordDuplicate: 2 rows have an id that other rows have too" in result.stderr
    assert "2 (2 times)" in result.stderr
    assert people() == {"ann@example.com": "Ann"}


def test_what_failed_is_told_and_taken_up_by_the_next_sync(studio, shop: Path) -> None:
    write(shop, ANN, ("2", "no address", "Bob"))
    result = studio("sync", shop)
    assert result.exit_code == 1
    assert "1 invalid by People, e.g. added row 2\n" in result.stdout
    assert "What failed is taken up again by the next sync, with the newest row." in result.stderr
    _, line = studio("runs").stdout.splitlines()
    run = line.split()[0]
    assert "added row 2" in studio("runs", "show", run).stdout
    for arguments in (("retry", run), ("run", "--resume", run)):
        refused = studio(*arguments)
        assert refused.exit_code == 2
        assert f"`studio sync {shop}`" in refused.stderr
    write(shop, ANN, BOB)
    assert studio("sync", shop).exit_code == 0
    assert people() == {"ann@example.com": "Ann", "bob@example.com": "Bob"}


def test_only_the_named_mapping_is_synced(studio, shop: Path) -> None:
    shop.write_text(SOURCE + MAPPINGS + MAPPINGS.replace("People", "Others"))
    [document] = documents(studio("sync", shop, "--only", "Others", "--json").stdout)
    assert [each["mapping"] for each in document["mappings"]] == ["Others"]
    assert counts(documents(studio("sync", shop, "--json").stdout)[0], "People") == (3, 0, 0, 3)


def test_a_read_only_database_of_duckdb(studio, shop: Path) -> None:
    import duckdb

    file = shop.with_name("shop.duckdb")
    with closing(duckdb.connect(file)) as db:
        db.execute("create table people as select * from (values (1, 'ann@example.com', 'Ann')) as p(id, email, name)")
    file.chmod(0o444)
    before = file.read_bytes()
    shop.write_text(
        SOURCE.replace("\"select * from 'people.csv'\"", '"select * from people"\ndatabase = "shop.duckdb"') + MAPPINGS
    )
    assert studio("sync", shop).exit_code == 0
    assert people() == {"ann@example.com": "Ann"}
    assert file.read_bytes() == before
    assert state_path(shop).is_file()
    assert {each.name for each in shop.parent.iterdir()} >= {"shop.duckdb", "shop.toml"}
    assert not list(shop.parent.glob("shop.duckdb.*"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (MAPPINGS, "shop.toml has no [source]"),
        (SOURCE.replace("people.csv", "nobody.csv") + MAPPINGS, "nobody.csv"),
        (SOURCE.replace('"id"', '"number"') + MAPPINGS, "the model has no column 'number'"),
        (SOURCE.replace("model = ", "model_file = ") + MAPPINGS, "the model cannot be read"),
        (SOURCE + 'database = "nobody.duckdb"\n' + MAPPINGS, "nobody.duckdb: there is no such file"),
        (SOURCE + 'database = "shop.toml"\n' + MAPPINGS, "shop.toml"),
        (SOURCE + 'dsn_env = "NOT_SET_ANYWHERE"\n' + MAPPINGS, "The environment variable NOT_SET_ANYWHERE"),
        (SOURCE + 'dsn_env = "NOT_SET"\nkind = "postgres"\n' + MAPPINGS, "The environment variable NOT_SET"),
    ],
)
def test_a_source_that_cannot_be_used_is_told(studio, shop: Path, text: str, told: str) -> None:
    shop.write_text(text.replace("trigger", "x_trigger") if "[source]" in text else text + "trigger = ''")
    if "[source]" not in text:
        shop.write_text(MAPPINGS.replace('on = ["added", "updated"]', "trigger = 'type = \"track\"'"))
    result = studio("sync", shop)
    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stdout == ""


def test_a_mapping_with_a_new_name_is_told_in_the_plan(studio, shop: Path) -> None:
    studio("sync", shop)
    shop.write_text(SOURCE + MAPPINGS.replace("People", "Persons") + MAPPINGS.replace("People", "Others"))
    assert "there is state of a mapping 'People'" in studio("sync", shop, "--plan").stderr
    assert "there is state" not in studio("sync", shop, "--plan", "--only", "Others").stderr


def test_two_syncs_at_a_time_are_told(studio, shop: Path) -> None:
    path = state_path(shop)
    path.parent.mkdir(parents=True)
    script = "import duckdb, sys, time; db = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE) as other:  # noqa: S603
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == b"held\n"
            result = studio("sync", shop)
        finally:
            other.kill()
    assert result.exit_code == 2
    assert f"{path} is in use by another program (process {other.pid}). Wait for that, or end it." in result.stderr


def test_options_that_do_not_go_together(studio, shop: Path) -> None:
    for arguments in (("--plan", "--reset"), ("--full", "--reset")):
        result = studio("sync", shop, *arguments)
        assert result.exit_code == 2
        assert "do not go together" in result.stderr


def test_hostile_rows_reach_no_terminal(studio, shop: Path) -> None:
    write(shop, ("\x1b]0;x\x07[/b]", "evil\x1b[2J", "[bold]Ann"))
    for arguments in (("--plan",), (), ("--json",)):
        result = studio("sync", shop, *arguments)
        assert "\x1b" not in result.output
        assert "\x07" not in result.output


@pytest.fixture
def klaviyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The real Klaviyo, played by a sandbox."""
    sandbox = Sandbox(any_list=True)
    monkeypatch.setenv(KEY_VARIABLE, "pk_sandbox")
    transport = sandbox.transport()

    async def answer(_: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        return await transport.handle_async_request(request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", answer)
    yield sandbox
    sandbox.close()


def test_many_consents_and_deletions_at_the_real_klaviyo_want_yes(studio, shop: Path, klaviyo: Sandbox) -> None:
    shop.write_text(
        SOURCE + MAPPINGS + GONE.replace('["deleted"]', '["added", "deleted"]').replace("previous", "properties")
    )
    write(shop, *((str(number), f"p{number}@example.com", "P") for number in range(1001)))
    result = studio("sync", shop, "--to", "klaviyo")
    assert result.exit_code == 2
    assert "This changes the consent of up to 1,001 people at the real Klaviyo (Gone)." in result.stderr
    assert klaviyo.profiles(10) == []
    assert studio("sync", shop, "--to", "klaviyo", "--only", "People", "--give-up", "0").exit_code == 0
    shop.write_text(SOURCE + MAPPINGS.replace('"updated"]', '"updated", "deleted"]'))
    write(shop, ANN)
    result = studio("sync", shop, "--to", "klaviyo")
    assert result.exit_code == 2
    assert "1,000 of the 1,001 rows that People has synced would go as deleted." in result.stderr
    assert studio("sync", shop, "--to", "klaviyo", "--yes", "--give-up", "0").exit_code == 0
    assert json.loads(studio("sync", shop, "--plan", "--json").stdout)["mappings"][0]["first"]  # of the sandbox


def test_what_was_synced_to_one_account_is_not_taken_for_synced_to_another(
    studio, shop: Path, klaviyo: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert studio("sync", shop, "--to", "klaviyo", "--give-up", "0").exit_code == 0
    transport, account = klaviyo.transport(), "other1"

    async def answer(_: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/api/accounts"):
            about = {"contact_information": {"organization_name": "Other"}}
            found = {"data": [{"type": "account", "id": account, "attributes": about}]}
            return httpx.Response(200 if account else 403, json=found)
        return await transport.handle_async_request(request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", answer)
    write(shop, ANN, BOB)
    result = studio("sync", shop, "--to", "klaviyo", "--give-up", "0")
    assert result.exit_code == 2
    assert "is of the account other1 (Other), but what was synced went to another: People to SANDBX." in result.stderr
    account = ""  # the key may not read the account
    assert studio("sync", shop, "--to", "klaviyo", "--give-up", "0").exit_code == 0
    account = "SANDBX"
    assert studio("sync", shop, "--to", "klaviyo", "--give-up", "0").exit_code == 0
    account = "other1"
    assert studio("sync", shop, "--to", "klaviyo", "--reset").exit_code == 0
    again = studio("sync", shop, "--to", "klaviyo", "--give-up", "0", "--json")
    assert counts(documents(again.stdout)[0]) == (2, 0, 0, 2)


async def test_the_walk_through_of_the_readme(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    [text] = [block for block in re.findall(r"```toml\n(.*?)```", readme, re.DOTALL) if "[source]" in block]
    tables = re.findall(r"\$ cat customers.csv\n(.*?\n)\n", readme, re.DOTALL)
    assert len(tables) == 2
    with closing(Sandbox(any_list=True)) as sandbox:
        transport = Recording(sandbox)
        syncs = Syncs(tmp_path, text, transport)
        sent: list[list[str]] = []
        for table in (*tables, tables[-1]):
            (tmp_path / "customers.csv").write_text(table)
            await syncs.sync()
            sent.append([f"{request.method} {request.url.path.rstrip('/')}" for request in transport.requests])
            transport.requests.clear()
        assert sent == [
            ["POST /api/profile-bulk-import-jobs"],
            [
                "POST /api/profile-bulk-import-jobs",
                "GET /api/profiles",
                "DELETE /api/lists/VipCst/relationships/profiles",
            ],
            [],
        ]
        assert {each["email"]: each["first_name"] for each in sandbox.profiles(9)} == {
            "ann@example.com": "Anna",
            "bob@example.com": "Bob",
        }
