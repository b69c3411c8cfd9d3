"""Events to measure with, about 1.2 KB each, the same ones every time."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

_FIRST = ("Ada", "Björn", "Chloé", "Dmitri", "Elif", "Goran", "Hana", "Inês", "Jürgen", "Lucía")
_LAST = ("Lovelace", "Ödegård", "Martin", "Petrov", "Yılmaz", "Kovač", "Suzuki", "Silva", "Müller")
_PLACES = (("San Francisco", "CA", "94103", "US"), ("London", "", "N1 9GU", "GB"), ("Zürich", "ZH", "8001", "CH"))
_START = datetime(2026, 1, 1, tzinfo=UTC)


_MIX = {"identify": 40, "track": 35, "order": 10, "subscribe": 5, "page": 10}
"""Of a hundred mixed events."""
_PEOPLE = 1_000_000
"""Whom mixed events are about."""


def lines(kind: str, count: int) -> list[bytes]:
    """`count` events of a kind (`identify`, `track` or `mixed`) as NDJSON lines."""
    return list(stream(kind, count))


def stream(kind: str, count: int) -> Iterator[bytes]:
    """The same, one by one."""
    rng = random.Random(7)
    for index in range(count):
        yield json.dumps(_event(rng, kind, index), ensure_ascii=False).encode()


def _event(rng: random.Random, kind: str, index: int) -> dict[str, object]:
    if kind == "mixed":
        return _mixed_event(rng, index)
    event, traits = _common(rng, kind, index, index)
    if kind == "identify":
        return {**event, "traits": traits}
    return {**event, "event": "Product Viewed", "properties": _product(rng.randrange(200))}


def _mixed_event(rng: random.Random, index: int) -> dict[str, object]:
    event, traits = _common(rng, "track", index, rng.randrange(_PEOPLE))
    match rng.choices([*_MIX], [*_MIX.values()])[0]:
        case "identify":
            return {**event, "type": "identify", "traits": traits}
        case "order":
            products = [{**_product(number), "quantity": 1} for number in rng.sample(range(200), rng.randrange(1, 5))]
            properties = {"order_id": f"o{index}", "total": 99.5, "currency": "USD", "products": products}
            return {**event, "event": "Order Completed", "properties": properties}
        case "subscribe":
            return {**event, "event": "User Subscribed", "properties": {"source": "footer"}}
        case "page":
            return {**event, "type": "page", "name": "Home", "properties": {"path": "/"}}
        case _:
            return {**event, "event": "Product Viewed", "properties": _product(rng.randrange(200))}


def _product(number: int) -> dict[str, object]:
    return {
        "product_id": f"SKU-{number:04}",
        "name": f"Product {number}",
        "price": round(5 + number * 1.37, 2),
        "category": "Games",
    }


def _common(rng: random.Random, kind: str, index: int, person: int) -> tuple[dict[str, object], dict[str, object]]:
    """What all events have, and the traits of who it is about."""
    traits = _traits(rng, person)
    event: dict[str, object] = {
        "type": kind,
        "messageId": f"bench-{index}-{rng.getrandbits(32):08x}",
        "userId": f"u{person}",
        "anonymousId": f"{rng.getrandbits(128):032x}",
        "timestamp": (_START + timedelta(seconds=index)).isoformat().replace("+00:00", "Z"),
        "context": {
            "ip": f"198.51.100.{rng.randrange(256)}",
            "locale": "en-US",
            "library": {"name": "analytics.js", "version": "2.11.1"},
            "page": {
                "path": "/account",
                "referrer": "https://search.example.com",
                "title": "Your account",
                "url": "https://shop.example.com/account",
            },
            "userAgent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/131.0",
            "campaign": {"name": "spring", "source": "newsletter", "medium": "email"},
            "traits": {"email": traits["email"], "phone": traits["phone"]},
        },
        "integrations": {"All": True},
    }
    return event, traits


def _traits(rng: random.Random, index: int) -> dict[str, object]:
    city, state, postal_code, country = rng.choice(_PLACES)
    return {
        "email": f"user{index}@example.com",
        "firstName": rng.choice(_FIRST),
        "lastName": rng.choice(_LAST),
        "phone": f"+1415555{index % 10000:04}",
        "title": rng.choice(("CTO", "Buyer", "Analyst")),
        "avatar": f"https://img.example.com/u/{index}.png",
        "company": {"name": f"Company {index % 97}", "plan": rng.choice(("free", "pro"))},
        "address": {
            "street": f"{index % 999} Main St",
            "city": city,
            "state": state,
            "postal_code": postal_code,
            "country": country,
        },
        "logins": rng.randrange(500),
        "lifetime_value": round(rng.random() * 900, 2),
    }
