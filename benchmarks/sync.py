"""What a sync costs: a first one, and one with 1 % changed rows, of a table in a DuckDB file.

    python benchmarks/sync.py [--rows N] [--workers N]

Prints, for a tenth of the rows and for all of them, rows of the table per second, the share of the time that the
comparison takes with all that it keeps, and the peak memory of the process. Every request is answered at once.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from actions import Config, Engine
from actions.delivery.journal import Journal
from actions.delivery.rehearsal import Rehearsal
from actions.delivery.report import Report
from actions.delivery.run import Options, Run
from actions.klaviyo import KLAVIYO
from actions.warehouse.opening import open_warehouse
from actions.warehouse.sync import Sync

CONFIG = """
[source]
database = "shop.duckdb"
model = "select * from people"
id = "id"

[[mapping]]
name = "People"
action = "upsertProfile"
on = ["added", "updated", "deleted"]

[mapping.fields]
email = { "@path" = "$.properties.email" }
external_id = { "@path" = "$.__segment_id" }
first_name = { "@path" = "$.properties.first_name" }
last_name = { "@path" = "$.properties.last_name" }
location = { city = { "@path" = "$.properties.city" }, zip = { "@path" = "$.properties.zip" } }
properties = { "@excludeWhenNull" = { lifetime_value = { "@path" = "$.properties.lifetime_value" }, vip = { "@path" = "$.properties.vip" }, last_order_at = { "@path" = "$.properties.last_order_at" } } }
batch_size = 10000
"""  # noqa: E501
TABLE = """
create table people as
select i as id, 'user' || i || '@example.com' as email, 'First' || (i * 7919 % 5003) as first_name,
    'Last' || (i * 104729 % 20011) as last_name, 'City ' || (i % 997) as city, (10000 + i % 89999)::text as zip,
    (i * 31 % 100000 / 100)::decimal(10, 2) as lifetime_value, i % 17 = 0 as vip,
    timestamp '2024-01-01' + interval 1 minute * (i % 1000000) as last_order_at,
    date '1950-01-01' + (i % 20000)::integer as born, 'note about the customer ' || i as notes
from range($1) rows(i)
"""
CHANGE = (  # a hundredth: updated 0.9 %, deleted 0.05 %, added 0.05 %
    "update people set first_name = first_name || '!' where id % 1000 < 9",
    "delete from people where id % 2000 = 999",
)
ADD = (
    "insert into people select * replace (-id as id, 'new' || id || '@example.com' as email) from people "
    "where id % 2000 = 1500"
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    print(f"  {'':30} {'sent':>9} {'rows/s':>9} {'seconds':>8} {'comparison':>10} {'memory':>9}")
    context = multiprocessing.get_context("spawn")
    for rows in (options.rows // 10, options.rows):
        process = context.Process(target=measure, args=(rows, options.workers))  # with a peak of memory of its own
        process.start()
        process.join()
        if process.exitcode:
            return 1
    return 0


def measure(rows: int, workers: int) -> None:
    """Print the figures of a table of so many rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with closing(duckdb.connect(folder / "shop.duckdb", config={"memory_limit": "500MB"})) as db:
            db.execute("set enable_progress_bar = false")
            db.execute(TABLE, [rows])
        for what, statements in (("first sync", ()), ("1 % changed", (*CHANGE, ADD)), ("nothing changed", ())):
            with closing(duckdb.connect(folder / "shop.duckdb", config={"memory_limit": "500MB"})) as db:
                db.execute("set enable_progress_bar = false")
                for statement in statements:
                    db.execute(statement)
            sync(folder, f"{rows:,} rows, {what}", rows, workers)


def sync(folder: Path, what: str, rows: int, workers: int) -> None:
    """A sync as `studio sync` does it, and its figures."""
    clocks: dict[str, float] = {}

    @contextmanager
    def clock(part: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        clocks[part] = time.perf_counter() - began

    config = Config.loads(CONFIG)
    assert config.source is not None
    began = time.perf_counter()
    with closing(open_warehouse(config.source, folder, folder / "state.duckdb")) as warehouse:
        syncs = Sync(warehouse, config.source.id, config.mappings, "benchmark", "nowhere")
        with clock("compare"), syncs.compared() as comparison:
            [part] = comparison.keep({"People": folder / f"{what}.db"})
        with Journal(part.journal) as journal:
            with clock("deliver"):
                sent = asyncio.run(deliver(syncs, part.mapping, journal, config, workers)) if part.count else 0
            with clock("settle"):
                syncs.settle(part, journal if part.count else None)
    assert sent == part.count, (sent, part.count)
    seconds = time.perf_counter() - began
    share = (clocks["compare"] + clocks["settle"]) / seconds
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"  {what:30} {part.count:>9,} {rows / seconds:>9,.0f} {seconds:>8.1f} {share:>10.0%} {memory:>6,.0f} MB",
        flush=True,
    )


async def deliver(syncs: Sync, mapping: str, journal: Journal, config: Config, workers: int) -> int:
    """Send what has changed to nowhere; how many rows were delivered."""
    [part] = syncs.under_way()
    async with Engine(KLAVIYO, {"api_key": "pk_benchmark"}, Rehearsal(KLAVIYO)) as engine:
        await Run(engine, config.mappings, journal, options=Options(workers=workers)).deliver(syncs.chunks(part))
    return Report.of(journal).outcomes[mapping, "delivered"]


if __name__ == "__main__":
    sys.exit(main())
