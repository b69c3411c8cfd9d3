"""Whatever is sent, it is answered as Klaviyo would, and nothing breaks."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_core import to_json
from sandbox_account import (
    HEADERS,
    SINGLE,
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
    suppress,
    unsubscribe,
)

from actions.klaviyo.sandbox import Sandbox
from actions.klaviyo.sandbox.operations import OPERATIONS

ID = "01AAAAAAAAAAAAAAAAAAAAAAAA"
ANN = {
    "email": "ann@example.com",
    "phone_number": "+12025550123",
    "external_id": "u",
    "location": {"city": "x", "latitude": 1},
    "properties": {"a": [1]},
}
META = {"patch_properties": {"append": {"a": 1}, "unappend": {"a": 1}, "unset": ["a"]}}
PAST = channels("email", "sms", consented_at="2020-01-01T00:00:00Z")
WHO = {"email": "ann@example.com", "phone_number": "+12025550123"}
SOUND: dict[str, list[Any]] = {
    "/api/profiles": [profile(ANN)],
    "/api/profiles/{id}": [profile(ANN, ID, meta=META)],
    "/api/profile-import": [profile(ANN, meta=META), profile(ANN, ID)],
    "/api/lists": [new_list("x", opt_in_process="single_opt_in")],
    "/api/lists/{id}/relationships/profiles": [members(ID)],
    "/api/events": [
        event(
            ANN | {"anonymous_id": "x", "meta": META}, value=1, unique_id="1", time="2026-01-01", value_currency="EUR"
        )
    ],
    "/api/event-bulk-create-jobs": [bulk_events((ANN, [event_attributes(unique_id="1"), event_attributes(value=2)]))],
    "/api/profile-bulk-import-jobs": [bulk_import(ANN, {"external_id": "v"}, list_ids=(SINGLE,))],
    "/api/profile-subscription-bulk-create-jobs": [
        subscribe({**WHO, "subscriptions": PAST}, historical_import=True, custom_source="x"),
        subscribe(WHO),
    ],
    "/api/profile-subscription-bulk-delete-jobs": [unsubscribe(WHO), unsubscribe(WHO, list_id=SINGLE)],
    "/api/profile-suppression-bulk-create-jobs": [suppress("ann@example.com")],
    "/api/profile-suppression-bulk-delete-jobs": [suppress("ann@example.com", lifting=True)],
    "/api/data-privacy-deletion-jobs": [deletion({"email": "ann@example.com"}), deletion({}, ID)],
}
WRITING = [each for each in OPERATIONS if each.method != "GET"]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(
        ["", "\x00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", SINGLE, ID, "profile", 10**400]
    )
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything in a body."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, each in inner for found in places(each, (*path, key)))]


def changed(value: Any, path: tuple[Any, ...], change: Any) -> Any:
    """A copy of a body with something else at a path."""
    if not path:
        return change(value)
    if isinstance(value, dict):
        return {key: changed(each, path[1:], change) if key == path[0] else each for key, each in value.items()}
    return [changed(each, path[1:], change) if index == path[0] else each for index, each in enumerate(value)]


@st.composite
def nearly_sound(draw: st.DrawFn, path: str) -> Any:
    """A sound body of an operation in which one or two things are something else, doubled, added or gone."""
    body = draw(st.sampled_from(SOUND[path]))
    for _ in range(draw(st.integers(1, 2))):
        where = draw(st.sampled_from(places(body)))
        other, name = draw(ANYTHING), draw(st.text(max_size=5))

        def change(value: Any, other: Any = other, name: str = name) -> Any:
            if isinstance(value, dict) and name < "g":
                return {**value, name: other}
            if isinstance(value, list) and name < "g":
                return [*value, *value, other] if name < "9" else []
            return other

        body = changed(body, where, change)
    return body


async def answer(method: str, path: str, content: bytes, *, any_list: bool) -> None:
    with closing(Sandbox(any_list=any_list)) as sandbox:
        sandbox._store.db.execute(
            "insert into profiles values (?, 'ann@example.com', null, null, null, ?, '{}', 'x', 'x', 1)",
            (ID, '{"email": "ann@example.com"}'),
        )
        async with httpx.AsyncClient(
            transport=sandbox.transport(), base_url="https://a.klaviyo.com", headers=HEADERS
        ) as client:
            response = await client.request(method, path, content=content)
            assert response.status_code < 500, response.text
            if response.is_error:
                assert all(each["detail"] for each in response.json()["errors"])
            for look in ("profiles", "lists", "events", "profile-bulk-import-jobs"):
                read = await client.get(f"/api/{look}", params={"additional-fields[profile]": "subscriptions"})
                assert read.status_code == 200, (look, read.text)
                assert read.json()["data"] is not None
        for view in (sandbox.profiles, sandbox.lists, sandbox.events, sandbox.jobs, sandbox.counts):
            view()


def at(path: str) -> st.SearchStrategy[str]:
    ids = [SINGLE] if "lists" in path else [ID]
    return st.sampled_from(ids).map(lambda each: path.format(id=each))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_body_that_is_nearly_sound_breaks_nothing(data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(WRITING))
    body = data.draw(nearly_sound(operation.path))
    path = data.draw(at(operation.path))
    asyncio.run(answer(operation.method, path, to_json(body), any_list=data.draw(st.booleans())))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(WRITING), ANYTHING, st.booleans())
def test_any_json_breaks_nothing(operation: Any, body: Any, wrapped: bool) -> None:
    content = to_json({"data": body} if wrapped else body)
    asyncio.run(answer(operation.method, operation.path.format(id=SINGLE), content, any_list=True))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(WRITING), st.binary(max_size=30))
def test_any_bytes_break_nothing(operation: Any, content: bytes) -> None:
    asyncio.run(answer(operation.method, operation.path.format(id=SINGLE), content, any_list=False))


FILTER_PIECES = ["equals(", "any(", "and(", "email", "id", "created", ",", ")", "[", "]", '"', "\\", "1", "a", "{", "}"]


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(FILTER_PIECES) | st.text(max_size=2), max_size=12).map("".join), st.text(max_size=5))
def test_any_filter_and_cursor_break_nothing(condition: str, cursor: str) -> None:
    async def ask() -> None:
        with closing(Sandbox()) as sandbox:
            async with httpx.AsyncClient(
                transport=sandbox.transport(), base_url="https://a.klaviyo.com", headers=HEADERS
            ) as client:
                params = {"filter": condition, "page[cursor]": cursor, "page[size]": cursor or "1"}
                for path in ("/api/profiles", "/api/lists", "/api/events"):
                    for each in (params, {"filter": condition}):
                        response = await client.get(path, params=each)
                        assert response.status_code in (200, 400), response.text

    asyncio.run(ask())
