import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from actions.flow import Request, Response
from actions.pacing import Pacing
from actions.retrying import Retrying
from actions.waiting import CalledOff, Waiting

A, B = Request("POST", "/a"), Request("POST", "/b")


class Clock:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Skipping(Waiting):
    """Waits at once, and moves the clock by what would have been waited."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    async def sleep(self, seconds: float, reason: str) -> None:
        self._clock.now += seconds


async def times(pacing: Pacing, clock: Clock, count: int, request: Request = A) -> list[float]:
    """When each of so many requests went out, from now."""
    began, sent = clock.now, list[float]()
    for _ in range(count):
        await pacing.admit(request)
        sent.append(clock.now - began)
    return sent


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pacing(clock: Clock) -> Pacing:
    return Pacing(lambda request: (request.path, {1: 10, 60: 150}), Skipping(clock), clock)


async def test_no_window_ever_holds_more_than_it_may(pacing: Pacing, clock: Clock):
    sent = await times(pacing, clock, 500)
    for seconds, limit in ((1, 10), (60, 150)):
        assert all(later - sooner > seconds for sooner, later in zip(sent, sent[limit:], strict=False))
    assert sent[149] < 16  # as fast as the short window lets
    assert sent[-1] < 3.1 * 61.2  # and close to the long one


async def test_each_endpoint_has_windows_of_its_own(pacing: Pacing, clock: Clock):
    await times(pacing, clock, 150)
    assert await times(pacing, clock, 1, B) == [0.0]


async def test_what_an_answer_asks_is_obeyed(pacing: Pacing, clock: Clock):
    await pacing.admit(A)
    pacing.learn(A, Response(429, {"retry-after": "7"}))
    assert await times(pacing, clock, 1) == [pytest.approx(7.0)]
    pacing.learn(A, Response(429))
    assert await times(pacing, clock, 1) == [pytest.approx(1.0)]


async def test_who_has_less_patience_than_an_answer_asks_for_gets_that_answer(pacing: Pacing, clock: Clock):
    await pacing.admit(A)
    pacing.learn(A, Response(503, {"retry-after": "9000"}))  # no limit is reached
    await pacing.admit(A)
    turned_away = Response(429, {"retry-after": "7"})
    pacing.learn(A, turned_away)
    assert await pacing.admit(A, patience=6.9) is turned_away
    assert await pacing.admit(B, patience=0) is None
    assert await pacing.admit(A, patience=7) is None
    assert clock.now == pytest.approx(107.0)


async def test_a_window_that_others_have_used_up_is_waited_for(pacing: Pacing, clock: Clock):
    await times(pacing, clock, 3)
    left = {"ratelimit-limit": "150", "ratelimit-remaining": "4", "ratelimit-reset": "30"}
    pacing.learn(A, Response(202, left))  # two more are on their way, so two are left of the four
    sent = await times(pacing, clock, 3)
    assert sent[:2] == [0.0, 0.0]
    assert sent[2] == pytest.approx(31.0)


async def test_a_smaller_limit_than_declared_is_kept(pacing: Pacing, clock: Clock):
    await pacing.admit(A)
    pacing.learn(A, Response(202, {"ratelimit-limit": "20"}))
    sent = await times(pacing, clock, 100)
    assert all(later - sooner > 60 for sooner, later in zip(sent, sent[20:], strict=False))


async def test_a_wait_that_is_called_off_ends_and_says_before_what_it_was_for():
    waiting = Waiting()
    task = asyncio.create_task(waiting.sleep(60.0, "the limit of POST /a"))
    await asyncio.sleep(0)
    [(reason, left)] = waiting.reasons.items()
    assert reason == "the limit of POST /a"
    assert 59 < left <= 60
    waiting.call_off()
    with pytest.raises(CalledOff):
        await task
    assert waiting.reasons == {}
    with pytest.raises(CalledOff):
        await waiting.sleep(60.0, "another")


def test_waits_grow_with_jitter_up_to_five_minutes():
    waits = [Retrying().wait(Response(503), attempt, 0.0) or 0.0 for attempt in range(12)]
    for attempt, wait in enumerate(waits):
        assert 0.5 * min(2**attempt, 300) <= wait <= min(2**attempt, 300)
    assert len({Retrying().wait(Response(503), 3, 0.0) for _ in range(20)}) > 10


@pytest.mark.parametrize("status", [0, 408, 423, 429, 500, 502, 503, 504])
def test_what_may_succeed_later_is_sent_again(status: int):
    assert Retrying().wait(Response(status), 0, 0.0) is not None


@pytest.mark.parametrize("status", [200, 202, 400, 401, 403, 404, 409, 413, 501])
def test_what_stands_is_not_sent_again(status: int):
    assert Retrying().wait(Response(status), 0, 0.0) is None


def test_a_wait_may_be_asked_for_as_a_date():
    later = datetime.now(UTC) + timedelta(seconds=100)
    for text in (format_datetime(later, usegmt=True), format_datetime(later), later.strftime("%a %b %d %H:%M:%S %Y")):
        assert 95 < (Response(503, {"retry-after": text}).retry_after or 0) <= 100
        assert 95 < (Retrying().wait(Response(503, {"retry-after": text}), 0, 0.0) or 0) <= 100
    assert Response(429, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}).retry_after == 0
    for text in ("", "soon", "-5", "1.5", "²", "Wed, 99 Oct 2015 07:28:00 GMT"):
        assert Response(429, {"retry-after": text}).retry_after is None


def test_it_gives_up_after_four_hours_or_what_was_said():
    total = itertools.accumulate((Retrying().wait(Response(503), attempt, 0.0) or 0.0) for attempt in range(200))
    last = next(attempt for attempt, elapsed in enumerate(total) if elapsed > 4 * 3600)
    assert Retrying().wait(Response(503), last, 4 * 3600.0) is None
    assert Retrying(give_up=10).wait(Response(429, {"retry-after": "11"}), 0, 0.0) is None
    assert Retrying(give_up=10).wait(Response(429, {"retry-after": "9"}), 0, 0.0) == 9.0
    assert Retrying(attempts=2).wait(Response(503), 2, 0.0) is None
