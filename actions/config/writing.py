"""A configuration as TOML: written anew, or into the text it came from so that only what changed changes."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import tomli_w

from actions.config.problems import CommentsWouldBeLost
from actions.config.toml_source import Entry, Path, Table, TomlSource, scan
from actions.values import Json

NULL: Json = {"@json": {"mode": "decode", "value": "null"}}
"""How a literal null is written, which TOML has not."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def write(document: dict[str, Json]) -> str:
    """The document as TOML: root keys, settings, then each mapping with its fields as inline tables."""
    mappings = cast("list[dict[str, Json]]", document.get("mapping", []))
    head = {key: value for key, value in document.items() if key != "mapping"}
    parts = [_table("", head), *(write_mapping(mapping) for mapping in mappings)]
    return "\n".join(part for part in parts if part)


def write_mapping(mapping: dict[str, Json]) -> str:
    """One `[[mapping]]` with its tables."""
    return f"[[mapping]]\n{_table('mapping', mapping)}"


def write_into(text: str, document: dict[str, Json], *, lose_comments: bool) -> str:
    """The text changed to say what the document says. Raises `CommentsWouldBeLost`."""
    if tomllib.loads(text) == document:
        return text
    source = scan(text)
    try:
        edited, lost = _edit(source, document)
        is_right = tomllib.loads(edited) == document
    except (_NotEditable, tomllib.TOMLDecodeError):
        edited, lost, is_right = "", [], False
    if not is_right:
        edited, lost = write(document), source.comment_lines(0, len(text))
    if lost and not lose_comments:
        raise CommentsWouldBeLost(sorted(set(lost)))
    if "\r\n" in text and "\n" not in text.replace("\r\n", ""):
        edited = edited.replace("\r\n", "\n").replace("\n", "\r\n")
    return edited


def without_nulls(value: Json) -> Json:
    """A copy of the value in which each null is the directive that stands for it."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in cast("dict[str, Json]", value).items()}
    if isinstance(value, list):
        return [without_nulls(item) for item in cast("list[Json]", value)]
    return NULL if value is None else value


class _NotEditable(Exception):
    """A text whose style cannot be kept: it has to be written anew."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What to put in the place of a span of the text."""

    start: int
    end: int
    text: str


def _edit(source: TomlSource, document: dict[str, Json]) -> tuple[str, list[int]]:
    """The text with its blocks changed, dropped, moved and added; and the lines of comments that go."""
    lost: list[int] = []
    blocks = _blocks(source)
    before = cast("list[dict[str, Json]]", tomllib.loads(source.text).get("mapping", []))
    if len(blocks) != len(before):
        raise _NotEditable
    head_end = blocks[0][0].start if blocks else len(source.text)
    head = {key: value for key, value in document.items() if key != "mapping"}
    old_head = {key: value for key, value in tomllib.loads(source.text).items() if key != "mapping"}
    parts = [source.text[:head_end]]
    if head != old_head:
        changed = _changed(source, (), old_head, head, 0, head_end, lost)
        parts = [changed if changed is not None else _raise()]
    rest = list(range(len(blocks)))
    for number, mapping in enumerate(cast("list[dict[str, Json]]", document.get("mapping", []))):
        found = _partner(mapping, number, before, rest)
        if found is None:
            parts.append(_apart(parts, write_mapping(mapping)))
            continue
        rest.remove(found)
        start, end = blocks[found][0].start, blocks[found][-1].end
        if before[found] == mapping:
            parts.append(_apart(parts, source.text[start:end]))
            continue
        going: list[int] = []
        changed = _changed(source, ("mapping", found), before[found], mapping, start, end, going)
        if changed is None:
            going = source.comment_lines(start, end)
            changed = write_mapping(mapping)
        lost += going
        parts.append(_apart(parts, changed))
    for left in rest:
        lost += source.comment_lines(blocks[left][0].start, blocks[left][-1].end)
    return "".join(parts), lost


def _raise() -> str:
    raise _NotEditable


def _apart(parts: list[str], block: str) -> str:
    """A block with an empty line before it, unless there is one."""
    text = "".join(parts)
    if not text.strip() or text.endswith(("\n\n", "\r\n\r\n")) or block.startswith(("\n", "\r\n")):
        return block
    return f"\n{block}" if text.endswith("\n") else f"\n\n{block}"


