"""LiquidJS's filters on numbers: JavaScript's arithmetic on doubles, where nothing raises and NaN spreads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from actions.mapping.liquid_values import to_number
from actions.values import MISSING, Json, number_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LARGEST_SAFE = 2**53 - 1


def whole(value: Json) -> int:
    """A count or position given to a filter, cut to an integer."""
    given = _number(value)
    return int(given) if math.isfinite(given) else (0 if math.isnan(given) else int(math.copysign(2**31, given)))


def _number(value: Json) -> float:
    """A filter's number: what is none counts as 0, what is left out as NaN."""
    if value is MISSING:
        return math.nan
    found = to_number(value)
    return 0.0 if math.isnan(found) else found


def _operand(value: Json) -> float:
    return 0.0 if value is MISSING else _number(value)


def _absolute(value: Json) -> Json:
    return abs(_operand(value))


def _at_least(value: Json, *bounds: Json) -> Json:
    return max(map(_operand, (value, *bounds)))


def _at_most(value: Json, *bounds: Json) -> Json:
    return min(map(_operand, (value, *bounds)))


def _ceil(value: Json) -> Json:
    given = _operand(value)
    return float(math.ceil(given)) if math.isfinite(given) else given


def _floor(value: Json) -> Json:
    return _floored(_operand(value))


def _plus(value: Json, *addends: Json) -> Json:
    return _operand(value) + _argument(addends)


def _minus(value: Json, *subtrahends: Json) -> Json:
    return _operand(value) - _argument(subtrahends)


def _times(value: Json, *factors: Json) -> Json:
    return _operand(value) * _argument(factors)


def _divided_by(value: Json, *arguments: Json) -> Json:
    quotient = _quotient(_operand(value), _argument(arguments))
    integer = len(arguments) > 1 and _operand(arguments[1]) != 0
    return _floored(quotient) if integer else quotient


def _modulo(value: Json, *divisors: Json) -> Json:
    dividend, divisor = _operand(value), _argument(divisors)
    return _remainder(_remainder(dividend, divisor) + divisor, divisor)


def _round(value: Json, digits: Json = 0) -> Json:
    given, places = _operand(value), _operand(digits)
    scaled = _shifted(abs(given), places)
    if not scaled <= _LARGEST_SAFE:
        return given
    low = math.floor(scaled)
    rounded = _shifted(float(low + (scaled - low >= 0.5)), -places)
    return -rounded if given < 0 else rounded


def _floored(value: float) -> float:
    return float(math.floor(value)) if math.isfinite(value) else value


def _argument(arguments: tuple[Json, ...]) -> float:
    return _operand(arguments[0]) if arguments else math.nan


def _quotient(dividend: float, divisor: float) -> float:
    if divisor != 0:
        return dividend / divisor
    if dividend == 0 or math.isnan(dividend):
        return math.nan
    return math.copysign(math.inf, dividend) * math.copysign(1.0, divisor)


def _remainder(dividend: float, divisor: float) -> float:
    if divisor == 0 or math.isinf(dividend):
        return math.nan
    return math.fmod(dividend, divisor)


def _shifted(value: float, places: float) -> float:
    """The number with its decimal point moved, done on its digits so that 1.005 rounds as people expect."""
    mantissa, _, power = number_text(value).partition("e")
    try:
        return float(f"{mantissa}e{number_text(int(power or 0) + places)}")
    except ValueError:
        return math.nan


FILTERS: Final[Mapping[str, Callable[..., Json]]] = {
    "abs": _absolute,
    "at_least": _at_least,
    "at_most": _at_most,
    "ceil": _ceil,
    "divided_by": _divided_by,
    "floor": _floor,
    "minus": _minus,
    "modulo": _modulo,
    "plus": _plus,
    "round": _round,
    "times": _times,
}
"""The filters by name."""
