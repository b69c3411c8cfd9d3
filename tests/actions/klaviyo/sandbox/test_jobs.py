"""Bulk imports and privacy deletions."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sandbox_account import (
    DELETIONS,
    DOUBLE,
    IMPORTS,
    SINGLE,
    SUBSCRIBE,
    Account,
    bulk_import,
    deletion,
    event,
    members,
    open_account,
    pointers,
    subscribe,
)

from actions.klaviyo.sandbox import Faults

ANN, BOB = {"email": "ann@example.com"}, {"external_id": "bob"}
ROWS = "/data/attributes/profiles/data"


async def import_job(account: Account, *people: dict[str, Any], list_ids: tuple[str, ...] = ()) -> dict[str, Any]:
    response = await account.ask("POST", IMPORTS, bulk_import(*people, list_ids=list_ids))
    assert response.status_code == 202, response.text
    return response.json()["data"]


async def test_an_import_answers_with_a_job_that_is_done_without_another_request(account: Account) -> None:
    job = await import_job(account, ANN, BOB)
    assert job["attributes"]["status"] == "queued"
    assert job["attributes"]["total_count"] == 2
    assert account.sandbox.counts()["profiles"] == 2
    done = (await account.get(f"{IMPORTS}/{job['id']}"))["data"]["attributes"]
    assert (done["status"], done["completed_count"], done["failed_count"]) == ("complete", 2, 0)
    assert done["completed_at"] >= done["created_at"]


async def test_an_import_joins_lists_without_consent(account: Account) -> None:
    job = await import_job(account, ANN, BOB, list_ids=(SINGLE, DOUBLE))
    assert len(account.sandbox.members(SINGLE)) == len(account.sandbox.members(DOUBLE)) == 2
    for each in account.sandbox.profiles():
        assert each["subscriptions"]["email"]["marketing"]["consent"] == "NEVER_SUBSCRIBED"
    assert account.sandbox.counts()["confirmations"] == 0
    assert {each["id"] for each in (await account.get(f"{IMPORTS}/{job['id']}/lists"))["data"]} == {SINGLE, DOUBLE}
    assert len((await account.get(f"{IMPORTS}/{job['id']}/profiles"))["data"]) == 2


async def test_the_same_import_twice_changes_nothing(account: Account) -> None:
    await import_job(account, {**ANN, "title": "Dr"}, list_ids=(SINGLE,))
    before = account.sandbox.profiles()
    await import_job(account, {**ANN, "title": "Dr"}, list_ids=(SINGLE,))
    assert [{**each, "updated": ""} for each in account.sandbox.profiles()] == [
        {**each, "updated": ""} for each in before
    ]
    assert len(account.sandbox.members(SINGLE)) == 1


async def test_consent_stays_as_it_is_in_an_import(account: Account) -> None:
    await account.ask("POST", SUBSCRIBE, subscribe(ANN))
    await import_job(account, {**ANN, "title": "Dr"})
    assert account.sandbox.profiles()[0]["subscriptions"]["email"]["marketing"]["consent"] == "SUBSCRIBED"


async def test_rows_can_name_profiles_by_id_and_patch_them(account: Account) -> None:
    profile_id = await account.create(**ANN)
    body = bulk_import({"title": "Dr"}, {"title": "Mr"})
    first, second = body["data"]["attributes"]["profiles"]["data"]
    first |= {"id": profile_id, "meta": {"patch_properties": {"append": {"tags": "a"}}}}
    second["id"] = "01NONE"
    job_id = (await account.ask("POST", IMPORTS, body)).json()["data"]["id"]
    found = await account.attributes(profile_id)
    assert (found["title"], found["properties"]) == ("Dr", {"tags": ["a"]})
    [error] = (await account.get(f"{IMPORTS}/{job_id}/import-errors"))["data"]
    assert error["attributes"]["source"] == {"pointer": "/data/id"}
    assert account.sandbox.counts()["profiles"] == 1


async def test_a_job_that_takes_time_is_queued_then_processing_then_complete() -> None:
    async with open_account(job_seconds=1000) as account:
        job_id = (await import_job(account, ANN, list_ids=(SINGLE,)))["id"]
        seen = []
        for passed in (0, 600, 400):
            earlier = (passed, passed)
            account.sandbox._store.db.execute("update jobs set created = created - ?, ready = ready - ?", earlier)
            attributes = (await account.get(f"{IMPORTS}/{job_id}"))["data"]["attributes"]
            seen.append((attributes["status"], attributes["completed_count"], len(account.sandbox.members(SINGLE))))
            assert (attributes["started_at"] is None) == (attributes["status"] == "queued")
            assert (attributes["completed_at"] is None) == (attributes["status"] != "complete")
        assert seen == [("queued", 0, 0), ("processing", 0, 0), ("complete", 1, 1)]


async def test_a_job_is_done_by_whoever_looks_next() -> None:
    async with open_account(job_seconds=0.05) as account:
        await import_job(account, ANN)
        assert account.sandbox.jobs()[0]["done"] is False
        await asyncio.sleep(0.06)
        assert account.sandbox.counts()["profiles"] == 1


async def test_a_refused_request_does_not_undo_a_job_that_was_due() -> None:
    async with open_account(job_seconds=0.05) as account:
        await import_job(account, ANN)
        await asyncio.sleep(0.06)
        assert (await account.ask("POST", "/api/profiles", {})).status_code == 400
        waiting = account.sandbox._store.db.execute("select count(*) from jobs where rows is not null").fetchone()
        assert waiting[0] == 0


async def test_numbers_that_cannot_be_fail_in_the_job_with_their_payload(account: Account) -> None:
    bad = {"email": "bad@example.com", "phone_number": "+1234", "title": "Dr"}
    job_id = (await import_job(account, ANN, bad, list_ids=(SINGLE,)))["id"]
    attributes = (await account.get(f"{IMPORTS}/{job_id}"))["data"]["attributes"]
    assert (attributes["completed_count"], attributes["failed_count"]) == (1, 1)
    [error] = (await account.get(f"{IMPORTS}/{job_id}/import-errors"))["data"]
    assert error["type"] == "import-error"
    assert error["attributes"]["original_payload"] == bad
    assert error["attributes"]["source"] == {"pointer": "/data/attributes/phone_number"}
    assert len(account.sandbox.members(SINGLE)) == 1


async def test_a_share_of_the_rows_can_be_made_to_fail() -> None:
    async with open_account(faults=Faults(import_error=1.0)) as account:
        job_id = (await import_job(account, ANN, BOB))["id"]
        errors = (await account.get(f"{IMPORTS}/{job_id}/import-errors"))["data"]
        assert [each["attributes"]["source"]["pointer"] for each in errors] == ["/data/attributes"] * 2
        assert account.sandbox.counts()["profiles"] == 0


@pytest.mark.parametrize(
    ("people", "found"),
    [
        ([ANN, {"email": "x"}], ["1/attributes/email"]),
        ([{"email": "x"}, ANN, {**ANN, "shoe": 1}], ["0/attributes/email", "2/attributes/shoe"]),
        ([{"title": "Dr"}], ["0/attributes"]),
        ([{**ANN, "anonymous_id": "x"}], ["0/attributes/anonymous_id"]),
        ([{**ANN, "phone_number": "555"}], ["0/attributes/phone_number"]),
        ([{**ANN, "properties": {"a": "x" * 100_000}}], ["0/attributes"]),
        ([[]], ["0/attributes"]),
    ],
)
async def test_one_wrong_row_refuses_the_whole_import(account: Account, people: list[Any], found: list[str]) -> None:
    response = await account.ask("POST", IMPORTS, bulk_import(*people))
    assert (response.status_code, pointers(response)) == (400, [f"{ROWS}/{each}" for each in found])
    assert account.sandbox.counts() | {"lists": 0} == dict.fromkeys(account.sandbox.counts(), 0)


async def test_an_unknown_list_refuses_the_import(account: Account) -> None:
    response = await account.ask("POST", IMPORTS, bulk_import(ANN, list_ids=(SINGLE, "None00")))
    assert (response.status_code, pointers(response)) == (400, ["/data"])
    assert response.json()["errors"][0]["detail"] == "List ID None00 does not exist."
    assert account.sandbox.counts()["jobs"] == 0


@pytest.mark.parametrize(
    "relationships",
    [[], {"lists": []}, {"lists": {"data": ["x"]}}, {"lists": {"data": [{"type": "tag", "id": SINGLE}]}}],
)
async def test_relations_that_are_none_are_refused(account: Account, relationships: Any) -> None:
    body = bulk_import(ANN)
    body["data"]["relationships"] = relationships
    response = await account.ask("POST", IMPORTS, body)
    assert response.status_code == 400
    assert pointers(response)[0].startswith("/data/relationships")


@pytest.mark.parametrize("below", ["", "/import-errors", "/profiles", "/lists"])
async def test_an_unknown_job_is_not_found(account: Account, below: str) -> None:
    assert (await account.ask("GET", f"{IMPORTS}/none{below}")).status_code == 404


@pytest.mark.parametrize("by", ["email", "phone_number", "id"])
async def test_a_deletion_takes_everything_of_a_person(account: Account, by: str) -> None:
    person = {"email": "ann@example.com", "phone_number": "+12025550123"}
    profile_id = await account.create(**person)
    await account.create(external_id="other")
    await account.ask("POST", f"/api/lists/{SINGLE}/relationships/profiles", members(profile_id))
    await account.ask("POST", "/api/events", event(person))
    await account.ask("POST", SUBSCRIBE, subscribe(ANN, list_id=DOUBLE))
    body = deletion({}, profile_id) if by == "id" else deletion({by: person[by].upper()})
    response = await account.ask("POST", DELETIONS, body)
    assert (response.status_code, response.content) == (202, b"")
    counts = account.sandbox.counts()
    assert (counts["profiles"], counts["members"], counts["events"], counts["confirmations"]) == (1, 0, 0, 0)
    assert (await account.ask("POST", DELETIONS, body)).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (deletion({"email": "a@b.co", "phone_number": "+12025550123"}), "/profile/data/attributes"),
        (deletion({"email": "a@b.co"}, "01X"), "/profile/data/attributes"),
        (deletion({}), "/profile/data/attributes"),
        (deletion({"external_id": "u"}), "/profile/data/attributes/external_id"),
        (deletion({"email": ["a@b.co"]}), "/profile/data/attributes/email"),
        ({"data": {"type": "data-privacy-deletion-job", "attributes": {}}}, "/profile"),
        (
            {
                "data": {
                    "type": "data-privacy-deletion-job",
                    "attributes": {"profile": {"data": {"type": "profile", "id": "01X"}}},
                }
            },
            "/profile/data/attributes",
        ),
    ],
)
async def test_a_deletion_names_one_person_by_one_identifier(account: Account, body: Any, pointer: str) -> None:
    response = await account.ask("POST", DELETIONS, body)
    assert (response.status_code, pointers(response)) == (400, [f"/data/attributes{pointer}"])


@pytest.mark.parametrize("body", [deletion({"email": "nobody@example.com"}), deletion({}, "01NONE")])
async def test_deleting_an_unknown_person_is_not_found(account: Account, body: Any) -> None:
    response = await account.ask("POST", DELETIONS, body)
    assert response.status_code == 404
    assert response.json()["errors"][0]["code"] == "not_found"
