"""Runs that are killed at any moment: the same command goes on, and nothing is lost or doubled."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import pytest
from served import served_sandbox

from actions.delivery.entries import EVENT
from actions.delivery.journal import Journal
from actions.klaviyo.sandbox import Faults, Sandbox

KILLS = 20
COUNT = 12_000
CONFIG = """
version = 1

[[mapping]]
name = "People"
action = "upsertProfile"
trigger = 'type = "identify"'
fields = { email = { "@path" = "$.traits.email" }, title = { "@path" = "$.traits.title" }, batch_size = 100 }

[[mapping]]
name = "Batched"
action = "trackEvent"
trigger = 'type = "track"'

[mapping.fields]
metric_name = "Batched"
properties = {}
unique_id = { "@path" = "$.messageId" }
profile = { email = { "@path" = "$.properties.email" } }
batch_size = 100

[[mapping]]
name = "Alone"
action = "trackEvent"
trigger = 'type = "track" and properties.alone = true'

[mapping.fields]
metric_name = "Alone"
properties = {}
unique_id = { "@path" = "$.messageId" }
profile = { email = { "@path" = "$.properties.email" } }
enable_batching = false
"""


def line(number: int) -> str:
    if number % 50 == 7:
        return "{bad"
    if number % 50 == 8:
        return f'{{"type": "page", "messageId": "p{number}"}}'
    message_id = f"m{number - 3 if number % 50 == 9 else number}"
    email = "no address" if number % 50 == 10 else f"p{number % 700}@example.com"
    event: dict[str, Any] = {"type": "identify", "messageId": message_id, "traits": {"email": email, "title": number}}
    if number % 2:
        event |= {"type": "track", "properties": {"email": email, "alone": number % 20 == 1}}
    return json.dumps(event)


@pytest.fixture
def served() -> Iterator[tuple[Sandbox, str]]:
    with served_sandbox(Faults(delay=0.1)) as found:
        yield found


def changed(journal: Path) -> int:
    """When the journal was written last."""
    try:
        return journal.with_name(f"{journal.name}-wal").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("the run did not begin to work")


def test_a_run_killed_at_random_moments_loses_and_doubles_nothing(start, served, tmp_path: Path):
    sandbox, url = served
    (tmp_path / "shop.toml").write_text(CONFIG)
    lines = [line(number) for number in range(COUNT)]
    (tmp_path / "events.ndjson").write_text("\n".join(lines))
    journal, said = tmp_path / "run.db", tmp_path / "said"
    command = ("run", "shop.toml", "events.ndjson", "--to", url, "--journal", journal, "--workers", "1", "--json")
    numbers = random.Random()  # noqa: S311 - moments, no secrets
    for kill in range(KILLS):
        before = changed(journal)
        with said.open("w") as told, start(*command, stdout=DEVNULL, stderr=told) as process:
            if kill % 4:  # in the middle of its work, else while it starts
                wait_until(lambda: changed(journal) > before or process.poll() is not None)  # noqa: B023 - done at once
            time.sleep(numbers.uniform(0.0, 0.25))
            assert process.poll() is None, said.read_text()
            process.kill()
    with start(*command, stderr=DEVNULL) as process:
        output, _ = process.communicate(timeout=200)
    assert process.returncode == 1  # some are invalid
    [report] = map(json.loads, output.splitlines())

    expected: dict[str, Counter[str]] = {name: Counter() for name in ("People", "Batched", "Alone")}
    wanted: dict[str, set[str]] = {"People": set(), "Batched": set(), "Alone": set()}
    own: Counter[str] = Counter()
    names_of = {7: "bad_lines", 8: "unmatched", 9: "duplicates"}
    for number, text in enumerate(lines):
        if number % 50 in names_of:
            own[names_of[number % 50]] += 1
            continue
        event = json.loads(text)
        person = event["traits"]["email"] if event["type"] == "identify" else event["properties"]["email"]
        names = ["People"] if event["type"] == "identify" else ["Batched"]
        names += ["Alone"] if event.get("properties", {}).get("alone") else []
        for name in names:
            status = "invalid" if person == "no address" else "delivered"
            expected[name][status] += 1
            if status == "delivered":
                wanted[name].add(person if name == "People" else event["messageId"])
    assert {name: Counter(counts) for name, counts in report["mappings"].items()} == expected
    assert {name: report[name] for name in own} == own
    assert report["complete"]
    with Journal(journal) as written:
        assert written.in_flight() == {}
        for name, counts in expected.items():
            settled_numbers = written.numbers(name)
            assert len(settled_numbers) == len(set(settled_numbers)) == counts.total()
        assert len(written.numbers(EVENT)) == own.total()
    emails = {each["email"] for each in sandbox.profiles(5000)}
    assert wanted["People"] <= emails
    events = Counter((each["metric"], each["unique_id"]) for each in sandbox.events(100_000))
    assert set(events) == {(name, each) for name in ("Batched", "Alone") for each in wanted[name]}
    assert set(events.values()) == {1}
    last: dict[str, str] = {}
    for number in range(COUNT):
        if number % 50 not in (7, 8, 10) and number % 2 == 0:
            last[f"p{number % 700}@example.com"] = str(number)
    assert {each["email"]: each.get("title") for each in sandbox.profiles(5000) if each["email"] in last} == last
