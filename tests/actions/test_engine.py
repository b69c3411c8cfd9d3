"""The engine over the sandbox: what becomes of events, one by one, in batches, and by a whole configuration."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from pydantic_core import from_json

from actions import Config, Engine, Mapping, MappingError, TriggerError
from actions.klaviyo import KLAVIYO
from actions.klaviyo.sandbox import Faults, Sandbox
from actions.values import Json

KEY = "pk_0123456789abcdef"
SETTINGS = {"api_key": KEY}
EMAIL = {"@path": "$.traits.email"}


def mapping(action: str = "upsertProfile", trigger: str = 'type = "identify"', **fields: Json) -> Mapping:
    return Mapping(name=action, action=action, trigger=trigger, fields=fields or {"email": EMAIL})


def identify(email: Json, **traits: Json) -> dict[str, Json]:
    return {"type": "identify", "traits": {"email": email, **traits}}


@pytest.fixture
def sandbox() -> Any:
    with closing(Sandbox()) as opened:
        yield opened


@pytest.fixture
async def engine(sandbox: Sandbox) -> AsyncIterator[Engine]:
    async with Engine(KLAVIYO, SETTINGS, sandbox.transport()) as opened:
        yield opened


def refusing(status: int, body: Json = None) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(status, json=body))


async def test_an_event_is_delivered_with_its_payload_and_what_went_over_the_wire(
    engine: Engine, sandbox: Sandbox
) -> None:
    outcome = await engine.deliver(mapping(), identify("ann@shop.test"))
    assert (outcome.status, outcome.message, outcome.warnings) == ("delivered", None, [])
    assert outcome.payload == {"email": "ann@shop.test"}
    assert outcome.mapping == "upsertProfile"
    [exchange] = outcome.exchanges
    assert exchange.url.startswith("https://a.klaviyo.com/api/profiles")
    assert [profile["email"] for profile in sandbox.profiles()] == ["ann@shop.test"]


async def test_whether_the_trigger_fires_is_not_asked_by_deliver(engine: Engine) -> None:
    never = mapping(trigger='type = "alias"')
    assert (await engine.deliver(never, identify("ann@shop.test"))).status == "delivered"


@pytest.mark.parametrize("event", [None, [], "identify", 5, True, [{"type": "identify"}]])
async def test_what_is_no_object_is_invalid(engine: Engine, event: Json) -> None:
    outcome = await engine.deliver(mapping(), event)
    assert outcome.status == "invalid"
    assert "An event must be an object" in (outcome.message or "")
    assert outcome.exchanges == []
    [in_batch] = await engine.deliver_batch(mapping(), [event])
    assert in_batch.status == "invalid"


async def test_every_problem_of_an_event_is_told_at_once(engine: Engine) -> None:
    outcome = await engine.deliver(
        mapping(email=EMAIL, properties={"@path": "$.traits.p"}), identify("nobody", p=["x", "y"])
    )
    assert outcome.status == "invalid"
    assert "Email must be a valid email address" in (outcome.message or "")
    assert "Properties must be an object but it was an array." in (outcome.message or "")
    assert outcome.payload == {"email": "nobody", "properties": ["x", "y"]}


@pytest.mark.parametrize(
    ("status", "expected"), [(400, "rejected"), (401, "rejected"), (429, "retryable"), (503, "retryable")]
)
async def test_what_klaviyo_says_becomes_the_status(status: int, expected: str) -> None:
    async with Engine(KLAVIYO, SETTINGS, refusing(status, {"errors": [{"detail": "no"}]})) as engine:
        outcome = await engine.deliver(mapping(), identify("ann@shop.test"))
        assert outcome.status == expected
        assert outcome.message
        outcomes = await engine.deliver_batch(mapping(), [identify("ann@shop.test"), identify("bob@shop.test")])
        assert [each.status for each in outcomes] == [expected] * 2


async def test_a_failed_connection_may_be_tried_again() -> None:
    def unreachable(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    async with Engine(KLAVIYO, SETTINGS, httpx.MockTransport(unreachable)) as engine:
        outcome = await engine.deliver(mapping(), identify("ann@shop.test"))
    assert (outcome.status, len(outcome.exchanges)) == ("retryable", 1)


async def test_a_retryable_response_is_asked_for_again_as_often_as_allowed() -> None:
    def busy(_: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers={"Retry-After": "0"})

    async with Engine(KLAVIYO, SETTINGS, httpx.MockTransport(busy), retries=2) as engine:
        outcome = await engine.deliver(mapping(), identify("ann@shop.test"))
    assert [exchange.response.status for exchange in outcome.exchanges] == [429, 429, 429]


async def test_a_batch_has_one_outcome_an_event_in_their_order(engine: Engine, sandbox: Sandbox) -> None:
    events: list[Json] = [identify("a@shop.test"), identify("nobody"), None, identify("b@shop.test"), identify(None)]
    outcomes = await engine.deliver_batch(mapping(), events)
    assert [outcome.status for outcome in outcomes] == ["delivered", "invalid", "invalid", "delivered", "invalid"]
    assert {profile["email"] for profile in sandbox.profiles()} == {"a@shop.test", "b@shop.test"}
    assert outcomes[0].exchanges is outcomes[3].exchanges  # one request took both


async def test_half_an_emoji_makes_its_event_invalid_and_no_other(engine: Engine):
    fields = {"email": {"@path": "$.mail"}, "title": {"@path": "$.title"}}
    mapping = Mapping(name="People", action="upsertProfile", trigger='type = "identify"', fields=fields)
    broken, sound = {"mail": "a@b.co", "title": "\ud83d"}, {"mail": "b@b.co", "title": "x"}
    outcomes = await engine.deliver_batch(mapping, [sound, broken, {"mail": "c@b.co"}])
    assert [outcome.status for outcome in outcomes] == ["delivered", "invalid", "delivered"]
    assert (await engine.deliver(mapping, broken)).status == "invalid"
    assert [outcome.status for outcome in await engine.deliver_batch(mapping, [broken])] == ["invalid"]


async def test_a_number_beyond_json_is_sent_as_null_as_javascript_does(engine: Engine) -> None:
    tracked = mapping(
        "trackEvent", profile={"email": "ann@shop.test"}, metric_name="Seen", properties={"@path": "$.properties"}
    )
    event = from_json(b'{"type": "track", "properties": {"price": 1e999}}')
    for outcome in [await engine.deliver(tracked, event), *await engine.deliver_batch(tracked, [event])]:
        assert outcome.status == "delivered"
        assert b'"properties":{"price":null}' in (outcome.exchanges[0].request.content or b"")


async def test_an_empty_batch_sends_nothing(engine: Engine) -> None:
    assert await engine.deliver_batch(mapping(), []) == []


async def test_a_directive_that_fails_on_one_event_fails_that_event_alone_with_its_place(engine: Engine) -> None:
    decoding = mapping(email=EMAIL, title={"@liquid": "{{ traits.code | base64_decode }}"})
    events = [identify("a@shop.test", code="YQ=="), identify("b@shop.test", code="%"), identify("c@shop.test")]
    outcomes = await engine.deliver_batch(decoding, events)
    assert [outcome.status for outcome in outcomes] == ["delivered", "invalid", "delivered"]
    assert "/title/@liquid fails on this event" in (outcomes[1].message or "")
    assert (await engine.deliver(decoding, events[1])).message == outcomes[1].message


def sent_bodies(outcomes: list[Any]) -> list[Any]:
    """The bodies of the requests behind outcomes, each request once."""
    seen = {id(exchange): exchange for outcome in outcomes for exchange in outcome.exchanges}
    return [from_json(exchange.request.content) for exchange in seen.values()]


async def test_batch_keys_keep_events_with_different_values_in_separate_requests(engine: Engine) -> None:
    by_title = mapping(email=EMAIL, title={"@path": "$.traits.title"}, batch_keys=["title"])
    events = [identify(f"{index}@shop.test", title="A" if index % 2 else "B") for index in range(4)]
    outcomes = await engine.deliver_batch(by_title, events)
    bodies = sent_bodies(outcomes)
    titles = [
        [profile["attributes"]["title"] for profile in body["data"]["attributes"]["profiles"]["data"]]
        for body in bodies
    ]
    assert titles == [["B", "B"], ["A", "A"]]
    assert len(sent_bodies(await engine.deliver_batch(mapping(email=EMAIL), events))) == 1


@pytest.mark.parametrize("value", [{"a": [1]}, [1, 2], None, True])
async def test_a_batch_key_may_have_any_value(engine: Engine, value: Json) -> None:
    keyed = mapping(email=EMAIL, properties={"@path": "$.traits.p"}, batch_keys=["properties", "no such field"])
    outcomes = await engine.deliver_batch(keyed, [identify("a@shop.test", p={"v": value}), identify("b@shop.test")])
    assert [outcome.status for outcome in outcomes] == ["delivered"] * 2


async def test_people_of_different_lists_are_imported_separately(engine: Engine) -> None:
    listed = mapping(email=EMAIL, override_list_id={"@path": "$.integrations.Klaviyo.listId"})
    events = [
        identify(f"{index}@shop.test") | {"integrations": {"Klaviyo": {"listId": list_id}}}
        for index, list_id in enumerate(["VipCst", "Nws1tr", "VipCst"])
    ]
    outcomes = await engine.deliver_batch(listed, events)
    assert [outcome.status for outcome in outcomes] == ["delivered"] * 3
    assert len(sent_bodies(outcomes)) == 2


async def test_every_mapping_that_fires_gives_an_outcome(engine: Engine) -> None:
    config = Config(
        mappings=[
            mapping("upsertProfile"),
            Mapping(
                name="Off", action="upsertProfile", trigger='type = "identify"', fields={"email": EMAIL}, enabled=False
            ),
            mapping("trackEvent", 'type != "track"', metric_name="Signed up", properties={}, profile={"email": EMAIL}),
            mapping("upsertProfile", 'type = "page"'),
        ]
    )
    outcomes = await engine.handle(config, identify("ann@shop.test"))
    assert [(outcome.mapping, outcome.status) for outcome in outcomes] == [
        ("upsertProfile", "delivered"),
        ("trackEvent", "delivered"),
    ]


@pytest.mark.parametrize("event", [{"type": "page"}, {}, None, [1], "x"])
async def test_an_event_that_no_mapping_takes_is_unmatched(engine: Engine, event: Json) -> None:
    [outcome] = await engine.handle(Config(mappings=[mapping()]), event)
    assert (outcome.status, outcome.mapping, outcome.exchanges) == ("unmatched", "", [])
    assert outcome.message
    [without_mappings] = await engine.handle(Config(), event)
    assert without_mappings.status == "unmatched"


@pytest.mark.parametrize("key", [None, "", 5, "pk with blank", "pk_\n", "pk_ä", ["pk_x"]])
def test_a_key_that_can_be_none_is_refused_without_showing_it(key: Any) -> None:
    with pytest.raises(ValueError, match="API key") as caught:
        Engine(KLAVIYO, {"api_key": key} if key is not None else {})
    assert not key or repr(key) not in str(caught.value)


async def test_authenticating_names_the_account(engine: Engine) -> None:
    outcome = await engine.authenticate()
    assert outcome.status == "delivered"
    assert outcome.payload is not None
    assert outcome.payload["id"]
    assert outcome.payload["name"]


async def test_a_key_that_klaviyo_refuses_is_told(sandbox: Sandbox) -> None:
    async with Engine(KLAVIYO, {"api_key": "wrong_0123456789"}, sandbox.transport()) as engine:
        outcome = await engine.authenticate()
        assert outcome.status == "rejected"
        assert outcome.message
        assert (await engine.deliver(mapping(), identify("ann@shop.test"))).status == "rejected"
        assert "wrong_0123456789" not in repr(outcome)


async def test_the_key_is_in_no_outcome() -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(403, json={"errors": [{"detail": f"no: {request.headers['authorization']}"}]})

    async with Engine(KLAVIYO, SETTINGS, httpx.MockTransport(echo)) as engine:
        outcomes = [
            await engine.deliver(mapping(), identify("ann@shop.test")),
            *await engine.deliver_batch(mapping(), [identify("ann@shop.test"), identify("bob@shop.test")]),
            await engine.authenticate(),
        ]
    assert {outcome.status for outcome in outcomes} == {"rejected"}
    assert KEY not in repr(outcomes)


async def test_a_mapping_that_cannot_be_compiled_is_an_error_of_the_caller(engine: Engine) -> None:
    with pytest.raises(MappingError, match="no action 'sendMail'; there are upsertProfile"):
        await engine.deliver(mapping("sendMail"), identify("ann@shop.test"))
    with pytest.raises(MappingError, match="/email"):
        await engine.deliver(mapping(email={"@pth": "$.x"}), identify("ann@shop.test"))
    with pytest.raises(TriggerError):
        await engine.handle(Config(mappings=[mapping(trigger="type ==")]), identify("ann@shop.test"))


async def test_a_changed_mapping_is_compiled_anew(engine: Engine) -> None:
    for email in ("a@shop.test", "b@shop.test", "c@shop.test"):
        outcome = await engine.deliver(mapping(email=email), {"type": "identify"})
        assert outcome.payload == {"email": email}


async def test_an_event_is_never_changed(engine: Engine) -> None:
    event = identify("ann@shop.test", address={"city": "Bern"}, n=[1, {"a": None}])
    before = repr(event)
    kept = mapping(email=EMAIL, properties={"@path": "$.traits"}, location={"city": {"@path": "$.traits.address.city"}})
    await engine.deliver(kept, event)
    await engine.deliver_batch(kept, [event, event])
    assert repr(event) == before


async def test_an_outage_in_a_batch_concerns_only_what_was_sent() -> None:
    with closing(Sandbox(faults=Faults(unavailable=1.0))) as broken:
        async with Engine(KLAVIYO, SETTINGS, broken.transport()) as engine:
            outcomes = await engine.deliver_batch(mapping(), [identify("a@shop.test"), identify("nobody")])
    assert [outcome.status for outcome in outcomes] == ["retryable", "invalid"]
