"""Rate limits and faults on demand."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from sandbox_account import BULK_EVENTS, Account, new_list, open_account, profile

from actions.klaviyo.sandbox import Faults, limits

NOON = 1_800_000_000.0
"""A moment at the start of a second, a minute and (nearly) a day."""


class Clock:
    """The time that the limits see."""

    def __init__(self) -> None:
        self.now = NOON

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    fixed = Clock()
    monkeypatch.setattr(limits, "time", fixed)
    return fixed


@pytest_asyncio.fixture
async def limited(clock: Clock) -> AsyncIterator[Account]:
    async with open_account(limits=True) as account:
        yield account


async def test_an_answer_tells_what_is_left_of_the_minute(limited: Account, clock: Clock) -> None:
    clock.now += 20.5
    for left in (749, 748):
        response = await limited.ask("GET", "/api/profiles")
        assert response.headers["ratelimit-limit"] == "750"
        assert response.headers["ratelimit-remaining"] == str(left)
        assert response.headers["ratelimit-reset"] == "39"


async def test_a_full_second_is_refused_until_the_next(limited: Account, clock: Clock) -> None:
    clock.now += 0.25
    assert (await limited.ask("GET", "/api/accounts")).status_code == 200
    response = await limited.ask("GET", "/api/accounts")
    assert response.status_code == 429
    assert response.headers["retry-after"] == "1"
    assert not any(name.startswith("ratelimit") for name in response.headers)
    [error] = response.json()["errors"]
    assert error["code"] == "throttled"
    assert error["title"] == "Request was throttled."
    assert error["detail"] == "Request was throttled. Expected available in 1 second."
    clock.now = NOON + 1
    assert (await limited.ask("GET", "/api/accounts")).status_code == 200


async def test_a_full_minute_is_refused_until_the_next(limited: Account, clock: Clock) -> None:
    for _ in range(15):
        assert (await limited.ask("GET", "/api/accounts")).status_code == 200
        clock.now += 1
    response = await limited.ask("GET", "/api/accounts")
    assert (response.status_code, response.headers["retry-after"]) == (429, "45")
    assert "45 seconds." in response.json()["errors"][0]["detail"]
    clock.now += 45
    assert (await limited.ask("GET", "/api/accounts")).status_code == 200


async def test_a_full_day_of_new_lists_is_refused_until_the_next(limited: Account, clock: Clock) -> None:
    clock.now = NOON // 86400 * 86400
    for _ in range(150):
        assert (await limited.ask("POST", "/api/lists", new_list("x"))).status_code == 201
        clock.now += 1
    clock.now += 60
    response = await limited.ask("POST", "/api/lists", new_list("x"))
    assert (response.status_code, response.headers["retry-after"]) == (429, str(86400 - 210))


async def test_operations_are_counted_one_by_one(limited: Account) -> None:
    assert (await limited.ask("GET", "/api/accounts")).status_code == 200
    assert (await limited.ask("GET", "/api/accounts")).status_code == 429
    assert (await limited.ask("GET", "/api/profiles")).status_code == 200


async def test_a_refused_request_counts_too(limited: Account) -> None:
    statuses = [(await limited.ask("POST", BULK_EVENTS, {})).status_code for _ in range(11)]
    assert statuses == [400] * 10 + [429]


async def test_a_throttled_request_does_nothing(limited: Account) -> None:
    people = [profile({"external_id": str(number)}) for number in range(76)]
    statuses = [(await limited.ask("POST", "/api/profiles", person)).status_code for person in people]
    assert statuses == [201] * 75 + [429]
    assert limited.sandbox.counts()["profiles"] == 75


async def test_without_limits_nothing_is_throttled(account: Account) -> None:
    statuses = {(await account.ask("GET", "/api/accounts")).status_code for _ in range(20)}
    assert statuses == {200}


@pytest.mark.parametrize(
    ("faults", "status", "code"),
    [
        (Faults(throttle=1), 429, "throttled"),
        (Faults(error=1), 500, "error"),
        (Faults(unavailable=1), 503, "service_unavailable"),
    ],
)
async def test_each_fault_has_its_answer_and_nothing_is_done(faults: Faults, status: int, code: str) -> None:
    async with open_account(faults=faults) as account:
        response = await account.ask("POST", "/api/profiles", profile({"external_id": "u"}))
        assert (response.status_code, response.json()["errors"][0]["code"]) == (status, code)
        assert ("retry-after" in response.headers) == (status == 429)
        assert account.sandbox.counts()["profiles"] == 0


async def test_a_forbidden_web_page_is_no_json() -> None:
    async with open_account(faults=Faults(html_forbidden=1)) as account:
        response = await account.ask("GET", "/api/profiles")
        assert response.status_code == 403
        assert response.headers["content-type"].startswith("text/html")
        assert response.headers["cf-mitigated"] == "challenge"


async def test_a_dropped_connection_is_an_error_of_the_transport() -> None:
    async with open_account(faults=Faults(drop=1)) as account:
        with pytest.raises(httpx.ReadError, match="dropped the connection"):
            await account.ask("GET", "/api/profiles")


async def test_answers_can_be_slow() -> None:
    async with open_account(faults=Faults(delay=0.05)) as account:
        started = time.monotonic()
        await account.ask("GET", "/api/profiles")
        assert time.monotonic() - started >= 0.05


async def statuses_of(faults: Faults) -> list[int]:
    async with open_account(faults=faults) as account:
        return [(await account.ask("GET", "/api/profiles")).status_code for _ in range(100)]


async def test_shares_mix_and_a_seed_repeats_them() -> None:
    mixed = Faults(throttle=0.3, error=0.3, seed=1)
    first = await statuses_of(mixed)
    assert set(first) == {200, 429, 500}
    assert await statuses_of(mixed) == first
    assert await statuses_of(Faults(throttle=0.3, error=0.3, seed=2)) != first


async def test_a_copy_has_the_same_faults_from_the_start() -> None:
    async with open_account(faults=Faults(error=0.5)) as account:
        first = [(await account.ask("GET", "/api/profiles")).status_code for _ in range(20)]
        copy = account.sandbox.copy()
        async with httpx.AsyncClient(transport=copy.transport(), headers=account.client.headers) as client:
            again = [(await client.get("https://a.klaviyo.com/api/profiles")).status_code for _ in range(20)]
        copy.close()
    assert again == first


def test_faults_are_read_from_a_text() -> None:
    text = "429=0.1, 500=0.05,503=0.5,403=0,drop=0.02,import=1,delay=2.5,seed=9"
    assert Faults.parse(text) == Faults(0.1, 0.05, 0.5, 0, 0.02, 1, 2.5, 9)


def test_shares_above_one_are_an_error() -> None:
    with pytest.raises(ValueError, match="add up to more than 1"):
        Faults.parse("429=0.6,drop=0.6")


@pytest.mark.parametrize(
    "text", ["", "429", "429=", "429=x", "429=2", "500=-1", "418=0.1", "429=0.1,,", "429=nan", "delay=inf", "seed=inf"]
)
def test_a_text_that_is_no_fault_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="is no fault: write NAME=SHARE"):
        Faults.parse(text)
