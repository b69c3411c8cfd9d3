"""What can go wrong on the way, over real HTTP: what the journal says of it, and that nothing is lost.

Each fault strikes the first request of a run. The run then goes on, or the failure is on record and is sent again.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
import struct
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
import uvicorn
from deliveries import PEOPLE, chunks, event

from actions import Config, Engine, Mapping
from actions.delivery.journal import Journal, JournalError
from actions.delivery.report import Report
from actions.delivery.retry import Retry
from actions.delivery.run import Options, Run
from actions.klaviyo import KLAVIYO
from actions.klaviyo.sandbox import Faults, Sandbox
from actions.retrying import Retrying

COUNT = 1000
JSON = "application/vnd.api+json"


def http(status: str, body: str = "", *headers: str, length: int | None = None) -> bytes:
    length = len(body) if length is None else length
    return "\r\n".join((f"HTTP/1.1 {status}", f"content-length: {length}", *headers, "", body)).encode()


def reset(connection: socket.socket) -> None:
    """Close a connection with a reset in the place of a proper end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Fault(NamedTuple):
    """What a server does to a request: answers, or breaks off before or after passing it on; how often."""

    answer: bytes = b""
    passes_on: bool = False
    is_reset: bool = False
    hangs: bool = False
    before_the_body: bool = False
    times: int = 1


class FaultyServer:
    """Stands before a sandbox that is served, and spoils the first requests."""

    def __init__(self, behind: int) -> None:
        self.fault = Fault(times=0)
        self._behind = behind
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)  # closing alone leaves the thread in accept()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            head, body = read_head(connection)
            while head:
                fault, spoiled = self.fault, self.fault.times > 0
                self.fault = fault._replace(times=fault.times - 1)
                if spoiled and fault.before_the_body:
                    reset(connection)
                    return
                body += read_rest(connection, head, body)
                answer = self._pass_on(head, body) if not spoiled or fault.passes_on else b""
                if spoiled and fault.hangs:
                    self._over.wait(30)
                    return
                connection.sendall(fault.answer if spoiled else answer)
                if spoiled and fault.is_reset:
                    reset(connection)
                if spoiled:
                    return
                head, body = read_head(connection)

    def _pass_on(self, head: bytes, body: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self._behind)) as sandbox:
            sandbox.sendall(head + body)
            answer, content = read_head(sandbox)
            return answer + content + read_rest(sandbox, answer, content)


def read_head(connection: socket.socket) -> tuple[bytes, bytes]:
    """The head of a message, and what came of its body with it; empty at the end of the connection."""
    received = b""
    while b"\r\n\r\n" not in received:
        try:
            more = connection.recv(65536)
        except OSError:
            return b"", b""
        if not more:
            return b"", b""
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", body


