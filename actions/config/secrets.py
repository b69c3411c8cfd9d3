"""API keys: never in a configuration, nor in a message about one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from actions.config.toml_text import Path
from actions.values import Json

KEY_IN_FILE = (
    "an API key stands here, where others can read it. Take it out, make a new one at Klaviyo, and set "
    "KLAVIYO_API_KEY or run `studio auth login`"
)

# A private key of Klaviyo is `pk_` and a long row of hexadecimal digits, in some with the account's id in between. A
# column may be called `pk_customer_id`: what has no digit, and is short enough to be words, is no key.
_KEY = re.compile(r"(?<![A-Za-z0-9])pk_(?:[A-Za-z0-9]{4,12}_)?(?:(?=[A-Za-z]*[0-9])[A-Za-z0-9]{10,}|[A-Za-z0-9]{20,})")
_NAMES = frozenset({"apikey", "privatekey", "privateapikey", "klaviyoapikey", "secretkey"})


def without_keys(text: str) -> str:
    """The text with each API key blanked."""
    return _KEY.sub("•••", text)


def key_lines(text: str) -> list[int]:
    """The lines of a text that show an API key, comments included."""
    return [number for number, line in enumerate(text.split("\n"), 1) if _KEY.search(line)]


def key_paths(document: Json, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Where a document holds an API key, however it is written there, and the key.

    By its look anywhere, and by its name (`api_key`) outside of a mapping's fields, where it may be a property's.
    """
    if isinstance(document, dict):
        for key, value in cast("dict[str, Json]", document).items():
            here = (*path, key)
            if found := _KEY.search(key):
                yield here, found[0]
            if isinstance(value, str) and value and _is_name(key) and path[2:3] != ("fields",):
                yield here, value
            else:
                yield from key_paths(value, here)
    elif isinstance(document, list):
        for number, item in enumerate(cast("list[Json]", document)):
            yield from key_paths(item, (*path, number))
    elif isinstance(document, str) and (found := _KEY.search(document)):
        yield path, found[0]


def _is_name(key: str) -> bool:
    return re.sub(r"[\W_]", "", key).lower() in _NAMES
