"""Likely bindings for fields that have none, over all samples, each with its evidence. Nothing is bound by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from actions.coercion import EMAIL, Findings, compile_field
from actions.config import Mapping
from actions.destination import Action
from actions.errors import TriggerError
from actions.fields import Field
from actions.triggers import parse
from actions.values import Json
from studio.bindings import FieldPath
from studio.event_paths import Keys, path_text, paths_of
from studio.samples import Sample

_SAMPLES_READ = 200
_LEAST_SCORE = 0.55

_NAMES: dict[str, tuple[str, ...]] = {
    "email": ("email", "mail", "emailaddress"),
    "phone_number": ("phone", "phonenumber", "mobile", "tel"),
    "external_id": ("userid", "externalid", "customerid"),
    "anonymous_id": ("anonymousid",),
    "first_name": ("firstname", "givenname"),
    "last_name": ("lastname", "familyname", "surname"),
    "organization": ("company.name", "organization", "companyname"),
    "title": ("title", "jobtitle"),
    "image": ("avatar", "image", "picture"),
    "address1": ("address.street", "address.address1", "street"),
    "address2": ("address.address2",),
    "city": ("address.city", "city"),
    "region": ("address.state", "address.region", "address.province", "state", "region"),
    "zip": ("address.postalcode", "address.zip", "postalcode", "zip"),
    "country": ("address.country", "country"),
    "latitude": ("latitude",),
    "longitude": ("longitude",),
    "metric_name": ("event",),
    "time": ("timestamp",),
    "value": ("total", "value", "revenue"),
    "unique_id": ("messageid",),
    "products": ("products", "items", "lineitems"),
    "list_id": ("listid", "externalaudienceid"),
    "consented_at": ("timestamp",),
}
"""For each field, what its path tends to end in: without case, `_` and `-`. The likeliest first."""

_EVENT_PROPERTIES = ("trackEvent", "orderCompleted")
_ROOTS = (("traits",), ("properties",), ("context", "traits"), ())
"""Where to look, the likeliest first; any other place counts for less."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A likely binding: its score (0 to 1), and why, in words. `label` is what the table calls the field."""

    field_path: FieldPath
    label: str
    binding: Json
    score: float
    evidence: tuple[str, ...]


@dataclass(slots=True)
class _Candidate:
    keys: Keys
    score: float
    found_on: int
    evidence: tuple[str, ...]


def suggest(action: Action, mapping: Mapping, samples: Sequence[Sample]) -> list[Suggestion]:
    """Suggestions for the unbound fields of a mapping, read from the samples on which it fires (else from all)."""
    chosen = _firing(mapping.trigger, samples)
    paths = _all_paths(chosen)
    found: list[Suggestion] = []
    for path, field in _unbound(action, mapping.fields):
        suggestion = _suggestion(path, field, action, paths, len(chosen))
        if suggestion is not None:
            found.append(suggestion)
    return found


def _firing(trigger: str, samples: Sequence[Sample]) -> Sequence[Sample]:
    try:
        matches = parse(trigger).matches
    except TriggerError:
        return samples[:_SAMPLES_READ]
    firing = [sample for sample in samples if matches(sample.event)]
    return (firing or samples)[:_SAMPLES_READ]


def _all_paths(samples: Sequence[Sample]) -> dict[Keys, list[Json]]:
    """Every path of the samples with the values found there."""
    found: dict[Keys, list[Json]] = {}
    for sample in samples:
        for keys, value in paths_of(sample.event):
            if value is not None:
                found.setdefault(keys, []).append(value)
    return found


def _unbound(action: Action, fields: dict[str, Json]) -> Iterator[tuple[FieldPath, Field]]:
    for key, field in action.fields.items():
        binding = fields.get(key)
        if field.fields:
            inner = cast("dict[str, Any]", binding) if isinstance(binding, dict) else {}
            if not any(name.startswith("@") for name in inner):
                yield from (((key, name), sub) for name, sub in field.fields.items() if name not in inner)
        elif binding is None and not field.hidden:
            yield (key,), field


