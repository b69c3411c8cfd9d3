"""`studio run`: headless delivery with a report."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from studio.cli import arguments
from studio.cli.failures import EXIT_FAILED, command
from studio.cli.inputs import config_of, items_of, perform, sources_of
from studio.cli.text import json_line, printable
from studio.cli.words import silence
from studio.target import SANDBOX

if TYPE_CHECKING:
    from actions import Config
    from actions.delivery.report import Report

_RETRIES = 5
_REASONS_SHOWN = 20

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
        if report.complete or report.reached:
            _print(report, as_json=as_json)
    return EXIT_FAILED if report.failed else 0


async def _run(config: Config, sources: list[str], to: str, fresh: bool, report: Report) -> None:
    from actions.delivery.run import run
    from studio.target import open_engine

    async with open_engine(to, config.settings, fresh=fresh, retries=_RETRIES) as engine:
        await run(engine, config, items_of(sources), report)


def _print(report: Report, *, as_json: bool) -> None:
    try:
        typer.echo(json_line(report.document()) if as_json else "\n".join(_lines(report)))
    except BrokenPipeError:  # the delivery is done, and its exit code says how
        silence(sys.stdout)


def _lines(report: Report) -> list[str]:
    lines = [f"{report.events:,} events, {report.unmatched:,} unmatched, {report.bad_lines:,} bad lines"]
    if not report.complete:
        lines.append(f"Not complete: it ended at {_line(report.reached)}; what follows was not read.")
    for (mapping, status), count in sorted(report.outcomes.items()):
        lines.append(f"  {count:>10,}  {status:10}  {_line(mapping)}")
    for (mapping, status, message), count in report.reasons.most_common(_REASONS_SHOWN):
        places = ", ".join(report.examples[mapping, status, message])
        lines += ["", f"{count:,} {status} by {_line(mapping)}, e.g. {_line(places)}", f"  {printable(message)}"]
    for (mapping, warning), count in report.warnings.most_common(_REASONS_SHOWN):
        lines += ["", f"{count:,} warned by {_line(mapping)}", f"  {printable(warning)}"]
    hidden = max(0, len(report.reasons) - _REASONS_SHOWN) + max(0, len(report.warnings) - _REASONS_SHOWN)
    if hidden:
        lines += ["", f"… {hidden:,} more reasons and warnings; --json has them all."]
    return lines


def _line(text: str) -> str:
    return printable(text, one_line=True)
