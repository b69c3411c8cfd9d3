"""Lists and their members."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox_account import SINGLE, Account, members, new_list, open_account, pointers

from actions.klaviyo.sandbox.store import DEMO_LISTS


async def test_a_new_account_has_lists(account: Account) -> None:
    found = (await account.get("/api/lists"))["data"]
    assert {(each["id"], each["attributes"]["name"], each["attributes"]["opt_in_process"]) for each in found} == set(
        DEMO_LISTS
    )


async def test_two_lists_may_have_one_name_and_ask_to_confirm(account: Account) -> None:
    first = await account.ask("POST", "/api/lists", new_list("VIP"))
    second = await account.ask("POST", "/api/lists", new_list("VIP", opt_in_process=None))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["data"]["id"] != second.json()["data"]["id"]
    assert {each.json()["data"]["attributes"]["opt_in_process"] for each in (first, second)} == {"double_opt_in"}


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": 5}, "name"),
        ({"name": "VIP", "opt_in_process": "none"}, "opt_in_process"),
        ({"name": "VIP", "opt_in_process": ["single_opt_in"]}, "opt_in_process"),
        ({"name": "VIP", "colour": "red"}, "colour"),
    ],
)
async def test_a_list_with_wrong_attributes_is_refused(account: Account, attributes: Any, pointer: str) -> None:
    response = await account.ask("POST", "/api/lists", {"data": {"type": "list", "attributes": attributes}})
    assert (response.status_code, pointers(response)) == (400, [f"/data/attributes/{pointer}"])


async def test_joining_and_leaving_a_list_change_neither_consent_nor_the_profile(account: Account) -> None:
    profile_id = await account.create(email="ann@example.com")
    before = await account.attributes(profile_id)
    path = f"/api/lists/{SINGLE}/relationships/profiles"
    for _ in range(2):
        joined = await account.ask("POST", path, members(profile_id))
        assert (joined.status_code, joined.content) == (204, b"")
    assert account.sandbox.members(SINGLE) == [profile_id]
    after = await account.attributes(profile_id)
    assert after == before
    assert after["subscriptions"]["email"]["marketing"]["consent"] == "NEVER_SUBSCRIBED"
    for _ in range(2):  # who is not there leaves all the same
        assert (await account.ask("DELETE", path, members(profile_id))).status_code == 204
    assert account.sandbox.members(SINGLE) == []


async def test_unknown_profiles_keep_everybody_from_joining(account: Account) -> None:
    profile_id = await account.create(email="ann@example.com")
    body = members(profile_id, "XYZABD", "QQQ")
    response = await account.ask("POST", f"/api/lists/{SINGLE}/relationships/profiles", body)
    [error] = response.json()["errors"]
    assert response.status_code == 400
    assert error["detail"] == "Invalid profile IDs: XYZABD, QQQ"
    assert error["source"]["pointer"] == "/data/"
    assert account.sandbox.members(SINGLE) == []


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (None, "/data"),
        ([], "/data"),
        ({"data": {}}, "/data"),
        ({"data": ["01X"]}, "/data/0/id"),
        ({"data": [{"type": "profile"}]}, "/data/0/id"),
        ({"data": [{"type": "profile", "id": 5}]}, "/data/0/id"),
        ({"data": [{"type": "list", "id": "01X"}]}, "/data/0/type"),
        (members(*["01X"] * 1001), "/data"),
    ],
)
async def test_members_that_are_none_are_refused(account: Account, method: str, body: Any, pointer: str) -> None:
    response = await account.ask(method, f"/api/lists/{SINGLE}/relationships/profiles", body)
    assert (response.status_code, pointers(response)) == (400, [pointer])


async def test_a_thousand_members_join_in_one_request(account: Account) -> None:
    ids = [await account.create(external_id=str(number)) for number in range(3)]
    body = members(*ids * 333, ids[0])
    assert (await account.ask("POST", f"/api/lists/{SINGLE}/relationships/profiles", body)).status_code == 204
    assert account.sandbox.members(SINGLE) == sorted(ids)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/lists/None00"),
        ("GET", "/api/lists/None00/profiles"),
        ("POST", "/api/lists/None00/relationships/profiles"),
        ("DELETE", "/api/lists/None00/relationships/profiles"),
    ],
)
async def test_an_unknown_list_is_not_found(account: Account, method: str, path: str) -> None:
    body = None if method == "GET" else members()
    assert (await account.ask(method, path, body)).status_code == 404


async def test_a_list_counts_its_profiles_when_asked(account: Account) -> None:
    profile_id = await account.create(email="ann@example.com")
    await account.ask("POST", f"/api/lists/{SINGLE}/relationships/profiles", members(profile_id))
    plain = await account.get(f"/api/lists/{SINGLE}")
    assert "profile_count" not in plain["data"]["attributes"]
    counted = await account.get(f"/api/lists/{SINGLE}", **{"additional-fields[list]": "profile_count"})
    assert counted["data"]["attributes"]["profile_count"] == 1


async def test_a_list_comes_to_be_when_it_is_named_if_wished() -> None:
    async with open_account(any_list=True) as account:
        profile_id = await account.create(email="ann@example.com")
        joined = await account.ask("POST", "/api/lists/Real01/relationships/profiles", members(profile_id))
        assert joined.status_code == 204
        assert account.sandbox.members("Real01") == [profile_id]
        refused = await account.ask("POST", "/api/lists/Real02/relationships/profiles", members("01NONE"))
        assert refused.status_code == 400
        assert "Real02" not in {each["id"] for each in account.sandbox.lists()}
