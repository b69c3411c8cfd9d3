"""`studio send`: send events one by one and show what went over the wire."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from studio.cli import arguments
from studio.cli.failures import EXIT_FAILED, command
from studio.cli.inputs import config_of, items_of, perform, sources_of
from studio.cli.text import json_line, printable
from studio.target import KLAVIYO, SANDBOX

if TYPE_CHECKING:
    from actions import Config, Outcome
    from actions.delivery.sources import SourceEvent

Show: TypeAlias = "Callable[[SourceEvent, list[Outcome]], None]"

EXAMPLES = arguments.example(
    """\
  studio send                                a sample event to the sandbox
  studio send shop.toml order.json           your event through your mappings
  studio send shop.toml order.json --curl    the same as cURL commands
  studio send shop.toml order.json --to klaviyo"""
)


@command
def send(
    config: arguments.Config = None,
    events: arguments.Events = None,
    to: arguments.To = SANDBOX,
    fresh: arguments.Fresh = False,
    curl: Annotated[bool, typer.Option("--curl", help="Show each request as a cURL command instead.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Show long bodies whole.")] = False,
    as_json: arguments.AsJson = False,
) -> int:
    """Send events one by one, by every mapping that fires, and show the exchanges."""
    loaded = config_of(config)
    sources = sources_of(config, events)
    show = _as_json if as_json else _as_curl if curl else _in_full if full else _in_short
    return perform(_send(loaded, sources, to, fresh=fresh, show=show))


async def _send(config: Config, sources: list[str], to: str, *, fresh: bool, show: Show) -> int:
    from actions.delivery.sources import BadLine  # the engine, which `--help` does not need
    from studio.target import open_engine

    counts: Counter[str] = Counter()
    async with open_engine(to, config.settings, fresh=fresh) as engine:
        for item in items_of(sources):
            if isinstance(item, BadLine):
                typer.echo(f"studio: {printable(str(item))}", err=True)
                counts["unreadable"] += 1
                continue
            outcomes = await engine.handle(config, item.event)
            counts.update(outcome.status for outcome in outcomes)
            show(item, outcomes)
    typer.echo(_summary(counts, to), err=True)
    failed = counts.total() - counts["delivered"] - counts["unmatched"]
    return EXIT_FAILED if failed else 0


def _in_short(item: SourceEvent, outcomes: list[Outcome]) -> None:
    _on_screen(item, outcomes, whole=False)


def _in_full(item: SourceEvent, outcomes: list[Outcome]) -> None:
    _on_screen(item, outcomes, whole=True)


def _on_screen(item: SourceEvent, outcomes: list[Outcome], *, whole: bool) -> None:
    from studio.cli import screen

    console = screen.console()
    console.print(screen.event_heading(item.event, item.source, item.line))
    for outcome in outcomes:
        console.print(screen.outcome_line(outcome))
        for exchange in outcome.exchanges:
            console.print(screen.exchange_text(exchange, whole=whole))
    console.print()


def _as_curl(item: SourceEvent, outcomes: list[Outcome]) -> None:
    from studio.cli.screen import event_label
    from studio.curl import curl_command

    for outcome in outcomes:
        name = printable(outcome.mapping, one_line=True)
        typer.echo(f"# {event_label(item.event)}, {name}: {outcome.status}" if name else f"# {event_label(item.event)}")
        if outcome.message:
            typer.echo(f"# {printable(outcome.message, one_line=True)}")
        for exchange in outcome.exchanges:
            typer.echo(f"{printable(curl_command(exchange))}\n")


def _as_json(item: SourceEvent, outcomes: list[Outcome]) -> None:
    from studio.outcome_documents import outcome_document

    for outcome in outcomes:
        typer.echo(json_line(outcome_document(outcome, item.source, item.line)))


def _summary(counts: Counter[str], to: str) -> str:
    where = "the real Klaviyo" if to == KLAVIYO else "the sandbox"
    told = ", ".join(f"{count} {status}" for status, count in counts.items()) or "nothing to send"
    return f"To {where}: {told}."
