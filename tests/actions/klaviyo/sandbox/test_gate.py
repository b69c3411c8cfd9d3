"""Keys, revisions, media types, sizes, methods, paths."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic_core import to_json
from sandbox_account import HEADERS, IMPORTS, Account, bulk_import, profile

from actions.klaviyo.sandbox.operations import OPERATIONS, Operation

TODAY = datetime.now(UTC).date()
PERSON = to_json(profile({"email": "ann@example.com"}))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.method} {each.path}")
async def test_every_operation_wants_a_key(account: Account, operation: Operation) -> None:
    del account.client.headers["authorization"]
    response = await account.ask(operation.method, operation.path.format(id="x"), {})
    assert response.status_code == 401
    [error] = response.json()["errors"]
    assert error["code"] == "not_authenticated"
    assert error["detail"] == "Authentication credentials were not provided."


@pytest.mark.parametrize(
    "credentials", ["Klaviyo-API-Key xyz", "Klaviyo-API-Key pk_", "Bearer pk_test", "pk_test", "Klaviyo-API-Key"]
)
async def test_what_is_no_private_key_is_refused(account: Account, credentials: str) -> None:
    response = await account.client.get("/api/accounts", headers={"Authorization": credentials})
    [error] = response.json()["errors"]
    assert (response.status_code, error["code"]) == (401, "authentication_failed")
    assert error["source"] == {"pointer": "/data/"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.method} {each.path}")
async def test_a_key_that_may_only_read_cannot_write(account: Account, operation: Operation) -> None:
    account.client.headers["authorization"] = "Klaviyo-API-Key pk_readonly_1"
    response = await account.ask(operation.method, operation.path.format(id="x"), {})
    assert (response.status_code == 403) == (operation.method != "GET")
    if response.status_code == 403:
        [error] = response.json()["errors"]
        assert error["code"] == "permission_denied"
        assert "missing required scopes" in error["detail"]


@pytest.mark.parametrize(
    ("revision", "status", "code"),
    [
        ("2026-07-15", 200, None),
        ("2025-01-15", 200, None),
        ("2026-03-03", 200, None),
        ("2026-07-15.pre", 200, None),
        (TODAY.isoformat(), 200, None),
        ("2019-01-01", 200, None),
        ((TODAY + timedelta(days=2)).isoformat(), 404, "not_found"),
        ("9999-12-31", 404, "not_found"),
        ("", 400, "invalid"),
        ("2026", 400, "invalid"),
        ("2026-13-01", 400, "invalid"),
        ("0000-01-01", 400, "invalid"),
        ("2026-07-15 ", 200, None),
        ("latest", 400, "invalid"),
    ],
)
async def test_the_revision_is_a_date_that_is_not_ahead(
    account: Account, revision: str, status: int, code: str | None
) -> None:
    response = await account.client.get("/api/profiles", headers={"revision": revision.strip()})
    assert response.status_code == status
    if code:
        assert response.json()["errors"][0]["code"] == code


async def test_the_revision_must_be_given(account: Account) -> None:
    del account.client.headers["revision"]
    assert (await account.ask("GET", "/api/profiles")).status_code == 400


async def test_a_retired_revision_is_gone_for_who_wants_to_know(account: Account) -> None:
    opted_out = {"X-Klaviyo-Revision-Fall-Forward-Opt-Out": "1"}
    for day, status in (
        (TODAY.replace(year=TODAY.year - 2, day=1), 410),
        (TODAY.replace(year=TODAY.year - 3, day=1), 410),
        (TODAY - timedelta(days=700), 200),
    ):
        headers = {**opted_out, "revision": day.isoformat()}
        assert (await account.client.get("/api/profiles", headers=headers)).status_code == status, day


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "application/vnd.api+json", "application/json; charset=utf-8", "Application/VND.API+JSON"],
)
async def test_both_media_types_are_read(account: Account, media_type: str) -> None:
    headers = {"Content-Type": media_type}
    response = await account.client.post("/api/profiles", content=PERSON, headers=headers)
    assert response.status_code == 201
    assert response.headers["content-type"] == "application/vnd.api+json"


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "", "application/x-www-form-urlencoded"])
async def test_another_media_type_is_refused(account: Account, media_type: str) -> None:
    response = await account.client.post("/api/profiles", content=PERSON, headers={"Content-Type": media_type})
    assert (response.status_code, response.json()["errors"][0]["code"]) == (415, "unsupported_media_type")


async def test_a_body_of_5_mb_is_read_and_a_byte_more_is_too_large(account: Account) -> None:
    people = [{"external_id": str(number), "properties": {"text": "x" * 90_000}} for number in range(55)]
    content = to_json(bulk_import(*people)).ljust(5_000_000)
    assert (await account.client.post(IMPORTS, content=content)).status_code == 202
    larger = await account.client.post(IMPORTS, content=content + b" ")
    assert (larger.status_code, larger.json()["errors"][0]["code"]) == (413, "payload_too_large")
    assert account.sandbox.counts()["profiles"] == 55


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/api/profiles"),
        ("DELETE", "/api/profiles"),
        ("GET", "/api/profile-import"),
        ("POST", "/api/accounts"),
        ("PATCH", "/api/lists/XyZ12a"),
        ("OPTIONS", "/api/events"),
        ("TRACE", "/api/events"),
        ("BREW", "/api/events/"),
    ],
)
async def test_a_wrong_method_is_refused(account: Account, method: str, path: str) -> None:
    response = await account.ask(method, path, {})
    assert (response.status_code, response.json()["errors"][0]["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/campaigns", "/api/profiles/x/y", "/api/profiles//", "/%00", "/api/\u00fc"]
)
async def test_an_unknown_path_is_not_found(account: Account, path: str) -> None:
    for method in ("GET", "POST", "BREW"):
        response = await account.ask(method, path)
        assert (response.status_code, response.json()["errors"][0]["code"]) == (404, "not_found")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.method} {each.path}")
async def test_a_trailing_slash_is_of_no_consequence(account: Account, operation: Operation) -> None:
    path = operation.path.format(id="XyZ12a")
    answers = [await account.ask(operation.method, each, {}) for each in (path, f"{path}/")]
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].status_code not in (301, 307, 405)


async def test_head_is_answered_as_get_is(account: Account) -> None:
    assert (await account.client.head("/api/profiles")).status_code == 200


async def test_odd_ids_in_a_path_are_only_unknown(account: Account) -> None:
    for odd in ("%00", "%22", "..", "%E0%A4%A", "a'--", "%F0%9F%98%80", "x" * 5000):
        response = await account.client.get(f"https://a.klaviyo.com/api/profiles/{odd}x")
        assert response.status_code == 404, odd


async def test_an_answer_is_complete_without_other_headers(account: Account) -> None:
    response = await account.client.get("/api/accounts", headers=HEADERS)
    assert response.status_code == 200
    assert "ratelimit-limit" not in response.headers