def _suggestion(
    path: FieldPath, field: Field, action: Action, paths: dict[Keys, list[Json]], of: int
) -> Suggestion | None:
    owners = [action.fields[path[0]].label] if len(path) > 1 else []
    label = " › ".join([*owners, field.label])
    if field.key == "properties":
        root = "properties" if action.slug in _EVENT_PROPERTIES else "traits"
        values = paths.get((root,), [])
        if not values:
            return None
        evidence = ("carries what is not named otherwise", f"found on {len(values)} of {of} samples")
        return Suggestion(path, label, {"@path": f"$.{root}"}, 0.7, evidence)
    candidates = sorted(
        (candidate for keys, values in paths.items() if (candidate := _candidate(field, keys, values, of))),
        key=lambda candidate: (-candidate.score, len(candidate.keys)),
    )
    if not candidates:
        return None
    best = candidates[0]
    second = next((other for other in candidates[1:] if _adds(best, other, paths)), None)
    if second is None:
        return Suggestion(path, label, {"@path": path_text(best.keys)}, round(best.score, 2), best.evidence)
    first = {"@path": path_text(best.keys)}
    binding = {"@if": {"exists": first, "then": dict(first), "else": {"@path": path_text(second.keys)}}}
    evidence = (*best.evidence, f"{path_text(second.keys)} where that is missing")
    return Suggestion(path, label, binding, round(best.score, 2), evidence)


def _candidate(field: Field, keys: Keys, values: list[Json], of: int) -> _Candidate | None:
    names = _NAMES.get(field.key, (_folded(field.key),))
    text = ".".join(_folded(str(key)) for key in keys)
    rank = next((number for number, name in enumerate(names) if text == name or text.endswith(f".{name}")), None)
    if rank is None or any(isinstance(key, int) for key in keys):
        return None
    read = values[:20]
    fit = sum(_fits(field, value) for value in read)
    fitting = fit / len(read)
    if fitting < 0.5:
        return None
    name = names[rank]
    root = keys[: len(keys) - name.count(".") - 1]
    place = _ROOTS.index(root) if root in _ROOTS else len(_ROOTS)
    score = 0.5 + 0.2 * fitting + 0.15 * len(values) / max(of, 1) + 0.1 / (1 + rank) - 0.08 * place
    if score < _LEAST_SCORE or place == len(_ROOTS):
        return None
    fits = "fits" if fit == len(read) else f"{fit} of {len(read)} values fit"
    evidence = [
        f"the name {keys[-1]!r}",
        f"found on {len(values)} of {of} samples",
        f"{fits} the type {field.type_text}",
    ]
    if field.format == "email" or field.key == "phone_number":
        evidence.append(f"looks like {'an e-mail address' if field.format == 'email' else 'a phone number'}")
    return _Candidate(keys, min(score, 1.0), len(values), tuple(evidence))


def _fits(field: Field, value: Json) -> bool:
    """Whether a value is one that the field takes as it is."""
    if field.format == "email" or field.key == "email":
        return isinstance(value, str) and EMAIL.fullmatch(value) is not None
    if field.key == "phone_number":
        return isinstance(value, str) and len(re.sub(r"\D", "", value)) >= 7
    if field.type == "object":
        return isinstance(value, dict | list)
    if isinstance(value, dict | list):
        return False
    findings = Findings([], [])
    compile_field(field)(value, findings)
    return not findings.problems


def _adds(best: _Candidate, other: _Candidate, paths: dict[Keys, list[Json]]) -> bool:
    """Whether another path of the same name is there where the best one is not."""
    return len(paths[other.keys]) > len(paths[best.keys]) and _folded(str(best.keys[-1])) == _folded(
        str(other.keys[-1])
    )


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", name.lower())
