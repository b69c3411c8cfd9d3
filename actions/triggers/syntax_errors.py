"""What is wrong with a text that is not FQL, in words for people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Any

from actions.errors import TriggerError

_SHOWN = 40
_EXPECTED = (
    ("BANG", 'a condition such as type = "track"'),
    ("COMPARATOR", "a comparison such as ="),
    ("_AND", '"and"'),
    ("_OR", '"or"'),
    ("COMMA", 'a ","'),
    ("RPAR", 'a closing ")"'),
    ("RSQB", 'a closing "]"'),
    ("$END", "the end"),
    ("TEXT", 'a value such as "text", 10, true or null'),
)
"""Terminals of the grammar, each with what it stands for. They stand for the others that go with them."""

_INSTEAD = {
    "&&": 'FQL writes "and"',
    "&": 'FQL writes "and"',
    "||": 'FQL writes "or"',
    "|": 'FQL writes "or"',
    "==": "FQL compares with a single =",
    "===": "FQL compares with a single =",
    "!==": "FQL writes !=",
    "=!": "FQL writes !=",
    "<>": "FQL writes !=",
    "=>": "FQL writes >=",
    "=<": "FQL writes <=",
    "is": "FQL compares with =",
    "equals": "FQL compares with =",
}
_NEGATION = 'FQL has no "not"; write ! before a condition: !(…)'
_KEYS = "keys are letters, digits, _ and -, with a backslash before any other character: properties.my\\ key"
_INDEX = "a place in a list is a number from 0, as in properties.products[0].price"
_NO_DOLLAR = "paths of FQL begin with the field, without `$.`: properties.total"
_NO_OBJECTS = "FQL has no templates and objects; write the field itself: properties.total"
_PRINTED_QUOTES = "\u201c\u201d\u201e\u2018\u2019\u201a\u00ab\u00bb`"
_SIGNS = re.compile(r"[&|=!<>]+")
_WORD = re.compile(r"[\w-]+")
_WHOLE_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", re.DOTALL)
_AFTER_BARE_WORD = re.compile(r"[=<>]\s*([\w-]+)\s+\Z")
_AFTER_NOT = re.compile(r"(?<![\w.\\-])not\s*\Z", re.IGNORECASE)


def error_at(fql: str, position: int, message: str, expected: tuple[str, ...] = ()) -> TriggerError:
    """A `TriggerError` with the line and column, from 1, of a position in the text."""
    line = fql.count("\n", 0, position) + 1
    return TriggerError(message, line, position - fql.rfind("\n", 0, position), expected)


def syntax_error(fql: str, error: Any) -> TriggerError:
    """What stands in the way, where, and what could stand there.

    `error` is lark's `UnexpectedToken`, or `UnexpectedCharacters` for what begins nothing that FQL has.
    """
    token = getattr(error, "token", None)
    # for a character lark names what closes brackets whether or not one is open
    terminals: Collection[str] = error.accepts if token is not None else error.allowed - {"COMMA", "RPAR", "RSQB"}
    expected = _expected(terminals)
    wanted = f"; expected {_either(expected)}" if expected else ""
    if token is not None and token.type == "$END":
        return error_at(fql, len(fql.rstrip()), f"the trigger ends too early{wanted}", expected)
    position: int = error.pos_in_stream
    start, message = _told(fql, position, expected)
    return error_at(fql, start, message or f"{_name(fql, position)} cannot stand here{wanted}", expected)


def _expected(terminals: Collection[str]) -> tuple[str, ...]:
    return tuple(
        words
        for terminal, words in _EXPECTED
        if terminal in terminals and not (terminal == "TEXT" and "BANG" in terminals)
    )


def _either(options: tuple[str, ...]) -> str:
    return options[0] if len(options) == 1 else f"{', '.join(options[:-1])} or {options[-1]}"


def _told(fql: str, position: int, expected: tuple[str, ...]) -> tuple[int, str | None]:
    """Where the mistake begins and what it is, if it is one that people make often; else `position` and None."""
    before, rest = fql[:position], fql[position:]
    start = len(before.rstrip("=!<>&|")) if rest[0] in "=!<>&|" else position
    if (written := _SIGNS.match(fql, start)) and written[0] in _INSTEAD:
        return start, f"{written[0]} is not FQL; {_INSTEAD[written[0]]}"
    if negation := _AFTER_NOT.search(before):
        return negation.start(), _NEGATION
    if word := _WORD.match(rest):
        return _told_of_word(before, word[0])
    return position, _told_of_character(rest, expected)


def _told_of_word(before: str, word: str) -> tuple[int, str | None]:
    if word.lower() in _INSTEAD:
        return len(before), f'"{word}" is not FQL; {_INSTEAD[word.lower()]}'
    if before.endswith(('"', "'")):
        quote = before[-1]
        return len(before) - 1, (
            f'a text ends at the {quote} before "{word}"; within a text write \\{quote}, '
            "or see whether an earlier text has no closing quote"
        )
    if (bare := _AFTER_BARE_WORD.search(before)) and word.lower() not in ("and", "or", "in", "contains"):
        return bare.start(1), f'a text stands in quotes: "{bare[1]} {word} …"'
    return len(before), None


def _told_of_character(rest: str, expected: tuple[str, ...]) -> str | None:
    character = rest[0]
    if character in "\"'":
        return None if _WHOLE_TEXT.match(rest) else f"the text that begins here has no closing {character}"
    if character in _PRINTED_QUOTES:
        return f"{character} is no quotation mark of FQL; texts stand in straight quotes: \"text\" or 'text'"
    if character in ")]" and "the end" in expected:
        return f"this {character} has no opening {'(' if character == ')' else '['}"
    if character == "!" and re.match(r"!\s+=", rest):
        return "! and = stand together in !="
    if character in ".\\":
        return f'"{character}" has no key after it; {_KEYS}'
    if character == "[":
        quoted = re.match(r"\[\s*[\"']", rest)
        return f"FQL has no quoted keys; {_KEYS}" if quoted else _INDEX
    return {"$": _NO_DOLLAR, "{": _NO_OBJECTS}.get(character)


def _name(fql: str, position: int) -> str:
    """What stands at a position, so that it can be seen."""
    if text := _WHOLE_TEXT.match(fql, position):
        return "a text" if len(text[0]) > _SHOWN else f"the text {text[0]}"
    if word := re.compile(r"[\w.-]*[\w-]").match(fql, position):
        return f'"{word[0][:_SHOWN]}"'
    character = fql[position]
    if character.isprintable():
        return f'"{character}"'
    return f"the invisible character U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
