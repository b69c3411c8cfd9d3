"""From TOML text to a configuration, with every problem and its line."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast

from actions.config.model import CONNECTED_IN, VERSION, Mapping
from actions.config.problems import ConfigProblem
from actions.config.row_changes import CHANGES, changes_of, row_trigger
from actions.config.secrets import KEY_IN_FILE, key_lines, key_paths, without_keys
from actions.config.toml_text import Path, parse
from actions.config.validation import Finding, validate_mapping, validate_settings
from actions.klaviyo import KLAVIYO
from actions.values import Json, type_name

if TYPE_CHECKING:
    from actions.config.source import Source
    from actions.config.toml_source import TomlSource

MAPPINGS_AT_MOST = 50
SAME_NAME = "another mapping has this name"
"""How many mappings a destination has at Segment."""

_ROOT_KEYS = ("version", "destination", "settings", "mapping", "source")
_MAPPING_KEYS = ("name", "action", "trigger", "fields", "enabled", "on_invalid_phone", "on")
_UNCLOSED = re.compile(r"Expected \"('+)\"|Unterminated string")
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(slots=True)
class Reading:
    """What was read: the parts of a configuration, and what is wrong with it.

    `is_whole` says that nothing of the text is left out: not all of it, and no part that ought to be a table.
    """

    document: dict[str, Json] = field(default_factory=dict[str, Json])
    mappings: list[Mapping] = field(default_factory=list[Mapping])
    settings: dict[str, Json] = field(default_factory=dict[str, Json])
    source: Source | None = None
    extra: dict[str, Json] = field(default_factory=dict[str, Json])
    problems: list[ConfigProblem] = field(default_factory=list[ConfigProblem])
    is_whole: bool = True


def read(text: str, name: str) -> Reading:
    """Read a configuration's text. Problems are collected; what can be read is there beside them."""
    reading = Reading()
    body = text.removeprefix("\ufeff")
    try:
        reading.document = parse(body)
    except ValueError as error:
        reading.problems.append(_syntax_problem(body, name, error))
        reading.is_whole = False
    else:
        _Reader(name, body, reading).read()
    told = {problem.line for problem in reading.problems if problem.message == KEY_IN_FILE}
    reading.problems += [ConfigProblem(KEY_IN_FILE, name, line) for line in key_lines(body) if line not in told]
    reading.problems = sorted((problem.without_keys() for problem in reading.problems), key=lambda found: found.line)
    return reading


def _syntax_problem(text: str, name: str, error: ValueError) -> ConfigProblem:
    if text.lstrip().startswith("{"):
        return ConfigProblem("this is JSON, but a configuration is TOML; `studio init` writes one", name, 1)
    if not isinstance(error, tomllib.TOMLDecodeError):
        return ConfigProblem(str(error), name)
    found = _TOML_PLACE.search(str(error))
    message = _TOML_PLACE.sub("", str(error))
    line, column = (int(found[1]), f" in column {found[2]}") if found and found[1] else (_last_line(text, message), "")
    return ConfigProblem(f"this is not valid TOML{column}: {message[:1].lower()}{message[1:]}", name, line)


def _last_line(text: str, message: str) -> int:
    """Where a text that is never closed begins, if that is what the message says; else the end."""
    begin = len(text)
    if found := _UNCLOSED.match(message):
        quote: str = found[1] or '"""'
        if quote != '"""' or text.count(quote) % 2:
            begin = text.rfind(quote)
    return text.count("\n", 0, begin) + 1


