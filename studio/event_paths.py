"""The paths of sample events, for completing bindings and for binding what is pointed at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias, cast
from weakref import WeakKeyDictionary

from actions.mapping import compile_mapping
from actions.values import MISSING, Json, Missing
from studio.samples import Sample

Keys: TypeAlias = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[\w $@-]+")
_PATHS_AT_MOST = 2000
_DEEPEST = 12
_SAMPLES_READ = 300
"""How many samples, spread over all, give their paths: enough for names, and quick with ten thousand."""


class PathMatch(NamedTuple):
    """A path that fits what was typed, its value on the sample at hand, and on how many of the samples read it is."""

    path: str
    value: Json | Missing
    found_on: int
    of: int


def can_be_named(keys: Keys) -> bool:
    """Whether a path can lead there: none has a key with quotes of both kinds."""
    return not any(isinstance(key, str) and "'" in key and '"' in key for key in keys)


def path_text(keys: Keys) -> str:
    """The keys as a path of the mapping language: `$.a.b[0]['x.y']`."""
    parts: list[str] = []
    for key in keys:
        if isinstance(key, int):
            parts.append(f"[{key}]")
        elif _PLAIN_KEY.fullmatch(key):
            parts.append(f".{key}")
        else:
            quote = '"' if "'" in key else "'"
            parts.append(f"[{quote}{key}{quote}]")
    return f"${''.join(parts)}"


def paths_of(event: Json) -> Iterator[tuple[Keys, Json]]:
    """The paths of an event with their values, objects before their members; of a list, the first item's.

    At most 2,000, and twelve levels deep.
    """
    pending: list[tuple[Keys, Json]] = [((), event)]
    given = 0
    while pending and given < _PATHS_AT_MOST:
        keys, value = pending.pop()
        if keys:
            yield keys, value
            given += 1
        if len(keys) < _DEEPEST:
            pending += reversed(list(_children(keys, value)))


def _children(keys: Keys, value: Json) -> Iterator[tuple[Keys, Json]]:
    if isinstance(value, dict):
        members = list(cast("dict[str, Json]", value).items())[:_PATHS_AT_MOST]
        yield from (((*keys, key), item) for key, item in members if key and can_be_named((key,)))
    elif isinstance(value, list) and value:
        yield (*keys, 0), cast("list[Json]", value)[0]


class PathIndex:
    """The paths of all samples, looked up as somebody types."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Sample, frozenset[str]] = WeakKeyDictionary()
        self._counts: dict[str, int] = {}
        self._samples: Sequence[Sample] = ()
        self._read = 0

    def use(self, samples: Sequence[Sample]) -> None:
        """Take note of the samples there are now; those known already are not read again."""
        if samples is self._samples:
            return
        self._samples = samples
        step = max(1, len(samples) // _SAMPLES_READ)
        chosen = samples[::step][:_SAMPLES_READ]
        self._counts = {}
        self._read = len(chosen)
        for sample in chosen:
            if sample not in self._known:
                self._known[sample] = frozenset(path_text(keys) for keys, _ in paths_of(sample.event))
            for path in self._known[sample]:
                self._counts[path] = self._counts.get(path, 0) + 1

    def paths(self) -> list[str]:
        """All paths, those of the most samples first."""
        return sorted(self._counts, key=lambda path: (-self._counts[path], path))

    def matches(self, typed: str, sample: Sample | None, limit: int = 50) -> list[PathMatch]:
        """The paths that fit what was typed, the best first."""
        wanted = typed.removeprefix("$").lstrip(".").lower()
        scored = [
            (score, -count, path) for path, count in self._counts.items() if (score := _score(wanted, path)) is not None
        ]
        scored.sort()
        return [PathMatch(path, _value(path, sample), -count, self._read) for _, count, path in scored[:limit]]


def _score(wanted: str, path: str) -> tuple[int, int, int] | None:
    """How well a path fits, less is better; None where it does not. What was typed must occur in order."""
    if not wanted:
        return (0, path.count("."), len(path))
    text = path.lower().removeprefix("$.")
    if text.startswith(wanted):
        return (0, 0, len(text))
    last = max(text.rfind("."), text.rfind("["))
    if text[last + 1 :].startswith(wanted):
        return (1, 0, len(text))
    found = text.find(wanted)
    if found >= 0:
        at_start = found == 0 or text[found - 1] in ".[_'"
        return (2 if at_start else 3, found, len(text))
    position = first = -1
    for character in wanted:
        position = text.find(character, position + 1)
        if position < 0:
            return None
        first = position if first < 0 else first
    return (4, position - first, len(text))


def _value(path: str, sample: Sample | None) -> Json | Missing:
    return compile_mapping({"@path": path}).resolve(sample.event) if sample else MISSING
