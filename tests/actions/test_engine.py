from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from actions import Config, Engine, Mapping, MappingError, TriggerError
from actions.klaviyo import KLAVIYO
from actions.klaviyo.sandbox import Faults, Sandbox

KEY = "pk_0123456789abcdef"
EMAIL = {"@path": "$.traits.email"}


def upsert(**fields: Any) -> Mapping:
    return Mapping(name="People", action="upsertProfile", trigger='type = "identify"', fields=fields)


def person(email: Any, **more: Any) -> dict[str, Any]:
    return {"type": "identify", "traits": {"email": email, **more}}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture
async def engine(sandbox: Sandbox) -> AsyncIterator[Engine]:
    async with Engine(KLAVIYO, {"api_key": KEY}, sandbox.transport()) as engine:
        yield engine


async def test_an_event_is_delivered_with_its_payload_and_exchanges(engine: Engine, sandbox: Sandbox):
    outcome = await engine.deliver(upsert(email=EMAIL), person("a@b.co"))
    assert (outcome.status, outcome.message, outcome.warnings, outcome.mapping) == ("delivered", None, [], "People")
    assert outcome.payload == {"email": "a@b.co"}
    assert [exchange.response.status for exchange in outcome.exchanges] == [201]
    assert sandbox.profiles()[0]["email"] == "a@b.co"


async def test_delivering_twice_updates(engine: Engine, sandbox: Sandbox):
    mapping = upsert(email=EMAIL, first_name={"@path": "$.traits.name"})
    await engine.deliver(mapping, person("a@b.co", name="Ann"))
    outcome = await engine.deliver(mapping, person("a@b.co", name="Anna"))
    assert [exchange.response.status for exchange in outcome.exchanges] == [409, 200]
    assert [profile["first_name"] for profile in sandbox.profiles()] == ["Anna"]


async def test_an_invalid_event_says_everything_and_sends_nothing(engine: Engine):
    outcome = await engine.deliver(upsert(email=EMAIL, batch_keys={"a": 1}), person("nobody"))
    assert outcome.status == "invalid"
    assert "Email must be" in (outcome.message or "")
    assert "Batch Keys" in (outcome.message or "")
    assert outcome.payload == {"email": "nobody", "batch_keys": {"a": 1}}
    assert outcome.exchanges == []


@pytest.mark.parametrize("event", [None, 5, "x", [], True])
async def test_what_is_no_object_is_an_invalid_event(engine: Engine, event: Any):
    outcome = await engine.deliver(upsert(email="a@b.co"), event)
    assert outcome.status == "invalid"
    assert "An event must be an object" in (outcome.message or "")


async def test_a_directive_that_fails_on_one_event_fails_that_event_only(engine: Engine):
    mapping = upsert(email={"@path": {"@path": "$.where"}})
    events = [{"where": "$.mail", "mail": "a@b.co"}, {"where": 5}, {"where": "$.mail", "mail": "c@b.co"}]
    outcomes = await engine.deliver_batch(mapping, events)
    assert [outcome.status for outcome in outcomes] == ["delivered", "invalid", "delivered"]
    assert "/email" in (outcomes[1].message or "")


async def test_a_batch_has_one_outcome_an_event_in_order(engine: Engine, sandbox: Sandbox):
    events = [person(f"u{index}@b.co") if index % 3 else person("bad") for index in range(20)]
    outcomes = await engine.deliver_batch(upsert(email=EMAIL), events)
    assert [outcome.status == "invalid" for outcome in outcomes] == [index % 3 == 0 for index in range(20)]
    assert sandbox.counts()["jobs"] == 1


async def test_events_that_differ_in_a_batch_key_never_share_a_request(engine: Engine, sandbox: Sandbox):
    mapping = upsert(email=EMAIL, title={"@path": "$.traits.title"}, batch_keys=["title"])
    events = [person(f"u{index}@b.co", title="A" if index % 2 else "B") for index in range(6)]
    outcomes = await engine.deliver_batch(mapping, events)
    assert {outcome.status for outcome in outcomes} == {"delivered"}
    assert sandbox.counts()["jobs"] == 2


