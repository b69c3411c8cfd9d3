"""What changed between two exchanges of the same kind: the status, and the values of the request's body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from actions.flow import Exchange
from actions.values import MISSING, Json, Missing, json_text

_CHANGES_SHOWN = 12


def last_of_kind(exchange: Exchange, earlier: list[Exchange]) -> Exchange | None:
    """The newest of the earlier exchanges with the same method and address."""
    kind = (exchange.request.method, exchange.url)
    return next((one for one in reversed(earlier) if (one.request.method, one.url) == kind), None)


def changes(before: Exchange, now: Exchange) -> list[str]:
    """What is different now, a line a change: `first_name: "Ann" → "Anna"`."""
    found: list[str] = []
    if before.response.status != now.response.status:
        found.append(f"status: {before.response.status} → {now.response.status}")
    found += _differences(before.request.json, now.request.json, "")
    if len(found) > _CHANGES_SHOWN:
        found[_CHANGES_SHOWN:] = [f"and {len(found) - _CHANGES_SHOWN} more"]
    return found


def _differences(before: Json | Missing, now: Json | Missing, path: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        old, new = cast("dict[str, Json]", before), cast("dict[str, Json]", now)
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _differences(old.get(key, MISSING), new.get(key, MISSING), f"{path}.{key}" if path else key)
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for index, (old_item, new_item) in enumerate(zip(before, now, strict=True)):
            yield from _differences(old_item, new_item, f"{path}[{index}]")
    elif before != now:
        short = path.removeprefix("data.attributes.")
        yield f"{short}: {_shown(before)} → {_shown(now)}"


def _shown(value: Json | Missing) -> str:
    return "nothing" if isinstance(value, Missing) else json_text(value)
