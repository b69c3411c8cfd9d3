"""An exchange as a cURL command that people can run again; the key stays a variable of the shell."""

from __future__ import annotations

import shlex

from actions.flow import REDACTED, Exchange
from studio.credentials import KEY_VARIABLE

_IMPLIED = {"host", "connection", "content-length", "accept-encoding", "user-agent"}


def curl_command(exchange: Exchange) -> str:
    """The command, over several lines. `$KLAVIYO_API_KEY` stands where the key was."""
    parts = [f"curl --request {exchange.request.method} {shlex.quote(exchange.url)}"]
    for name, value in exchange.request_headers.items():
        if name.lower() in _IMPLIED:
            continue
        if value == REDACTED:
            parts.append(f'--header "{name}: Klaviyo-API-Key ${KEY_VARIABLE}"')
        else:
            parts.append(f"--header {shlex.quote(f'{name}: {value}')}")
    if exchange.request.content is not None:
        parts.append(f"--data-raw {shlex.quote(exchange.request.content.decode())}")
    return " \\\n  ".join(parts)