def read_rest(connection: socket.socket, head: bytes, body: bytes) -> bytes:
    length = next(
        (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
    )
    rest = b""
    while len(body) + len(rest) < length:
        rest += connection.recv(65536)
    return rest


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[FaultyServer]:
    listener = socket.create_server(("127.0.0.1", 0))
    behind = uvicorn.Server(uvicorn.Config(sandbox.app, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(behind.serve([listener])))
    thread.start()
    faulty = FaultyServer(listener.getsockname()[1])
    yield faulty
    faulty.close()
    behind.should_exit = True
    thread.join()


BATCHED = Mapping(**{**vars(PEOPLE), "fields": {**PEOPLE.fields, "batch_size": 1000}})


async def run(
    server: FaultyServer,
    path: Path,
    items: list[dict[str, object]],
    *,
    attempts: int = 3,
    options: Options | None = None,
    mapping: Mapping = BATCHED,
    pages: int | None = None,
) -> Report:
    retrying = Retrying(attempts=attempts)
    async with Engine(KLAVIYO, {"api_key": "pk_x"}, None, retrying, url=server.url, timeout=1.0) as engine:
        with Journal(path) as journal:
            if pages is not None:
                journal._db.execute(f"pragma max_page_count = {pages}")
            running = Run(engine, [mapping], journal, options=options)
            await running.deliver(chunks(items, 500))  # type: ignore[arg-type]
            assert running.complete
            assert journal.numbers("People") == list(range(len(items)))
            assert journal.in_flight() == {}
            return Report.of(journal)


async def send_again(server: FaultyServer, path: Path) -> Report:
    async with Engine(KLAVIYO, {"api_key": "pk_x"}, url=server.url, timeout=1.0) as engine:
        with Journal(path) as journal:
            reasons = [tally.reason for tally in journal.tallies() if tally.status != "delivered"]
            assert await Retry(engine, Config([BATCHED]), journal, reasons).deliver()
            assert journal.numbers("People") == list(range(COUNT))
            return Report.of(journal)


PEOPLE_ITEMS = [event(number) for number in range(COUNT)]
PASSING = {
    "429 with Retry-After": Fault(http("429 Too Many Requests", "{}", "retry-after: 1")),
    "429 without Retry-After": Fault(http("429 Too Many Requests", "{}")),
    "500": Fault(http("500 Internal Server Error", '{"errors": [{"detail": "oops"}]}', f"content-type: {JSON}")),
    "503": Fault(http("503 Service Unavailable")),
    "reset before the body": Fault(before_the_body=True),
    "reset before the response": Fault(is_reset=True),
    "reset during the response": Fault(http("202 Accepted", '{"data"', length=5000), is_reset=True),
    "reset after it was taken": Fault(passes_on=True, is_reset=True),
    "timeout": Fault(hangs=True),
    "timeout after it was taken": Fault(passes_on=True, hangs=True),
    "half a body": Fault(http("202 Accepted", '{"data": {"type"', length=400)),
}


@pytest.mark.parametrize("name", PASSING)
async def test_what_passes_is_sent_again_until_it_is_delivered(
    sandbox: Sandbox, server: FaultyServer, tmp_path: Path, name: str
):
    server.fault = PASSING[name]
    report = await run(server, tmp_path / "run.db", PEOPLE_ITEMS)
    assert report.outcomes == {("People", "delivered"): COUNT}
    assert sandbox.counts()["profiles"] == COUNT


@pytest.mark.parametrize("name", PASSING)
async def test_what_does_not_pass_is_on_record_as_retryable_and_can_be_sent_again(
    sandbox: Sandbox, server: FaultyServer, tmp_path: Path, name: str
):
    server.fault = PASSING[name]
    report = await run(server, tmp_path / "run.db", PEOPLE_ITEMS, attempts=0)
    assert report.outcomes == {("People", "retryable"): COUNT}
    [reason] = report.reasons
    assert reason.message
    assert report.places(reason) == ["f:1", "f:2", "f:3"]
    assert (await send_again(server, tmp_path / "run.db")).outcomes == {("People", "delivered"): COUNT}
    assert sandbox.counts()["profiles"] == COUNT


STANDING: dict[str, tuple[Fault, str]] = {
    "401": (Fault(http("401 Unauthorized", '{"errors": [{"detail": "no"}]}', f"content-type: {JSON}")), "API key"),
    "HTML 403": (Fault(http("403 Forbidden", "<html>challenge</html>", "content-type: text/html")), "403"),
}


@pytest.mark.parametrize("name", STANDING)
async def test_what_stands_is_on_record_as_rejected_and_can_be_sent_again_once_it_is_repaired(
    sandbox: Sandbox, server: FaultyServer, tmp_path: Path, name: str
):
    server.fault, word = STANDING[name]
    report = await run(server, tmp_path / "run.db", PEOPLE_ITEMS)
    assert report.outcomes == {("People", "rejected"): COUNT}
    assert word in report.reasons[0].message
    assert (await send_again(server, tmp_path / "run.db")).outcomes == {("People", "delivered"): COUNT}
    assert sandbox.counts()["profiles"] == COUNT


async def test_a_body_that_is_no_json_is_taken_by_its_status(server: FaultyServer, tmp_path: Path):
    server.fault = Fault(http("202 Accepted", "accepted, thank you"))
    assert (await run(server, tmp_path / "run.db", PEOPLE_ITEMS)).outcomes == {("People", "delivered"): COUNT}


async def test_a_refusal_that_is_no_json_rejects_every_row(server: FaultyServer, tmp_path: Path):
    server.fault = Fault(http("400 Bad Request", "what?"), times=99_999)
    report = await run(server, tmp_path / "run.db", PEOPLE_ITEMS[:5])
    assert report.outcomes == {("People", "rejected"): 5}


async def test_a_bad_row_in_the_middle_of_a_thousand_is_set_aside(
    sandbox: Sandbox, server: FaultyServer, tmp_path: Path
):
    items = [*PEOPLE_ITEMS]
    items[500] = event(500, email=f"{'x' * 95}@example.com")  # sound to us, too long for Klaviyo
    report = await run(server, tmp_path / "run.db", items)
    assert report.outcomes == {("People", "delivered"): COUNT - 1, ("People", "rejected"): 1}
    assert list(report.examples.values()) == [["f:501"]]
    assert sandbox.counts()["profiles"] == COUNT - 1


@pytest.mark.parametrize("sandbox", [{"faults": Faults(import_error=0.2, seed=5), "job_seconds": 0.3}], indirect=True)
async def test_a_job_that_finishes_with_errors_brings_them_back_to_the_rows(
    sandbox: Sandbox, server: FaultyServer, tmp_path: Path
):
    server.fault = Fault(http("503 Service Unavailable"), times=2)
    report = await run(server, tmp_path / "run.db", PEOPLE_ITEMS, options=Options(wait=True))
    there = {each["email"] for each in sandbox.profiles(COUNT)}
    rejected = report.outcomes["People", "rejected"]
    assert report.outcomes == {("People", "delivered"): len(there), ("People", "rejected"): COUNT - len(there)}
    assert 100 < rejected < 300
    [reason] = report.reasons
    assert reason.message.startswith("Klaviyo could not import it: ")
    with Journal(tmp_path / "run.db") as journal:
        assert journal.jobs() == []
        failed = {json.loads(failure.content)["email"] for failure in journal.failures(reason.reason)}
    assert failed == {str(each["email"]) for each in PEOPLE_ITEMS} - there


async def test_a_disk_that_is_full_ends_the_run_and_it_goes_on_when_there_is_room(
    sandbox: Sandbox, server: FaultyServer, tmp_path: Path
):
    items = [event(n, email=f"no address {'x' * 3000}" if n % 10 == 0 else "") for n in range(COUNT)]
    small = Mapping(**{**vars(PEOPLE), "fields": {**PEOPLE.fields, "batch_size": 50}})
    with pytest.raises(JournalError, match=r"disk is full\. Free space and give the same command again"):
        await run(server, tmp_path / "run.db", items, mapping=small, pages=20)
    report = await run(server, tmp_path / "run.db", items, mapping=small)
    assert report.outcomes == {("People", "delivered"): COUNT * 9 // 10, ("People", "invalid"): COUNT // 10}
    assert sandbox.counts()["profiles"] == COUNT * 9 // 10


async def test_a_journal_that_another_program_locks_ends_the_run_and_it_goes_on_when_it_is_free(
    sandbox: Sandbox, server: FaultyServer, tmp_path: Path
):
    path = tmp_path / "run.db"
    Journal(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(JournalError, match="Another program holds it"):
            await run(server, path, PEOPLE_ITEMS)
        assert sandbox.counts()["profiles"] == 0
        other.execute("rollback")
    assert (await run(server, path, PEOPLE_ITEMS)).outcomes == {("People", "delivered"): COUNT}


async def test_a_journal_that_another_run_writes_is_not_touched(server: FaultyServer, tmp_path: Path):
    with Journal(tmp_path / "run.db"), pytest.raises(JournalError, match="being written by another run"):
        await run(server, tmp_path / "run.db", PEOPLE_ITEMS[:5])
