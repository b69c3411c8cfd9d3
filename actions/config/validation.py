"""Whether a mapping fits its action: fields, literals, directives, the trigger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as AbstractMapping
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple, TypeAlias, cast

from actions.coercion import Findings, compile_field
from actions.config.model import Mapping
from actions.destination import Action, Destination
from actions.errors import MappingError, TriggerError
from actions.fields import Field
from actions.mapping import compile_mapping
from actions.triggers import parse
from actions.values import Json

Path: TypeAlias = tuple[str | int, ...]

_REVISION = re.compile(r"\d{4}-\d{2}-\d{2}(\.pre)?", re.ASCII)
_REVISION_LIFE = timedelta(days=2 * 365 + 1)
_CHOICES_TOLD = 20


class Finding(NamedTuple):
    """Something to say about a mapping. `path` is where in its document, `line` the line of the text there."""

    message: str
    path: Path
    field: str = ""
    severity: Literal["error", "warning"] = "error"
    line: int = 1


def validate_mapping(mapping: Mapping, destination: Destination) -> Iterator[Finding]:
    """Everything that keeps a mapping from being used."""
    action = destination.actions.get(mapping.action)
    if mapping.action and action is None:
        yield Finding(f"there is no action {mapping.action!r}{_near(mapping.action, destination.actions)}", ("action",))
    if mapping.trigger:
        yield from _trigger(mapping.trigger)
    yield from _directives(mapping.fields)
    if action is not None:
        yield from _fields(mapping.fields, action)


def validate_settings(settings: dict[str, Json]) -> Iterator[Finding]:
    """What is wrong with the settings beside the key, which is never in a file."""
    if settings.get("revision") is not None:
        yield from _revision(settings["revision"])
    for key in settings:
        if key not in ("revision", "api_key"):
            yield Finding(f"{key!r} is not known here and is kept as it is", (key,), severity="warning")


def _revision(revision: Json) -> Iterator[Finding]:
    """What is wrong with the date of a revision: Klaviyo keeps each for two years, and knows none of the future."""
    try:
        dated = date.fromisoformat(revision[:10]) if _REVISION.fullmatch(revision) else None
    except (TypeError, ValueError):
        dated = None
    if dated is None:
        yield Finding('`revision` must be a date as text, such as "2026-07-15"', ("revision",))
        return
    age = datetime.now(UTC).date() - dated
    if age.days < 0:
        text = "is in the future: Klaviyo refuses every request that asks for it"
    elif age > _REVISION_LIFE:
        text = "is retired: Klaviyo keeps a revision for two years and answers by a newer one, or with 410"
    else:
        return
    message = f"`revision` {revision} {text}; name a current one, such as 2026-07-15"
    yield Finding(message, ("revision",), severity="warning")


def _trigger(trigger: str) -> Iterator[Finding]:
    try:
        parse(trigger)
    except TriggerError as error:
        place = f"the trigger cannot be read: line {error.line}, column {error.column}: {error.message}"
        yield Finding(place, ("trigger",), line=error.line)


def _directives(fields: dict[str, Json]) -> Iterator[Finding]:
    try:
        compile_mapping(fields)
    except MappingError as error:
        for problem in error.problems:
            keys = [key.replace("~1", "/").replace("~0", "~") for key in problem.place.split("/")[1:]]
            yield Finding(str(problem), ("fields", *keys), keys[0] if keys else "")


def _fields(fields: dict[str, Json], action: Action) -> Iterator[Finding]:
    hooks = {hook.key for hook in action.hooks}
    for key, binding in fields.items():
        if key in hooks or key.startswith("__segment_internal_"):
            continue
        field = action.fields.get(key)
        if field is None:
            yield Finding(f"{action.title} has no field {key!r}{_near(key, action.fields)}", ("fields", key), key)
        else:
            yield from _literals(field, binding, ("fields", key))
    for key, field in action.fields.items():
        if field.required and fields.get(key) in (None, ""):
            yield Finding(f"{action.title} needs {field.label}, which is not bound", ("fields", key), key)


def _literals(field: Field, binding: Json, path: Path) -> Iterator[Finding]:
    """What the field does not take: literals of the wrong kind, and parts that it has not."""
    parts = cast("dict[str, Json]", binding) if field.fields and isinstance(binding, dict) else {}
    if parts and not any(key.startswith("@") for key in parts):
        for key, part in parts.items():
            if key in field.fields:
                yield from _literals(field.fields[key], part, (*path, key))
            elif not field.extra:
                message = f"{field.label} has no {key!r}{_near(key, field.fields)}"
                yield Finding(message, (*path, key), str(path[1]), "warning")
    elif not _has_directive(binding):
        findings = Findings([], [])
        compile_field(field)(binding, findings)
        bounds = f" It must be from {field.minimum:,} to {field.maximum:,}." if _is_bounded(field) else ""
        for message in findings.problems:
            told = _unlike(field, binding) if len(field.choices) > _CHOICES_TOLD else message
            yield Finding(told, path, str(path[1]))
        for message in findings.warnings:
            severity: Literal["error", "warning"] = "error" if bounds else "warning"
            text = f"{message.partition(';')[0]}.{bounds}" if bounds else message
            yield Finding(text, path, str(path[1]), severity)


def _unlike(field: Field, value: Json) -> str:
    """What to say of a value that is none of so many choices that nobody would read them all."""
    near = get_close_matches(value.upper(), field.choices, 1) if isinstance(value, str) else []
    hint = f"; did you mean {near[0]!r}?" if near else f", such as {field.choices[0]!r}"
    return f"{field.label} {value!r} is none of its {len(field.choices)} choices{hint}"


def _is_bounded(field: Field) -> bool:
    return field.type == "number" and field.minimum is not None and field.maximum is not None


def _has_directive(binding: Json) -> bool:
    if isinstance(binding, dict):
        items = cast("dict[str, Json]", binding).items()
        return any(key.startswith("@") or _has_directive(value) for key, value in items)
    return isinstance(binding, list) and any(map(_has_directive, cast("list[Any]", binding)))


def _near(key: str, known: AbstractMapping[str, Any]) -> str:
    near = get_close_matches(key, known, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"
