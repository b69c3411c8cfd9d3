"""The expressions of a Liquid template as closures, and what one rendering carries along.

python-liquid has parsed them; what they give is LiquidJS's.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import thread_time
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from liquid.builtin.expressions import (
    BooleanExpression,
    FilteredExpression,
    KeywordArgument,
    Literal,
    Nil,
    Path,
    StringLiteral,
    logical,
    primitive,
)
from liquid.exceptions import LiquidSyntaxError

from actions.mapping.liquid_filters import DISABLED, FILTERS
from actions.mapping.liquid_values import (
    LARGEST,
    LiquidError,
    Word,
    compare,
    contains,
    equals,
    is_truthy,
    plain,
    read_path,
    size_of,
    stringify,
    to_number,
)
from actions.values import Json, text

if TYPE_CHECKING:
    from liquid.builtin.expressions.filtered import Filter
    from liquid.expression import Expression

TIME_LIMIT = 0.5
"""Segment's limit for one rendering, in seconds; of the processor's time, so that a busy machine fails no event."""

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{0,4})|([0-7]{1,3})|(.))", re.DOTALL)
_ESCAPED: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


@dataclass(slots=True)
class Rendering:
    """One rendering of a template: the event, the template's own variables, the output, and the limits."""

    event: Json
    variables: dict[str, Json] = field(default_factory=dict[str, Json])
    counters: dict[str, float] = field(default_factory=dict[str, float])
    cycles: dict[str, int] = field(default_factory=dict[str, int])
    output: list[str] = field(default_factory=list[str])
    room: int = LARGEST
    deadline: float = field(default_factory=lambda: thread_time() + TIME_LIMIT)

    def take(self, size: int) -> None:
        """Use up some of the room, and see whether there is still time."""
        self.room -= size
        if self.room < 0:
            raise LiquidError(f"the template makes more than {LARGEST:,} characters")
        if thread_time() > self.deadline:
            raise LiquidError(f"the template takes longer than {TIME_LIMIT * 1000:.0f} ms")

    def write(self, value: Json) -> None:
        """Append the text of a value to the output."""
        written = stringify(value)
        self.take(len(written))
        self.output.append(written)

    def look_up(self, keys: list[Json]) -> Json:
        """The value at a path: of a variable of the template, or else of the event."""
        name = text(plain(keys[0]))
        for scope in (self.variables, self.counters):
            if name in scope:
                return read_path(scope, keys)
        return read_path(self.event, keys)


Value: TypeAlias = Callable[[Rendering], Json]
"""The closure of an expression."""


def compile_expression(expression: Expression) -> Value:
    """The closure of anything python-liquid takes for a value or a condition."""
    match expression:
        case BooleanExpression():
            return compile_expression(expression.expression)
        case FilteredExpression():
            return _filtered(expression)
        case Path():
            return _path(expression)
        case StringLiteral():
            return _constant(_unescaped(expression.value))
        case Literal():
            return _constant(cast("Literal[Json]", expression).value)
        case Nil():
            return _constant(Word.NIL)
        case primitive.Empty():
            return _constant(Word.EMPTY)
        case primitive.Blank():
            return _constant(Word.BLANK)
        case primitive.RangeLiteral():
            return _range(expression)
        case _:
            return _condition(expression)


def _condition(expression: Expression) -> Value:
    match expression:
        case logical.LogicalNotExpression(right=logical.LogicalAndExpression() as joined):
            # python-liquid lets `not` reach to the end of the condition, LiquidJS binds it to the first operand
            return _and(_not(compile_expression(joined.left)), compile_expression(joined.right))
        case logical.LogicalNotExpression(right=logical.LogicalOrExpression() as joined):
            return _or(_not(compile_expression(joined.left)), compile_expression(joined.right))
        case logical.LogicalNotExpression():
            return _not(compile_expression(expression.right))
        case logical.LogicalAndExpression():
            return _and(compile_expression(expression.left), compile_expression(expression.right))
        case logical.LogicalOrExpression():
            return _or(compile_expression(expression.left), compile_expression(expression.right))
        case (
            logical.EqExpression()
            | logical.NeExpression()
            | logical.LtExpression()
            | logical.LeExpression()
            | logical.GtExpression()
            | logical.GeExpression()
            | logical.ContainsExpression()
        ):
            left, right = compile_expression(expression.left), compile_expression(expression.right)
            return _comparison(left, _COMPARISONS[type(expression)], right)
        case _:
            raise LiquidSyntaxError(f"unsupported expression {expression}", token=expression.token)


