"""Outcomes and exchanges as text to show: the status first, then what went over the wire, the key blanked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content

from actions.flow import Exchange
from actions.values import Json
from studio.cli.text import json_head, printable, shortened
from studio.tui.json_colours import coloured

if TYPE_CHECKING:
    from actions.engine import Outcome

_LINES_SHOWN = 250
_CHARACTERS_SHOWN = 60_000
_LARGEST_BODY = 2_000_000
_OUTCOMES_SHOWN = 50
_NARROWEST = 20
_PATH = "/api/"
_MUTED = "$foreground-muted"
_STYLES = {"delivered": "$text-success", "retryable": "$text-warning", "unmatched": _MUTED}


class Entry(NamedTuple):
    """An exchange of the sitting. `changes` is what differs from the last of its kind, None where there was none."""

    outcome: Outcome
    exchange: Exchange
    changes: Sequence[str] | None


def answers_text(outcomes: Sequence[Outcome], entries: Sequence[Entry], width: int) -> Content:
    """What came back of one sending: in a line so wide what matters most, then every exchange."""
    summary = _summary(outcomes, [entry.exchange for entry in entries], width)
    return Content("\n").join([summary, *(exchange_text(entry, width, is_one=len(entries) == 1) for entry in entries)])


def entry_text(entry: Entry, width: int) -> Content:
    """An exchange of the history with the outcome that it belongs to."""
    return Content("\n").join(
        [_summary([entry.outcome], [entry.exchange], width), exchange_text(entry, width, is_one=True)]
    )


def _summary(outcomes: Sequence[Outcome], exchanges: Sequence[Exchange], width: int) -> Content:
    """The answers' status and time, then each outcome; of many that are alike, one with their number."""
    statuses = Content(", ").join([status_text(exchange) for exchange in exchanges[:4]])
    if len(exchanges) > 4:
        statuses += Content(f", {len(exchanges) - 4:,} more")
    time = sum(exchange.elapsed for exchange in exchanges) * 1000
    alike = Counter(
        (outcome.status, outcome.mapping, outcome.message or "", tuple(outcome.warnings)) for outcome in outcomes
    )
    first = Content.assemble(statuses, (f"  {time:.0f} ms", _MUTED), "  ") if exchanges else Content("")
    lines: list[Content] = []
    for (status, mapping, message, warnings), count in list(alike.items())[:_OUTCOMES_SHOWN]:
        style = _STYLES.get(status, "$text-error")
        times = f" ×{count:,}" if count > 1 else ""
        name = printable(mapping, one_line=True)
        line = Content.assemble(first, (f"{status}{times}", f"bold {style}"), (f"  {name}", _MUTED))
        lines.append(line.truncate(max(_NARROWEST, width), ellipsis=True))
        first = Content("")
        if message:
            lines.append(Content.styled(printable(message), style))
        lines += [Content.styled(f"! {printable(warning)}", "$text-warning") for warning in warnings]
    if len(alike) > _OUTCOMES_SHOWN:
        lines.append(Content.styled(f"and {len(alike) - _OUTCOMES_SHOWN:,} more", _MUTED))
    return first + Content("\n").join(lines)


def exchange_text(entry: Entry, width: int, *, is_one: bool) -> Content:
    """One exchange: the request's line, what changed, the answer's headers and body, then what was sent.

    The status stands behind the request, unless it `is_one`, whose status stands above it.
    """
    exchange = entry.exchange
    request, response = exchange.request, exchange.response
    line, answered = request_line(exchange, width), _answered(exchange)
    fits = "\n" not in line.plain and line.cell_length + answered.cell_length + 2 <= width
    parts = [line if is_one else Content("  " if fits else "\n").join([line, answered])]
    if entry.changes is not None:
        parts.append(_changes_text(entry.changes))
    parts += _headers("<", response.headers)
    if response.content:
        value = response.json
        parts.append(Content(printable(response.text[:4000])) if value is None else _body(response.content, value))
    parts += [Content.styled("What was sent:", _MUTED), *_headers(">", exchange.request_headers)]
    if request.content is not None:
        parts.append(_body(request.content, request.json))
    return Content("\n").join(parts) + Content("\n")


