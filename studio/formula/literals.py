"""The values of texts, numbers and JSON in a formula."""

from __future__ import annotations

import json
import math
import re
from typing import Final

from actions.values import Json
from studio.formula.syntax import FormulaError, shortened
from studio.formula.tokens import Token

_ESCAPE: Final = re.compile(
    r"\\(?:u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|u(?P<unit>[0-9a-fA-F]{4})|(?P<letter>.))",
    re.DOTALL,
)
_LETTERS: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"} | {sign: sign for sign in "\"'\\/"}


def unquoted(token: Token) -> str:
    """The text that a quoted text stands for, its escapes those of JSON. Raises `FormulaError`."""

    def character(escape: re.Match[str]) -> str:
        if escape["unit"]:
            return chr(int(escape["unit"], 16))
        if escape["high"]:
            return chr(0x10000 + ((int(escape["high"], 16) - 0xD800) << 10) + int(escape["low"], 16) - 0xDC00)
        if escape["letter"] in _LETTERS:
            return _LETTERS[escape["letter"]]
        raise FormulaError(
            f"{shortened(escape[0])} is no escape. Write \\\\ for a backslash.",
            token.start + 1 + escape.start(),
            ("\\\\",),
        )

    text = token.text[1:-1]
    return _ESCAPE.sub(character, text) if "\\" in text else text


def number(token: Token) -> int | float:
    """The number that a token stands for: an integer where it has neither point nor exponent. Raises `FormulaError`."""
    digits = token.text.lstrip("-")
    if digits[0] == "0" and digits[1:2].isdigit():
        raise FormulaError("A number does not begin with 0. Put it in quotes to make it text.", token.start)
    try:
        return int(token.text) if digits.isdigit() else _finite(token.text)
    except ValueError:
        raise FormulaError("This number is too large.", token.start) from None


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number


def strict_json(text: str) -> Json:
    """The value of strict JSON. Raises `ValueError`, for a key that stands twice as well."""

    def members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        result = dict(pairs)
        if len(result) < len(pairs):
            raise ValueError(text)
        return result

    return json.loads(text, object_pairs_hook=members, parse_float=_finite, parse_constant=_finite)
