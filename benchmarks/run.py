"""How fast a run is, from a file to finished requests with the journal on, and how much memory it takes.

    python benchmarks/run.py [--events N] [--large N] [--rounds N] [--http N] [--identify FILE] [--mixed FILE]

Prints events per second against a transport that answers at once, with one and two workers, on identify events and on
mixed ones; as ratios to the floor, parsing an event and writing it out again, and to the 25,000 profiles a second that
a Klaviyo account takes; and the peak memory at --events and at --large events. Then the sandbox is served over HTTP
with Klaviyo's limits, and a run of --http events in small batches tells which share of the account's limits it used,
and how many requests were turned away. FILEs are NDJSON for the first part; left out, events are generated.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import events as generated
import httpx
from pydantic_core import from_json, to_json

from actions import Config, Engine, Mapping
from actions.delivery.journal import Journal
from actions.delivery.plan import seconds_for
from actions.delivery.rehearsal import Rehearsal
from actions.delivery.run import Options, Run
from actions.delivery.sources import Sources
from actions.flow import Request
from actions.klaviyo import KLAVIYO
from actions.pacing import Pacing
from actions.waiting import Waiting

STARTER = Path(__file__).parent.parent / "presets" / "starter.toml"
KEY = "pk_benchmark"
ACCEPTED = 25_000
"""Profiles a second that the bulk import takes in the long run, and events a second that one worker must reach."""
MOST_GROWTH = 1.25
SMALLEST_BATCH = 100


class Measured(NamedTuple):
    """What a run took: seconds, the processor's among them, and what else there is to know of it.

    `cpu` are the seconds of the run's own process, `floor` those of the floor on the same lines, `peak` are bytes.
    """

    events: int
    seconds: float
    cpu: float
    floor: float
    peak: int
    requests: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--http", type=int, default=60_000)
    parser.add_argument("--identify", type=Path)
    parser.add_argument("--mixed", type=Path)
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        paths = {
            kind: named or write(folder / f"{kind}.ndjson", kind, options.events)
            for kind, named in (("identify", options.identify), ("mixed", options.mixed))
        }
        fast = measure_speed(paths, options.rounds)
        flat = measure_memory(folder, options.events, options.large, options.rounds)
        fitting = measure_pacing(folder, options.http)
    return 0 if fast and flat and fitting else 1


def measure_speed(paths: dict[str, Path], rounds: int) -> bool:
    """Print events per second; whether one worker is fast enough on both kinds of events."""
    print(f"Events by the starter's mappings, from file to finished request, journal on, best of {rounds}")
    print(f"  {'':20} {'events/s':>9} {'of the floor':>13} {'of 25,000/s':>12} {'µs/event':>9} {'of them CPU':>12}")
    rates: dict[tuple[str, int], float] = {}
    for kind, path in paths.items():
        for workers in (1, 2):
            found = min((apart(path, workers) for _ in range(rounds)), key=lambda each: each.seconds)
            rate = rates[kind, workers] = found.events / found.seconds
            label = f"{kind}, {workers} worker{'s' if workers > 1 else ''}"
            ratio, share = found.seconds / found.floor, rate / ACCEPTED
            print(
                f"  {label:20} {rate:>9,.0f} {ratio:>13.2f} {share:>12.2f} {1e6 / rate:>9.1f} "
                f"{found.cpu / found.events * 1e6:>12.1f}"
            )
    return min(rates[kind, 1] for kind in paths) >= ACCEPTED


def measure_memory(folder: Path, count: int, large: int, rounds: int) -> bool:
    """Print the peak memory of small runs and of a large one; whether it stays about the same.

    How much is on its way at a time is a matter of chance, which a large run has more often.
    """
    print(f"\nPeak memory of a run with one worker, the highest of {rounds} small ones")
    flat = True
    for kind in ("identify", "mixed"):
        small = write(folder / "memory.ndjson", kind, count)
        peaks = [max(apart(small, 1).peak for _ in range(rounds))]
        peaks.append(apart(write(folder / "memory.ndjson", kind, large), 1).peak)
        growth = peaks[1] / peaks[0]
        sizes = ", ".join(f"{peak / 1e6:,.0f} MB at {each:,}" for peak, each in zip(peaks, (count, large), strict=True))
        print(f"  {kind}: {sizes}: {growth:.2f} times")
        flat &= growth <= MOST_GROWTH
    return flat


def apart(path: Path, workers: int) -> Measured:
    """Do a run in a process of its own, so that its memory is its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(run_once, path, workers).result()


