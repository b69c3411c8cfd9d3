"""What the mappings make of the samples: which fire, each field's value or problem, how many samples have a value.

Everything is computed when asked for, and kept as long as the mapping and the sample are the same objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias, cast

from actions.binding import BoundMapping, bind
from actions.coercion import Findings, compile_field
from actions.config import Mapping
from actions.config.row_changes import changes_of, is_change
from actions.destination import Action, Hook, InvalidPayload, Prepared
from actions.errors import MappingError, TriggerError
from actions.fields import Field
from actions.klaviyo import KLAVIYO
from actions.mapping import CompiledMapping, compile_mapping
from actions.triggers import Trigger, parse
from actions.values import MISSING, Json, Missing
from studio.bindings import FieldPath, is_plain_object
from studio.formula.writer import format_formula
from studio.samples import Sample

NOTHING_HERE = "required, nothing here"
"""The problem of a required field whose binding finds nothing on the sample."""


class FieldRow(NamedTuple):
    """One line of the table of fields.

    `field` is its declaration; None for what is not declared: a key of one's own in an object, or a mistake.
    `value` is what the action would get on the sample, MISSING where it gets nothing; `problem` says what is wrong
    with the binding or its value. `depth` is 1 for a sub-field; `opens` says that sub-fields follow.
    """

    path: FieldPath
    field: Field | None
    binding: Json | None
    notation: str
    value: Json | Missing
    problem: str = ""
    depth: int = 0
    opens: bool = False


class Reading(NamedTuple):
    """A binding on a sample: its value, what is wrong with it, and on how many samples it finds something.

    A `fixed` one reads nothing from the event.
    """

    value: Json | Missing
    problem: str
    found_on: int
    of: int
    is_fixed: bool = False


_Taking: TypeAlias = "tuple[int, str, str, tuple[str, ...] | None]"
"""A mapping's position and name, its trigger, and the changes of rows that it takes."""


class Firing(NamedTuple):
    """Of each mapping that is on its index, its name and, for each sample, whether it fires on it.

    What is asked for one sample is put together then, for only the few that are on the screen are asked for.
    """

    fired: tuple[tuple[int, str, bytes], ...]

    def on(self, sample_index: int) -> list[tuple[int, str]]:
        """The mappings that fire on a sample: their indices and names."""
        return [(index, name) for index, name, fired in self.fired if fired[sample_index]]