def _blocks(source: TomlSource) -> list[list[Table]]:
    """The tables of each mapping, which must stand together and behind everything else."""
    blocks: list[list[Table]] = []
    for table in source.tables:
        if table.path[:1] == ("mapping",):
            if len(table.path) == 2:
                blocks.append([])
            if not blocks or table.path[1] != len(blocks) - 1:
                raise _NotEditable
            blocks[-1].append(table)
        elif blocks:
            raise _NotEditable
    return blocks


def _partner(mapping: dict[str, Json], number: int, before: list[dict[str, Json]], rest: list[int]) -> int | None:
    """The mapping of the text that this one is or was: the same, one of the same name, or the one in its place."""
    for left in rest:
        if before[left] == mapping:
            return left
    for left in rest:
        if before[left].get("name") == mapping.get("name"):
            return left
    return number if number in rest else None


def _changed(
    source: TomlSource, base: Path, old: dict[str, Json], new: dict[str, Json], start: int, end: int, lost: list[int]
) -> str | None:
    """A span of the text with single entries replaced, dropped and added; None where that cannot be done."""
    changes: list[_Change] = []
    entries = [entry for entry in source.entries if start <= entry.start < end]
    for path, value in _differences(old, new):
        change = _change(source, entries, (*base, *path), value, start, end)
        if change is None:
            return None
        lost += [line for line in source.comment_lines(change.start, change.end) if line]
        changes.append(change)
    text = source.text
    for change in sorted(changes, key=lambda item: item.start, reverse=True):
        text = text[: change.start] + change.text + text[change.end :]
    return text[start : end + len(text) - len(source.text)]


def _change(source: TomlSource, entries: list[Entry], path: Path, value: Json, start: int, end: int) -> _Change | None:
    """The change that makes `path` have the value; MISSING is written as `...`."""
    here = next((entry for entry in entries if entry.path == path), None)
    if here is not None:
        if value is ...:
            return _Change(here.start, here.end, "")
        return _Change(here.value_start, here.value_end, inline(value))
    if value is ...:
        return None
    inside = [entry for entry in entries if entry.path[:-1] == path[:-1]]
    tables = [table for table in source.tables if table.path == path[:-1] and start <= table.header < end]
    line = f"{_key(path[-1])} = {inline(value)}\n"
    if tables:
        within = [entry.end for entry in entries if tables[0].header < entry.start < tables[0].end]
        behind = max(within, default=source.text.find("\n", tables[0].header) + 1)
        ended = behind > 0 and source.text[behind - 1] == "\n"
        return _Change(behind, behind, line if ended else f"\n{line}")
    if inside and len(path) == 1:
        return _Change(inside[-1].end, inside[-1].end, line)
    return None


def _differences(old: Json, new: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """The paths at which two documents differ, with the new value; `...` where there is none."""
    for key in old:
        if key not in new:
            yield (*path, key), ...
        elif old[key] != new[key] or type(old[key]) is not type(new[key]):
            if _is_table(old[key]) and _is_table(new[key]):
                yield from _differences(old[key], new[key], (*path, key))
            else:
                yield (*path, key), new[key]
    for key in new:
        if key not in old:
            yield (*path, key), new[key]


def _is_table(value: Json) -> bool:
    """Whether a value is written as a table of its own: an object with members that is no directive."""
    members = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    return bool(members) and not any(key.startswith("@") for key in members)


def _table(name: str, table: dict[str, Json]) -> str:
    """A table's own keys, then its sub-tables: `fields` and what in it is a plain object."""
    lines = ""
    tables = ""
    for key, value in table.items():
        if _is_table(value) and (not name or key == "fields" or name.endswith("fields")):
            path = f"{name}.{_key(key)}" if name else _key(key)
            tables += f"\n[{path}]\n{_table(path, value)}"
        else:
            lines += f"{_key(key)} = {inline(value)}\n"
    return lines + tables


def inline(value: Json) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        members = ", ".join(f"{_key(key)} = {inline(item)}" for key, item in cast("dict[str, Json]", value).items())
        return f"{{ {members} }}" if members else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(inline, cast('list[Json]', value)))}]"
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is no JSON number")
    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")


def _key(key: str | int) -> str:
    text = str(key)
    return text if _BARE_KEY.fullmatch(text) else tomli_w.dumps({text: 0}).removesuffix(" = 0\n")
