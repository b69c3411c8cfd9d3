"""The configuration as people edit it: mappings and settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from actions.values import Json

VERSION = 1
CONNECTED_IN = "connected_in"
"""The key in `extra` that says where the list of a mapping's hook is: `sandbox`, or nowhere for the real account."""


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """A mapping, Segment's "subscription": which events go through which action, and what each field becomes.

    `fields` holds a literal or a directive for each field's key, as Segment stores them, and what a hook left there.
    `on_invalid_phone` says whether a phone number that is none rejects the event or is left out. `on` are the changes
    of warehouse rows that it takes, `added`, `updated`, `deleted`; with it, it takes nothing but rows. `extra` keeps
    keys that this version does not know.
    """

    name: str
    action: str
    trigger: str
    fields: dict[str, Json]
    enabled: bool = True
    on_invalid_phone: Literal["reject", "drop"] = "reject"
    on: tuple[str, ...] | None = None
    extra: dict[str, Json] = field(default_factory=dict[str, Json])
