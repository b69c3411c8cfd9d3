"""Traps: what works and yet does not do what was meant. Each warning says why, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeAlias, cast

from actions.config import Config, ConfigProblem, Mapping
from actions.config.files import read_text
from actions.config.reading import read
from actions.errors import MappingError, TriggerError
from actions.klaviyo import KLAVIYO
from actions.klaviyo.upsert_profile import CONNECTED_LIST, connected_list
from actions.mapping import compile_mapping
from actions.mapping.paths_read import paths_read, root_of, templates_of
from actions.mapping.templates import unclosed_placeholder
from actions.triggers import Trigger, parse
from actions.triggers.lint import FIELDS
from actions.values import Json

Trap: TypeAlias = tuple[tuple[str, ...], str]
"""Where it is, `("location", "zip")` for a field, `TRIGGER` or `("on",)`, and the warning."""

TRIGGER = ("trigger",)
OWN_KEYS = (TRIGGER, ("on",))
"""Places that are no fields: keys of the mapping itself."""

_IDENTIFIERS = ("email", "phone_number", "external_id", "anonymous_id")
_OF_ROWS = ("previous", "__segment_id")
"""Roots of events that are rows of a warehouse."""
_NOT_ORDERS = ({"type": "track", "event": "Product Viewed"}, {"type": "track", "event": "any other event"})
_AUDIENCE: dict[str, Json] = {"computation_class": "audience", "computation_key": "any_other_audience"}
_ENTERED, _EXITED = (
    {
        "type": "track",
        "event": event,
        "properties": {"audience_key": "any_other_audience", "any_other_audience": event == "Audience Entered"},
        "context": {"personas": _AUDIENCE, "traits": {}},
    }
    for event in ("Audience Entered", "Audience Exited")
)
"""What Engage sends of an audience that no trigger names."""
_LEAVING = ("removeProfileFromList", "removeProfile")
_ABSENT = {
    "traits": frozenset({"track", "page", "screen", "alias"}),
    "properties": frozenset({"identify", "group", "alias"}),
}
"""The calls in which a part of Segment's events never is."""
_INSTEAD = {"traits": "$.context.traits", "properties": "$.traits"}
_LONGEST_METRIC = 127
_LONGEST_SHOWN = 40
_METRIC_FIELDS = ("metric_name", "event_name", "product_event_name")


def check_file(path: Path) -> list[ConfigProblem]:
    """Every problem and trap of a file, in the order of its lines. Raises `ConfigError` where there is no text."""
    from actions.config.toml_source import scan  # of a file, not of what is open

    text = read_text(path)
    reading = read(text, str(path))
    if not reading.document:
        return reading.problems
    source = scan(text.removeprefix("\ufeff"))
    traps: list[ConfigProblem] = []
    for number, mapping in enumerate(reading.mappings):
        for place, message in traps_of(mapping, takes_rows="source" in reading.document):
            line = source.line_of(("mapping", number, *(place if place in OWN_KEYS else ("fields", *place))))
            traps.append(ConfigProblem(message, str(path), line, mapping.name, _field_name(place), "warning"))
    for number, message in _among(reading.mappings):
        line = source.line_of(("mapping", number))
        traps.append(ConfigProblem(message, str(path), line, reading.mappings[number].name, "", "warning"))
    told = [trap.without_keys() for trap in traps]
    return sorted([*reading.problems, *told], key=lambda problem: problem.line)


def check(config: Config) -> list[ConfigProblem]:
    """The traps of a configuration that need not be in a file."""
    name = str(config.path or "")
    traps = [
        (mapping.name, _field_name(place), message)
        for mapping in config.mappings
        for place, message in traps_of(mapping, takes_rows=config.source is not None)
    ]
    traps += [(config.mappings[number].name, "", message) for number, message in _among(config.mappings)]
    return [ConfigProblem(message, name, 0, mapping, field, "warning") for mapping, field, message in traps]


def _field_name(place: tuple[str, ...]) -> str:
    return "" if place in OWN_KEYS else ".".join(place)