_COMPARISONS: Final[Mapping[type, Callable[[Json, Json], bool]]] = {
    logical.EqExpression: equals,
    logical.NeExpression: lambda left, right: not equals(left, right),
    logical.LtExpression: lambda left, right: compare(left, "<", right),
    logical.LeExpression: lambda left, right: compare(left, "<=", right),
    logical.GtExpression: lambda left, right: compare(left, ">", right),
    logical.GeExpression: lambda left, right: compare(left, ">=", right),
    logical.ContainsExpression: contains,
}


def _comparison(left: Value, holds: Callable[[Json, Json], bool], right: Value) -> Value:
    return lambda rendering: holds(left(rendering), right(rendering))


def _not(operand: Value) -> Value:
    return lambda rendering: not is_truthy(operand(rendering))


def _and(left: Value, right: Value) -> Value:
    return lambda rendering: is_truthy(left(rendering)) and is_truthy(right(rendering))


def _or(left: Value, right: Value) -> Value:
    return lambda rendering: is_truthy(left(rendering)) or is_truthy(right(rendering))


def _constant(value: Json) -> Value:
    return lambda rendering: value  # noqa: ARG005 - a literal is the same everywhere


def _path(path: Path) -> Value:
    steps = [compile_expression(step) if isinstance(step, Path) else _constant(step) for step in path.path]
    return lambda rendering: rendering.look_up([step(rendering) for step in steps])


def _range(expression: primitive.RangeLiteral) -> Value:
    start, stop = compile_expression(expression.start), compile_expression(expression.stop)

    def count(rendering: Rendering) -> Json:
        low, high = to_number(start(rendering)), to_number(stop(rendering))
        if math.isnan(low) or math.isnan(high) or high < low:
            return []
        rendering.take(int(min(high - low, LARGEST)) + 1)
        return [low + step for step in range(int(high - low) + 1)]

    return count


def _filtered(expression: FilteredExpression) -> Value:
    value = compile_expression(expression.left)
    for filter_ in expression.filters or ():
        value = _filter(value, filter_)
    return value


def _filter(value: Value, filter_: Filter) -> Value:
    if filter_.name in DISABLED:
        raise LiquidSyntaxError(f'filter "{filter_.name}" is disabled', token=filter_.token)
    function = FILTERS.get(filter_.name)
    if function is None:  # LiquidJS passes the value through
        return value
    arguments = [_argument(argument) for argument in filter_.args][: _arity(function)]

    def apply(rendering: Rendering) -> Json:
        result = function(value(rendering), *[argument(rendering) for argument in arguments])
        rendering.take(size_of(result, rendering.room))
        return result

    return apply


def _argument(argument: Json) -> Value:
    """An argument of a filter. A named one comes as the pair of name and value, as in LiquidJS."""
    value = compile_expression(argument.value)
    if isinstance(argument, KeywordArgument):
        name = argument.name
        return lambda rendering: [name, value(rendering)]
    return value


def _arity(function: Callable[..., Json]) -> int | None:
    """How many arguments beside the value a filter takes; further ones are ignored, as JavaScript does."""
    parameters = inspect.signature(function).parameters.values()
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return None
    return len(parameters) - 1


def _unescaped(literal: str) -> str:
    if "\\" not in literal:
        return literal
    units = _ESCAPE.sub(_escaped, literal).encode("utf-16-le", "surrogatepass")
    return units.decode("utf-16-le", "replace")  # escapes are of UTF-16 units: two of them can be one character


def _escaped(found: re.Match[str]) -> str:
    if found[1] is not None:
        return chr(int(found[1] or "0", 16))
    if found[2] is not None:
        return chr(int(found[2], 8))
    return _ESCAPED.get(found[3], found[3])
