"""Filters, pages and fields."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from pydantic_core import to_json
from sandbox_account import (
    IMPORTS,
    SINGLE,
    SUPPRESS,
    Account,
    bulk_events,
    bulk_import,
    event_attributes,
    members,
    new_list,
    pointers,
    suppress,
)

ODD = [
    "a+b",
    "a b",
    'say "hi"',
    "back\\slash",
    "R&D",
    "[x]",
    "a,b",
    "(a)",
    "ü€\U0001f600",
    "50%",
    "a=b#c?d",
    "'",
    "\u2028",
]


async def ids(account: Account, condition: str, path: str = "/api/profiles") -> list[str]:
    return [each["id"] for each in (await account.get(path, filter=condition))["data"]]


async def refused(account: Account, path: str, **params: str) -> str:
    response = await account.ask("GET", path, **params)
    assert response.status_code == 400, response.text
    [error] = response.json()["errors"]
    return error["source"]["parameter"]


@pytest.mark.parametrize("value", ODD)
async def test_values_with_odd_characters_are_found(account: Account, value: str) -> None:
    profile_id = await account.create(external_id=value)
    await account.create(external_id="other")
    quoted = to_json(value).decode()
    assert await ids(account, f"equals(external_id,{quoted})") == [profile_id]
    assert await ids(account, f"any(external_id,[{quoted}])") == [profile_id]
    assert await ids(account, f'any(external_id,["none",{quoted},"there"])') == [profile_id]


async def test_each_identifier_can_be_asked_for(account: Account) -> None:
    person = {"email": "Ann+x@example.com", "phone_number": "+12025550123", "external_id": "u-1"}
    profile_id = await account.create(**person)
    await account.create(email="bob@example.com")
    for key, value in {**person, "id": profile_id, "email": "ANN+X@example.com"}.items():
        assert await ids(account, f'equals({key},"{value}")') == [profile_id], key
        assert await ids(account, f'any({key},["{value}","x"])') == [profile_id], key


async def test_conditions_are_joined_by_commas_or_and(account: Account) -> None:
    ann = await account.create(email="ann@example.com", external_id="u-1")
    await account.create(email="bob@example.com", external_id="u-2")
    first, second = 'any(email,["ann@example.com","bob@example.com"])', 'equals(external_id,"u-1")'
    for condition in (f"{first},{second}", f"and({first},{second})", f" and( {first} , {second} ) "):
        assert await ids(account, condition) == [ann], condition
    assert await ids(account, f'{first},equals(external_id,"u-3")') == []


async def test_a_value_without_quotes_and_a_number_are_texts(account: Account) -> None:
    profile_id = await account.create(external_id="007")
    number = await account.create(external_id="7")
    assert await ids(account, "equals(external_id,007)") == [profile_id]
    assert await ids(account, "any(external_id,[7])") == [number]
    assert await ids(account, f"equals(id,{profile_id})") == [profile_id]
    assert await ids(account, "equals(external_id,99999999999999999999999999)") == []


@pytest.mark.parametrize(
    "condition",
    [
        "and()",
        ",",
        "email",
        "equals(email)",
        'equals(email,"a@b.co"',
        'equals(email,"a@b.co)',
        'equals(email,"a@b.co")x',
        'equals(email,"a@b.co") equals(id,"x")',
        'equals(email,["a@b.co"])',
        'any(email,["a@b.co")',
        'any(email,["\\ud800"])',
        'equals(email,"\\ud800")',
        "equals(email,)",
        'contains(email,"a")',
        'equals(first_name,"Ann")',
        'greater-than(email,"a")',
        'or(equals(email,"a@b.co"))',
        "any(email," + "[" * 20_000,
    ],
)
async def test_filters_that_cannot_be_read_are_refused(account: Account, condition: str) -> None:
    assert await refused(account, "/api/profiles", filter=condition) == "filter"


async def test_an_empty_filter_is_none(account: Account) -> None:
    await account.create(external_id="u")
    assert len(await ids(account, " ")) == 1


async def test_lists_are_found_by_name_and_time(account: Account) -> None:
    assert await ids(account, 'equals(name,"VIP customers")', "/api/lists") == [SINGLE]
    assert len(await ids(account, "greater-than(created,2020-01-01T00:00:00Z)", "/api/lists")) == 4
    assert await ids(account, "greater-than(updated,2999-01-01)", "/api/lists") == []
    assert await refused(account, "/api/lists", filter="greater-than(created,yesterday)") == "filter"


async def test_members_of_a_list_are_found_by_identifier(account: Account) -> None:
    ann, bob = await account.create(email="ann@example.com"), await account.create(email="bob@example.com")
    await account.ask("POST", f"/api/lists/{SINGLE}/relationships/profiles", members(ann, bob))
    assert await ids(account, 'equals(email,"ANN@example.com")', f"/api/lists/{SINGLE}/profiles") == [ann]


async def make_profiles(account: Account, number: int) -> None:
    await account.ask("POST", IMPORTS, bulk_import(*({"external_id": str(each)} for each in range(number))))


async def make_lists(account: Account, number: int) -> None:
    for each in range(number - account.sandbox.counts()["lists"]):
        await account.ask("POST", "/api/lists", new_list(str(each)))


async def make_members(account: Account, number: int) -> None:
    people = ({"external_id": str(each)} for each in range(number))
    await account.ask("POST", IMPORTS, bulk_import(*people, list_ids=(SINGLE,)))


async def make_events(account: Account, number: int) -> None:
    events = [event_attributes(unique_id=str(each)) for each in range(number)]
    await account.ask("POST", "/api/event-bulk-create-jobs", bulk_events(({"external_id": "u"}, events)))


async def make_metrics(account: Account, number: int) -> None:
    events = [event_attributes(str(each)) for each in range(number)]
    await account.ask("POST", "/api/event-bulk-create-jobs", bulk_events(({"external_id": "u"}, events)))


async def make_imports(account: Account, number: int) -> None:
    for _ in range(number):
        await account.ask("POST", IMPORTS, bulk_import({"external_id": "u"}))


async def make_suppressions(account: Account, number: int) -> None:
    for _ in range(number):
        await account.ask("POST", SUPPRESS, suppress("a@b.co"))


PAGED: list[tuple[str, Callable[..., Any], int, int, int]] = [
    ("/api/profiles", make_profiles, 45, 20, 100),
    ("/api/lists", make_lists, 25, 10, 10),
    (f"/api/lists/{SINGLE}/profiles", make_members, 45, 20, 100),
    ("/api/events", make_events, 450, 200, 1000),
    (IMPORTS, make_imports, 21, 20, 100),
    (SUPPRESS, make_suppressions, 21, 20, 100),
]


@pytest.mark.parametrize(("path", "make", "number", "usual", "largest"), PAGED, ids=[each[0] for each in PAGED])
async def test_pages_have_their_size_and_lead_to_the_end(
    account: Account, path: str, make: Callable[..., Any], number: int, usual: int, largest: int
) -> None:
    await make(account, number)
    for size, params in ((usual, {}), (7, {"page[size]": "7"}), (largest, {"page[size]": str(largest)})):
        pages = await account.pages(path, **params)
        assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1), size
        assert len({each["id"] for page in pages for each in page}) == sum(map(len, pages)) == number
    for size in ("0", "-1", str(largest + 1), "x", "", "1.5", "²", "9" * 5000):
        assert await refused(account, path, **{"page[size]": size}) == "page[size]", size[:9]


async def test_a_page_that_ends_exactly_is_the_last(account: Account) -> None:
    await make_profiles(account, 40)
    assert [len(page) for page in await account.pages("/api/profiles")] == [20, 20]


async def test_links_are_absolute_and_keep_the_question(account: Account) -> None:
    for number in range(3):
        await account.create(external_id=f"R&D + {number}")
    condition = 'any(external_id,["R&D + 0","R&D + 1","R&D + 2"])'
    first = await account.get("/api/profiles/", **{"filter": condition, "page[size]": "2"})
    assert first["links"]["self"].startswith("https://a.klaviyo.com/api/profiles?filter=")
    assert first["links"]["next"].startswith("https://a.klaviyo.com/api/profiles?filter=")
    second = await account.get(first["links"]["next"])
    assert len(second["data"]) == 1
    assert "next" not in second["links"]


async def test_metrics_have_no_page_size(account: Account) -> None:
    await make_metrics(account, 230)
    assert await refused(account, "/api/metrics", **{"page[size]": "10"}) == "page[size]"
    assert [len(page) for page in await account.pages("/api/metrics")] == [200, 30]


@pytest.mark.parametrize(
    "cursor", ["x", "%%%", "ü", base64.b64encode(b"\xff\xfe").decode(), base64.b64encode(b"a").decode()]
)
async def test_a_cursor_that_is_none_is_refused(account: Account, cursor: str) -> None:
    assert await refused(account, "/api/profiles", **{"page[cursor]": cursor}) == "page[cursor]"


@pytest.mark.parametrize(
    ("path", "name"),
    [("/api/profiles", "include"), ("/api/lists", "sort"), (IMPORTS, "filter"), ("/api/accounts", "page[size]")],
)
async def test_a_parameter_that_the_sandbox_does_not_have_is_refused(account: Account, path: str, name: str) -> None:
    assert await refused(account, path, **{name: "x"}) == name


async def test_only_the_fields_that_are_asked_for_are_given(account: Account) -> None:
    profile_id = await account.create(email="ann@example.com", location={"city": "Paris"})
    params = {"fields[profile]": "email,location.city", "fields[list]": "name"}
    for path in ("/api/profiles", f"/api/profiles/{profile_id}"):
        data = (await account.get(path, **params))["data"]
        found = data[0] if isinstance(data, list) else data
        assert found["attributes"] == {"email": "ann@example.com", "location": {"city": "Paris"}}
        assert found["id"] == profile_id
    lists = (await account.get("/api/lists", **params))["data"]
    assert {tuple(each["attributes"]) for each in lists} == {("name",)}
    assert list((await account.get("/api/accounts", **{"fields[account]": "timezone"}))["data"][0]["attributes"]) == [
        "timezone"
    ]


async def test_consent_is_given_only_when_asked_for(account: Account) -> None:
    profile_id = await account.create(email="ann@example.com")
    plain = (await account.get(f"/api/profiles/{profile_id}"))["data"]["attributes"]
    assert "subscriptions" not in plain
    assert "subscriptions" in await account.attributes(profile_id)


async def test_an_error_in_a_filter_has_no_pointer(account: Account) -> None:
    response = await account.ask("GET", "/api/profiles", filter="x")
    with pytest.raises(KeyError):
        pointers(response)
