"""What could complete a formula at the cursor: paths of the samples with their values, and functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from studio.event_paths import PathIndex, PathMatch
from studio.formula.completion import completed_path
from studio.formula.cursor import Context
from studio.formula.functions import FUNCTIONS
from studio.samples import Sample
from studio.tui.offer_list import Offer
from studio.tui.shown import value_text

_OFFERED = 30
_OFFERED_BESIDE = 12
"""Paths offered where a function may stand too."""

_WORD = re.compile(r"[\w.\[\]-]*")


def offers_for(context: Context, text: str, cursor: int, paths: PathIndex, sample: Sample | None) -> Sequence[Offer]:
    """The completions of a text with the cursor in that context, paths with their values on the sample."""
    if context.kind in ("path", "placeholder"):
        return _of_paths(context, text, paths.matches(context.prefix, sample, _OFFERED))
    if context.kind in ("function", "argument"):
        known = [item for item in FUNCTIONS.values() if item.name.startswith(context.prefix.lower())]
        calls = [Offer(f"{item.name}(", item.description, context.start, str(item)) for item in known]
        found = _of_paths(context, text, paths.matches(context.prefix, sample, _OFFERED_BESIDE))
        is_bare = context.kind == "argument" and not context.prefix  # what functions take is mostly paths
        return [*found, *calls] if is_bare else [*calls, *found]
    return _for_text(text, paths, sample) if cursor == len(text) else ()


def _for_text(text: str, paths: PathIndex, sample: Sample | None) -> Sequence[Offer]:
    """What a word, or nothing yet, could mean if not the text itself: a path, or the call of a function."""
    if not _WORD.fullmatch(text):
        return ()
    calls = [item for item in FUNCTIONS.values() if text and item.name.startswith(text.lower())]
    return [
        *_of_paths(Context("path", text, 0), text, paths.matches(text, sample, _OFFERED)),
        *(Offer(f"= {item.name}(", item.description, 0, f"= {item}") for item in calls),
    ]


def _of_paths(context: Context, text: str, matches: Sequence[PathMatch]) -> list[Offer]:
    """The paths that fit, each with its value on the sample and on how many samples it is."""
    return [
        Offer(typed, f"{value_text(match.value, 40) or 'not here'}  {match.found_on}/{match.of}", context.start)
        for match in matches
        if (typed := completed_path(match.path, context, text)) is not None
    ]