async def test_an_empty_batch_is_nothing(engine: Engine):
    assert await engine.deliver_batch(upsert(email=EMAIL), []) == []


async def test_every_mapping_that_is_on_and_fires_handles_an_event(engine: Engine):
    fields = {"email": EMAIL}
    config = Config(
        mappings=[
            Mapping(name="on", action="upsertProfile", trigger='type = "identify"', fields=fields),
            Mapping(name="off", action="upsertProfile", trigger='type = "identify"', fields=fields, enabled=False),
            Mapping(name="other", action="upsertProfile", trigger='type = "page"', fields=fields),
            Mapping(name="too", action="upsertProfile", trigger="traits.email != null", fields=fields),
        ]
    )
    assert [outcome.mapping for outcome in await engine.handle(config, person("a@b.co"))] == ["on", "too"]
    [nothing] = await engine.handle(config, {"type": "track"})
    assert nothing.status == "unmatched"
    assert nothing.message


async def test_a_mapping_that_is_wrong_is_refused_with_its_place(engine: Engine):
    with pytest.raises(MappingError, match="/email"):
        await engine.deliver(upsert(email={"@oops": 1}), {})
    with pytest.raises(MappingError, match="no action 'nothing'"):
        await engine.deliver(Mapping(name="x", action="nothing", trigger="a = 1", fields={}), {})
    with pytest.raises(TriggerError):
        await engine.deliver(Mapping(name="x", action="upsertProfile", trigger="a =", fields={}), {})


async def test_the_key_is_in_no_outcome(engine: Engine):
    outcome = await engine.deliver(upsert(email=EMAIL), person("a@b.co"))
    assert KEY not in repr(outcome)
    assert KEY not in repr(outcome.exchanges[0].request_headers)


async def test_the_account_is_read_and_a_wrong_key_is_told():
    sandbox = Sandbox()
    async with Engine(KLAVIYO, {"api_key": KEY}, sandbox.transport()) as engine:
        outcome = await engine.authenticate()
        assert outcome.status == "delivered"
        assert (outcome.payload or {})["name"] == "Mapping Studio sandbox"
    async with Engine(KLAVIYO, {"api_key": "wrong"}, sandbox.transport()) as engine:
        outcome = await engine.authenticate()
        assert outcome.status == "rejected"
        assert "API key" in (outcome.message or "")
    sandbox.close()


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        (Faults(throttle=1), "retryable"),
        (Faults(error=1), "retryable"),
        (Faults(unavailable=1), "retryable"),
        (Faults(html_forbidden=1), "rejected"),
        (Faults(drop=1), "retryable"),
    ],
)
async def test_every_fault_becomes_an_outcome_with_a_message(faults: Faults, status: str):
    sandbox = Sandbox(faults=faults)
    async with Engine(KLAVIYO, {"api_key": KEY}, sandbox.transport()) as engine:
        single = await engine.deliver(upsert(email=EMAIL), person("a@b.co"))
        batch = await engine.deliver_batch(upsert(email=EMAIL), [person("a@b.co"), person("b@b.co")])
    for outcome in (single, *batch):
        assert outcome.status == status
        assert outcome.message
    sandbox.close()


async def test_the_revision_of_the_settings_is_asked_for():
    seen: list[str] = []

    def klaviyo(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["revision"])
        return httpx.Response(201)

    for settings in ({"api_key": KEY}, {"api_key": KEY, "revision": "2026-10-15"}):
        async with Engine(KLAVIYO, settings, httpx.MockTransport(klaviyo)) as engine:
            await engine.deliver(upsert(email="a@b.co"), {})
    assert seen == ["2026-07-15", "2026-10-15"]
