"""Coercion: a mapped payload made to fit its fields, by Segment's rules and in Segment's words.

Empty values are left out, numbers, texts and booleans are read from each other as JavaScript would, and every problem
is found at once. The rules were measured on Segment's own engine (ajv with `coerceTypes: "array"`); where we read a
value differently, the function says so.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from actions.datetimes import DatetimeError, iso_time
from actions.fields import Field
from actions.values import MISSING, Json, Missing, number, text, type_name

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++"
_LABEL = r"[A-Za-z0-9]++(?:-++[A-Za-z0-9]++)*+"
EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*+@{_LABEL}(?:\.{_LABEL})++")
"""An e-mail address as Segment's engine takes it, written so that nothing is tried twice."""
_LONGEST_EMAIL = 320  # RFC 3696


@dataclass(slots=True)
class Findings:
    """What coercion has to say about one payload."""

    problems: list[str]
    warnings: list[str]


Coerce: TypeAlias = Callable[[Json, Findings], Json | Missing]
"""Gives the value that fits the field, or MISSING where there is none (left out, or a problem was noted)."""

Coercion: TypeAlias = Callable[[dict[str, Json], Findings], dict[str, Json]]


def compile_coercion(fields: Mapping[str, Field]) -> Coercion:
    """A function from a mapped payload to the payload that its fields allow; undeclared keys are dropped.

    Problems and warnings are added to the findings given; with a problem, the result is of no use.
    """
    return _members(fields, extra=False, owner="The root value")


def _members(fields: Mapping[str, Field], *, extra: bool, owner: str) -> Coercion:
    coercers = {key: _compile_value(item) for key, item in fields.items()}
    nullable = {key for key, item in fields.items() if item.allow_null}
    untouched = {key: kind for key, item in fields.items() if not item.multiple and (kind := _untouched_type(item))}
    required = frozenset(key for key, item in fields.items() if item.required)

    def coerce_members(payload: dict[str, Json], findings: Findings) -> dict[str, Json]:
        result = payload.copy()  # most values stay as they are
        for key, value in payload.items():
            if type(value) is untouched.get(key) and value != "":
                continue
            coerce = coercers.get(key)
            if coerce is None:
                fitting = value if extra else MISSING
            elif value is None:
                fitting = None if key in nullable else MISSING
            else:
                fitting = coerce(value, findings)
            if fitting is MISSING:
                del result[key]
            elif fitting is not value:
                result[key] = fitting
        if required and not required.issubset(result):
            findings.problems += [
                f"{owner} is missing the required field '{key}'."
                for key in coercers
                if key in required and key not in result and not _is_refused(coercers[key], payload.get(key))
            ]
        return result

    return coerce_members


def _is_refused(coerce: Coerce, value: Json) -> bool:
    """Whether a value that did not come through was refused, and so told already, rather than blank."""
    findings = Findings([], [])
    if value is not None:
        coerce(value, findings)
    return bool(findings.problems)


def _untouched_type(field: Field) -> type | None:
    """The type whose values fit the field as they are, blank texts aside: the common case, without a call."""
    if field.fields or field.format or field.choices or field.maximum is not None:
        return None
    return {"string": str, "boolean": bool, "object": dict}.get(field.type)


def compile_field(field: Field) -> Coerce:
    """The coercion of one field, `multiple` and null included."""
    coerce = _compile_value(field)
    null = None if field.allow_null else MISSING

    def coerce_or_null(value: Json, findings: Findings) -> Json | Missing:
        return null if value is None else coerce(value, findings)

    return coerce_or_null


def _compile_value(field: Field) -> Coerce:
    """The coercion of one field's values but for null."""
    coerce = _BY_TYPE[field.type](field)
    return _each(field, coerce) if field.multiple else coerce


def _each(field: Field, coerce: Coerce) -> Coerce:
    """A list of such values; one value alone is a list of one. Nulls in it are no values, as at Segment."""

    untouched = {_untouched_type(field)}

    def coerce_each(value: Json, findings: Findings) -> Json | Missing:
        if value == "":
            return MISSING
        result: list[Json] = []
        items = cast("list[Json]", value) if isinstance(value, list) else [value]
        if set(map(type, items)) == untouched and "" not in items:
            return items
        for index, item in enumerate(items):
            if item is None:
                continue
            nested = Findings([], findings.warnings)
            fitting = coerce(item, nested)
            if fitting is MISSING and not nested.problems:
                nested.problems.append(_mismatch(field, item))
            findings.problems += [f"{field.label}, number {index + 1}: {problem}" for problem in nested.problems]
            result.append(fitting)
        return result

    return coerce_each


def _mismatch(field: Field, value: Json) -> str:
    """Segment's sentence for a value of the wrong type: `Value must be a number but it was a string.`"""
    name = type_name(value)
    if field.type == "number" and name == "number":
        return f"{field.label} must be a finite number but it was {text(value)}."
    article = "an" if field.type == "object" else "a"
    found = "null" if name == "null" else f"{'an' if name in ('array', 'object') else 'a'} {name}"
    return f"{field.label} must be {article} {field.type} but it was {found}."


