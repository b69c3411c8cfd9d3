"""`studio preview`: what each event would give, without touching anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from studio.cli import arguments
from studio.cli.failures import EXIT_FAILED, command
from studio.cli.inputs import Events, Rows, config_of, perform, rows_of, sources_of
from studio.cli.text import json_line

if TYPE_CHECKING:
    from actions import Config, Engine, Mapping, Outcome
    from actions.delivery.sources import SourceEvent

EXAMPLES = arguments.example(
    """\
  studio preview                       the starter preset with its samples
  studio preview shop.toml order.json  your mappings on your event
  studio preview shop.toml             on its samples; with a [source], on the first rows of its model
  studio preview shop.toml --json | jq .payload"""
)


@command
def preview(
    config: arguments.Config = None,
    events: arguments.Events = None,
    full: Annotated[bool, typer.Option("--full", help="Show long payloads whole.")] = False,
    as_json: arguments.AsJson = False,
) -> int:
    """Show which mappings fire on each event, the payloads, and the requests with their follow-ups.

    Nothing is sent. The requests are those that the sandbox, as it is now, would be sent; lists that it does not
    know are taken as there.
    """
    loaded = config_of(config)
    if loaded.source is not None and config is not None and not events:
        from actions.config.row_changes import with_changes

        rows = rows_of(loaded.source, config)
        return perform(_preview(with_changes(loaded), rows, whole=full, as_json=as_json))
    return perform(_preview(loaded, Events(sources_of(config, events)), whole=full, as_json=as_json))


async def _preview(config: Config, events: Events | Rows, *, whole: bool, as_json: bool) -> int:
    from studio.preview import preview_engine  # the engine, which `--help` does not need

    failed = False
    async with preview_engine(config.settings) as engine:
        async for item in events:
            results = [(mapping, await _outcome(engine, mapping, item)) for mapping in config.mappings]
            failed = failed or any(outcome and outcome.status != "delivered" for _, outcome in results)
            if as_json:
                _print_json(item, results)
            else:
                _print(item, results, whole=whole)
    return EXIT_FAILED if failed or events.bad_lines else 0


async def _outcome(engine: Engine, mapping: Mapping, item: SourceEvent) -> Outcome | None:
    """What the mapping would do; None where it does not fire."""
    if not mapping.enabled or not engine.bind(mapping).fires(item.event):
        return None
    return await engine.deliver(mapping, item.event)


def _print(item: SourceEvent, results: list[tuple[Mapping, Outcome | None]], *, whole: bool) -> None:
    from studio.cli import screen

    console = screen.console()
    console.print(screen.event_heading(item.event, item.source, item.line))
    if not any(outcome for _, outcome in results):
        console.print("  no enabled mapping fires", style="dim")
    for mapping, outcome in results:
        if outcome is None:
            continue
        console.print(screen.preview_line(mapping.name, mapping.action, outcome))
        if outcome.payload is not None:
            console.print(screen.json_text(outcome.payload, "    ", whole=whole))
        for exchange in outcome.exchanges:
            console.print(screen.request_text(exchange, whole=whole))
    console.print()


def _print_json(item: SourceEvent, results: list[tuple[Mapping, Outcome | None]]) -> None:
    for mapping, outcome in results:
        document = {
            "source": item.source,
            "line": item.line,
            "mapping": mapping.name,
            "action": mapping.action,
            "enabled": mapping.enabled,
            "fires": outcome is not None,
        }
        if outcome is not None:
            document |= {
                "valid": outcome.status != "invalid",
                "message": outcome.message,
                "warnings": outcome.warnings,
                "payload": outcome.payload,
                "requests": [
                    {
                        "method": exchange.request.method,
                        "url": exchange.url,
                        "body": exchange.request.json,
                        "sandbox_status": exchange.response.status,
                    }
                    for exchange in outcome.exchanges
                ],
            }
        typer.echo(json_line(document))