def _changes_text(changes: Sequence[str]) -> Content:
    if not changes:
        return Content.styled("Nothing changed since the last one.", _MUTED)
    lines = "".join(f"\n  {shortened(line, 160)}" for line in changes)
    return Content.assemble(("Changed since the last one:", _MUTED), (lines, "$text-warning"))


def requests_text(exchanges: Sequence[Exchange], width: int) -> Content:
    """Requests that would be sent, in order, on lines so wide."""
    parts: list[Content] = []
    for exchange in exchanges:
        parts.append(request_line(exchange, width))
        if exchange.request.content is not None:
            parts.append(_body(exchange.request.content, exchange.request.json))
        parts.append(Content(""))
    return Content("\n").join(parts)


def request_line(exchange: Exchange, width: int) -> Content:
    """The method and the address, which goes on below its server where it takes more than a line."""
    method, address = f"{exchange.request.method} ", printable(exchange.url, one_line=True)
    server, path, rest = address.partition(_PATH)
    if len(method) + len(address) > width and path:
        address = f"{server}\n{' ' * len(method)}{path}{rest}"
    return Content.assemble((method, "bold $text-accent"), (address, "bold"))


def status_text(exchange: Exchange) -> Content:
    """The status with its name; why there is none where there is none."""
    response = exchange.response
    if not response.status:
        return Content.styled("no answer", "bold $text-error")
    from http import HTTPStatus  # dozens of statuses, which the first picture has none of

    try:
        phrase = f" {HTTPStatus(response.status).phrase}"
    except ValueError:
        phrase = ""
    return Content.styled(f"{response.status}{phrase}", f"bold {'$text-success' if response.ok else '$text-error'}")


def history_text(entry: Entry, width: int) -> Content:
    """One line for an exchange, and one for what changed since the last of its kind."""
    exchange = entry.exchange
    moment = datetime.fromtimestamp(exchange.started).strftime("%H:%M:%S")
    path = exchange.url.partition("/api/")[2] or exchange.url
    line = Content.assemble(
        (f"{moment}  ", _MUTED),
        f"{exchange.request.method:6} ",
        _answered(exchange),
        f"  {shortened(path, 50)}  ",
        (shortened(entry.outcome.mapping, 30), _MUTED),
    )
    told = ""
    if entry.changes is not None:
        told = f"\n  changed: {shortened(', '.join(entry.changes) or 'nothing', max(20, width - 12))}"
    return line.truncate(max(20, width), ellipsis=True) + Content.styled(told, "$text-warning")


def json_content(value: Json, *, wrapped: bool = True) -> Content:
    """A JSON value, coloured, cut to some lines; without `wrapped`, an object's members without its braces."""
    text, is_cut = json_head(value, _LINES_SHOWN, _CHARACTERS_SHOWN)
    if not wrapped:
        lines = text.split("\n")[1:]
        text = "\n".join(line.removeprefix("  ") for line in (lines if is_cut else lines[:-1]))
    content = coloured(text)
    if is_cut:
        content += Content.styled("\n… cut here: it goes on", _MUTED)
    return content


def _answered(exchange: Exchange) -> Content:
    return Content.assemble(status_text(exchange), (f"  {exchange.elapsed * 1000:.0f} ms", _MUTED))


def _headers(mark: str, headers: Mapping[str, str]) -> Iterable[Content]:
    for name, value in headers.items():
        text = f"{mark} {printable(name, one_line=True)}: {printable(value, one_line=True)}"
        yield Content.styled(text, _MUTED)


def _body(content: bytes, value: Json) -> Content:
    return Content.styled(f"{len(content):,} bytes", _MUTED) if len(content) > _LARGEST_BODY else json_content(value)
