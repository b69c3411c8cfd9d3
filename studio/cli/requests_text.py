"""The requests of a command that is not about events, each on a line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from studio.cli.text import printable

if TYPE_CHECKING:
    from actions.flow import Exchange


def request_lines(exchanges: Iterable[Exchange]) -> list[str]:
    """What was sent, bodies included, and the status of each answer."""
    return [_line(exchange) for exchange in exchanges]


def _line(exchange: Exchange) -> str:
    request, response = exchange.request, exchange.response
    body = "" if request.content is None else f"  {request.content.decode(errors='replace')}"
    answer = str(response.status or response.failure)
    return printable(f"  → {request.method} {exchange.url}{body}  ← {answer}", one_line=True)
