"""An event as text to edit, and back, with the place of what is wrong."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import cast

from pydantic_core import from_json
from textual.content import Content

from actions.values import Json, type_name
from studio.cli.text import json_block, json_escape, printable

_SNIPPET = 60
_NOT_PLAIN = re.compile(r"[^\n\t -~]")
_PLACE = re.compile(r"(?P<reason>.*) at line (?P<line>\d+) column (?P<column>\d+)$", re.DOTALL)
_REASONS = {
    "expected value": 'a value belongs here: a text in "quotes", a number, true, false, null, { or [',
    "expected ident": 'only true, false and null stand without quotes; put a text in "quotes"',
    "key must be a string": 'a key belongs here, in "double quotes"',
    "trailing comma": "nothing follows the comma before this; take the comma out",
    "trailing characters": "the JSON ends before this; take out what follows",
    "expected `:`": "a colon is missing before this",
    "expected `,` or `}`": "a comma or a } is missing before this",
    "expected `,` or `]`": "a comma or a ] is missing before this",
    "invalid number": "this is no number as JSON writes it",
    "invalid escape": "JSON has no such escape; write a backslash as \\\\",
    "EOF while parsing an object": "the text ends but an object is still open; a } is missing",
    "EOF while parsing a list": "the text ends but a list is still open; a ] is missing",
    "EOF while parsing a string": 'the text ends inside a text; a " is missing',
    "EOF while parsing a value": "the text ends where a value is needed",
    "control character (\\u0000-\\u001F) found while parsing a string": (
        "a text cannot hold a line end, a tab or another control character; write \\n, \\t or \\u00XX"
    ),
    "recursion limit exceeded": "the JSON is nested too deeply",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a text is no event. `line` and `column` count characters from 1; 0 where it concerns no place."""

    message: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"Line {self.line}, column {self.column}: {self.message}." if self.line else self.message


def event_text(event: dict[str, Json]) -> str:
    """The event as indented JSON that can be shown and read back. Raises `ValueError` where JSON has no way."""
    return json_block(event)


def escaped(text: str) -> str:
    """A piece of JSON with its invisible characters as JSON's escapes, and with line feeds for line ends."""
    return _NOT_PLAIN.sub(_escape, text.replace("\r\n", "\n").replace("\r", "\n"))


def read_event(text: str) -> dict[str, Json] | Fault:
    """The event that a text holds, or why it is none."""
    if not text.strip():
        return Fault("There is nothing here yet. An event is a JSON object: { … }.")
    content = text.encode(errors="replace")
    try:
        value = from_json(content, allow_inf_nan=False)
    except ValueError as error:
        return _fault(str(error), content)
    if not isinstance(value, dict):
        name = type_name(value)
        article = "" if name == "null" else "an " if name == "array" else "a "
        return Fault(f"An event must be an object, {{ … }}, but this is {article}{name}.")
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return Fault("A number in this event is larger than any computer keeps; put it in quotes.")
    return cast("dict[str, Json]", value)


def caret(text: str, fault: Fault) -> Content:
    """The line that a fault is in, around its column, and a caret below it."""
    lines = text.split("\n")
    line = lines[fault.line - 1] if 0 < fault.line <= len(lines) else ""
    column = min(max(fault.column - 1, 0), len(line))
    start = max(0, column - _SNIPPET // 2)
    before = printable(("…" if start else "") + line[start:column], one_line=True)
    here = printable(line[column : start + _SNIPPET], one_line=True)
    indent = " " * Content(before).cell_length
    return Content.assemble((f"{before}{here}", "$foreground-muted"), "\n", (f"{indent}^", "$text-error"))


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return character if printable(character) == character else json_escape(character)


def _fault(reported: str, content: bytes) -> Fault:
    found = _PLACE.fullmatch(reported)
    if found is None:
        return Fault(f"This is not valid JSON: {reported}.")
    line, column = int(found["line"]), int(found["column"])
    lines = content.split(b"\n")
    if found["reason"].startswith("EOF"):
        column = len(lines[line - 1]) + 1
    elif not column:  # the line end itself is what is wrong
        line -= 1
        column = len(lines[line - 1]) + 1
    # the parser counts bytes
    characters = len(lines[line - 1][: column - 1].decode(errors="ignore")) + 1
    return Fault(_REASONS.get(found["reason"], found["reason"]), line, characters)