def run_once(path: Path, workers: int) -> Measured:
    seconds, cpu, requests = asyncio.run(deliver(path, workers))
    peak = peak_memory()
    with path.open("rb") as file:
        lines = [line for _, line in zip(range(20_000), file, strict=False)]
    floors: list[float] = []
    for _ in range(5):
        started = time.perf_counter()
        for line in lines:
            to_json(from_json(line))
        floors.append(time.perf_counter() - started)
    with path.open("rb") as file:
        count = sum(1 for _ in file)
    return Measured(count, seconds, cpu, statistics.median(floors) / len(lines) * count, peak, requests)


async def deliver(path: Path, workers: int) -> tuple[float, float, int]:
    """Deliver a file to nowhere; the seconds that it took, those of this process's work, and the requests."""
    config, transport = Config.load(STARTER), Rehearsal(KLAVIYO)
    with TemporaryDirectory() as folder:
        started, worked = time.perf_counter(), time.process_time()
        with Journal(Path(folder) / "run.db") as journal:
            async with Engine(KLAVIYO, {"api_key": KEY}, transport) as engine:
                run = Run(engine, config.mappings, journal, options=Options(workers=workers))
                await run.deliver(Sources([str(path)]).chunks())
        seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    assert set(run.progress.statuses) <= {"delivered", "unmatched"}, run.progress.statuses
    return seconds, cpu, transport.requests.total()


def peak_memory() -> int:
    """Bytes that this process had at most, without what its parent had before it was one of its own."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise OSError("this system does not tell the peak memory of a process")


def write(path: Path, kind: str, count: int) -> Path:
    """Write a file of events, in portions."""
    with path.open("wb") as file:
        file.writelines(line + b"\n" for line in generated.stream(kind, count))
    return path


class Counting(httpx.AsyncBaseTransport):
    """Passes requests on over the network, and counts them by endpoint and status."""

    def __init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport()
        self.answers: Counter[tuple[str, int]] = Counter()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        endpoint, _ = KLAVIYO.limit_of(Request(request.method, request.url.path))
        self.answers[endpoint, response.status_code] += 1
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def measure_pacing(folder: Path, count: int) -> bool:
    """Print how a run keeps to the limits of a sandbox over HTTP; whether nothing was turned away."""
    path = write(folder / "paced.ndjson", "mixed", count)
    with served(folder) as url:
        seconds, answers = asyncio.run(deliver_paced(path, folder / "paced.db", url))
    print(f"\n{count:,} mixed events in batches of {SMALLEST_BATCH} to the sandbox over HTTP with Klaviyo's limits")
    print(f"  {'':52} {'requests':>9} {'429':>5} {'at best':>9} {'took':>9} {'of the limit':>13}")
    slowest = 0.0
    for endpoint in sorted({endpoint for endpoint, _ in answers}):
        method, _, address = endpoint.partition(" ")
        requests = sum(number for (own, _), number in answers.items() if own == endpoint)
        best = seconds_for(requests, KLAVIYO.limit_of(Request(method, address))[1])
        slowest = max(slowest, best)
        print(
            f"  {endpoint:52} {requests:>9,} {answers[endpoint, 429]:>5,} {best:>7.1f} s {seconds:>7.1f} s "
            f"{best / seconds:>13.0%}"
        )
    refused = sum(number for (_, status), number in answers.items() if status == 429)
    print(f"  The slowest endpoint kept the account's limit busy for {slowest / seconds:.0%}; {refused:,} were a 429.")
    return refused <= sum(answers.values()) / 100


async def deliver_paced(path: Path, journal_path: Path, url: str) -> tuple[float, Counter[tuple[str, int]]]:
    config, transport, waiting = Config.load(STARTER), Counting(), Waiting()
    mappings = [_in_small_batches(mapping) for mapping in config.mappings]
    started = time.perf_counter()
    with Journal(journal_path) as journal:
        pacing = Pacing(KLAVIYO.limit_of, waiting)
        async with Engine(
            KLAVIYO, {"api_key": KEY}, transport, retries=10, pacing=pacing, waiting=waiting, url=url
        ) as engine:
            run = Run(engine, mappings, journal, waiting)
            await run.deliver(Sources([str(path)]).chunks())
    assert run.complete, run.progress.statuses
    return time.perf_counter() - started, transport.answers


def _in_small_batches(mapping: Mapping) -> Mapping:
    return replace(mapping, fields={**mapping.fields, "batch_size": SMALLEST_BATCH})


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A sandbox of its own, served; its address."""
    environment = {**os.environ, "XDG_DATA_HOME": str(folder / "data")}
    command = [sys.executable, "-c", "from studio.cli import main; main()", "sandbox", "--port", "0", "--limits"]
    with subprocess.Popen(command, env=environment, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        words = process.stderr.readline().split()
        try:
            yield next(word for word in words if word.startswith("http://"))
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())
