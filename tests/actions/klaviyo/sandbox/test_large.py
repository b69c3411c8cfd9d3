"""The largest requests that Klaviyo takes."""

from __future__ import annotations

from pydantic_core import to_json
from sandbox_account import BULK_EVENTS, IMPORTS, SINGLE, Account, bulk_events, bulk_import, event_attributes


async def test_ten_thousand_profiles_are_imported_in_one_request(account: Account) -> None:
    people = [
        {
            "email": f"person.{number}@example.com",
            "phone_number": f"+1202{number:07}",
            "external_id": f"user-{number}",
            "first_name": "Ann",
            "location": {"city": "Paris", "country": "FR"},
            "properties": {"plan": "gold", "score": number, "tags": ["a", "b"]},
        }
        for number in range(10_000)
    ]
    body = bulk_import(*people, list_ids=(SINGLE,))
    assert len(to_json(body)) < 5_000_000
    for _ in range(2):
        response = await account.ask("POST", IMPORTS, body)
        assert response.status_code == 202
        job = await account.get(f"{IMPORTS}/{response.json()['data']['id']}")
        assert job["data"]["attributes"]["completed_count"] == 10_000
    assert account.sandbox.counts()["profiles"] == account.sandbox.counts()["members"] == 10_000
    people.append({"external_id": "one too many"})
    assert (await account.ask("POST", IMPORTS, bulk_import(*people))).status_code == 400


async def test_a_thousand_events_are_recorded_in_one_request(account: Account) -> None:
    rows = [
        ({"email": f"person.{number}@example.com"}, [event_attributes(f"Metric {number % 50}", unique_id=str(number))])
        for number in range(1000)
    ]
    assert (await account.ask("POST", BULK_EVENTS, bulk_events(*rows))).status_code == 202
    counts = account.sandbox.counts()
    assert (counts["events"], counts["profiles"], counts["metrics"]) == (1000, 1000, 50)


async def test_ten_thousand_wrong_rows_are_all_pointed_at(account: Account) -> None:
    response = await account.ask("POST", IMPORTS, bulk_import(*({"email": "x"} for _ in range(10_000))))
    assert response.status_code == 400
    assert len(response.json()["errors"]) == 10_000
