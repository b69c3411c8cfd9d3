"""Simple triggers as conditions to choose from lists, and back to FQL.

Simple is what the builder of the trigger editor can show: conditions on one field each, of which all or any must hold.
Whatever is richer stays text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from actions.errors import TriggerError
from actions.triggers import nodes, parse

JoinedBy: TypeAlias = Literal["all", "any"]
Value: TypeAlias = str | int | float | bool | None


class Operator(StrEnum):
    """What a condition asks of its field, in words for people."""

    IS = "is"
    IS_NOT = "is not"
    CONTAINS = "contains"
    CONTAINS_NOT = "does not contain"
    MATCHES = "matches"
    MATCHES_NOT = "does not match"
    EXISTS = "exists"
    EXISTS_NOT = "does not exist"
    GREATER = "greater than"
    GREATER_OR_EQUAL = "greater or equal"
    LESS = "less than"
    LESS_OR_EQUAL = "less or equal"
    IS_TRUE = "is true"
    IS_FALSE = "is false"

    @property
    def takes_value(self) -> bool:
        """Whether it compares the field with a value."""
        return self not in _WITHOUT_VALUE

    @property
    def takes_pattern(self) -> bool:
        """Whether its value is a glob pattern, such as `Order *`, and so always a text."""
        return self in (Operator.MATCHES, Operator.MATCHES_NOT)


_COMPARATORS = {
    Operator.IS: "=",
    Operator.IS_NOT: "!=",
    Operator.GREATER: ">",
    Operator.GREATER_OR_EQUAL: ">=",
    Operator.LESS: "<",
    Operator.LESS_OR_EQUAL: "<=",
}
_WITHOUT_VALUE = {
    Operator.EXISTS: "!= null",
    Operator.EXISTS_NOT: "= null",
    Operator.IS_TRUE: "= true",
    Operator.IS_FALSE: "= false",
}
_CALLS = {
    Operator.CONTAINS: "contains",
    Operator.CONTAINS_NOT: "!contains",
    Operator.MATCHES: "match",
    Operator.MATCHES_NOT: "!match",
}
_OPERATORS = {written: operator for operator, written in (_COMPARATORS | _WITHOUT_VALUE | _CALLS).items()}
_WORDS: dict[JoinedBy, str] = {"all": "and", "any": "or"}

_FIELD_PARTS = re.compile(r"\\[.\[\\]|(?<!^)\[[0-9]+\](?=[.\[]|$)|[\w.-]+|.", re.DOTALL)
_KEPT_IN_FIELDS = re.compile(r"\\[.\[\\]|\[[0-9]+\]|[\w.-]+")
_NOT_A_FIELD = re.compile(
    r"(?:and|or|in|true|false|null)\Z|[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.-])",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_WHOLE_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", re.DOTALL)
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_DIGITS_AT_MOST = 300
_GLOB_PARTS = re.compile(r"\\(.)|\\\Z|(.)", re.DOTALL)
_GLOB_SIGNS = "*?[]!^-\\"
_MAPPING_KEYS = re.compile(r"\['([^']*)'\]|\[\"([^\"]*)\"\]|(\[[0-9]+\])|([^.\[]+)")


@dataclass(frozen=True, slots=True)
class Condition:
    r"""A question about one field.

    `field` is its path as people write it: keys with dots between them and places in lists as `[0]`; of FQL's
    escapes only those before a dot, `[` or backslash within a key are needed (`traits.first name`, `traits.a\.b`).
    `value` is what it is compared with, a glob pattern where it `matches`, and `""` where the operator takes none.
    """

    field: str
    operator: Operator
    value: Value = ""


def to_fql(conditions: Sequence[Condition], joined_by: JoinedBy) -> str:
    """The conditions as a trigger; `""` if there are none."""
    return f" {_WORDS[joined_by]} ".join(map(_written, conditions))


def from_fql(text: str) -> tuple[tuple[Condition, ...], JoinedBy] | None:
    """The conditions of a trigger and how they are joined; None where it is richer than that, or not FQL.

    A blank text has no conditions.
    """
    if not text.strip():
        return (), "all"
    try:
        root = nodes.within(parse(text).root)
    except TriggerError:
        return None
    parts = root.parts if isinstance(root, nodes.Every | nodes.Some) else (root,)
    conditions = [condition for part in parts if (condition := _condition(nodes.within(part)))]
    if len(conditions) < len(parts):
        return None
    return tuple(conditions), "any" if isinstance(root, nodes.Some) else "all"


def field_of_path(path: str) -> str:
    """A path of the mapping language, such as `properties['a.b'][0]`, as the field of a condition."""
    field = ""
    for single, double, index, plain in _MAPPING_KEYS.findall(path.removeprefix("$")):
        key = re.sub(r"[.\[\\]", r"\\\g<0>", single or double or plain)
        field += index or (f".{key}" if field else key)
    return field


def read_value(text: str) -> Value:
    """The value that a typed text means.

    A number as JSON writes it, `true`, `false` and `null` are what they say; anything in quotes is text, and so is
    the rest: `007` and `+1415` too, which are codes rather than amounts.
    """
    text = text.strip()
    if text in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[text]
    if len(text) <= _DIGITS_AT_MOST and (found := _JSON_NUMBER.fullmatch(text)):
        number = float(text) if found[1] or found[2] else int(text)
        if math.isfinite(number):
            return number
    if _WHOLE_TEXT.fullmatch(text):
        return _ESCAPED.sub(lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), text[1:-1])
    return text


def write_value(value: Value) -> str:
    """The text that `read_value` reads as the value: text without quotes wherever it needs none."""
    if not isinstance(value, str):
        return _literal(value)
    return value if read_value(value) == value and not re.search(r"[\n\t]", value) else _literal(value)


def _written(condition: Condition) -> str:
    field, operator = _path(condition.field), condition.operator
    if not operator.takes_value:
        return f"{field} {_WITHOUT_VALUE[operator]}"
    value = _pattern(str(condition.value)) if operator.takes_pattern else _literal(condition.value)
    if operator in _CALLS:
        return f"{_CALLS[operator]}({field}, {value})"
    return f"{field} {_COMPARATORS[operator]} {value}"


def _path(field: str) -> str:
    """A field as FQL writes it: a backslash before whatever is no letter, digit, `_` or `-`."""
    parts = _FIELD_PARTS.findall(field)
    path = "".join(part if _KEPT_IN_FIELDS.fullmatch(part) else f"\\{part}" for part in parts)
    return f"\\{path}" if _NOT_A_FIELD.match(path) else path


def _field(path: str) -> str:
    return _ESCAPED.sub(lambda found: found[0] if found[1] in ".[\\" else found[1], path)


def _literal(value: Value) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return _quoted(re.sub(r"[\\\"]", r"\\\g<0>", value))
    return repr(value)


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace("\n", "\\n").replace("\t", "\\t"))


def _pattern(pattern: str) -> str:
    return _quoted("".join('\\"' if part == '"' else part for part in _glob_parts(pattern)))


def _glob_parts(pattern: str) -> Iterable[str]:
    """A pattern character by character, each with a backslash only where it would be a sign without it."""
    for found in _GLOB_PARTS.finditer(pattern):
        escaped, plain = found.groups()
        if plain is not None:
            yield plain
        elif escaped is None:
            yield "\\\\"  # a backslash at the end stands for itself
        else:
            yield f"\\{escaped}" if escaped in _GLOB_SIGNS else escaped


def _condition(node: nodes.Node) -> Condition | None:
    if isinstance(node, nodes.Compare):
        return _comparison(node)
    if isinstance(node, nodes.PathNode):
        return Condition(_field(node.text), Operator.IS_TRUE)  # a bare field holds where it is the boolean true
    negated = isinstance(node, nodes.Not)
    call = nodes.within(node.inner) if isinstance(node, nodes.Not) else node
    if not isinstance(call, nodes.Call) or not call.asks:
        return None
    field, value = map(nodes.within, call.arguments)
    if not isinstance(field, nodes.PathNode) or not isinstance(value, nodes.Literal):
        return None
    operator = _OPERATORS[f"{'!' if negated else ''}{call.name}"]
    if not operator.takes_pattern:
        return Condition(_field(field.text), operator, value.literal)
    if value.pattern is None:
        return None
    return Condition(_field(field.text), operator, "".join(_glob_parts(value.pattern)))


def _comparison(node: nodes.Compare) -> Condition | None:
    field, value = nodes.within(node.left), nodes.within(node.right)
    if not isinstance(field, nodes.PathNode) or not isinstance(value, nodes.Literal):
        return None
    special = _OPERATORS.get(f"{node.operator} {_literal(value.literal)}")
    if special:
        return Condition(_field(field.text), special)
    return Condition(_field(field.text), _OPERATORS[node.operator], value.literal)
