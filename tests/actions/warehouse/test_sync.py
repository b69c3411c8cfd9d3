"""Syncs: what has changed since the last one goes out, and nothing else."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from deliveries import Recording
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warehouses import MAPPINGS, Syncs, Table, table

from actions.klaviyo.sandbox import Sandbox
from actions.warehouse.comparison import DUPLICATE_ID, NULL_ID
from actions.warehouse.warehouse import WarehouseError

ANN, BOB, EVE = ("1", "ann@example.com", "Ann"), ("2", "bob@example.com", "Bob"), ("3", "eve@example.com", "Eve")
GONE = """
[[mapping]]
name = "Gone"
action = "trackEvent"
on = ["deleted"]

[mapping.fields]
metric_name = "Gone"
properties = { now = { "@path" = "$.properties" }, before = { "@path" = "$.previous" } }
profile = { email = { "@path" = "$.previous.email" } }
unique_id = { "@path" = "$.messageId" }
"""


def names(sandbox: Sandbox) -> dict[str, str | None]:
    return {each["email"]: each.get("first_name") for each in sandbox.profiles(5000)}


async def test_what_has_changed_is_sent_and_nothing_else(people: Table, tmp_path: Path, sandbox: Sandbox) -> None:
    syncs = Syncs(tmp_path, people.source + MAPPINGS + GONE, sandbox.transport())
    people.write([ANN, BOB, EVE])
    first, reports = await syncs.sync()
    assert first.changes["People"].counts == {"added": 3, "updated": 0, "deleted": 0}
    assert reports["People"] is not None
    assert reports["People"].outcomes == {("People", "delivered"): 3}
    assert reports["Gone"] is None
    same, reports = await syncs.sync()
    assert same.changes["People"].counts == {"added": 0, "updated": 0, "deleted": 0}
    assert reports == {"People": None, "Gone": None}
    people.write([("1", "ann@example.com", "Anna"), BOB, ("4", "kim@example.com", "Kim")])
    third, reports = await syncs.sync()
    assert {name: found.counts for name, found in third.changes.items()} == {
        name: {"added": 1, "updated": 1, "deleted": 1} for name in ("People", "Gone")
    }
    assert reports["People"] is not None
    assert reports["People"].outcomes == {("People", "delivered"): 2}
    assert names(sandbox) == {
        "ann@example.com": "Anna",
        "bob@example.com": "Bob",
        "eve@example.com": "Eve",
        "kim@example.com": "Kim",
    }
    [event] = sandbox.events()
    assert event["properties"] == {
        "now": {"email": None, "id": None, "name": None},
        "before": {"email": "eve@example.com", "id": "3", "name": "Eve"},
    }


async def test_a_deleted_row_that_comes_back_is_added(people: Table, tmp_path: Path, sandbox: Sandbox) -> None:
    syncs = Syncs(tmp_path, people.source + MAPPINGS, sandbox.transport())
    for rows, counts in (([ANN], (1, 0, 0)), ([], (0, 0, 1)), ([ANN], (1, 0, 0))):
        people.write(rows)
        comparison, _ = await syncs.sync()
        assert tuple(comparison.changes["People"].counts.values()) == counts


async def test_a_look_keeps_nothing(people: Table, tmp_path: Path, sandbox: Sandbox) -> None:
    syncs = Syncs(tmp_path, people.source + MAPPINGS, sandbox.transport())
    people.write([ANN, BOB])
    for _ in range(2):
        with syncs.opened() as (sync, _), sync.compared() as comparison:
            assert comparison.changes["People"].counts["added"] == 2
            assert comparison.first == {"People"}
            examples = {(row.change, row.id) for row in comparison.changes["People"].examples}
            assert examples == {("added", "1"), ("added", "2")}
    with syncs.opened() as (sync, _):
        assert sync.under_way() == []

    def break_off() -> None:
        with syncs.opened() as (sync, _), sync.compared() as comparison:
            comparison.keep({"People": syncs.journal()})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    with syncs.opened() as (sync, _):
        assert sync.under_way() == []


async def test_each_target_has_its_own_state(people: Table, tmp_path: Path, sandbox: Sandbox) -> None:
    people.write([ANN])
    for target in ("sandbox", "http://127.0.0.1:8900"):
        comparison, _ = await Syncs(tmp_path, people.source + MAPPINGS, sandbox.transport(), target).sync()
        assert comparison.changes["People"].counts["added"] == 1


async def test_a_full_sync_sends_all_again_as_updated_and_a_reset_as_added(
    people: Table, tmp_path: Path, sandbox: Sandbox
) -> None:
    syncs = Syncs(tmp_path, people.source + MAPPINGS, sandbox.transport())
    people.write([ANN, BOB])
    await syncs.sync()
    people.write([ANN, BOB, EVE])
    comparison, _ = await syncs.sync(full=True)
    assert comparison.changes["People"].counts == {"added": 1, "updated": 2, "deleted": 0}
    with syncs.opened() as (sync, _):
        assert sync.reset(["People", "Nobody"]) == ["People"]
        assert sync.reset(["People"]) == []
    comparison, _ = await syncs.sync()
    assert comparison.changes["People"].counts == {"added": 3, "updated": 0, "deleted": 0}


async def test_a_mapping_that_is_off_or_gone_is_left_alone(people: Table, tmp_path: Path, sandbox: Sandbox) -> None:
    people.write([ANN])
    await Syncs(tmp_path, people.source + MAPPINGS, sandbox.transport()).sync()
    syncs = Syncs(tmp_path, people.source + MAPPINGS.replace("People", "Persons"), sandbox.transport())
    with syncs.opened() as (sync, _), sync.compared() as comparison:
        assert sync.forgotten() == ["People"]
        assert comparison.first == {"Persons"}


async def test_rows_without_an_id_of_their_own_are_told_and_lose_nothing_else(
    people: Table, tmp_path: Path, sandbox: Sandbox
) -> None:
    syncs = Syncs(tmp_path, people.source + MAPPINGS + GONE, sandbox.transport())
    people.write([ANN, BOB])
    await syncs.sync()
    people.write([(None, "no@example.com", "No"), BOB, (*BOB[:2], "Bobby"), ("1", "ann@example.com", "Anna"), EVE])
    comparison, _ = await syncs.sync()
    told = {each.name: (each.count, list(each.examples)) for each in comparison.unusable}
    assert told == {
        NULL_ID: (1, ['{"email":"no@example.com","id":null,"name":"No"}']),
        DUPLICATE_ID: (2, ["2 (2 times)"]),
    }
    assert comparison.changes["Gone"].counts == {"added": 1, "updated": 1, "deleted": 0}
    assert names(sandbox) == {"ann@example.com": "Anna", "bob@example.com": "Bob", "eve@example.com": "Eve"}
    people.write([BOB, EVE])
    comparison, _ = await syncs.sync()
    assert comparison.unusable == []
    assert comparison.changes["Gone"].counts == {"added": 0, "updated": 0, "deleted": 1}


async def test_what_failed_is_taken_up_again_with_the_newest_row(
    people: Table, tmp_path: Path, sandbox: Sandbox
) -> None:
    syncs = Syncs(tmp_path, people.source + MAPPINGS, sandbox.transport())
    people.write([ANN, ("2", "no address", "Bob")])
    _, reports = await syncs.sync()
    assert reports["People"] is not None
    assert reports["People"].outcomes == {("People", "delivered"): 1, ("People", "invalid"): 1}
    comparison, _ = await syncs.sync()
    assert comparison.changes["People"].counts == {"added": 1, "updated": 0, "deleted": 0}
    people.write([ANN, BOB])
    comparison, _ = await syncs.sync()
    assert comparison.changes["People"].counts == {"added": 1, "updated": 0, "deleted": 0}
    people.write([ANN, ("2", "no address", "Bob")])
    await syncs.sync()
    people.write([ANN])
    comparison, _ = await syncs.sync()
    assert comparison.changes["People"].counts == {"added": 0, "updated": 0, "deleted": 1}
    assert (await syncs.sync())[0].changes["People"].counts["deleted"] == 0


@pytest.mark.parametrize(
    ("before", "failing", "after", "change"),
    [
        ([], [ANN], [ANN], "added"),
        ([], [ANN], [], "deleted"),
        ([("1", "ann@example.com", "Old")], [ANN], [ANN], "updated"),
        ([("1", "ann@example.com", "Old")], [ANN], [("1", "ann@example.com", "Old")], "updated"),
        ([("1", "ann@example.com", "Old")], [ANN], [], "deleted"),
        ([ANN], [], [], "deleted"),
        ([ANN], [], [ANN], "added"),
    ],
)
async def test_what_may_have_arrived_all_the_same_is_sent_again_whatever_the_row_is(
    people: Table,
    tmp_path: Path,
    sandbox: Sandbox,
    before: list[tuple[str, str, str]],
    failing: list[tuple[str, str, str]],
    after: list[tuple[str, str, str]],
    change: str,
) -> None:
    failing_now: list[bool] = []
    transport = Recording(sandbox, lambda *_: httpx.Response(503) if failing_now else None)
    deleting = MAPPINGS.replace('"updated"]', '"updated", "deleted"]')
    text = people.source + deleting.replace('email = { "@path" = "$.properties.email" }', "")
    syncs = Syncs(tmp_path, text, transport)
    people.write(before)
    await syncs.sync()
    people.write(failing)
    failing_now.append(True)
    _, reports = await syncs.sync()
    assert reports["People"] is not None
    assert reports["People"].outcomes == {("People", "retryable"): 1}
    failing_now.clear()
    people.write(after)
    comparison, reports = await syncs.sync()
    assert {kind: count for kind, count in comparison.changes["People"].counts.items() if count} == {change: 1}
    assert reports["People"] is not None
    assert reports["People"].outcomes == {("People", "delivered"): 1}
    assert sum((await syncs.sync())[0].changes["People"].counts.values()) == 0


async def test_other_columns_are_told_with_the_rows_that_it_concerns(
    people: Table, tmp_path: Path, sandbox: Sandbox
) -> None:
    syncs = Syncs(tmp_path, people.source + MAPPINGS + GONE, sandbox.transport())
    people.write([ANN, BOB])
    await syncs.sync()
    people.execute("alter table people add column tier integer", "alter table people drop column name")
    with syncs.opened() as (sync, _):
        with sync.compared() as comparison:
            assert list(comparison.column_changes) == ["People"]
            change = comparison.column_changes["People"]
            assert change.rows == 2
            assert "tier is new" in change.words
            assert "name is gone" in change.words
        with sync.compared(full=True) as comparison:
            assert comparison.column_changes == {}
    await syncs.sync()
    people.execute("alter table people alter column tier type text")
    with syncs.opened() as (sync, _), sync.compared() as comparison:
        assert comparison.changes["People"].counts["updated"] == 0
        assert comparison.column_changes == {}


async def test_columns_in_another_order_are_the_same_rows(people: Table, tmp_path: Path, sandbox: Sandbox) -> None:
    people.write([ANN, BOB])
    await Syncs(tmp_path, people.source + MAPPINGS, sandbox.transport()).sync()
    text = people.source.replace("select *", "select name, id, email") + MAPPINGS
    comparison, _ = await Syncs(tmp_path, text, sandbox.transport()).sync()
    assert sum(comparison.changes["People"].counts.values()) == 0


async def test_a_trigger_beside_the_changes_still_decides(people: Table, tmp_path: Path, sandbox: Sandbox) -> None:
    trigger = "trigger = 'properties.name = \"Ann\"'\n\n[mapping.fields]"
    syncs = Syncs(tmp_path, people.source + MAPPINGS.replace("[mapping.fields]", trigger), sandbox.transport())
    people.write([ANN, BOB])
    _, reports = await syncs.sync()
    assert reports["People"] is not None
    assert (reports["People"].unmatched, reports["People"].outcomes) == (1, {("People", "delivered"): 1})
    assert sum((await syncs.sync())[0].changes["People"].counts.values()) == 0


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("select * from people", "select * from nobody", "nobody"),
        ('id = "id"', 'id = "number"', "'number'"),
        ("select * from people", "selec * from people", "selec"),
    ],
)
def test_a_model_that_cannot_be_used_is_told(
    people: Table, tmp_path: Path, sandbox: Sandbox, old: str, new: str, told: str
) -> None:
    people.write([ANN])
    syncs = Syncs(tmp_path, people.source.replace(old, new) + MAPPINGS, sandbox.transport())
    with syncs.opened() as (sync, _), pytest.raises(WarehouseError, match=told), sync.compared():
        pass


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8).map(str.strip)
TABLES = st.lists(st.dictionaries(st.sampled_from("abcdefgh"), NAMES.filter(bool), max_size=8), min_size=1, max_size=4)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables=TABLES, kills=st.sets(st.integers(0, 3)))
@pytest.mark.parametrize("kind", ["duckdb", "postgres"])
async def test_the_sandbox_ends_up_as_the_table_is(
    kind: str, monkeypatch: pytest.MonkeyPatch, tables: Sequence[dict[str, str]], kills: set[int]
) -> None:
    """Any rows and changes to them, and syncs that are broken off between delivering and taking note of it."""
    deleting = """
