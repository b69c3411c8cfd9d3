"""Subscribing, unsubscribing, suppression."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic_core import to_json
from sandbox_account import (
    DOUBLE,
    SINGLE,
    SUBSCRIBE,
    SUPPRESS,
    UNSUBSCRIBE,
    UNSUPPRESS,
    Account,
    channels,
    members,
    new_list,
    open_account,
    pointers,
    subscribe,
    suppress,
    unsubscribe,
)

ROW = "/data/attributes/profiles/data/0/attributes"
ANN = {"email": "ann@example.com"}
LONG_AGO = "2020-03-01T12:00:00+00:00"


async def state(account: Account, email: str = "ann@example.com", channel: str = "email") -> dict[str, Any]:
    [found] = [each for each in account.sandbox.profiles() if each.get("email") == email]
    return found["subscriptions"][channel]["marketing"]


def reasons(marketing: dict[str, Any]) -> list[str]:
    return [each["reason"] for each in marketing["suppression"]]


def set_suppressions(account: Account, *given: str) -> None:
    """Suppressions that only Klaviyo itself makes."""
    suppression = [{"reason": each, "timestamp": LONG_AGO} for each in given]
    kept = to_json({"suppression": suppression}).decode()
    account.sandbox._store.db.execute("update profiles set consent = ?", (kept,))


async def test_a_single_opt_in_list_subscribes_and_joins_at_once(account: Account) -> None:
    response = await account.ask("POST", SUBSCRIBE, subscribe(ANN, custom_source="-59"))
    assert (response.status_code, response.content) == (202, b"")
    marketing = await state(account)
    assert marketing["consent"] == "SUBSCRIBED"
    assert marketing["can_receive_email_marketing"]
    assert (marketing["method"], marketing["custom_method_detail"]) == ("API", "-59")
    assert len(account.sandbox.members(SINGLE)) == 1


@pytest.mark.parametrize("list_id", [DOUBLE, None], ids=["list", "account's default"])
async def test_double_opt_in_sends_a_message_and_changes_nothing(account: Account, list_id: str | None) -> None:
    response = await account.ask("POST", SUBSCRIBE, subscribe(ANN, list_id=list_id))
    assert response.status_code == 202
    counts = account.sandbox.counts()
    assert (counts["profiles"], counts["members"], counts["confirmations"]) == (0, 0, 1)


async def test_double_opt_in_leaves_a_known_profile_as_it_is(account: Account) -> None:
    profile_id = await account.create(**ANN)
    before = await account.attributes(profile_id)
    await account.ask("POST", SUBSCRIBE, subscribe(ANN, list_id=DOUBLE))
    assert await account.attributes(profile_id) == before


async def test_a_list_that_is_made_single_opt_in_is(account: Account) -> None:
    made = await account.ask("POST", "/api/lists", new_list("New", opt_in_process="single_opt_in"))
    list_id = made.json()["data"]["id"]
    await account.ask("POST", SUBSCRIBE, subscribe(ANN, list_id=list_id))
    assert len(account.sandbox.members(list_id)) == 1


async def test_each_channel_is_subscribed_by_itself(account: Account) -> None:
    person = {"email": "ann@example.com", "phone_number": "+12025550123", "subscriptions": channels("sms")}
    assert (await account.ask("POST", SUBSCRIBE, subscribe(person))).status_code == 202
    assert (await state(account))["consent"] == "NEVER_SUBSCRIBED"
    assert (await state(account, channel="sms"))["consent"] == "SUBSCRIBED"


async def test_transactional_messages_are_a_consent_of_their_own(account: Account) -> None:
    terms = {"sms": {"transactional": {"consent": "SUBSCRIBED"}}}
    person = {"phone_number": "+12025550123", "subscriptions": terms}
    await account.ask("POST", SUBSCRIBE, subscribe(person))
    [found] = account.sandbox.profiles()
    sms = found["subscriptions"]["sms"]
    assert (sms["marketing"]["consent"], sms["transactional"]["consent"]) == ("NEVER_SUBSCRIBED", "SUBSCRIBED")


async def test_subscribing_lifts_what_people_did_and_not_what_addresses_are(account: Account) -> None:
    await account.create(**ANN)
    set_suppressions(account, "UNSUBSCRIBE", "HARD_BOUNCE", "SPAM_COMPLAINT", "INVALID_EMAIL", "USER_SUPPRESSED")
    await account.ask("POST", SUBSCRIBE, subscribe(ANN))
    marketing = await state(account)
    assert reasons(marketing) == ["HARD_BOUNCE", "INVALID_EMAIL"]
    assert marketing["consent"] == "SUBSCRIBED"
    assert not marketing["can_receive_email_marketing"]


async def test_subscribing_to_sms_lifts_no_suppression_of_email(account: Account) -> None:
    await account.create(email="ann@example.com", phone_number="+12025550123")
    set_suppressions(account, "UNSUBSCRIBE")
    await account.ask("POST", SUBSCRIBE, subscribe({"phone_number": "+12025550123", "subscriptions": channels("sms")}))
    assert reasons(await state(account)) == ["UNSUBSCRIBE"]


async def test_unsubscribing_without_a_list_is_everywhere(account: Account) -> None:
    await account.ask("POST", SUBSCRIBE, subscribe(ANN))
    response = await account.ask("POST", UNSUBSCRIBE, unsubscribe(ANN))
    assert (response.status_code, response.content) == (202, b"")
    marketing = await state(account)
    assert marketing["consent"] == "UNSUBSCRIBED"
    assert reasons(marketing) == ["UNSUBSCRIBE"]
    assert not marketing["can_receive_email_marketing"]
    await account.ask("POST", UNSUBSCRIBE, unsubscribe(ANN))
    assert reasons(await state(account)) == ["UNSUBSCRIBE"], "once is enough"


async def test_unsubscribing_a_member_from_a_list_takes_it_off_that_list_only(account: Account) -> None:
    await account.ask("POST", SUBSCRIBE, subscribe(ANN))
    await account.ask("POST", UNSUBSCRIBE, unsubscribe(ANN, list_id=SINGLE))
    assert account.sandbox.members(SINGLE) == []
    assert (await state(account))["consent"] == "SUBSCRIBED"


async def test_unsubscribing_who_is_not_on_the_list_is_everywhere(account: Account) -> None:
    await account.ask("POST", SUBSCRIBE, subscribe(ANN))
    await account.ask("POST", UNSUBSCRIBE, unsubscribe(ANN, list_id="XyZ12a"))
    assert (await state(account))["consent"] == "UNSUBSCRIBED"
    assert len(account.sandbox.members(SINGLE)) == 1


async def test_unsubscribing_an_unknown_address_creates_the_profile(account: Account) -> None:
    await account.ask("POST", UNSUBSCRIBE, unsubscribe(ANN))
    assert (await state(account))["consent"] == "UNSUBSCRIBED"


async def test_subscribing_moves_the_time_of_the_last_change_and_unsubscribing_does_not(account: Account) -> None:
    profile_id = await account.create(**ANN)
    account.sandbox._store.db.execute("update profiles set updated = ?", (LONG_AGO,))
    await account.ask("POST", UNSUBSCRIBE, unsubscribe(ANN))
    await account.ask("POST", SUPPRESS, suppress("ann@example.com"))
    await account.ask("POST", f"/api/lists/{SINGLE}/relationships/profiles", members(profile_id))
    assert (await account.attributes(profile_id))["updated"] == LONG_AGO
    await account.ask("POST", SUBSCRIBE, subscribe(ANN))
    assert (await account.attributes(profile_id))["updated"] > LONG_AGO


async def test_a_historical_import_needs_no_confirmation_and_keeps_its_date(account: Account) -> None:
    person = {**ANN, "subscriptions": channels("email", consented_at="2020-03-01T13:00:00+01:00")}
    body = subscribe(person, list_id=DOUBLE, historical_import=True)
    assert (await account.ask("POST", SUBSCRIBE, body)).status_code == 202
    marketing = await state(account)
    assert (marketing["consent"], marketing["consent_timestamp"]) == ("SUBSCRIBED", LONG_AGO)
    assert len(account.sandbox.members(DOUBLE)) == 1


async def test_a_historical_import_leaves_the_date_of_who_is_subscribed(account: Account) -> None:
    await account.ask("POST", SUBSCRIBE, subscribe(ANN))
    since = (await state(account))["consent_timestamp"]
    person = {**ANN, "subscriptions": channels("email", consented_at=LONG_AGO)}
    await account.ask("POST", SUBSCRIBE, subscribe(person, historical_import=True))
    assert (await state(account))["consent_timestamp"] == since


async def test_a_historical_import_does_not_undo_a_newer_unsubscription(account: Account) -> None:
    await account.ask("POST", UNSUBSCRIBE, unsubscribe(ANN))
    person = {**ANN, "subscriptions": channels("email", consented_at=LONG_AGO)}
    response = await account.ask(
        "POST",
        SUBSCRIBE,
        subscribe(
            {"email": "new@example.com", "subscriptions": channels("email", consented_at=LONG_AGO)},
            person,
            historical_import=True,
        ),
    )
    assert response.status_code == 400
    [error] = response.json()["errors"]
    where = "/data/attributes/profiles/data/1/attributes/subscriptions/email/marketing/consented_at"
    assert error["source"]["pointer"] == where
    assert error["detail"].startswith("backdated consent date [2020-03-01")
    assert account.sandbox.counts()["profiles"] == 1, "nobody of the request is subscribed"


@pytest.mark.parametrize(
    ("terms", "historical"),
    [
        ({}, True),
        ({"consented_at": "2999-01-01T00:00:00Z"}, True),
        ({"consented_at": "yesterday"}, True),
        ({"consented_at": 1583064000}, True),
        ({"consented_at": "0001-01-01T00:00:00+14:00"}, True),
        ({"consented_at": LONG_AGO}, False),
    ],
    ids=["missing", "future", "no time", "number", "before all time", "no historical import"],
)
async def test_a_wrong_consented_at_is_refused(account: Account, terms: dict[str, Any], historical: bool) -> None:
    person = {**ANN, "subscriptions": channels("email", **terms)}
    response = await account.ask("POST", SUBSCRIBE, subscribe(person, historical_import=historical))
    pointer = f"{ROW}/subscriptions/email/marketing/consented_at"
    assert (response.status_code, pointers(response)) == (400, [pointer])


@pytest.mark.parametrize(
    ("person", "pointer"),
    [
        ({"email": "x"}, f"{ROW}/email"),
        ({**ANN, "first_name": "Ann"}, f"{ROW}/first_name"),
        ({**ANN, "external_id": "u"}, f"{ROW}/external_id"),
        ({**ANN, "subscriptions": None}, f"{ROW}/subscriptions"),
        ({**ANN, "subscriptions": {}}, f"{ROW}/subscriptions"),
        ({**ANN, "subscriptions": {"email": {}}}, f"{ROW}/subscriptions"),
        ({**ANN, "subscriptions": {"fax": {}}}, f"{ROW}/subscriptions/fax"),
        ({**ANN, "subscriptions": {"email": {"news": {}}}}, f"{ROW}/subscriptions/email/news"),
        ({**ANN, "subscriptions": {"email": {"marketing": 5}}}, f"{ROW}/subscriptions/email/marketing"),
        ({**ANN, "subscriptions": channels("email", consent="YES")}, f"{ROW}/subscriptions/email/marketing/consent"),
        ({**ANN, "subscriptions": channels("sms")}, f"{ROW}/subscriptions/sms/marketing"),
        ({"phone_number": "555", "subscriptions": channels("sms")}, f"{ROW}/phone_number"),
    ],
)
async def test_a_wrong_person_is_pointed_at(account: Account, person: dict[str, Any], pointer: str) -> None:
    response = await account.ask("POST", SUBSCRIBE, subscribe(person, {"email": "good@example.com"}))
    assert response.status_code == 400
    assert pointer in pointers(response)
    assert account.sandbox.counts()["profiles"] == 0


async def test_errors_of_several_people_are_told_with_their_rows(account: Account) -> None:
    response = await account.ask("POST", SUBSCRIBE, subscribe({"email": "x"}, ANN, {**ANN, "title": "Dr"}))
    rows = "/data/attributes/profiles/data"
    assert pointers(response) == [f"{rows}/0/attributes/email", f"{rows}/2/attributes/title"]


async def test_a_bad_phone_beside_an_address_is_ignored_with_its_channel(account: Account) -> None:
    person = {**ANN, "phone_number": "555", "subscriptions": channels("email", "sms")}
    response = await account.ask("POST", SUBSCRIBE, subscribe(person))
    assert response.status_code == 202
    assert response.headers["x-klaviyo-partial-failure"] == "phone_number"
    assert (await state(account))["consent"] == "SUBSCRIBED"
    assert (await state(account, channel="sms"))["consent"] == "NEVER_SUBSCRIBED"


@pytest.mark.parametrize(("path", "body"), [(SUBSCRIBE, subscribe), (UNSUBSCRIBE, unsubscribe)])
async def test_an_unknown_list_refuses_the_request(account: Account, path: str, body: Any) -> None:
    response = await account.ask("POST", path, body(ANN, list_id="None00"))
    assert (response.status_code, pointers(response)) == (400, ["/data/relationships/list/data/id"])
    assert response.json()["errors"][0]["detail"] == "List not found with id None00"


@pytest.mark.parametrize(("path", "body", "maximum"), [(SUBSCRIBE, subscribe, 1000), (UNSUBSCRIBE, unsubscribe, 100)])
async def test_a_request_has_a_greatest_number_of_people(account: Account, path: str, body: Any, maximum: int) -> None:
    people = [{"email": f"p{number}@example.com"} for number in range(maximum + 1)]
    refused = await account.ask("POST", path, body(*people, list_id=SINGLE))
    assert (refused.status_code, pointers(refused)) == (400, ["/data/attributes/profiles/data"])
    assert (await account.ask("POST", path, body(*people[1:], list_id=SINGLE))).status_code == 202
    assert account.sandbox.counts()["profiles"] == maximum


@pytest.mark.parametrize("attributes", [{"custom_source": 5}, {"source": "x"}])
async def test_wrong_attributes_of_the_job_are_pointed_at(account: Account, attributes: dict[str, Any]) -> None:
    response = await account.ask("POST", SUBSCRIBE, subscribe(ANN, **attributes))
    assert (response.status_code, pointers(response)) == (400, [f"/data/attributes/{next(iter(attributes))}"])


async def test_suppressing_keeps_consent_and_lifting_restores_mail(account: Account) -> None:
    await account.ask("POST", SUBSCRIBE, subscribe(ANN))
    made = await account.ask("POST", SUPPRESS, suppress("Ann@example.com", "new@example.com"))
    assert made.status_code == 202
    attributes = made.json()["data"]["attributes"]
    assert (attributes["total_count"], attributes["completed_count"], attributes["skipped_count"]) == (2, 2, 0)
    marketing = await state(account)
    assert (marketing["consent"], marketing["can_receive_email_marketing"]) == ("SUBSCRIBED", False)
    assert reasons(await state(account, "new@example.com")) == ["USER_SUPPRESSED"]
    again = await account.ask("POST", SUPPRESS, suppress("ann@example.com"))
    assert again.json()["data"]["attributes"]["skipped_count"] == 1
    await account.ask("POST", UNSUPPRESS, suppress("ann@example.com", "nobody@example.com", lifting=True))
    assert (await state(account))["can_receive_email_marketing"]
    assert account.sandbox.counts()["profiles"] == 2, "nobody is created to be lifted"


async def test_lifting_takes_only_what_people_suppressed(account: Account) -> None:
    await account.create(**ANN)
    set_suppressions(account, "UNSUBSCRIBE", "USER_SUPPRESSED", "HARD_BOUNCE")
    await account.ask("POST", UNSUPPRESS, suppress("ann@example.com", lifting=True))
    assert reasons(await state(account)) == ["UNSUBSCRIBE", "HARD_BOUNCE"]


async def test_a_list_is_suppressed_whole(account: Account) -> None:
    await account.ask("POST", SUBSCRIBE, subscribe(ANN, {"email": "bob@example.com"}))
    named = {"list": {"data": {"type": "list", "id": SINGLE}}}
    body = {"data": {"type": "profile-suppression-bulk-create-job", "relationships": named}}
    response = await account.ask("POST", SUPPRESS, body)
    assert response.json()["data"]["attributes"]["completed_count"] == 2
    assert reasons(await state(account, "bob@example.com")) == ["USER_SUPPRESSED"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"attributes": {"profiles": {"data": []}}}, "/data/attributes/profiles/data"),
        ({"attributes": {}}, "/data/attributes/profiles"),
        ({"attributes": {"profiles": {"data": [{"type": "profile", "attributes": {}}]}}}, f"{ROW}/email"),
        (
            {"attributes": {"profiles": {"data": [{"type": "profile", "attributes": {**ANN, "title": "x"}}]}}},
            f"{ROW}/title",
        ),
        ({"relationships": {"list": {"data": {"type": "list", "id": "None00"}}}}, "/data/relationships"),
        ({"relationships": {"segment": {"data": {"type": "segment", "id": "Seg001"}}}}, "/data/relationships"),
    ],
)
async def test_a_wrong_suppression_is_pointed_at(account: Account, change: dict[str, Any], pointer: str) -> None:
    body = suppress("a@example.com")
    response = await account.ask("POST", SUPPRESS, {"data": body["data"] | change})
    assert (response.status_code, pointers(response)) == (400, [pointer])


async def test_at_most_a_hundred_addresses_are_suppressed_at_once(account: Account) -> None:
    emails = [f"p{number}@example.com" for number in range(101)]
    assert (await account.ask("POST", SUPPRESS, suppress(*emails))).status_code == 400
    assert (await account.ask("POST", SUPPRESS, suppress(*emails[1:]))).status_code == 202


async def test_suppression_jobs_are_listed_by_kind() -> None:
    async with open_account() as account:
        for _ in range(2):
            await account.ask("POST", SUPPRESS, suppress("a@example.com"))
        await account.ask("POST", UNSUPPRESS, suppress("a@example.com", lifting=True))
        made = (await account.get(SUPPRESS))["data"]
        assert [each["type"] for each in made] == ["profile-suppression-bulk-create-job"] * 2
        assert {each["attributes"]["status"] for each in made} == {"complete"}
        assert len((await account.get(UNSUPPRESS))["data"]) == 1


async def test_nobody_can_be_reached_on_a_number_that_is_somebody_elses(account: Account) -> None:
    ann = await account.create(email="ann@example.com")
    await account.create(phone_number="+12025550123")
    both = {"email": "ann@example.com", "phone_number": "+12025550123", "subscriptions": channels("email", "sms")}
    response = await account.ask("POST", SUBSCRIBE, subscribe(both))
    assert response.status_code == 202
    found = await account.attributes(ann)
    assert found["phone_number"] is None
    assert found["subscriptions"]["sms"]["marketing"]["can_receive_sms_marketing"] is False


async def test_consent_for_whatsapp_is_shown(account: Account) -> None:
    profile_id = await account.create(phone_number="+12025550123")
    person = {"phone_number": "+12025550123", "subscriptions": channels("whatsapp")}
    await account.ask("POST", SUBSCRIBE, subscribe(person))
    shown = (await account.attributes(profile_id))["subscriptions"]["whatsapp"]
    assert (shown["marketing"]["consent"], shown["marketing"]["can_receive"]) == ("SUBSCRIBED", True)
    assert (shown["transactional"]["consent"], shown["transactional"]["can_receive"]) == ("NEVER_SUBSCRIBED", False)
