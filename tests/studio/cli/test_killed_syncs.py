"""Syncs that are killed at any moment: the same command goes on, and no change is lost or sent twice."""

from __future__ import annotations

import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from subprocess import DEVNULL

import pytest
from served import served_sandbox
from warehouses import Table, table

from actions.delivery.entries import unpacked
from actions.klaviyo.sandbox import Faults, Sandbox
from studio.runs import runs_folder

ROWS, KILLS = 6000, 9
MAPPINGS = """
[[mapping]]
name = "Changes"
action = "trackEvent"
on = ["added", "updated", "deleted"]

[mapping.fields]
metric_name = { "@path" = "$.event" }
properties = { row = { "@path" = "$.__segment_id" }, message = { "@path" = "$.messageId" }, name = { "@path" = "$.properties.name" } }
profile = { external_id = { "@path" = "$.__segment_id" } }
batch_size = 100

[[mapping]]
name = "Gone"
action = "trackEvent"
on = ["deleted"]

[mapping.fields]
metric_name = "gone"
properties = { row = { "@path" = "$.__segment_id" }, message = { "@path" = "$.messageId" }, name = { "@path" = "$.previous.name" } }
profile = { external_id = { "@path" = "$.__segment_id" } }
batch_size = 100
"""  # noqa: E501


@pytest.fixture
def served() -> Iterator[tuple[Sandbox, str]]:
    with served_sandbox(Faults(delay=0.3)) as found:
        yield found


def flights() -> Iterator[str]:
    """The message ids of rows that were on their way when a process was killed."""
    for path in runs_folder().glob("*.db"):
        with closing(sqlite3.connect(path)) as db:
            try:
                sync = db.execute("select value from about where key = 'sync'").fetchone()
                rows = db.execute("select numbers from flight").fetchall()
            except sqlite3.OperationalError:  # killed before it was made
                continue
        for (numbers,) in rows:
            yield from (f"{sync[0]}-{number}" for number in unpacked(numbers))


def written() -> float:
    """When a journal was written last."""
    moments = [0.0]
    for path in runs_folder().glob("*.db-wal"):
        with suppress(FileNotFoundError):  # it goes with its last connection, which may be right now
            moments.append(path.stat().st_mtime_ns)
    return max(moments)


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("the sync did not begin to work")


@pytest.fixture(params=["duckdb", "postgres"])
def people(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    with table(request.param, tmp_path, monkeypatch) as found:
        yield found


def test_a_sync_killed_at_random_moments_sends_every_change_once(start, served, people: Table, tmp_path: Path) -> None:
    sandbox, url = served
    (tmp_path / "shop.toml").write_text(people.source + MAPPINGS)
    tables = [
        dict.fromkeys(range(ROWS), "Ann"),
        {number: "Bob" if number % 2 else "Ann" for number in range(500, ROWS + 500)},
    ]
    command = ("sync", "shop.toml", "--to", url, "--workers", "1", "--json")
    in_flight: Counter[str] = Counter()
    moments = random.Random()  # noqa: S311 - moments, no secrets
    said = tmp_path / "said"
    for names in tables:
        people.write([(str(number), None, name) for number, name in names.items()])
        for kill in range(KILLS):
            before = written()
            with said.open("w") as told, start(*command, stdout=DEVNULL, stderr=told) as process:
                if kill % 3 == 0:
                    time.sleep(moments.uniform(0.2, 3.0))
                else:  # in the middle of its delivery
                    begun = (lambda: written() > before) if kill % 3 == 1 else (lambda: any(flights()))  # noqa: B023
                    wait_until(lambda: begun() or process.poll() is not None)  # noqa: B023 - done at once
                    time.sleep(moments.uniform(0.0, 0.3))
                process.kill()
            in_flight.update(flights())
        with said.open("w") as told, start(*command, stdout=DEVNULL, stderr=told) as process:
            process.wait(timeout=200)
        assert process.returncode == 0, said.read_text()
    assert in_flight  # some were killed in the middle of sending
    expected = Counter(("new", str(number), "Ann") for number in tables[0])
    expected |= Counter(("new", str(number), tables[1][number]) for number in range(ROWS, ROWS + 500))
    expected |= Counter(("updated", str(number), "Bob") for number in range(501, ROWS, 2))
    expected |= Counter(("deleted", str(number), None) for number in range(500))
    expected |= Counter(("gone", str(number), "Ann") for number in range(500))
    seen: dict[tuple[str, str, str | None], set[str]] = {}
    messages: Counter[str] = Counter()
    for event in sandbox.events(100_000):
        own = event["properties"]
        seen.setdefault((event["metric"], own["row"], own.get("name")), set()).add(own["message"])
        messages[f"{event['metric']} {own['message']}"] += 1
    assert seen.keys() == expected.keys()
    assert {change: len(ids) for change, ids in seen.items()} == expected  # one message each: decided once
    for name, times in messages.items():
        assert times <= 1 + in_flight[name.split()[1]], name


def test_an_interrupted_sync_ends_in_order_and_goes_on(start, served, tmp_path: Path) -> None:
    sandbox, url = served
    source = '[source]\nmodel = "from \'people.csv\'"\nid = "id"\n'
    (tmp_path / "shop.toml").write_text(source + MAPPINGS)
    (tmp_path / "people.csv").write_text("id,name\n" + "".join(f"{number},Ann\n" for number in range(ROWS)))
    command = ("sync", "shop.toml", "--to", url, "--workers", "1")
    with start(*command) as process:
        wait_until(lambda: any(flights()) or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        output, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Not complete: it ended at added row" in output
    assert "What failed" not in said
    with start(*command) as process:
        output, said = process.communicate(timeout=100)
    assert process.returncode == 0, said
    assert "going on with the sync of Changes, which was broken off" in said
    assert f"Changes: {ROWS:,} added, 0 updated, 0 deleted, of the sync that was broken off" in output
    assert {event["properties"]["row"] for event in sandbox.events(100_000)} == {str(each) for each in range(ROWS)}