class _Reader:
    """Reads one document; knows where things stand in its text."""

    def __init__(self, name: str, text: str, reading: Reading) -> None:
        self._name = name
        self._text = text
        self._reading = reading

    @cached_property
    def _source(self) -> TomlSource:
        """Where things stand, which only what is wrong is asked for."""
        from actions.config.toml_source import scan

        return scan(self._text)

    def read(self) -> None:
        reading = self._reading
        for path in _endless_numbers(reading.document):
            self._problem(path, "this is no number that JSON has")
        for path, key in key_paths(reading.document):
            if key not in self._text or without_keys(key) == key:  # what the text shows has its line already
                self._problem(path, KEY_IN_FILE)
        self._read_root(reading.document)
        self._read_settings(reading.document.get("settings", {}))
        if "source" in reading.document:
            self._read_source(reading.document["source"])
        mappings = reading.document.get("mapping", [])
        if not isinstance(mappings, list):
            self._left_out(("mapping",), "mappings are written as [[mapping]], with two brackets")
            return
        for number, item in enumerate(cast("list[Json]", mappings)):
            self._read_mapping(number, item)
        self._check_names()
        if len(reading.mappings) > MAPPINGS_AT_MOST:
            where = ("mapping", MAPPINGS_AT_MOST)
            self._problem(where, f"there are {len(reading.mappings)} mappings; Segment allows {MAPPINGS_AT_MOST}")

    def _read_root(self, document: dict[str, Json]) -> None:
        version = document.get("version", VERSION)
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            self._problem(("version",), f"version must be {VERSION}")
        elif version > VERSION:
            self._problem(
                ("version",), f"this is version {version}, newer than this program knows ({VERSION})", "warning"
            )
        destination = document.get("destination", KLAVIYO.slug)
        if destination != KLAVIYO.slug:
            self._problem(("destination",), f"there is no destination {destination!r}; there is {KLAVIYO.slug!r}")
        for key, value in document.items():
            if key not in _ROOT_KEYS:
                self._problem(
                    (key,), f"{key!r} is not known here and is kept as it is{_near(key, _ROOT_KEYS)}", "warning"
                )
            if key not in _ROOT_KEYS:
                self._reading.extra[key] = value

    def _read_settings(self, settings: Json) -> None:
        if not isinstance(settings, dict):
            self._left_out(("settings",), f"[settings] must be a table but it is {_a(settings)}")
            return
        self._reading.settings = known = cast("dict[str, Json]", settings)
        for finding in validate_settings(known):
            self._finding(("settings",), "", finding)

    def _read_source(self, table: Json) -> None:
        from actions.config.source import read_source  # most configurations have none

        self._reading.source, problems = read_source(table)
        for problem in problems:
            self._problem(("source", *problem.path), problem.message, problem.severity)
        if self._reading.source is None:
            self._reading.extra["source"] = table  # kept as it is

    def _read_mapping(self, number: int, item: Json) -> None:
        place: Path = ("mapping", number)
        if not isinstance(item, dict):
            self._left_out(place, f"a mapping must be a table but this is {_a(item)}")
            return
        document = cast("dict[str, Json]", item)
        name = document.get("name")
        label = name if isinstance(name, str) and name.strip() else f"number {number + 1}"
        values: dict[str, Any] = {"fields": {}, "name": label, "action": "", "trigger": ""}
        types: dict[str, type] = {"name": str, "action": str, "trigger": str, "fields": dict, "enabled": bool}
        takes_rows = "on" in document or "source" in self._reading.document
        needed = ("name", "action") if takes_rows else ("name", "action", "trigger")
        for key, kind in types.items():
            if key not in document:
                if key in needed:
                    self._problem(place, f"`{key}` is missing", mapping=label)
            elif not isinstance(document[key], kind) or _is_empty(key, document[key]):
                wanted = {str: "a text", dict: "a table", bool: "true or false"}[kind]
                found = "empty" if _is_empty(key, document[key]) else _a(document[key])
                self._problem((*place, key), f"`{key}` must be {wanted} but it is {found}", mapping=label)
            else:
                values[key] = document[key]
        policy = document.get("on_invalid_phone", "reject")
        if policy in ("reject", "drop"):
            values["on_invalid_phone"] = policy
        else:
            self._problem((*place, "on_invalid_phone"), '`on_invalid_phone` must be "reject" or "drop"', mapping=label)
        extra = {key: value for key, value in document.items() if key not in _MAPPING_KEYS}
        for key in sorted(extra.keys() - {CONNECTED_IN}):
            text = f"{key!r} is not known here and is kept as it is{_near(key, _MAPPING_KEYS)}"
            self._problem((*place, key), text, "warning", mapping=label)
        values["on"] = self._read_changes(place, document, extra, label)
        mapping = Mapping(**values, extra=extra)
        if "trigger" not in document and takes_rows:
            mapping = replace(mapping, trigger=row_trigger(changes_of(mapping)))
        self._reading.mappings.append(mapping)
        for finding in validate_mapping(mapping, KLAVIYO):
            self._finding(place, label, finding)

    def _read_changes(
        self, place: Path, document: dict[str, Json], extra: dict[str, Json], label: str
    ) -> tuple[str, ...] | None:
        """The changes of rows that a mapping takes. What cannot be understood is kept with the rest."""
        if "on" not in document:
            return None
        value = document["on"]
        named = cast("list[Json]", value) if isinstance(value, list) else []
        if named and all(name in CHANGES for name in named) and len(set(map(str, named))) == len(named):
            return tuple(map(str, named))
        extra["on"] = value
        known = ", ".join(f'"{change}"' for change in CHANGES)
        text = f'`on` must be a list of {known}, each at most once, such as ["added", "updated"]'
        self._problem((*place, "on"), text, mapping=label)
        return None

    def _check_names(self) -> None:
        seen: dict[str, int] = {}
        for number, mapping in enumerate(self._reading.mappings):
            if mapping.name in seen:
                first = self._source.line_of(("mapping", seen[mapping.name], "name"))
                text = f"{SAME_NAME}, in line {first}; names tell mappings apart"
                self._problem(("mapping", number, "name"), text, mapping=mapping.name)
            seen.setdefault(mapping.name, number)

    def _finding(self, place: Path, mapping: str, finding: Finding) -> None:
        path = (*place, *finding.path)
        if finding.path == ("trigger",):
            line = self._source.line_within(path, finding.line)
        else:
            line = self._source.line_of(path)
        problem = ConfigProblem(
            finding.message, self._name, line, mapping, finding.field, finding.severity, _position(path, mapping)
        )
        self._reading.problems.append(problem)

    def _left_out(self, path: Path, message: str) -> None:
        self._problem(path, message)
        self._reading.is_whole = False

    def _problem(
        self, path: Path, message: str, severity: Literal["error", "warning"] = "error", mapping: str = ""
    ) -> None:
        line = self._source.line_of(path)
        problem = ConfigProblem(message, self._name, line, mapping, "", severity, _position(path, mapping))
        self._reading.problems.append(problem)


def _endless_numbers(value: Json, path: Path = ()) -> Iterator[Path]:
    """Where a number stands that JSON has not: infinity, or what is none."""
    if isinstance(value, float) and not math.isfinite(value):
        yield path
    elif isinstance(value, dict):
        for key, item in cast("dict[str, Json]", value).items():
            yield from _endless_numbers(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(cast("list[Json]", value)):
            yield from _endless_numbers(item, (*path, number))


def _is_empty(key: str, value: Json) -> bool:
    """Whether a text is none. A name of blanks cannot be told from others; a trigger of blanks says so itself."""
    return isinstance(value, str) and not (value.strip() if key == "name" else value)


def _position(path: Path, mapping: str) -> int | None:
    """The position of the mapping that a problem at the path is told of."""
    return path[1] if mapping and isinstance(path[1], int) else None


def _a(value: Json) -> str:
    name = type_name(value)
    return f"{'an' if name[0] in 'ao' else 'a'} {name}"


def _near(key: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(key, known, 1)
    return f"; did you mean {near[0]!r}?" if near else ""
