"""Sample events: kept beside the configuration as `NAME.samples.ndjson`, so that a team shares them."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pydantic_core import to_json

from actions.delivery.sources import BadLine, SourceError, check_sources, read_events
from actions.values import Json


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Sample:
    """One sample event. Two samples are the same only if they are one object, so that results can be kept for it."""

    event: dict[str, Json]

    @property
    def label(self) -> str:
        """What it is in a few words: the event's name, else its type. Text from the event, not yet safe to show."""
        for key in ("event", "name"):
            value = self.event.get(key)
            if isinstance(value, str) and value:
                return value
        return self.kind

    @property
    def title(self) -> str:
        """What tells it from others of its kind: the event's name, else whose it is. Not yet safe to show."""
        label = self.label
        if label != self.kind:
            return label
        ids = (self.event.get(key) for key in ("userId", "anonymousId", "messageId"))
        return next((found for found in ids if isinstance(found, str) and found), "")

    @property
    def kind(self) -> str:
        """The type of call: `track`, `identify` …"""
        kind = self.event.get("type")
        return kind if isinstance(kind, str) else "no type"


@dataclass(frozen=True, slots=True, eq=False)
class RowSample(Sample):
    """A row of the model of the configuration's source. It is read anew each time, and never written."""

    @property
    def label(self) -> str:
        """Its change and its id."""
        return f"{self.event.get('event')} row {self.event.get('__segment_id')}"


def own_samples(samples: Sequence[Sample]) -> tuple[Sample, ...]:
    """Those that belong to the document, and to its file."""
    return tuple(sample for sample in samples if not isinstance(sample, RowSample))


class ReadSamples(NamedTuple):
    """What a file held: the events, and what was no event, in words and as it stood there.

    `rest` is None where there is something that could not be read line by line, so that the file must stay as it is.
    """

    samples: tuple[Sample, ...] = ()
    problems: tuple[str, ...] = ()
    rest: tuple[bytes, ...] | None = ()


def read_samples(path: Path) -> ReadSamples:
    """The events of a file (NDJSON, JSON, gzip). A file that cannot be read is a problem, not an error."""
    try:
        check_sources([str(path)])
        items = list(read_events([str(path)]))
    except SourceError as error:
        return ReadSamples(problems=(str(error),), rest=None)
    bad = [item for item in items if isinstance(item, BadLine)]
    return ReadSamples(
        tuple(Sample(item.event) for item in items if not isinstance(item, BadLine)),
        tuple(map(str, bad)),
        tuple(item.content for item in bad) if all(item.content for item in bad) else None,
    )


def indices_with(samples: Sequence[Sample], text: str) -> list[int]:
    """The indices of the samples whose type or name, or whose person's id, has the text, in any letter case."""
    wanted = text.lower()
    return [number for number, own in enumerate(samples) if wanted in f"{own.kind} {own.title}".lower()]


def samples_text(samples: tuple[Sample, ...]) -> str:
    """The events as NDJSON."""
    return "".join(f"{to_json(sample.event).decode()}\n" for sample in samples)


def write_samples(path: Path, samples: tuple[Sample, ...], rest: tuple[bytes, ...] = ()) -> None:
    """Write the events as NDJSON, and behind them what was no event, the whole file or nothing. Raises `OSError`."""
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
        temporary = Path(stream.name)
        try:
            stream.write(samples_text(samples).encode())
            stream.writelines(line.rstrip(b"\r\n") + b"\n" for line in rest)
            stream.flush()
            temporary.chmod(path.stat().st_mode & 0o7777 if path.exists() else 0o644)
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise


_COMMON: Mapping[str, Json] = {
    "messageId": "sample-1",
    "userId": "user_1",
    "anonymousId": "anonymous_1",
    "timestamp": "2026-03-04T18:22:10.000Z",
    "context": {"traits": {"email": "ann@example.com", "phone": "+14155552671"}, "locale": "en-US"},
    "integrations": {},
}

KINDS: Mapping[str, dict[str, Json]] = {
    "identify": {
        "type": "identify",
        **_COMMON,
        "traits": {
            "email": "ann@example.com",
            "firstName": "Ann",
            "lastName": "Lee",
            "phone": "+14155552671",
            "address": {"street": "1 Main St", "city": "Springfield", "postalCode": "12345", "country": "US"},
        },
    },
    "track": {
        "type": "track",
        "event": "Product Viewed",
        **_COMMON,
        "properties": {"product_id": "p_1", "name": "Lantern", "price": 64.5, "currency": "USD"},
    },
    "track: Order Completed": {
        "type": "track",
        "event": "Order Completed",
        **_COMMON,
        "properties": {
            "order_id": "o_1",
            "total": 129.0,
            "currency": "USD",
            "products": [{"product_id": "p_1", "sku": "LAN-1", "name": "Lantern", "price": 64.5, "quantity": 2}],
        },
    },
    "track: Audience Entered": {
        "type": "track",
        "event": "Audience Entered",
        **_COMMON,
        "properties": {"audience_key": "buyers", "buyers": True},
        "context": {
            "traits": {"email": "ann@example.com"},
            "personas": {
                "computation_class": "audience",
                "computation_key": "buyers",
                "external_audience_id": "VmR4Lk",
                "audience_settings": {"listId": "XyZ12a"},
            },
        },
    },
    "page": {"type": "page", "name": "Home", **_COMMON, "properties": {"path": "/", "url": "https://shop.example/"}},
    "screen": {"type": "screen", "name": "Cart", **_COMMON, "properties": {"items": 2}},
    "group": {"type": "group", "groupId": "g_1", **_COMMON, "traits": {"name": "Lee & Co", "plan": "pro"}},
    "alias": {"type": "alias", "previousId": "anonymous_1", **_COMMON},
}
"""An event of each kind that Segment has, to begin a sample with."""
