"""Outcomes and exchanges as plain JSON, for `--json` and for whoever reads it."""

from __future__ import annotations

from actions import Outcome
from actions.flow import Exchange
from actions.values import Json


def exchange_document(exchange: Exchange) -> dict[str, Json]:
    """An exchange: times in seconds (`elapsed`) and since the epoch (`started`), bodies as JSON where they are."""
    request, response = exchange.request, exchange.response
    return {
        "method": request.method,
        "url": exchange.url,
        "request_headers": dict(exchange.request_headers),
        "request_body": request.json,
        "status": response.status,
        "response_headers": dict(response.headers),
        "response_body": response.text if response.json is None else response.json,
        "failure": response.failure,
        "started": exchange.started,
        "elapsed": round(exchange.elapsed, 6),
    }


def outcome_document(outcome: Outcome, source: str, line: int) -> dict[str, Json]:
    """An outcome with the place of its event."""
    return {
        "source": source,
        "line": line,
        "mapping": outcome.mapping or None,
        "status": outcome.status,
        "message": outcome.message,
        "warnings": outcome.warnings,
        "payload": outcome.payload,
        "exchanges": [exchange_document(exchange) for exchange in outcome.exchanges],
    }