class Evaluation:
    """Evaluates mappings on samples and keeps what was found.

    `takes_rows` says that the configuration has a source, so that its events are rows of a warehouse.
    """

    def __init__(self, *, takes_rows: bool = False) -> None:
        self._takes_rows = takes_rows
        self._triggers: dict[str, Trigger | TriggerError] = {}
        self._coverage: dict[tuple[str, tuple[str, ...] | None, int], tuple[Sequence[Sample], bytes]] = {}
        self._firing: tuple[tuple[_Taking, ...], Sequence[Sample], Firing] | None = None
        self._bound: dict[int, tuple[Mapping, BoundMapping | None]] = {}
        self._rows: dict[tuple[FieldPath, int, bool], tuple[Json | None, Sample | None, FieldRow]] = {}

    def trigger(self, text: str) -> Trigger | TriggerError:
        """The trigger of a text, or what is wrong with it."""
        if text not in self._triggers:
            if len(self._triggers) > 200:
                self._triggers.clear()
            try:
                self._triggers[text] = parse(text)
            except TriggerError as error:
                self._triggers[text] = error
        return self._triggers[text]

    def fires(self, mapping: Mapping, sample: Sample | None) -> bool:
        """Whether the mapping's trigger matches the sample, whether it is on or not. A bad trigger never does.

        A mapping that takes rows of a warehouse has to take the sample's change, too.
        """
        trigger = self.trigger(mapping.trigger)
        return (
            sample is not None
            and isinstance(trigger, Trigger)
            and trigger.matches(sample.event)
            and _takes(self.changes(mapping), sample)
        )

    def changes(self, mapping: Mapping) -> tuple[str, ...] | None:
        """The changes of rows that a mapping takes; None where it takes what its trigger says."""
        return changes_of(mapping) if self._takes_rows else mapping.on

    def coverage(self, mapping: Mapping, samples: Sequence[Sample]) -> int:
        """On how many of the samples the mapping fires."""
        return sum(self._fired(mapping.trigger, self.changes(mapping), samples))

    def firing(self, mappings: Sequence[Mapping], samples: Sequence[Sample]) -> Firing:
        """Which of the mappings that are on fire on which sample; the same object as long as that is so."""
        key = tuple(
            (index, own.name, own.trigger, self.changes(own)) for index, own in enumerate(mappings) if own.enabled
        )
        if self._firing is None or self._firing[0] != key or self._firing[1] is not samples:
            fired = tuple(
                (index, name, self._fired(trigger, changes, samples)) for index, name, trigger, changes in key
            )
            self._firing = (key, samples, Firing(fired))
        return self._firing[2]

    def _fired(self, text: str, changes: tuple[str, ...] | None, samples: Sequence[Sample]) -> bytes:
        """For each of the samples 1 where a trigger fires, else 0; found out once for each text."""
        key = (text, changes, id(samples))
        kept = self._coverage.get(key)
        if kept is None or kept[0] is not samples:
            trigger = self.trigger(text)
            matches = trigger.matches if isinstance(trigger, Trigger) else (lambda _: False)
            if len(self._coverage) > 200:
                self._coverage.clear()
            kept = self._coverage[key] = (
                samples,
                bytes(matches(sample.event) is True and _takes(changes, sample) for sample in samples),
            )
        return kept[1]

    def bound(self, mapping: Mapping) -> BoundMapping | None:
        """The mapping bound to its action; None where it has errors."""
        kept = self._bound.get(id(mapping))
        if kept is None or kept[0] is not mapping:
            try:
                found = bind(KLAVIYO, mapping)
            except (MappingError, TriggerError):
                found = None
            if len(self._bound) > 200:
                self._bound.clear()
            kept = self._bound[id(mapping)] = (mapping, found)
        return kept[1]

    def prepared(self, mapping: Mapping, sample: Sample) -> Prepared | str:
        """The payload that the action would get, or why it would get none."""
        bound = self.bound(mapping)
        if bound is None:
            return "The mapping has errors, so nothing can be sent; the list of problems has them."
        try:
            return bound.prepare(sample.event)
        except InvalidPayload as error:
            return str(error)

    def rows(
        self, mapping: Mapping, action: Action, sample: Sample | None, *, hidden: bool, is_real: bool = False
    ) -> list[FieldRow]:
        """The lines of the table of fields: bound fields, fields that matter, and hidden ones on demand.

        A hidden field that is required and has no binding is there too: somebody has to give it one. What hooks have
        left has a line of its own; `is_real` says that it is looked at for the real Klaviyo, not for the sandbox.
        """
        rows: list[FieldRow] = []
        for key, field in action.fields.items():
            binding = mapping.fields.get(key)
            is_left_out = field.hidden and not hidden and key not in mapping.fields and not field.required
            if is_left_out or not _matters(field, mapping.fields):
                continue
            subfields = _subfields(field, binding)
            rows.append(self._row((key,), field, binding, sample, opens=bool(subfields)))
            inner = cast("dict[str, Json]", binding) if isinstance(binding, dict) else {}
            rows += [self._row((key, part), sub, inner.get(part), sample) for part, sub in subfields]
            if field.dynamic:  # the list that a hook's takes the place of
                rows += [_hook_row(mapping, hook, is_real=is_real) for hook in action.hooks]
        known = {*action.fields, *(hook.key for hook in action.hooks)}
        rows += [
            FieldRow((key,), None, binding, _notation(binding), MISSING, f"{action.title} has no such field")
            for key, binding in mapping.fields.items()
            if key not in known and not key.startswith("__")
        ]
        return rows

    def _row(
        self, path: FieldPath, field: Field | None, binding: Json | None, sample: Sample | None, *, opens: bool = False
    ) -> FieldRow:
        """A row, kept as long as its binding and the sample are the same objects: a key changes one of thirty."""
        key = (path, id(field), opens)
        kept = self._rows.get(key)
        if kept is None or kept[0] is not binding or kept[1] is not sample:
            row = _row(path, field, binding, sample, depth=len(path) - 1, opens=opens)
            kept = self._rows[key] = (binding, sample, row)
        return kept[2]

    def reading(self, binding: Json, field: Field | None, sample: Sample | None, samples: Sequence[Sample]) -> Reading:
        """A binding as it is being typed: on this sample, and over all."""
        compiled = compiled_binding(binding)
        if isinstance(compiled, str):
            return Reading(MISSING, compiled, 0, len(samples))
        value, problem = _value(compiled, field, sample)
        found = sum(1 for other in samples if _finds(compiled, other))
        return Reading(value, problem, found, len(samples), not isinstance(binding, dict | list))


