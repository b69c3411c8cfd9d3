"""Erasing people, against a sandbox served over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import closing

import httpx
import pytest
from sandbox_account import served

from actions import Engine
from actions.destination import Verdict
from actions.flow import Exchange
from actions.klaviyo import KLAVIYO
from actions.klaviyo.privacy import Person, erase, erase_profiles, find_profiles
from actions.klaviyo.profiles import create
from actions.klaviyo.sandbox import Faults, Sandbox

ANN = {"email": "Ann+1@Example.com", "external_id": "user & 1", "phone_number": "+14155552671"}
BOB = {"email": "bob@example.com", "external_id": "ann+1@example.com"}


@pytest.fixture
def sandbox():
    with closing(Sandbox()) as sandbox:
        yield sandbox


@pytest.fixture
async def engine(sandbox: Sandbox) -> AsyncIterator[Engine]:
    transport = httpx.AsyncHTTPTransport()
    with served(sandbox) as address:
        async with Engine(KLAVIYO, {"api_key": "pk_sandbox"}, transport, url=address) as engine:
            for attributes in (ANN, BOB):
                await engine.run(create(dict(attributes)))
            yield engine


def left(sandbox: Sandbox) -> set[str]:
    return {profile["email"].lower() for profile in sandbox.profiles()}


@pytest.mark.parametrize(
    "person",
    [
        Person(external_id="user & 1"),
        Person(email="ann+1@EXAMPLE.com"),
        Person(phone_number="+14155552671"),
        Person(external_id="nobody", email="Ann+1@Example.com"),
        Person(external_id="nobody", email="nobody@example.com", phone_number="+14155552671"),
    ],
)
async def test_a_person_is_found_by_each_identifier_and_erased(engine: Engine, sandbox: Sandbox, person: Person):
    exchanges: list[Exchange] = []
    verdict = await engine.run(erase(person), exchanges)
    assert verdict == Verdict("delivered")
    assert left(sandbox) == {"bob@example.com"}
    asked = exchanges[-1].request
    assert asked.path == "/api/data-privacy-deletion-jobs/"
    data = asked.json["data"]["attributes"]["profile"]["data"]
    assert data["attributes"] == {}
    assert len(data["id"]) == 26
    assert [exchange.request.method for exchange in exchanges[:-1]] == ["GET"] * sum(map(bool, person))


async def test_the_first_identifier_that_finds_somebody_counts(engine: Engine, sandbox: Sandbox):
    await engine.run(erase(Person(external_id="ann+1@example.com", email="Ann+1@Example.com")))
    assert left(sandbox) == {"ann+1@example.com"}


async def test_an_unknown_person_is_told_and_nobody_is_erased(engine: Engine, sandbox: Sandbox):
    exchanges: list[Exchange] = []
    verdict = await engine.run(erase(Person(external_id="u", email="x@example.com")), exchanges)
    assert verdict.status == "invalid"
    known_by = "the external id u or the e-mail address x@example.com"
    assert verdict.message == f"Klaviyo has no profile with {known_by}, so there is nobody to erase."
    assert {exchange.request.method for exchange in exchanges} == {"GET"}
    assert len(left(sandbox)) == 2


async def test_many_people_are_looked_up_together(engine: Engine):
    people = [Person(external_id=f"u{number}", email=f"u{number}@example.com") for number in range(150)]
    people[140] = Person(external_id="u140", email="BOB@example.com")
    exchanges: list[Exchange] = []
    found = await engine.run(find_profiles(people), exchanges)
    assert len(exchanges) == 4
    assert [index for index, each in enumerate(found) if not isinstance(each, Verdict)] == [140]


async def test_an_answer_that_holds_others_erases_none_of_them(sandbox: Sandbox):
    page = b'{"data": [{"id": "X", "attributes": {"email": "other@example.com"}}, {"id": "Y"}, {"id": 5}]}'
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=page))
    async with Engine(KLAVIYO, {"api_key": "pk_sandbox"}, transport) as engine:
        [found] = await engine.run(find_profiles([Person(email="ann@example.com")]))
    assert isinstance(found, Verdict)


async def test_where_the_look_up_is_refused_nobody_is_taken_for_unknown():
    with closing(Sandbox(faults=Faults.parse("503=1"))) as broken, served(broken) as address:
        transport = httpx.AsyncHTTPTransport()
        async with Engine(KLAVIYO, {"api_key": "pk_sandbox"}, transport, url=address) as engine:
            assert (await engine.run(erase(Person("u", "ann@example.com")))).status == "retryable"


async def test_who_is_gone_meanwhile_is_gone_and_a_refusal_is_told(engine: Engine, sandbox: Sandbox):
    verdict = await engine.run(erase_profiles(["01H0000000000000000000000X"]))
    assert (verdict.status, verdict.warnings) == ("delivered", ("It was there when it was looked up and is gone now.",))
    async with Engine(KLAVIYO, {"api_key": "pk_readonly"}, sandbox.transport()) as reader:
        assert (await reader.run(erase(Person(email="bob@example.com")))).status == "rejected"
    assert len(left(sandbox)) == 2
