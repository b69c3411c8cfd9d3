"""A mapping bound to its action: from an event to a payload that may be sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, cast

from actions.coercion import Coercion, Findings, compile_coercion
from actions.config import Mapping
from actions.config.row_changes import is_change
from actions.destination import Action, Destination, InvalidPayload, PayloadDict, Preparation, Prepared
from actions.errors import MappingError, Problem
from actions.mapping import CompiledMapping, compile_mapping
from actions.triggers import Trigger, parse
from actions.values import Json, type_name

BatchKey: TypeAlias = tuple[tuple[Json, ...], tuple[Json, ...]]


@dataclass(frozen=True, slots=True, eq=False)  # it holds functions, which are like no others
class BoundMapping:
    """A compiled mapping: `fires`, then `prepare`. The same for previews and deliveries.

    `fires(event)` tells whether the trigger matches, and of a mapping of rows the change; whether it is enabled is not
    asked.
    """

    mapping: Mapping
    action: Action
    trigger: Trigger
    fires: Callable[[Json], bool]
    fields: CompiledMapping
    coerce: Coercion
    preparation: Preparation

    def mapped(self, event: Json) -> PayloadDict | None:
        """What the directives make of the event before anything is checked; None where they fail on it."""
        try:
            return cast("PayloadDict", self.fields.resolve(event))
        except MappingError:
            return None

    def prepare(self, event: Json) -> Prepared:
        """The payload to send for an event. Raises `InvalidPayload` with every problem in its text."""
        if not isinstance(event, dict):
            raise InvalidPayload(f"An event must be an object but this is {_article(type_name(event))}.")
        try:
            payload = cast("PayloadDict", self.fields.resolve(event))
        except MappingError as error:
            raise InvalidPayload(f"The mapping cannot be applied to this event: {error}") from error
        findings = Findings([], [])
        payload = self.coerce(payload, findings)
        if findings.problems:
            raise InvalidPayload(" ".join(findings.problems))
        prepared = self.action.prepare(payload, self.preparation)
        if findings.warnings:
            return Prepared(prepared.payload, (*findings.warnings, *prepared.warnings))
        return prepared

    def audience(self, event: Json, payload: PayloadDict) -> str:
        """The list of the Engage audience that an event speaks of, which the payload joins or leaves; else empty."""
        list_of = self.action.audience
        match event:
            case {"context": {"personas": {"external_audience_id": str(named)}}} if named and list_of:
                return list_of(payload)
            case _:
                return ""

    @property
    def batch_count(self) -> int:
        """How many payloads share a request at most; 1 where the mapping says that they go out one by one."""
        fields = self.mapping.fields
        if fields.get("enable_batching") is False:
            return 1
        most, size = self.action.batch_maximum, fields.get("batch_size")
        return min(int(size), most) if isinstance(size, int | float) and size >= 1 else most

    def batch_key(self, payload: PayloadDict) -> BatchKey:
        """Payloads with different keys never share a request: the action's own key, and the mapping's batch keys."""
        own, named = self.action.batch_key(payload), payload.get("batch_keys")
        if not named:
            return own, ()
        values = tuple(map(payload.get, named))
        try:
            hash(values)
        except TypeError:
            values = tuple(map(_hashable, values))
        return own, values


def bind(destination: Destination, mapping: Mapping) -> BoundMapping:
    """Compile a mapping for a destination. Raises `MappingError` (unknown action, bad directive) or `TriggerError`."""
    action = destination.actions.get(mapping.action)
    if action is None:
        known = ", ".join(destination.actions)
        raise MappingError([Problem(f"{destination.name} has no action {mapping.action!r}; there are {known}.")])
    trigger = parse(mapping.trigger)
    return BoundMapping(
        mapping,
        action,
        trigger,
        _firing(trigger, mapping.on),
        compile_mapping(mapping.fields),
        _coercion_with_hooks(action),
        Preparation(mapping.on_invalid_phone),
    )


def _firing(trigger: Trigger, changes: tuple[str, ...] | None) -> Callable[[Json], bool]:
    matches = trigger.matches
    return matches if changes is None else lambda event: matches(event) and is_change(event, changes)


def _coercion_with_hooks(action: Action) -> Coercion:
    """The action's coercion; what a hook left in the mapping passes beside the fields."""
    coerce = compile_coercion(action.fields)
    if not action.hooks:
        return coerce
    keys = [hook.key for hook in action.hooks]

    def coerce_and_keep(payload: PayloadDict, findings: Findings) -> PayloadDict:
        result = coerce(payload, findings)
        for key in keys:
            if key in payload:
                result[key] = payload[key]
        return result

    return coerce_and_keep


def _hashable(value: Json) -> Json:
    return repr(cast("Json", value)) if isinstance(value, list | dict) else value


def _article(name: str) -> str:
    return name if name == "null" else f"{'an' if name == 'array' else 'a'} {name}"
