"""Sending again that is killed at any moment: the same command goes on, and nothing is lost or doubled."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from pathlib import Path
from subprocess import DEVNULL

from commands import CONFIG, track, write_events
from served import served_sandbox

from actions.delivery.journal import Journal
from actions.klaviyo.sandbox import Faults

KILLS = 5
COUNT = 4000


def test_a_retry_killed_at_random_moments_loses_and_doubles_nothing(studio, start, tmp_path: Path):
    own = 'batch_size = 100\nunique_id = { "@path" = "$.messageId" }\nprofile ='
    config = tmp_path / "shop.toml"
    right = CONFIG.replace("profile =", own)
    config.write_text(right.replace("$.properties.email", "$.nothing"))
    events = [{**track(f"p{number % 300}@example.com"), "messageId": f"m{number}"} for number in range(COUNT)]
    journal = tmp_path / "run.db"
    numbers = random.Random()  # noqa: S311 - moments, no secrets
    with served_sandbox(Faults(delay=0.1)) as (sandbox, url):
        first = studio("run", config, write_events(tmp_path / "e.ndjson", *events), "--journal", journal, "--to", url)
        assert first.exit_code == 1, first.stderr
        config.write_text(right)
        left = [COUNT]
        while len(left) <= KILLS or left[-1] == COUNT:  # on a busy machine, some kills come before anything is settled
            before = sandbox.counts()["events"]
            with start("retry", journal, stdout=DEVNULL, stderr=DEVNULL) as process:
                while sandbox.counts()["events"] == before and process.poll() is None:
                    time.sleep(0.01)
                time.sleep(numbers.uniform(0.0, 0.15))
                process.kill()
            with Journal(journal) as written:
                assert written.numbers("Events") == list(range(COUNT))
                left.append(sum(tally.count for tally in written.tallies() if tally.status == "invalid"))
        arrived = sandbox.counts()["events"]
        assert 0 < left[-1] < COUNT
        with start("retry", journal, "--json", stderr=DEVNULL) as process:
            output, _ = process.communicate(timeout=100)
        [report] = map(json.loads, output.splitlines())
        assert report["mappings"] == {"Events": {"delivered": COUNT}}
        found = Counter(str(each["unique_id"]) for each in sandbox.events(100_000))
    assert arrived >= COUNT - left[-1]
    assert found == Counter(f"m{number}" for number in range(COUNT))
