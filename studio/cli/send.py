"""`studio send`: send events one by one and show what went over the wire."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from studio.cli import arguments
from studio.cli.failures import EXIT_FAILED, command
from studio.cli.inputs import Events, config_of, enabled, perform, sources_of
from studio.cli.text import json_line, json_safe, printable
from studio.cli.words import say, silence, tell
from studio.target import KLAVIYO, SANDBOX

if TYPE_CHECKING:
    from actions import Config, Engine, Outcome
    from actions.delivery.sources import SourceEvent

Show: TypeAlias = "Callable[[SourceEvent, list[Outcome]], None]"

EXAMPLES = arguments.example(
    """\
  studio send                                sample events to the sandbox
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
    read = Events(sources_of(config, events))
    show = _as_json if as_json else _as_curl if curl else _in_full if full else _in_short
    return perform(_send(loaded, read, to, fresh=fresh, show=show))


async def _send(config: Config, events: Events, to: str, *, fresh: bool, show: Show) -> int:
    from studio.target import open_engine  # the engine, which `--help` does not need

    counts: Counter[str] = Counter()
    stopped = False
    async with open_engine(to, config.settings, mappings=enabled(config), fresh=fresh) as engine:
        try:
            async for item in events:
                outcomes = await _handle(engine, config, item)
                counts.update(outcome.status for outcome in outcomes)
                show(item, outcomes)
        except BrokenPipeError:
            silence(sys.stdout)
            stopped = True
            say("nobody reads the output any more; what follows was not sent.")
        finally:
            tell(_summary(counts, events.bad_lines, to))
    failed = counts.total() - counts["delivered"] - counts["unmatched"]
    return EXIT_FAILED if failed or events.bad_lines or stopped else 0


async def _handle(engine: Engine, config: Config, item: SourceEvent) -> list[Outcome]:
    try:
        return await engine.handle(config, item.event)
    except BaseException:  # Ctrl-C, above all
        say(f"{item.source}:{item.line}: this was being sent; whether it arrived is not known.")
        raise


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
        mapping = f" by {printable(outcome.mapping, one_line=True)}" if outcome.mapping else ""
        typer.echo(f"# {event_label(item.event)}: {outcome.status}{mapping}")
        if outcome.message:
            typer.echo(f"# {printable(outcome.message, one_line=True)}")
        for exchange in outcome.exchanges:
            typer.echo(json_safe(curl_command(exchange)))
        typer.echo()


def _as_json(item: SourceEvent, outcomes: list[Outcome]) -> None:
    from studio.outcome_documents import outcome_document

    for outcome in outcomes:
        typer.echo(json_line(outcome_document(outcome, item.source, item.line)))


def _summary(counts: Counter[str], bad_lines: int, to: str) -> str:
    where = {KLAVIYO: "the real Klaviyo", SANDBOX: "the sandbox"}.get(to, to)
    told = [f"{count} {status}" for status, count in counts.items()]
    told += [f"{bad_lines} unreadable"] if bad_lines else []
    return f"To {where}: {', '.join(told) or 'nothing to send'}."
