"""Events to measure with, about 1.2 KB each, the same ones every time."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

_FIRST = ("Ada", "Björn", "Chloé", "Dmitri", "Elif", "Goran", "Hana", "Inês", "Jürgen", "Lucía")
_LAST = ("Lovelace", "Ödegård", "Martin", "Petrov", "Yılmaz", "Kovač", "Suzuki", "Silva", "Müller")
_PLACES = (("San Francisco", "CA", "94103", "US"), ("London", "", "N1 9GU", "GB"), ("Zürich", "ZH", "8001", "CH"))
_START = datetime(2026, 1, 1, tzinfo=UTC)


def lines(kind: str, count: int) -> list[bytes]:
    """`count` events of a kind (`identify` or `track`) as NDJSON lines."""
    rng = random.Random(7)
    return [json.dumps(_event(rng, kind, index), ensure_ascii=False).encode() for index in range(count)]


def _event(rng: random.Random, kind: str, index: int) -> dict[str, object]:
    traits = _traits(rng, index)
    event = {
        "type": kind,
        "messageId": f"bench-{index}-{rng.getrandbits(32):08x}",
        "userId": f"u{index}",
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
    if kind == "identify":
        return {**event, "traits": traits}
    product = rng.randrange(200)
    properties = {
        "product_id": f"SKU-{product:04}",
        "name": f"Product {product}",
        "price": round(5 + product * 1.37, 2),
        "category": "Games",
    }
    return {**event, "event": "Product Viewed", "properties": properties}


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