def traps_of(mapping: Mapping, *, takes_rows: bool = False) -> Iterator[Trap]:
    """The traps of one mapping. One that cannot be compiled has problems instead.

    It takes warehouse rows where its configuration has a source, or where it says which changes it takes.
    """
    if mapping.action not in KLAVIYO.actions:
        return
    try:
        trigger = parse(mapping.trigger)
        compile_mapping(mapping.fields)
    except (TriggerError, MappingError):
        return
    for warning in trigger.lint():
        yield TRIGGER, warning
    for trap in (*_TRAPS, *_ACTION_TRAPS.get(mapping.action, ())):
        yield from trap(mapping, trigger)
    if takes_rows or mapping.on is not None:
        from actions.config.row_traps import row_traps  # most configurations have no source

        yield from row_traps(mapping, trigger)


def _takes_more_than_orders(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    if mapping.enabled and any(trigger.matches(event) for event in _NOT_ORDERS):
        yield (
            TRIGGER,
            'it also fires on events that are no orders, and each becomes an order; add event = "Order Completed"',
        )


def _nobody(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    del trigger
    person = mapping.fields.get("profile", mapping.fields)
    if isinstance(person, dict) and not any(key.startswith("@") for key in cast("dict[str, Any]", person)):
        bound = [key for key in _IDENTIFIERS if cast("dict[str, Any]", person).get(key) not in (None, "")]
        if not bound:
            key = "profile" if "profile" in mapping.fields else "email"
            yield (key,), "no identifier is bound, so every event is invalid; bind an e-mail address or an external id"


def _absent_parts(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    """Bindings that read only what the calls of the trigger never have."""
    calls = trigger.calls()
    for key, binding in mapping.fields.items():
        for place, part in _parts(binding, (key,)):
            roots = {root_of(path) for path in paths_read(part)}
            absent = roots.pop() if len(roots) == 1 else ""
            if calls and calls <= _ABSENT.get(absent, frozenset()):
                named = " and ".join(sorted(calls))
                yield place, f"{named} calls have no {absent}, so nothing is read; did you mean {_INSTEAD[absent]}?"


def _parts(binding: Json, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Json]]:
    """A binding with its place, or those in an object that is none."""
    members = cast("dict[str, Json]", binding) if isinstance(binding, dict) else {}
    if members and not any(key.startswith("@") for key in members):
        for key, member in members.items():
            yield from _parts(member, (*place, key))
    else:
        yield place, binding


def _unclosed(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    """Placeholders that nothing closes, in templates and in texts that were to be some."""
    del trigger
    for key, binding in mapping.fields.items():
        if key == CONNECTED_LIST:
            continue
        for place, part in _parts(binding, (key,)):
            texts = [part] if isinstance(part, str) else templates_of(part)
            found = next((found for text in texts if (found := unclosed_placeholder(text))), "")
            if found:
                shown = found if len(found) <= _LONGEST_SHOWN else f"{found[: _LONGEST_SHOWN - 1]}…"
                yield place, f"nothing closes the braces of {shown!r}, so no value comes in their place; add {'}}'!r}"


def _phone_of_context(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    if mapping.fields.get("phone_number") == {"@path": "$.context.traits.phone"} and trigger.calls() == frozenset(
        {"identify"}
    ):
        yield ("phone_number",), "an identify call has the phone in $.traits.phone, which this does not read"


def _long_metric(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    del trigger
    for key in _METRIC_FIELDS:
        name = mapping.fields.get(key)
        if isinstance(name, str) and len(name) > _LONGEST_METRIC:
            yield (
                (key,),
                f"the name has {len(name)} characters and Klaviyo takes {_LONGEST_METRIC}, so every event is invalid",
            )


def _zip_by_old_name(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    del trigger
    location = mapping.fields.get("location")
    zip_code = cast("dict[str, Json]", location).get("zip") if isinstance(location, dict) else None
    path = cast("dict[str, Json]", zip_code).get("@path") if isinstance(zip_code, dict) else None
    if isinstance(path, str) and path.endswith(".address.postal_code"):
        yield ("location", "zip"), "Segment's Spec writes address.postalCode, so the ZIP is lost; read that first"


def _both_ways(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    """A trigger that names neither of Engage's events fires on both."""
    if mapping.enabled and trigger.matches(_ENTERED) and trigger.matches(_EXITED):
        if mapping.action in _LEAVING:
            yield TRIGGER, 'who enters an audience is taken off its list too; add event = "Audience Exited"'
        else:
            yield TRIGGER, 'who exits an audience joins its list too; add event = "Audience Entered"'


def _one_list_for_all(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    list_id = mapping.fields.get("list_id")
    fires = trigger.matches(_EXITED if mapping.action in _LEAVING else _ENTERED)
    if mapping.enabled and isinstance(list_id, str) and list_id and fires:
        told = "the members of every audience share this one list; take the list from the event, or add"
        yield ("list_id",), f'{told} context.personas.computation_key = "…" to the trigger'


def _nobody_leaves(mappings: list[Mapping]) -> Iterator[tuple[int, str]]:
    """Audiences whose lists are filled and never emptied: the place of the mapping, and what to say."""
    leaving = [each for each in mappings if each.enabled and each.action in _LEAVING and _fires(each, _EXITED)]
    for number, mapping in enumerate(mappings):
        fills = mapping.enabled and mapping.action == "addProfileToList" and _fires(mapping, _ENTERED)
        if fills and not leaving:
            told = "who exits the audience stays on its list; add a mapping of Remove Profile from List that fires on"
            yield number, f"{told} Audience Exited"


def _fires(mapping: Mapping, event: Json) -> bool:
    try:
        return parse(mapping.trigger).matches(event)
    except TriggerError:
        return False


def _unconnected(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    del trigger
    remembered = mapping.fields.get(CONNECTED_LIST)
    if mapping.enabled and remembered and not connected_list(remembered):
        yield (
            (CONNECTED_LIST,),
            "it is not connected to this list yet, so nobody joins it; save it in the studio, or run `studio connect`",
        )


def _empty_list(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    del trigger
    if mapping.fields.get("list_id") == "":
        yield ("list_id",), "the list is empty text and counts as none; name a list or take the field out"


def _everywhere(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    del trigger
    if mapping.enabled and mapping.fields.get("list_id") not in (None, ""):
        yield ("list_id",), "people who are not on this list are unsubscribed from everything"


def _import_without_time(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    del trigger
    is_import = mapping.fields.get("historical_import") in (True, 1, "true", "1")
    if is_import and mapping.fields.get("consented_at") in (None, ""):
        yield ("historical_import",), "a historical import needs Consented At, so every event is invalid; bind it"


def _unknown_roots(mapping: Mapping, trigger: Trigger) -> Iterator[Trap]:
    del trigger
    for key, binding in mapping.fields.items():
        for path in paths_read(binding):
            root = root_of(path)
            is_known = root in FIELDS or root in _OF_ROWS
            near = get_close_matches(root, FIELDS, 1, cutoff=0.75) if root and not is_known else []
            if near:
                yield (key,), f"no event of Segment has {root!r} at its root; did you mean {near[0]!r}?"


def _among(mappings: list[Mapping]) -> Iterator[tuple[int, str]]:
    """What is a trap only because of the other mappings: the place of the mapping, and what to say."""
    yield from _same_mappings(mappings)
    yield from _nobody_leaves(mappings)


def _same_mappings(mappings: list[Mapping]) -> Iterator[tuple[int, str]]:
    """Enabled mappings that do what an earlier one does: their places, and what to say."""
    for number, mapping in enumerate(mappings):
        for earlier in mappings[:number]:
            does, did = ((each.action, each.trigger, each.on, each.fields) for each in (mapping, earlier))
            if does == did and mapping.enabled and earlier.enabled:
                yield number, f'it does the same as "{earlier.name}", so every event is sent twice; turn one off'
                break


_Check: TypeAlias = Callable[[Mapping, Trigger], Iterator[Trap]]

_TRAPS: tuple[_Check, ...] = (_nobody, _empty_list, _unknown_roots, _absent_parts, _unclosed)
_ACTION_TRAPS: dict[str, tuple[_Check, ...]] = {
    "upsertProfile": (_phone_of_context, _zip_by_old_name, _unconnected),
    "trackEvent": (_long_metric,),
    "orderCompleted": (_takes_more_than_orders, _long_metric),
    "addProfileToList": (_zip_by_old_name, _both_ways, _one_list_for_all),
    "removeProfileFromList": (_both_ways, _one_list_for_all),
    "subscribeProfile": (_import_without_time,),
    "unsubscribeProfile": (_everywhere,),
}