def _takes(changes: tuple[str, ...] | None, sample: Sample) -> bool:
    return changes is None or is_change(sample.event, changes)


def compiled_binding(binding: Json) -> CompiledMapping | str:
    """The binding compiled, or what is wrong with it."""
    try:
        return compile_mapping(binding)
    except MappingError as error:
        return str(error)


def _row(
    path: FieldPath,
    field: Field | None,
    binding: Json | None,
    sample: Sample | None,
    *,
    depth: int = 0,
    opens: bool = False,
) -> FieldRow:
    if binding is None:
        problem = "required" if field is not None and field.required and not opens else ""
        return FieldRow(path, field, None, "", MISSING, problem, depth, opens)
    notation = _notation(binding)
    compiled = compiled_binding(binding)
    if isinstance(compiled, str):
        return FieldRow(path, field, binding, notation, MISSING, compiled, depth, opens)
    value, problem = _value(compiled, field, sample)
    if sample is not None and not problem and (value is MISSING or value is None) and field and field.required:
        problem = NOTHING_HERE
    if opens and not isinstance(value, Missing):
        problem = ""  # its sub-fields tell
    return FieldRow(path, field, binding, notation, value, problem, depth, opens)


@lru_cache(maxsize=8)
def hook_field(hook: Hook) -> Field:
    """The field as which a hook is shown."""
    return Field(hook.key, hook.name, hook.description, "object", dynamic=True)


def _hook_row(mapping: Mapping, hook: Hook, *, is_real: bool) -> FieldRow:
    """What a hook has left in the mapping, in words."""
    remembered = mapping.fields.get(hook.key)
    field = hook_field(hook)
    if remembered is None:
        return FieldRow((hook.key,), field, None, "", MISSING)
    from studio.cli.text import printable
    from studio.connections import is_of_sandbox, list_of, list_text  # few mappings are connected

    found = list_of(mapping)
    if found is None:
        asked = printable(list_text(mapping), one_line=True)
        return FieldRow((hook.key,), field, remembered, asked, "connected when it is saved")
    problem = "of the sandbox: save to connect at Klaviyo" if is_real and is_of_sandbox(mapping) else ""
    where = f"{found.id}, of the sandbox" if is_of_sandbox(mapping) else found.id
    return FieldRow((hook.key,), field, remembered, printable(found.name, one_line=True), where, problem)


@lru_cache(maxsize=4096)
def _notation_of(text: str) -> str:
    from pydantic_core import from_json

    return format_formula(from_json(text))


def _notation(binding: Json) -> str:
    from pydantic_core import to_json

    return _notation_of(to_json(binding).decode())


def _value(compiled: CompiledMapping, field: Field | None, sample: Sample | None) -> tuple[Json | Missing, str]:
    """What a field gets on a sample, and what is wrong with it."""
    if sample is None:
        return MISSING, ""
    try:
        value = compiled.resolve(sample.event)
    except MappingError as error:
        return MISSING, str(error)
    if value is MISSING or field is None:
        return value, ""
    findings = Findings([], [])
    fitting = compile_field(field)(value, findings)
    if findings.problems:
        return cast("Json", value), findings.problems[0]
    return fitting, findings.warnings[0] if findings.warnings else ""


def _finds(compiled: CompiledMapping, sample: Sample) -> bool:
    try:
        value = compiled.resolve(sample.event)
    except MappingError:
        return False
    return value is not MISSING and value is not None


def _subfields(field: Field, binding: Json | None) -> list[tuple[str, Field | None]]:
    """The sub-fields to show: those declared that matter and, where the object takes more, those bound beyond them."""
    if field.type != "object" or field.multiple:
        return []
    if binding is not None and not is_plain_object(binding):
        return []
    bound = cast("dict[str, Json]", binding or {})
    declared = [(key, sub) for key, sub in field.fields.items() if _matters(sub, bound)]
    further = [(key, None) for key in bound if key not in field.fields] if field.extra else []
    return [*declared, *further]


def _matters(field: Field, bindings: dict[str, Json]) -> bool:
    """Whether a field that depends on another is to be shown."""
    condition = field.depends_on
    if condition is None or field.key in bindings:
        return True
    value = bindings.get(condition.key, "")
    return (value == condition.value) is (condition.operator == "is")
