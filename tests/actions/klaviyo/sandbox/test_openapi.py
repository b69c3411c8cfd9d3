"""Requests and answers against Klaviyo's own description of its API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from sandbox_account import (
    BULK_EVENTS,
    DELETIONS,
    IMPORTS,
    SINGLE,
    SUBSCRIBE,
    UNSUBSCRIBE,
    Account,
    bulk_events,
    bulk_import,
    channels,
    deletion,
    event,
    event_attributes,
    members,
    new_list,
    profile,
    subscribe,
    unsubscribe,
)

MEDIA_TYPE = "application/vnd.api+json"
PERSON: dict[str, Any] = {
    "email": "ann@example.com",
    "phone_number": "+12025550123",
    "external_id": "u-1",
    "first_name": "Ann",
    "title": None,
    "location": {"city": "Paris", "latitude": 48.8, "longitude": "2.3", "zip": None},
    "properties": {"size": [1, None, {"a": True}]},
}


class Description:
    """The description of the API, whose schemas are translated to JSON Schema."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = translated(document)

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                yield method.upper(), path, operation

    def check(self, schema: dict[str, Any], value: Any) -> None:
        whole = {**schema, "components": self.document["components"]}
        jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(value)

    def check_exchange(self, request: httpx.Request, response: httpx.Response) -> str:
        """The operation of the exchange, whose request (if it was accepted) and answer are as described."""
        method, path, operation = self._operation(request)
        if request.content and response.is_success:
            self.check(operation["requestBody"]["content"][MEDIA_TYPE]["schema"], json.loads(request.content))
        status = str(response.status_code)
        described = operation["responses"].get(status) or operation["responses"][f"{status[0]}XX"]
        while "$ref" in described:
            described = self.document["components"]["responses"][described["$ref"].rpartition("/")[2]]
        if "content" in described:
            assert response.headers["content-type"] == MEDIA_TYPE
            self.check(described["content"][MEDIA_TYPE]["schema"], response.json())
        else:
            assert response.content == b""
        return f"{method} {path}"

    def _operation(self, request: httpx.Request) -> tuple[str, str, dict[str, Any]]:
        parts = request.url.path.strip("/").split("/")
        for method, path, operation in self.operations():
            wanted = path.strip("/").split("/")
            same = all(ours == theirs or ours.startswith("{") for ours, theirs in zip(wanted, parts, strict=False))
            if method == request.method and len(wanted) == len(parts) and same:
                return method, path, operation
        raise LookupError(f"{request.method} {request.url.path}")


def translated(value: Any) -> Any:
    """OpenAPI 3.0's `nullable` in JSON Schema's words, also where it stands beside `oneOf` or a reference."""
    if isinstance(value, list):
        return [translated(each) for each in value]
    if not isinstance(value, dict):
        return value
    schema = {key: translated(each) for key, each in value.items() if key != "nullable"}
    return {"anyOf": [{"type": "null"}, schema]} if value.get("nullable") is True else schema


@pytest.fixture
def description(shared: Path) -> Description:
    path = shared / "spec" / "klaviyo-openapi.json"
    if not path.is_file():
        pytest.skip("the description of Klaviyo's API is not there")
    return Description(json.loads(path.read_bytes()))


async def every_operation(account: Account) -> list[httpx.Response]:
    """An accepted exchange of every operation, some in several forms."""
    made = await account.ask("POST", "/api/profiles", profile(PERSON))
    profile_id = made.json()["data"]["id"]
    meta = {"patch_properties": {"append": {"tags": "a"}, "unset": "size"}}
    past = channels("email", "sms", consented_at="2020-01-01T00:00:00Z")
    ann = {"email": "ann@example.com", "phone_number": "+12025550123"}
    left = {"subscriptions": {**channels("email", consent="UNSUBSCRIBED")}}
    exchanges = [
        made,
        await account.ask("PATCH", f"/api/profiles/{profile_id}", profile({"image": None}, profile_id, meta=meta)),
        await account.ask("POST", "/api/lists", new_list("New", opt_in_process="single_opt_in")),
        await account.ask("GET", f"/api/lists/{SINGLE}", **{"additional-fields[list]": "profile_count"}),
        await account.ask("POST", f"/api/lists/{SINGLE}/relationships/profiles", members(profile_id)),
        await account.ask("DELETE", f"/api/lists/{SINGLE}/relationships/profiles", members(profile_id)),
        await account.ask("POST", "/api/events", event(PERSON, time="2026-01-01T00:00:00Z", value=1, unique_id="1")),
        await account.ask("POST", BULK_EVENTS, bulk_events((PERSON, [event_attributes(), event_attributes("Seen")]))),
        await account.ask("POST", IMPORTS, bulk_import(PERSON, {"external_id": "u-2"}, list_ids=(SINGLE,))),
        await account.ask("POST", SUBSCRIBE, subscribe(ann, list_id=None)),
        await account.ask("POST", SUBSCRIBE, subscribe({**ann, "subscriptions": past}, historical_import=True)),
        await account.ask("POST", SUBSCRIBE, subscribe(ann, custom_source="-59")),
        await account.ask("POST", UNSUBSCRIBE, unsubscribe({**ann, **left}, {"email": "bob@example.com"})),
        await account.ask("GET", "/api/accounts"),
        await account.ask("GET", "/api/lists"),
        await account.ask("GET", "/api/profiles"),
        await account.ask("GET", "/api/profiles", **{"page[size]": "1", "fields[profile]": "email"}),
        await account.ask("GET", "/api/profiles", **{"additional-fields[profile]": "subscriptions"}),
        await account.ask("POST", DELETIONS, deletion({"email": "bob@example.com"})),
        await account.ask("POST", DELETIONS, deletion({}, profile_id)),
    ]
    assert all(each.is_success for each in exchanges), [each.text for each in exchanges if not each.is_success]
    return exchanges


async def test_every_operation_is_as_described(account: Account, description: Description) -> None:
    exchanges = await every_operation(account)
    seen = {description.check_exchange(each.request, each) for each in exchanges}
    assert seen == {f"{method} {path}" for method, path, _ in description.operations()}


async def test_refusals_of_every_operation_are_as_described(account: Account, description: Description) -> None:
    seen: set[str] = set()
    for method, path, _ in description.operations():
        response = await account.ask(method, path.format(id="None00"), {"data": {}}, **{"page[cursor]": "x"})
        assert response.is_client_error
        seen.add(description.check_exchange(response.request, response))
        account.client.headers["revision"] = "2999-01-01"
        description.check_exchange(response.request, await account.ask(method, path.format(id="None00"), {}))
        account.client.headers["revision"] = "2026-07-15"
    assert len(seen) == 15


async def test_the_description_can_refuse(account: Account, description: Description) -> None:
    response = await account.ask("POST", "/api/profiles", profile(PERSON))
    wrong = response.json()
    wrong["data"]["attributes"]["email"] = 5
    response._content = json.dumps(wrong).encode()
    with pytest.raises(jsonschema.ValidationError):
        description.check_exchange(response.request, response)
