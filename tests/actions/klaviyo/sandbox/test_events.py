"""Events: recorded once for each unique id, with their people and metrics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sandbox_account import BULK_EVENTS, Account, bulk_events, event, event_attributes, pointers, profile

ANN = {"email": "ann@example.com"}
ROWS = "/data/attributes/events-bulk-create/data"
PERSON = "/data/attributes/profile/data"


async def test_an_event_is_accepted_and_makes_its_person_and_metric(account: Account) -> None:
    body = event(ANN, metric="Ordered", value=9.5, unique_id="o-1", time="2026-01-02T03:04:05.678+01:00")
    response = await account.ask("POST", "/api/events", body)
    assert (response.status_code, response.content) == (202, b"")
    assert account.sandbox.events() == [
        {
            "metric": "Ordered",
            "person": "ann@example.com",
            "time": "2026-01-02T02:04:05+00:00",
            "value": 9.5,
            "unique_id": "o-1",
            "properties": {"total": 9.5},
        }
    ]
    [metric] = (await account.get("/api/metrics"))["data"]
    assert metric["attributes"]["name"] == "Ordered"


async def test_an_event_is_shown_with_its_relations(account: Account) -> None:
    profile_id = await account.create(**ANN)
    await account.ask("POST", "/api/events", event(ANN, value=5, unique_id="o-1", time="2026-01-02T03:04:05Z"))
    [found] = (await account.get("/api/events"))["data"]
    assert found["relationships"]["profile"]["data"]["id"] == profile_id
    assert found["attributes"]["event_properties"] == {"total": 9.5, "$event_id": "o-1", "$value": 5}
    assert found["attributes"]["timestamp"] == 1767323045
    metric_id = found["relationships"]["metric"]["data"]["id"]
    for condition, number in (
        (f'equals(metric_id,"{metric_id}")', 1),
        ('equals(metric_id,"None00")', 0),
        (f'equals(profile_id,"{profile_id}")', 1),
        ("greater-than(datetime,2026-01-02T03:04:04Z)", 1),
        ("greater-or-equal(datetime,2026-01-02T05:04:05+02:00)", 1),
        ("less-than(datetime,2026-01-02T03:04:05Z)", 0),
    ):
        assert len((await account.get("/api/events", filter=condition))["data"]) == number, condition


async def test_a_known_person_is_updated_by_an_event(account: Account) -> None:
    profile_id = await account.create(**ANN, title="Dr", properties={"size": 1})
    person = {"email": "ANN@example.com", "external_id": "u-1", "favourite": "blue"}
    await account.ask("POST", "/api/events", event(person))
    found = await account.attributes(profile_id)
    assert (found["title"], found["external_id"]) == ("Dr", "u-1")
    assert found["properties"] == {"size": 1, "favourite": "blue"}


@pytest.mark.parametrize("key", ["email", "phone_number", "external_id", "anonymous_id", "_kx"])
async def test_each_identifier_finds_the_person_of_an_earlier_event(account: Account, key: str) -> None:
    person = {key: {"email": "a@b.co", "phone_number": "+12025550123"}.get(key, "x-1")}
    for unique_id in ("1", "2"):
        assert (await account.ask("POST", "/api/events", event(person, unique_id=unique_id))).status_code == 202
    counts = account.sandbox.counts()
    assert (counts["profiles"], counts["events"]) == (1, 2)


async def test_an_event_can_name_its_person_by_id(account: Account) -> None:
    profile_id = await account.create(**ANN)
    body = event({})
    body["data"]["attributes"]["profile"] = profile({"title": "Dr"}, profile_id)
    assert (await account.ask("POST", "/api/events", body)).status_code == 202
    assert (await account.attributes(profile_id))["title"] == "Dr"
    body["data"]["attributes"]["profile"] = profile({}, "01NONE")
    refused = await account.ask("POST", "/api/events", body)
    assert (refused.status_code, pointers(refused)) == (400, [f"{PERSON}/id"])


@pytest.mark.parametrize("place", ["inside", "beside"])
async def test_an_event_can_patch_its_person(account: Account, place: str) -> None:
    meta = {"meta": {"patch_properties": {"append": {"tags": "new"}}}}
    body = event(ANN | meta if place == "inside" else ANN)
    if place == "beside":
        body["data"]["attributes"]["profile"]["data"] |= meta
    assert (await account.ask("POST", "/api/events", body)).status_code == 202
    assert account.sandbox.profiles()[0]["properties"] == {"tags": ["new"]}


async def test_the_first_event_with_a_unique_id_is_kept(account: Account) -> None:
    for value in (1, 2):
        response = await account.ask("POST", "/api/events", event(ANN, unique_id="o-1", value=value))
        assert response.status_code == 202
    in_bulk = bulk_events((ANN, [event_attributes(unique_id="o-1", value=3)]))
    assert (await account.ask("POST", BULK_EVENTS, in_bulk)).status_code == 202
    assert [each["value"] for each in account.sandbox.events()] == [1]


async def test_a_unique_id_counts_for_one_person_and_metric(account: Account) -> None:
    for person, metric in ((ANN, "A"), (ANN, "B"), ({"email": "bob@example.com"}, "A")):
        await account.ask("POST", "/api/events", event(person, metric=metric, unique_id="1"))
    assert account.sandbox.counts()["events"] == 3


async def test_without_a_unique_id_one_event_a_second_is_kept(account: Account) -> None:
    for second in ("01", "01", "02"):
        await account.ask("POST", "/api/events", event(ANN, time=f"2026-01-01T00:00:{second}Z"))
    assert account.sandbox.counts()["events"] == 2


async def test_an_event_without_a_time_is_of_now(account: Account) -> None:
    await account.ask("POST", "/api/events", event(ANN, time=None))
    moment = datetime.fromisoformat(account.sandbox.events()[0]["time"])
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=1)


YEAR_AHEAD, TOO_FAR = ((datetime.now(UTC) + timedelta(days=days)).date().isoformat() for days in (360, 368))


@pytest.mark.parametrize("time", ["1990-01-01T00:00:00Z", "1999-06-01", "2026-01-01T00:00:00-11:00", YEAR_AHEAD])
async def test_times_from_1990_to_a_year_ahead_are_taken(account: Account, time: str) -> None:
    assert (await account.ask("POST", "/api/events", event(ANN, time=time))).status_code == 202


@pytest.mark.parametrize(
    "time",
    ["1989-12-31T23:59:59Z", TOO_FAR, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "soon", 5, True, {}],
)
async def test_other_times_are_refused(account: Account, time: Any) -> None:
    response = await account.ask("POST", "/api/events", event(ANN, time=time))
    assert (response.status_code, pointers(response)) == (400, ["/data/attributes/time"])


WRONG = [
    ({"properties": None}, "properties"),
    ({"properties": []}, "properties"),
    ({"properties": {str(number): 1 for number in range(401)}}, "properties"),
    ({"properties": {"deep": [{"text": "x" * 100_001}]}}, "properties"),
    ({"metric": "x" * 128}, "metric/data/attributes/name"),
    ({"metric": ""}, "metric/data/attributes/name"),
    ({"metric": 5}, "metric/data/attributes/name"),
    ({"value": "9.5"}, "value"),
    ({"value": True}, "value"),
    ({"value": 10**400}, "value"),
    ({"value_currency": "dollars"}, "value_currency"),
    ({"unique_id": 5}, "unique_id"),
    ({"backfill": "yes"}, "backfill"),
    ({"colour": "red"}, "colour"),
]


@pytest.mark.parametrize(
    ("attributes", "pointer"), WRONG, ids=[f"{key} {next(iter(each))}"[:30] for each, key in WRONG]
)
async def test_wrong_attributes_are_pointed_at(account: Account, attributes: dict[str, Any], pointer: str) -> None:
    alone = await account.ask("POST", "/api/events", event(ANN, **attributes))
    assert (alone.status_code, pointers(alone)) == (400, [f"/data/attributes/{pointer}"])
    rows = bulk_events((ANN, [event_attributes()]), (ANN, [event_attributes(), event_attributes(**attributes)]))
    in_bulk = await account.ask("POST", BULK_EVENTS, rows)
    where = f"{ROWS}/1/attributes/events/data/1/attributes/{pointer}"
    assert (in_bulk.status_code, pointers(in_bulk)) == (400, [where])
    assert account.sandbox.counts()["profiles"] == 0, "nothing of a refused request stays"


async def test_the_greatest_sizes_are_taken(account: Account) -> None:
    properties = {str(number): 1 for number in range(399)} | {"text": "x" * 100_000}
    body = event(ANN, metric="x" * 127, properties=properties, value=10**30, value_currency="EUR", backfill=True)
    assert (await account.ask("POST", "/api/events", body)).status_code == 202
    assert account.sandbox.events()[0]["value"] == 1e30


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"profile": None}, "/data/attributes/profile"),
        ({"profile": {"data": []}}, "/data/attributes/profile/data"),
        ({"profile": {"data": {"type": "person", "attributes": ANN}}}, f"{PERSON}/type"),
        ({"profile": {"data": {"type": "profile", "attributes": []}}}, f"{PERSON}/attributes"),
        ({"profile": profile({})}, f"{PERSON}/attributes"),
        ({"profile": profile({"title": "Dr"})}, f"{PERSON}/attributes"),
        ({"profile": profile({"email": "x"})}, f"{PERSON}/attributes/email"),
        ({"profile": profile({"anonymous_id": 5})}, f"{PERSON}/attributes/anonymous_id"),
        ({"profile": profile({"_kx": {"a": 1}})}, f"{PERSON}/attributes/_kx"),
        ({"profile": {"data": {"type": "profile", "id": 5, "attributes": {}}}}, f"{PERSON}/id"),
        (
            {"metric": {"data": {"type": "list", "attributes": {"name": "x"}}}},
            "/data/attributes/metric/data/attributes/name",
        ),
        ({"metric": []}, "/data/attributes/metric/data/attributes/name"),
    ],
)
async def test_a_person_or_metric_that_is_none_is_pointed_at(
    account: Account, change: dict[str, Any], pointer: str
) -> None:
    body = event(ANN)
    body["data"]["attributes"] |= change
    response = await account.ask("POST", "/api/events", body)
    assert (response.status_code, pointers(response)) == (400, [pointer])


async def test_a_bad_phone_beside_another_identifier_is_ignored_with_a_header(account: Account) -> None:
    person = {"external_id": "u-1", "phone_number": "555"}
    alone = await account.ask("POST", "/api/events", event(person))
    in_bulk = await account.ask("POST", BULK_EVENTS, bulk_events((person, [event_attributes(unique_id="2")])))
    for response in (alone, in_bulk):
        assert response.status_code == 202
        assert response.headers["x-klaviyo-partial-failure"] == "phone_number"
    refused = await account.ask("POST", "/api/events", event({"phone_number": "555"}))
    assert pointers(refused) == [f"{PERSON}/attributes/phone_number"]


async def test_a_bulk_request_takes_several_events_of_several_people(account: Account) -> None:
    body = bulk_events(
        (ANN, [event_attributes(unique_id="1"), event_attributes(unique_id="2")]),
        ({"external_id": "u-2"}, [event_attributes(unique_id="1"), event_attributes("Viewed", unique_id="1")]),
    )
    response = await account.ask("POST", BULK_EVENTS, body)
    assert (response.status_code, response.content) == (202, b"")
    counts = account.sandbox.counts()
    assert (counts["events"], counts["profiles"], counts["metrics"]) == (4, 2, 2)


@pytest.mark.parametrize(
    "people", [(ANN, ANN), (ANN, {"email": "ANN@example.com"}), (ANN | {"external_id": "u-1"}, {"external_id": "u-1"})]
)
async def test_a_unique_id_twice_in_one_bulk_request_refuses_all_of_it(account: Account, people: Any) -> None:
    rows = [(person, [event_attributes(unique_id="o-1")]) for person in people]
    response = await account.ask("POST", BULK_EVENTS, bulk_events(({"email": "b@b.co"}, [event_attributes()]), *rows))
    assert (response.status_code, pointers(response)) == (400, [ROWS])
    counts = account.sandbox.counts()
    assert (counts["events"], counts["profiles"]) == (0, 0)


async def test_a_bulk_request_has_at_most_a_thousand_events(account: Account) -> None:
    events = [event_attributes(unique_id=str(number)) for number in range(1001)]
    for rows in ([(ANN, events)], [(ANN, [each]) for each in events], [(ANN, events[:501]), (ANN, events[501:])]):
        refused = await account.ask("POST", BULK_EVENTS, bulk_events(*rows))
        assert refused.status_code == 400
        assert account.sandbox.counts()["events"] == 0
    accepted = await account.ask("POST", BULK_EVENTS, bulk_events((ANN, events[:501]), (ANN, events[501:1000])))
    assert accepted.status_code == 202
    assert account.sandbox.counts()["events"] == 1000


@pytest.mark.parametrize(
    ("rows", "pointer"),
    [
        ([], ROWS),
        (None, ROWS),
        (["row"], f"{ROWS}/0"),
        ([{"type": "event"}], f"{ROWS}/0"),
        ([{"type": "event-bulk-create"}], f"{ROWS}/0/attributes"),
    ],
)
async def test_rows_that_are_none_are_refused(account: Account, rows: Any, pointer: str) -> None:
    body = {"data": {"type": "event-bulk-create-job", "attributes": {"events-bulk-create": {"data": rows}}}}
    response = await account.ask("POST", BULK_EVENTS, body)
    assert (response.status_code, pointers(response)) == (400, [pointer])
