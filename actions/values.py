"""JSON values as Segment's engine sees them: what is missing, and JavaScript's conversions.

Segment's mapping language runs on JavaScript, and its results show it: `5.0` becomes the text `"5"`, a list in a
template becomes `"b,a"`. Mappings rely on those texts, so they are the same here.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, TypeAlias, cast, final

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, list[Json] or dict[str, Json]."""


@final
class Missing:
    """What a path finds where nothing is: JavaScript's `undefined`, which is not null."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "MISSING"  # pickles and copies as the one instance


MISSING: Final = Missing()

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_RADIX = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")
_JS_BLANKS = (
    " \t\n\r\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)


def type_name(value: Json) -> str:
    """The JSON type of a value as people say it: `string`, `number`, `boolean`, `array`, `object` or `null`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list) else "object"


def number_text(number: float) -> str:
    """The text JavaScript gives a number (ECMA-262, Number::toString): `5.0` is `"5"`, `1e21` is `"1e+21"`.

    Integers that JavaScript could not hold exactly keep their digits up to 1e21.
    """
    if isinstance(number, int) and abs(number) < 10**21:
        return str(number)
    try:
        number = float(number)
    except OverflowError:
        number = math.inf if number > 0 else -math.inf
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    mantissa, _, exponent = f"{number!r}".partition("e")
    sign, mantissa = ("-", mantissa[1:]) if mantissa.startswith("-") else ("", mantissa)
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0") or "0"
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def text(value: Json) -> str:
    """The text JavaScript's `String(value)` gives: lists are joined by commas, objects read `[object Object]`."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, list):
        return ",".join("" if item is None else text(item) for item in cast("list[Json]", value))
    return "undefined" if value is MISSING else "[object Object]"


def json_text(value: Json) -> str:
    """The text JavaScript's `JSON.stringify(value)` gives: no blanks, numbers as in `number_text`."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return f"[{','.join(map(json_text, cast('list[Json]', value)))}]"
    if isinstance(value, dict):
        pairs = cast("dict[str, Json]", value).items()
        members = (f"{json.dumps(key, ensure_ascii=False)}:{json_text(item)}" for key, item in pairs)
        return f"{{{','.join(members)}}}"
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    return text(value)


def finite(value: Json) -> Json:
    """A value without the infinities that numbers like `1e999` are read as: as JavaScript writes them, null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [finite(item) for item in cast("list[Json]", value)]
    if isinstance(value, dict):
        return {key: finite(item) for key, item in cast("dict[str, Json]", value).items()}
    return value


def number(string: str) -> int | float | None:
    """The number JavaScript's `Number(text)` reads, or None where it reads none (blank text included)."""
    string = string.strip(_JS_BLANKS)
    if _NUMBER.fullmatch(string):
        value = float(string)
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    return int(string, 0) if _RADIX.fullmatch(string) else None
