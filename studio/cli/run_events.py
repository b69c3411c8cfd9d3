"""`studio run`: headless delivery with a report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from studio.cli import arguments
from studio.cli.failures import EXIT_FAILED, command
from studio.cli.inputs import config_of, items_of, perform, sources_of
from studio.cli.text import json_line, printable
from studio.target import SANDBOX

if TYPE_CHECKING:
    from actions import Config
    from actions.delivery.report import Report
    from actions.delivery.sources import BadLine, SourceEvent

_RETRIES = 5

EXAMPLES = arguments.example(
    """\
  studio run                                     the starter preset with its samples
  studio run shop.toml events.ndjson.gz          a file of any size to the sandbox
  zcat *.gz | studio run shop.toml - --to klaviyo --json > report.json"""
)


@command
def run_events(
    config: arguments.Config = None,
    events: arguments.Events = None,
    to: arguments.To = SANDBOX,
    fresh: arguments.Fresh = False,
    as_json: arguments.AsJson = False,
) -> int:
    """Deliver events headless, in batches as the mappings say, and report what became of each."""
    from actions.delivery.report import Report  # the engine, which `--help` does not need

    report = Report()
    loaded = config_of(config)
    sources = sources_of(config, events)
    try:
        perform(_run(loaded, sources, to, fresh, report))
    finally:
        _print_json(report) if as_json else _print(report)
    return EXIT_FAILED if report.failed else 0


async def _run(config: Config, sources: list[str], to: str, fresh: bool, report: Report) -> None:
    from actions.delivery.run import run
    from studio.target import open_engine

    async with open_engine(to, config.settings, fresh=fresh, retries=_RETRIES) as engine:
        await run(engine, config, _naming_bad_lines(items_of(sources)), report)


def _naming_bad_lines(items: Iterator[SourceEvent | BadLine]) -> Iterator[SourceEvent | BadLine]:
    from actions.delivery.sources import BadLine

    for item in items:
        if isinstance(item, BadLine):
            typer.echo(f"studio: {printable(str(item))}", err=True)
        yield item


def _print_json(report: Report) -> None:
    typer.echo(json_line(report.document()))


def _print(report: Report) -> None:
    typer.echo(f"{report.events:,} events, {report.unmatched:,} unmatched, {report.bad_line_count:,} bad lines")
    for (mapping, status), count in sorted(report.outcomes.items()):
        typer.echo(f"  {count:>10,}  {status:10}  {printable(mapping, one_line=True)}")
    for (mapping, status, message), count in report.reasons.most_common():
        places = ", ".join(report.examples[mapping, status, message])
        typer.echo(
            f"\n{count:,} {status} by {printable(mapping, one_line=True)}, e.g. {printable(places, one_line=True)}"
        )
        typer.echo(f"  {printable(message)}")
    for (mapping, warning), count in report.warnings.most_common():
        typer.echo(f"\n{count:,} warned by {printable(mapping, one_line=True)}\n  {printable(warning)}")
