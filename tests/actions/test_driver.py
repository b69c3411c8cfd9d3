import asyncio
import time

import httpx
import pytest

from actions.driver import Driver
from actions.flow import REDACTED, Exchange, Flow, Request, Response
from actions.pacing import Pacing
from actions.retrying import Retrying

KEY = "pk_0123456789abcdef"


def ask(*requests: Request) -> Flow[list[Response]]:
    responses: list[Response] = []
    for request in requests:
        response = yield request
        responses.append(response)
    return responses


async def run(
    transport: httpx.AsyncBaseTransport, *requests: Request, retries: int = 0
) -> tuple[list[Response], list[Exchange]]:
    exchanges: list[Exchange] = []
    driver = Driver(
        "https://klaviyo.example",
        {"Authorization": f"Klaviyo-API-Key {KEY}", "Content-Type": "application/json"},
        secret_headers=frozenset({"authorization"}),
        transport=transport,
        retrying=Retrying(attempts=retries),
        timeout=0.2,
    )
    async with driver:
        return await driver.run(ask(*requests), exchanges), exchanges


async def test_a_flow_is_sent_each_response_in_turn():
    def klaviyo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"path": request.url.path, "body": request.content.decode()})

    responses, exchanges = await run(
        httpx.MockTransport(klaviyo), Request.of("POST", "/a", {"b": 1}), Request("GET", "/c", query={"filter": "x+&"})
    )
    assert [response.json for response in responses] == [{"path": "/a", "body": '{"b":1}'}, {"path": "/c", "body": ""}]
    assert [exchange.url for exchange in exchanges] == [
        "https://klaviyo.example/a",
        "https://klaviyo.example/c?filter=x%2B%26",
    ]


async def test_the_key_goes_over_the_wire_and_nowhere_else():
    seen: list[str] = []

    def klaviyo(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        return httpx.Response(202)

    _, exchanges = await run(httpx.MockTransport(klaviyo), Request("GET", "/"))
    assert seen == [f"Klaviyo-API-Key {KEY}"]
    assert exchanges[0].request_headers["authorization"] == REDACTED
    assert KEY not in repr(exchanges)


async def test_a_key_that_an_answer_repeats_is_blanked_in_the_names_of_headers_too():
    headers = {f"X-{KEY.upper()}": "1", f"X-{KEY}-b": KEY}
    answered = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, text=f"<{KEY}>"))
    [response], exchanges = await run(answered, Request("GET", "/"))
    assert KEY.lower() not in repr((response, exchanges)).lower()
    assert response.headers[f"x-{REDACTED}-b"] == REDACTED


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectError("refused"), "no connection"),
        (httpx.ReadTimeout("x"), "no answer within 0.2 seconds"),
        (httpx.ReadError("reset"), "the connection broke"),
        (httpx.RemoteProtocolError("half"), "the connection broke"),
    ],
)
async def test_a_failed_connection_is_a_response_that_says_how(error: Exception, words: str):
    def klaviyo(request: httpx.Request) -> httpx.Response:
        raise error

    [response], [exchange] = await run(httpx.MockTransport(klaviyo), Request("GET", "/"))
    assert response.status == 0
    assert words in (response.failure or "")
    assert exchange.response is response


async def test_an_answer_that_cannot_be_unpacked_is_a_failure():
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))
    )
    [response], _ = await run(transport, Request("GET", "/"))
    assert response.failure == "the answer is damaged and cannot be unpacked"


async def test_what_is_retryable_is_asked_for_again_after_the_wait_asked_for():
    answers = iter(
        [httpx.Response(429, headers={"retry-after": "1"}), httpx.Response(503, headers={"retry-after": "0"})]
    )
    transport = httpx.MockTransport(lambda _: next(answers, httpx.Response(202)))
    started = time.monotonic()
    [response], exchanges = await run(transport, Request("GET", "/"), retries=5)
    assert response.status == 202
    assert [exchange.response.status for exchange in exchanges] == [429, 503, 202]
    assert time.monotonic() - started >= 1


async def test_giving_up_counts_from_where_an_endpoint_began_to_fail():
    status = 503
    transport = httpx.MockTransport(lambda _: httpx.Response(status, headers={"retry-after": "0"}))
    driver = Driver("https://klaviyo.example", {}, transport=transport, retrying=Retrying(give_up=0.2))

    async def attempts(path: str) -> int:
        exchanges: list[Exchange] = []
        await driver.run(ask(Request("POST", path)), exchanges)
        return len(exchanges)

    async with driver:
        assert await attempts("/a") > 3
        assert await attempts("/a") == 1  # nothing has gone well since
        assert await attempts("/b") > 3
        status = 202
        assert await attempts("/a") == 1
        status = 503
        assert await attempts("/a") > 3


async def test_that_an_endpoint_was_failing_long_ago_does_not_count():
    statuses = iter([503, 202, 503])
    transport = httpx.MockTransport(lambda _: httpx.Response(next(statuses), headers={"retry-after": "0"}))
    driver = Driver("https://klaviyo.example", {}, transport=transport, retrying=Retrying(give_up=3600.0))
    long_ago = time.monotonic() - 4000
    driver._failing["POST /a"] = long_ago, long_ago
    async with driver:
        [response] = await driver.run(ask(Request("POST", "/a")), [])
        assert response.status == 202
        driver._failing["POST /a"] = long_ago, time.monotonic()
        [response] = await driver.run(ask(Request("POST", "/a")), [])
        assert response.status == 503


async def test_an_endpoint_that_asks_for_more_patience_than_there_is_is_left_alone():
    transport = httpx.MockTransport(lambda _: httpx.Response(429, headers={"retry-after": "60"}))
    pacing = Pacing(lambda request: (request.path, {1: 10}))
    driver = Driver("https://klaviyo.example", {}, transport=transport, pacing=pacing, retrying=Retrying(give_up=30))
    exchanges: list[Exchange] = []
    async with driver:
        first, second = await driver.run(ask(*[Request("POST", "/a")] * 2), exchanges)
    assert (first.status, second) == (429, first)
    assert len(exchanges) == 1


async def test_a_refusal_for_good_is_not_asked_for_again():
    [response], exchanges = await run(
        httpx.MockTransport(lambda _: httpx.Response(400)), Request("GET", "/"), retries=5
    )
    assert response.status == 400
    assert len(exchanges) == 1


async def test_a_cancelled_flow_is_closed():
    closed = asyncio.Event()

    def flow() -> Flow[None]:
        try:
            yield Request("GET", "/")
        finally:
            closed.set()

    class Silent(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.sleep(60)
            raise AssertionError

    async with Driver("https://klaviyo.example", {}, transport=Silent()) as driver:
        task = asyncio.create_task(driver.run(flow(), []))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert closed.is_set()
