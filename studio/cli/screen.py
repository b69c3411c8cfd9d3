"""What people read on the terminal: events, outcomes and exchanges, coloured where the terminal has colours."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from http import HTTPStatus

from rich.console import Console
from rich.highlighter import JSONHighlighter
from rich.text import Text

from actions import Outcome
from actions.flow import Exchange
from actions.values import Json
from studio.cli.text import json_block, printable, shortened

_LABEL_WIDTH = 60
_LINES_SHOWN = 120
_WIDTH_SHOWN = 2000
_STYLES = {"delivered": "green", "invalid": "red", "rejected": "red", "retryable": "yellow", "unmatched": "dim"}
_MARKS = {"delivered": "✓", "invalid": "✗", "rejected": "✗", "retryable": "↻", "unmatched": "·"}


class _Output(Console):
    """A console that tells when nobody reads any more, instead of ending the program."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console() -> Console:
    """Standard output. Nothing printed is read as markup; NO_COLOR and pipes are obeyed."""
    colours = None if os.environ.get("NO_COLOR") else "auto"
    return _Output(file=sys.stdout, color_system=colours, markup=False, highlight=False, emoji=False, soft_wrap=True)


def event_label(event: Mapping[str, Json]) -> str:
    """What an event is, in a few words: its type, and its name where it has one."""
    name = event.get("event") or event.get("name")
    kind = event.get("type")
    parts = [kind if isinstance(kind, str) else "event without a type", name if isinstance(name, str) else ""]
    return shortened(" · ".join(part for part in parts if part), _LABEL_WIDTH)


def event_heading(event: Mapping[str, Json], source: str, line: int) -> Text:
    """The line that begins what is said about an event."""
    place = source.rsplit("/", 1)[-1]
    return Text.assemble((event_label(event), "bold"), (f"  {printable(place, one_line=True)}:{line}", "dim"))


def outcome_line(outcome: Outcome) -> Text:
    """What became of an event by one mapping, with message and warnings."""
    style = _STYLES[outcome.status]
    text = Text.assemble(
        "  ", (f"{_MARKS[outcome.status]} {outcome.status}", style), "  ", printable(outcome.mapping, one_line=True)
    )
    if outcome.message:
        text.append(f"\n    {printable(outcome.message)}", style)
    for warning in outcome.warnings:
        text.append(f"\n    ! {printable(warning)}", "yellow")
    return text


def preview_line(name: str, action: str, outcome: Outcome) -> Text:
    """What a mapping would do with an event: deliver it or why not, with warnings."""
    mark = "✓ fires" if outcome.status == "delivered" else f"✗ {outcome.status}"
    style = _STYLES[outcome.status]
    text = Text.assemble("  ", (mark, style), f"  {printable(name, one_line=True)}", (f"  {action}", "dim"))
    if outcome.message:
        text.append(f"\n    {printable(outcome.message)}", style)
    for warning in outcome.warnings:
        text.append(f"\n    ! {printable(warning)}", "yellow")
    return text


def exchange_text(exchange: Exchange, *, whole: bool) -> Text:
    """An exchange: request and response with headers and bodies."""
    response = exchange.response
    text = Text.assemble(
        ("\n    → ", "cyan"), (f"{exchange.request.method} ", "bold"), printable(exchange.url, one_line=True)
    )
    text.append_text(_headers(exchange.request_headers))
    if exchange.request.content is not None:
        text.append_text(_body(exchange.request.json, exchange.request.content.decode(errors="replace"), whole=whole))
    style = "green" if response.ok else "red"
    text.append("\n    ← ", "cyan")
    text.append(_status(response.status) if response.status else printable(response.failure or ""), style)
    text.append(f"  {exchange.elapsed * 1000:.0f} ms", "dim")
    text.append_text(_headers(response.headers))
    if response.content:
        text.append_text(_body(response.json, response.text, whole=whole))
    return text


def request_text(exchange: Exchange, *, whole: bool) -> Text:
    """A request as a preview shows it: method, URL, body, and what the sandbox would answer."""
    text = Text.assemble(
        ("    → ", "cyan"), (f"{exchange.request.method} ", "bold"), printable(exchange.url, one_line=True)
    )
    text.append(f"  (sandbox: {_status(exchange.response.status)})", "dim")
    if exchange.request.content is not None:
        text.append_text(_body(exchange.request.json, "", whole=whole))
    return text


def json_text(value: Json, indent: str, *, whole: bool) -> Text:
    """A JSON value, coloured, indented, cut to some lines unless `whole`."""
    lines = json_block(value).split("\n")
    shown = lines if whole else [_cut(line) for line in lines[:_LINES_SHOWN]]
    text = JSONHighlighter()(Text("\n".join(f"{indent}{line}" for line in shown)))
    if len(shown) < len(lines):
        text.append(f"\n{indent}… {len(lines) - len(shown):,} more lines; --full shows them", "dim")
    return text


def _cut(line: str) -> str:
    hidden = len(line) - _WIDTH_SHOWN
    return f"{line[:_WIDTH_SHOWN]}… {hidden:,} more characters; --full shows them" if hidden > 0 else line


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _headers(headers: Mapping[str, str]) -> Text:
    text = Text(style="dim")
    for name, value in headers.items():
        text.append(f"\n      {printable(name, one_line=True)}: {printable(value, one_line=True)}")
    return text


def _body(value: Json, raw: str, *, whole: bool) -> Text:
    if value is None and raw:
        shown = raw if whole else raw[:_WIDTH_SHOWN]
        return Text(f"\n      {printable(shown)}{'' if shown == raw else ' …'}")
    return Text("\n").append_text(json_text(value, "      ", whole=whole))


def plain_json(value: Json) -> str:
    """A JSON value on one line, for tables; cut where it is long."""
    return shortened(json.dumps(value, ensure_ascii=False), 100)