def _unwrapped(value: Json) -> Json:
    """A one-element list is taken as its element where one value is wanted."""
    items: list[Json] = cast("list[Json]", value) if isinstance(value, list) else []
    return items[0] if len(items) == 1 else cast("Json", value)


def _string(field: Field) -> Coerce:
    drop_blank = field.drop_blank
    check = _text_check(field)

    def coerce_string(value: Json, findings: Findings) -> Json | Missing:
        if type(value) is not str:
            value = _unwrapped(value)
            if value is None:
                return MISSING
            if isinstance(value, list | dict):
                findings.problems.append(_mismatch(field, value))
                return MISSING
            value = text(value)
        if not value and drop_blank:
            return MISSING
        return check(value, findings) if check else value

    return coerce_string


def _text_check(field: Field) -> Callable[[str, Findings], str] | None:
    """The further check of a text, where its field asks for one."""
    if field.format == "email":
        return _email_check(field)
    if field.choices:
        return _choice_check(field)
    return _length_check(field, field.maximum) if field.maximum is not None else None


def _email_check(field: Field) -> Callable[[str, Findings], str]:
    def check_email(value: str, findings: Findings) -> str:
        if len(value) > _LONGEST_EMAIL or not EMAIL.fullmatch(value):
            findings.problems.append(f"{field.label} must be a valid email address string but it was not.")
        return value

    return check_email


def _choice_check(field: Field) -> Callable[[str, Findings], str]:
    choices = frozenset(field.choices)

    def check_choice(value: str, findings: Findings) -> str:
        if value in choices:
            return value
        if value.upper() in choices:
            findings.warnings.append(f"{field.label} {value!r} was read as {value.upper()!r}.")
            return value.upper()
        listed = ", ".join(f'"{choice}"' for choice in field.choices)
        findings.problems.append(f"{field.label} must be one of: {listed}.")
        return value

    return check_choice


def _length_check(field: Field, longest: int) -> Callable[[str, Findings], str]:
    def check_length(value: str, findings: Findings) -> str:
        if len(value) > longest:
            findings.problems.append(f"Length of {field.key} must be no more than {longest} characters.")
        return value

    return check_length


def _number(field: Field) -> Coerce:
    low = -sys.float_info.max if field.minimum is None else field.minimum
    high = sys.float_info.max if field.maximum is None else field.maximum

    def coerce_number(value: Json, findings: Findings) -> Json | Missing:
        if type(value) is int and low <= value <= high:
            return value
        value = _unwrapped(value)
        if isinstance(value, bool):
            return int(value)
        found: Json = value
        if isinstance(value, str):
            if not value.strip():
                return MISSING  # Segment reads blank text as 0; a blank is no number
            found = number(value)
        if not isinstance(found, int | float) or not _is_finite(found):
            if value is not None:
                findings.problems.append(_mismatch(field, value))
            return MISSING
        nearest = min(max(found, low), high)
        if nearest != found:  # Segment refuses every event for a batch size out of bounds
            findings.warnings.append(f"{field.label} {text(found)} is out of bounds; {text(nearest)} was used.")
        return nearest

    return coerce_number


def _is_finite(value: float) -> bool:
    """Whether JavaScript would read it as a number that is not infinite."""
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer larger than any float
        return False


def _boolean(field: Field) -> Coerce:
    def coerce_boolean(value: Json, findings: Findings) -> Json | Missing:
        value = _unwrapped(value)
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return value == "true"
        if not isinstance(value, str | list | dict) and value in (0, 1):
            return value == 1
        if value not in ("", None):
            findings.problems.append(_mismatch(field, value))
        return MISSING

    return coerce_boolean


def _datetime(field: Field) -> Coerce:
    def coerce_datetime(value: Json, findings: Findings) -> Json | Missing:
        if type(value) is not str:
            value = _unwrapped(value)
        if value in ("", None):
            return MISSING
        try:
            return iso_time(value)
        except DatetimeError as error:
            findings.problems.append(f"{field.label} {error}")
            return MISSING

    return coerce_datetime


def _object(field: Field) -> Coerce:
    members = _members(field.fields, extra=field.extra, owner=field.label) if field.fields else None

    def coerce_object(value: Json, findings: Findings) -> Json | Missing:
        if not isinstance(value, dict):
            value = _unwrapped(value)
            if value in ("", None):
                return MISSING
            if not isinstance(value, dict):
                findings.problems.append(_mismatch(field, value))
                return MISSING
        known = cast("dict[str, Any]", value)
        return members(known, findings) if members else known

    return coerce_object


_BY_TYPE: dict[str, Callable[[Field], Coerce]] = {
    "string": _string,
    "number": _number,
    "boolean": _boolean,
    "datetime": _datetime,
    "object": _object,
}