[[mapping]]
name = "Gone"
action = "trackEvent"
on = ["deleted"]
fields.metric_name = "Gone"
fields.properties = { id = { "@path" = "$.__segment_id" }, name = { "@path" = "$.previous.name" } }
fields.profile = { external_id = { "@path" = "$.__segment_id" } }
fields.unique_id = { "@path" = "$.messageId" }
"""
    with tempfile.TemporaryDirectory() as name, closing(Sandbox()) as sandbox:
        folder = Path(name)
        with table(kind, folder, monkeypatch) as people:
            transport = Recording(sandbox)
            syncs = Syncs(folder, people.source + MAPPINGS + deleting, transport)
            expected_gone: list[dict[str, str]] = []
            before: dict[str, str] = {}
            for number, rows in enumerate(tables):
                people.write([(own, f"{own}@example.com", given_name) for own, given_name in rows.items()])
                if number in kills:
                    with syncs.opened() as (sync, _), sync.compared() as comparison:
                        parts = comparison.keep({each: syncs.journal() for each in comparison.changes})
                    with syncs.opened() as (sync, _):
                        await syncs.deliver(sync, parts[0], settles=False)
                await syncs.sync()
                expected_gone += [{"id": own, "name": before[own]} for own in before if own not in rows]
                before = rows
                found = {each["external_id"]: each.get("first_name") for each in sandbox.profiles(100)}
                assert {own: found.get(own) for own in rows} == rows
            gone = [each["properties"] for each in sandbox.events(1000)]
            assert sorted(map(str, gone)) == sorted(map(str, expected_gone))
            assert sum(map(people_in, transport.requests)) == changes_of(tables)


def people_in(request: httpx.Request) -> int:
    """How many people a request upserts."""
    document: dict[str, Any] = json.loads(request.content)
    data = document["data"]
    if data["type"] == "profile-bulk-import-job":
        return len(data["attributes"]["profiles"]["data"])
    return int(data["type"] == "profile")


def changes_of(tables: Sequence[dict[str, str]]) -> int:
    """How many rows are added or updated from table to table."""
    befores = [{}, *tables]
    return sum(before.get(own) != rows[own] for before, rows in zip(befores, tables, strict=False) for own in rows)
