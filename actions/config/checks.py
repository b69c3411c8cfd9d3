"""Traps: what works and yet does not do what was meant. Each warning says why, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeAlias, cast

from actions.config import Config, ConfigProblem, Mapping
from actions.config.files import read_text
from actions.config.reading import read
from actions.config.toml_source import scan
from actions.errors import MappingError, TriggerError
from actions.klaviyo import KLAVIYO
from actions.mapping import compile_mapping
from actions.triggers import Trigger, parse
from actions.triggers.lint import FIELDS
from actions.values import Json

Trap: TypeAlias = tuple[str, str]
"""A field's key, or the mapping's own (`trigger`), and the warning."""

_IDENTIFIERS = ("email", "phone_number", "external_id", "anonymous_id")
_NOT_ORDERS = ({"type": "track", "event": "Product Viewed"}, {"type": "track", "event": "any other event"})
_CALLS = ("identify", "track", "page", "screen", "group", "alias")


def check_file(path: Path) -> list[ConfigProblem]:
    """Every problem and trap of a file, in the order of its lines. Raises `ConfigError` where there is no text."""
    text = read_text(path)
    reading = read(text, str(path))
    if not reading.document:
        return reading.problems
    source = scan(text.removeprefix("\ufeff"))
    traps: list[ConfigProblem] = []
    for number, mapping in enumerate(reading.mappings):
        for key, message in traps_of(mapping):
            place = (key,) if key in ("trigger", "name") else ("fields", key)
            line = source.line_of(("mapping", number, *place))
            field = "" if key in ("trigger", "name") else key
            traps.append(ConfigProblem(message, str(path), line, mapping.name, field, "warning"))
    traps += _same_mappings(reading.mappings, str(path))
    return sorted([*reading.problems, *traps], key=lambda problem: problem.line)


def check(config: Config) -> list[ConfigProblem]:
    """The traps of a configuration that need not be in a file."""
    name = str(config.path or "")
    return [
        ConfigProblem(message, name, 0, mapping.name, "" if key == "trigger" else key, "warning")
        for mapping in config.mappings
        for key, message in traps_of(mapping)
    ] + _same_mappings(config.mappings, name)


def traps_of(mapping: Mapping) -> Iterator[Trap]:
    """The traps of one mapping. One that cannot be compiled has problems instead."""
    if mapping.action not in KLAVIYO.actions:
        return
    try:
        trigger = parse(mapping.trigger)
        compile_mapping(mapping.fields)
    except (TriggerError, MappingError):
        return
    for warning in trigger.lint():
        yield "trigger", warning
    for trap in (*_TRAPS, *_ACTION_TRAPS.get(mapping.action, ())):
        yield from trap(mapping, trigger)


def _takes_more_than_orders(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    if mapping.enabled and any(trigger.matches(event) for event in _NOT_ORDERS):
        yield (
            "trigger",
            'it also fires on events that are no orders, and each becomes an order; add event = "Order Completed"',
        )


def _nobody(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    del trigger
    person = mapping.fields.get("profile", mapping.fields)
    if isinstance(person, dict) and not any(key.startswith("@") for key in cast("dict[str, Any]", person)):
        bound = [key for key in _IDENTIFIERS if cast("dict[str, Any]", person).get(key) not in (None, "")]
        if not bound:
            key = "profile" if "profile" in mapping.fields else "email"
            yield key, "no identifier is bound, so every event is invalid; bind an e-mail address or an external id"


def _profile_from_traits(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    if mapping.fields.get("profile") == {"@path": "$.traits"} and not _fires_on(trigger, "identify"):
        yield "profile", "track events have no traits, so every event fails; bind its parts, from $.context.traits"


def _properties_of_identify(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    if mapping.fields.get("properties") == {"@path": "$.properties"} and _fires_only_on(trigger, "identify"):
        yield "properties", "identify calls have no properties, so none are sent; bind $.traits"


def _phone_of_context(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    if mapping.fields.get("phone_number") == {"@path": "$.context.traits.phone"} and _fires_only_on(
        trigger, "identify"
    ):
        yield "phone_number", "an identify call has the phone in $.traits.phone, which this does not read"


def _zip_by_old_name(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    del trigger
    location = mapping.fields.get("location")
    zip_code = cast("dict[str, Json]", location).get("zip") if isinstance(location, dict) else None
    path = cast("dict[str, Json]", zip_code).get("@path") if isinstance(zip_code, dict) else None
    if isinstance(path, str) and path.endswith(".address.postal_code"):
        yield "location", "Segment's Spec writes address.postalCode, so the ZIP is lost; read that first"


def _empty_list(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    del trigger
    if mapping.fields.get("list_id") == "":
        yield "list_id", "the list is empty text and counts as none; name a list or take the field out"


def _everywhere(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    del trigger
    if mapping.enabled and mapping.fields.get("list_id") not in (None, ""):
        yield "list_id", "people who are not on this list are unsubscribed from everything"


def _import_without_time(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    del trigger
    if mapping.fields.get("historical_import") is True and "consented_at" not in mapping.fields:
        yield "historical_import", "a historical import needs Consented At, so every event is invalid; bind it"


def _unknown_roots(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    del trigger
    for key, binding in mapping.fields.items():
        for path in _paths(binding):
            root = path.removeprefix("$.").partition(".")[0].partition("[")[0]
            near = get_close_matches(root, FIELDS, 1, cutoff=0.75)
            if root and root not in FIELDS and near:
                yield key, f"no event of Segment has {root!r} at its root; did you mean {near[0]!r}?"


def _paths(binding: Json) -> Iterator[str]:
    """The paths of a binding that are read from the event itself, not from an item or a new event."""
    if isinstance(binding, dict):
        for key, value in cast("dict[str, Json]", binding).items():
            if key == "@path" and isinstance(value, str):
                yield value
            elif key == "@arrayPath":
                yield from _paths(cast("list[Json]", value)[0] if isinstance(value, list) and value else None)
            elif key != "@transform":
                yield from _paths(value)
    elif isinstance(binding, list):
        for item in cast("list[Json]", binding):
            yield from _paths(item)


def _fires_on(trigger: Trigger, call: str) -> bool:
    return trigger.matches({"type": call})


def _fires_only_on(trigger: Trigger, call: str) -> bool:
    return [name for name in _CALLS if _fires_on(trigger, name)] == [call]


def _same_mappings(mappings: list[Mapping], source: str) -> list[ConfigProblem]:
    """Enabled mappings that do the same thing twice."""
    found: list[ConfigProblem] = []
    for number, mapping in enumerate(mappings):
        for earlier in mappings[:number]:
            same = (mapping.action, mapping.trigger, mapping.fields) == (
                earlier.action,
                earlier.trigger,
                earlier.fields,
            )
            if same and mapping.enabled and earlier.enabled:
                text = f'it does the same as "{earlier.name}", so every event is sent twice; turn one off'
                found.append(ConfigProblem(text, source, 0, mapping.name, "", "warning"))
    return found


_Check: TypeAlias = Callable[[Mapping, Trigger], Iterator[Trap]]

_TRAPS: tuple[_Check, ...] = (_nobody, _empty_list, _unknown_roots)
_ACTION_TRAPS: dict[str, tuple[_Check, ...]] = {
    "upsertProfile": (_properties_of_identify, _phone_of_context, _zip_by_old_name),
    "trackEvent": (_profile_from_traits,),
    "orderCompleted": (_takes_more_than_orders, _profile_from_traits),
    "addProfileToList": (_zip_by_old_name,),
    "subscribeProfile": (_import_without_time,),
    "unsubscribeProfile": (_everywhere,),
}
