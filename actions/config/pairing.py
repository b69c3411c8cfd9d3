"""Which mapping of a file a mapping is, or was before somebody changed it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from actions.config.canonical import canonical
from actions.values import Json

Document: TypeAlias = dict[str, Json]

_KINSHIPS: tuple[Callable[[int, Document], Json], ...] = (
    lambda _, mapping: mapping,
    lambda _, mapping: mapping["name"],
    lambda _, mapping: {**mapping, "name": ""},
    lambda place, mapping: (place, mapping["action"]),
)
"""What two mappings must have in common to be one, from the surest sign to the weakest."""


def pair(before: list[Document], after: list[Document]) -> dict[int, int]:
    """The places of mappings after a change, each with its place before. New mappings are left out."""
    pairs: dict[int, int] = {}
    left = dict(enumerate(before))
    for kinship in _KINSHIPS:
        places: dict[str, list[int]] = {}
        for place, mapping in left.items():
            places.setdefault(canonical(kinship(place, mapping)), []).append(place)
        for place, mapping in enumerate(after):
            found = places.get(canonical(kinship(place, mapping)))
            if place not in pairs and found:
                pairs[place] = found.pop(0)
                del left[pairs[place]]
    return pairs
