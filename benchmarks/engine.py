"""How much the engine costs beyond reading and writing JSON.

    python benchmarks/engine.py [--identify FILE] [--track FILE] [--rounds N]

Prints events per second of each step, and of the whole bulk path, as a ratio to the floor: parsing an event and
writing it out again, the least that any delivery does. FILEs are NDJSON; left out, events are generated.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import events as generated
from pydantic_core import from_json, to_json

from actions import Mapping
from actions.binding import BoundMapping, bind
from actions.coercion import Findings
from actions.klaviyo import KLAVIYO

COUNT = 10_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--identify", type=Path)
    parser.add_argument("--track", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    whole = [
        measure("upsertProfile", "identify", options.identify, options.rounds),
        measure("trackEvent", "track", options.track, options.rounds),
    ]
    print(f"\nThe whole path costs {whole[0]:.2f} and {whole[1]:.2f} times the floor; the bound is 3.")
    return 0 if max(whole) <= 3 else 1


def measure(slug: str, kind: str, file: Path | None, rounds: int) -> float:
    """Print the figures of one action; the cost of its whole path as a ratio to the floor."""
    lines = file.read_bytes().splitlines()[:COUNT] if file else generated.lines(kind, COUNT)
    action = KLAVIYO.actions[slug]
    bound = bind(KLAVIYO, Mapping(name=slug, action=slug, trigger=action.trigger, fields=action.default_fields()))
    events = [from_json(line) for line in lines]
    payloads = [bound.fields.resolve(event) for event in events]
    steps: dict[str, Callable[[], object]] = {
        "parse": lambda: [from_json(line) for line in lines],
        "parse and serialize (floor)": lambda: [to_json(from_json(line)) for line in lines],
        "trigger": lambda: [bound.trigger.matches(event) for event in events],
        "mapping": lambda: [bound.fields.resolve(event) for event in events],
        "validation": lambda: [validate(bound, payload) for payload in payloads],
        "whole bulk path": lambda: bulk_path(bound, lines),
    }
    gc.collect()
    gc.freeze()  # the collector need not walk what only this benchmark keeps
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            started = time.perf_counter()
            step()
            seconds[name].append(time.perf_counter() - started)
    size = sum(map(len, lines)) / len(lines)
    print(f"\n{action.title}, {len(lines):,} {kind} events of {size:,.0f} bytes, median of {rounds} rounds")
    print(f"  {'':28} {'events/s':>12} {'µs/event':>10} {'of the floor':>13}")
    ratios: dict[str, float] = {}
    for name, taken in seconds.items():
        floors = seconds["parse and serialize (floor)"]
        ratios[name] = statistics.median(own / floor for own, floor in zip(taken, floors, strict=True))
        median = statistics.median(taken)
        print(f"  {name:28} {len(lines) / median:>12,.0f} {median / len(lines) * 1e6:>10.2f} {ratios[name]:>13.2f}")
    return ratios["whole bulk path"]


def validate(bound: BoundMapping, payload: dict[str, Any]) -> None:
    """Coercion and checks, as a delivery does them."""
    findings = Findings([], [])
    bound.action.prepare(bound.coerce(payload, findings), bound.preparation)
    assert not findings.problems, findings.problems


def bulk_path(bound: BoundMapping, lines: list[bytes]) -> int:
    """From lines to the bodies of bulk requests, in batches as large as the action takes; the bytes written."""
    size = bound.action.batch_maximum
    written = 0
    for start in range(0, len(lines), size):
        payloads: list[dict[str, Any]] = []
        for line in lines[start : start + size]:
            event = from_json(line)
            if bound.trigger.matches(event):
                payloads.append(bound.prepare(event).payload)
        flow = bound.action.perform_batch(payloads)
        written += len(next(flow).content or b"")
    return written


if __name__ == "__main__":
    sys.exit(main())
