"""Profiles: identifiers, conflicts, updates, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox_account import Account, bulk_import, event, pointers, profile

PERSON = {"email": "Ann@example.com", "phone_number": "+12025550123", "external_id": "u-1"}


@pytest.mark.parametrize("key", PERSON)
async def test_each_identifier_alone_makes_a_profile(account: Account, key: str) -> None:
    response = await account.ask("POST", "/api/profiles", profile({key: PERSON[key]}))
    assert response.status_code == 201
    document = response.json()["data"]
    assert document["type"] == "profile"
    assert len(document["id"]) == 26
    assert document["attributes"][key] == PERSON[key]


@pytest.mark.parametrize("attributes", [{}, {"first_name": "Ann"}, {"email": None}])
@pytest.mark.parametrize("path", ["/api/profiles", "/api/profile-import"])
async def test_a_profile_without_an_identifier_is_refused(account: Account, path: str, attributes: Any) -> None:
    response = await account.ask("POST", path, profile(attributes))
    assert response.status_code == 400
    assert response.json()["errors"][0]["detail"] == "One or more identifiers is required"
    assert account.sandbox.counts()["profiles"] == 0


@pytest.mark.parametrize(
    "other",
    [
        {"email": "ann@EXAMPLE.com"},
        {"phone_number": "+12025550123"},
        {"external_id": "u-1"},
        {"email": "new@example.com", "external_id": "u-1"},
    ],
)
async def test_creating_with_a_taken_identifier_names_the_profile_that_has_it(account: Account, other: Any) -> None:
    profile_id = await account.create(**PERSON)
    response = await account.ask("POST", "/api/profiles", profile(other | {"first_name": "Eve"}))
    assert response.status_code == 409
    [error] = response.json()["errors"]
    assert error["code"] == "duplicate_profile"
    assert error["title"] == "Conflict."
    assert error["meta"] == {"duplicate_profile_id": profile_id}
    assert error["source"] == {"pointer": "/data/attributes"}
    assert (await account.attributes(profile_id))["first_name"] is None
    assert account.sandbox.counts()["profiles"] == 1


async def test_patching_to_a_taken_identifier_is_a_conflict_and_changes_nothing(account: Account) -> None:
    owner = await account.create(email="ann@example.com")
    other = await account.create(email="bob@example.com")
    body = profile({"first_name": "Bob", "email": "ann@example.com"}, other)
    response = await account.ask("PATCH", f"/api/profiles/{other}", body)
    assert response.status_code == 409
    assert response.json()["errors"][0]["meta"] == {"duplicate_profile_id": owner}
    assert (await account.attributes(other))["first_name"] is None


async def test_patching_takes_an_identifier_that_is_free(account: Account) -> None:
    profile_id = await account.create(email="ann@example.com")
    body = profile({"email": "Ann@example.com", "external_id": "u-9"}, profile_id)
    response = await account.ask("PATCH", f"/api/profiles/{profile_id}", body)
    assert response.status_code == 200
    assert response.json()["data"]["attributes"]["external_id"] == "u-9"
    conflicting = await account.ask("POST", "/api/profiles", profile({"external_id": "u-9"}))
    assert conflicting.status_code == 409


async def test_patching_needs_the_id_of_its_address(account: Account) -> None:
    profile_id = await account.create(email="ann@example.com")
    response = await account.ask("PATCH", f"/api/profiles/{profile_id}", profile({"title": "Dr"}, "01OTHER"))
    assert (response.status_code, pointers(response)) == (400, ["/data/id"])


@pytest.mark.parametrize("method", ["GET", "PATCH"])
async def test_an_unknown_profile_is_not_found(account: Account, method: str) -> None:
    body = profile({"title": "Dr"}, "01NONE") if method == "PATCH" else None
    response = await account.ask(method, "/api/profiles/01NONE", body)
    assert response.status_code == 404
    assert response.json()["errors"][0]["code"] == "not_found"


async def test_importing_creates_once_and_then_updates(account: Account) -> None:
    first = await account.ask("POST", "/api/profile-import", profile({"email": "ann@example.com", "title": "Dr"}))
    second = await account.ask("POST", "/api/profile-import", profile({"email": "ANN@example.com", "locale": "en"}))
    assert (first.status_code, second.status_code) == (201, 200)
    found = second.json()["data"]
    assert found["id"] == first.json()["data"]["id"]
    assert (found["attributes"]["title"], found["attributes"]["locale"]) == ("Dr", "en")


async def test_importing_by_id_changes_that_profile(account: Account) -> None:
    profile_id = await account.create(email="ann@example.com")
    response = await account.ask("POST", "/api/profile-import", profile({"email": "new@example.com"}, profile_id))
    assert response.status_code == 200
    assert (await account.attributes(profile_id))["email"] == "new@example.com"
    unknown = await account.ask("POST", "/api/profile-import", profile({"email": "new@example.com"}, "01NONE"))
    assert unknown.status_code == 404


async def test_importing_leaves_an_identifier_with_the_profile_that_has_it(account: Account) -> None:
    ann = await account.create(email="ann@example.com")
    bob = await account.create(phone_number="+12025550123")
    body = profile({"email": "ann@example.com", "phone_number": "+12025550123", "title": "Dr"})
    response = await account.ask("POST", "/api/profile-import", body)
    assert response.status_code == 200
    assert response.json()["data"]["id"] == ann
    assert (await account.attributes(ann))["phone_number"] is None
    assert (await account.attributes(bob))["phone_number"] == "+12025550123"


@pytest.mark.parametrize("by", ["PATCH", "import"])
async def test_null_clears_a_field_a_property_and_a_part_of_the_location(account: Account, by: str) -> None:
    location, properties = {"city": "Paris", "zip": "75001"}, {"size": 1, "color": "red"}
    told = {"email": "ann@example.com", "title": "Dr", "external_id": "u-1"}
    profile_id = await account.create(**told, location=location, properties=properties)
    changed = {"title": None, "external_id": None, "location": {"city": None}, "properties": {"size": None, "new": 1}}
    if by == "PATCH":
        response = await account.ask("PATCH", f"/api/profiles/{profile_id}", profile(changed, profile_id))
    else:
        response = await account.ask("POST", "/api/profile-import", profile({"email": "ann@example.com", **changed}))
    assert response.status_code == 200
    found = await account.attributes(profile_id)
    assert (found["title"], found["external_id"]) == (None, None)
    assert found["location"] == {"zip": "75001"}
    assert found["properties"] == {"color": "red", "new": 1}
    assert await account.create(external_id="u-1") != profile_id, "a cleared identifier is free again"


async def test_null_clears_nothing_in_a_bulk_import_or_an_event(account: Account) -> None:
    kept = {
        "email": "ann@example.com",
        "title": "Dr",
        "external_id": "u-1",
        "location": {"city": "Paris"},
        "properties": {"size": 1},
    }
    profile_id = await account.create(**kept)
    nulls = {"title": None, "external_id": None, "location": {"city": None, "zip": "1"}, "properties": {"size": None}}
    person = {"email": "ann@example.com", **nulls}
    assert (await account.ask("POST", "/api/profile-bulk-import-jobs", bulk_import(person))).status_code == 202
    assert (await account.ask("POST", "/api/events", event(person))).status_code == 202
    found = await account.attributes(profile_id)
    expected = kept | {"location": {"city": "Paris", "zip": "1"}}
    assert {key: found[key] for key in kept} == expected


async def test_an_absent_field_stays_and_properties_are_merged_by_key(account: Account) -> None:
    profile_id = await account.create(email="a@example.com", title="Dr", properties={"size": 1, "deep": {"a": 1}})
    body = profile({"properties": {"deep": {"b": 2}}}, profile_id)
    await account.ask("PATCH", f"/api/profiles/{profile_id}", body)
    found = await account.attributes(profile_id)
    assert found["title"] == "Dr"
    assert found["properties"] == {"size": 1, "deep": {"b": 2}}


async def test_patches_append_unappend_and_unset_properties(account: Account) -> None:
    profile_id = await account.create(email="a@example.com", properties={"tags": ["a"], "one": 1, "old": True})
    patches = {"append": {"tags": "b", "one": [2], "new": "x"}, "unappend": {"tags": "a"}, "unset": ["old"]}
    body = profile({}, profile_id, meta={"patch_properties": patches})
    response = await account.ask("PATCH", f"/api/profiles/{profile_id}", body)
    assert response.json()["data"]["attributes"]["properties"] == {"tags": ["b"], "one": [1, 2], "new": ["x"]}


@pytest.mark.parametrize(
    ("attributes", "pointer", "detail"),
    [
        ({"email": "nobody"}, "email", "Invalid email address"),
        ({"email": "a@" + "b" * 95 + ".com"}, "email", "Invalid email address"),
        ({"email": 5}, "email", "Invalid email address"),
        ({"phone_number": "202-555"}, "phone_number", "Invalid phone number format"),
        ({"phone_number": 5}, "phone_number", "Invalid phone number format"),
        ({"shoe": 1}, "shoe", "'shoe' is not a valid field for the resource 'profile'."),
        ({"anonymous_id": "x"}, "anonymous_id", "'anonymous_id' is not a valid field for the resource 'profile'."),
        ({"subscriptions": {}}, "subscriptions", "'subscriptions' is not a valid field"),
        ({"first_name": 5}, "first_name", "'first_name' must be a string."),
        ({"external_id": ["x"]}, "external_id", "'external_id' must be a string."),
        ({"properties": []}, "properties", "'properties' must be an object."),
        ({"location": "Paris"}, "location", "'location' must be an object."),
        (
            {"location": {"street": "x"}},
            "location/street",
            "'street' is not a valid field for the resource 'location'.",
        ),
        ({"location": {"city": ["x"]}}, "location/city", "'city' must be a string."),
        ({"location": {"latitude": True}}, "location/latitude", "'latitude' must be a string"),
    ],
)
async def test_wrong_attributes_are_pointed_at(
    account: Account, attributes: dict[str, Any], pointer: str, detail: str
) -> None:
    response = await account.ask("POST", "/api/profile-import", profile({"external_id": "u", **attributes}))
    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert error["code"] == "invalid"
    assert error["source"]["pointer"] == f"/data/attributes/{pointer}"
    assert error["detail"].startswith(detail)
    assert account.sandbox.counts()["profiles"] == 0


async def test_all_wrong_attributes_are_told_at_once(account: Account) -> None:
    body = profile({"email": "x", "shoe": 1, "title": 2})
    response = await account.ask("POST", "/api/profiles", body)
    assert sorted(pointers(response)) == [f"/data/attributes/{key}" for key in ("email", "shoe", "title")]


async def test_coordinates_are_texts_or_numbers(account: Account) -> None:
    profile_id = await account.create(email="a@example.com", location={"latitude": 48.85, "longitude": "2.35"})
    assert (await account.attributes(profile_id))["location"] == {"latitude": 48.85, "longitude": "2.35"}


async def test_a_bad_phone_beside_another_identifier_is_ignored_with_a_header(account: Account) -> None:
    response = await account.ask("POST", "/api/profiles", profile({"email": "a@example.com", "phone_number": "555"}))
    assert response.status_code == 201
    assert response.headers["x-klaviyo-partial-failure"] == "phone_number"
    assert response.json()["data"]["attributes"]["phone_number"] is None
    sound = await account.ask("POST", "/api/profiles", profile({"email": "b@example.com"}))
    assert "x-klaviyo-partial-failure" not in sound.headers


async def test_a_profile_of_more_than_100_kb_is_refused(account: Account) -> None:
    response = await account.ask(
        "POST", "/api/profiles", profile({"email": "a@b.co", "properties": {"a": "x" * 100_000}})
    )
    assert (response.status_code, pointers(response)) == (400, ["/data/attributes"])


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        5,
        {},
        {"data": None},
        {"data": []},
        {"data": {"type": "list", "attributes": {"email": "a@b.co"}}},
        {"data": {"type": "profile"}},
        {"data": {"type": "profile", "attributes": []}},
        {"data": {"type": ["profile"], "attributes": {"email": "a@b.co"}}},
    ],
)
async def test_a_body_that_is_no_profile_is_refused(account: Account, body: Any) -> None:
    response = await account.ask("POST", "/api/profiles", body)
    assert response.status_code == 400
    assert response.json()["errors"][0]["source"]["pointer"].startswith("/data")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"data": "\xff"}',
        b'{"data": "\\ud800"}',
        b"[" * 100_000,
        b'{"data": ' * 5000,
        b'{"data": {"type": "profile", "attributes": {"external_id": "u", "properties": {"a": 1e999}}}}',
        b'{"data": {"type": "profile", "attributes": {"external_id": "u", "properties": {"a": NaN}}}}',
    ],
    ids=["empty", "cut", "no UTF-8", "half a character", "deep list", "deep object", "infinite", "NaN"],
)
async def test_content_that_is_no_json_is_refused(account: Account, content: bytes) -> None:
    response = await account.client.post("/api/profiles", content=content)
    assert response.status_code == 400
    assert response.json()["errors"][0]["detail"] == "The payload provided in the request is invalid."


async def test_odd_but_sound_json_is_kept(account: Account) -> None:
    properties = {"": "\u0000", "\u2028": ["\U0001f600", 10**40, 1e308, -0.5], "deep": [[[[{}]]]]}
    profile_id = await account.create(email="a@example.com", properties=properties)
    assert (await account.attributes(profile_id))["properties"] == properties
