"""A configuration as TOML: written anew, or into the text it came from so that only what changed changes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, cast

import tomli_w

from actions.config.canonical import same
from actions.config.problems import CommentsWouldBeLost
from actions.config.toml_source import Table, TomlSource, scan
from actions.config.toml_text import Path, parse
from actions.values import Json

NULL: Json = {"@json": {"mode": "decode", "value": "null"}}
"""How a literal null is written, which TOML has not."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def without_nulls(value: Json) -> Json:
    """A copy of the value in which each null is the directive that stands for it."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in cast("dict[str, Json]", value).items()}
    if isinstance(value, list):
        return [without_nulls(item) for item in cast("list[Json]", value)]
    return NULL if value is None else value


def write(document: dict[str, Json]) -> str:
    """The document as TOML: root keys, settings, then each mapping with its fields as inline tables.

    Raises `ValueError` for what TOML cannot say, or would be nested too deeply to be read again.
    """
    mappings = cast("list[dict[str, Json]]", document.get("mapping", []))
    head = {key: value for key, value in document.items() if key != "mapping"}
    parts = [_table("", head), *(write_mapping(mapping) for mapping in mappings)]
    text = "\n".join(part for part in parts if part)
    parse(text)
    return text


def write_mapping(mapping: dict[str, Json]) -> str:
    """One `[[mapping]]` with its tables."""
    return f"[[mapping]]\n{_table('mapping', mapping)}"


def write_into(text: str, document: dict[str, Json], pairs: dict[int, int], *, lose_comments: bool) -> str:
    """The text changed to say what the document says. `pairs` has the places of its mappings in the text.

    Raises `CommentsWouldBeLost`, and `ValueError` as `write`.
    """
    before = parse(text)
    if same(before, document):
        return text
    source = scan(text)
    try:
        edited, lost = _edit(source, before, document, pairs)
        is_right = same(parse(edited), document)
    except (_NotEditable, ValueError):
        edited, lost, is_right = "", [], False
    if not is_right:
        edited, lost = write(document), source.comment_lines(0, len(text))
    if lost and not lose_comments:
        raise CommentsWouldBeLost(sorted(set(lost)))
    if "\r\n" in text and "\n" not in text.replace("\r\n", ""):
        edited = edited.replace("\r\n", "\n").replace("\n", "\r\n")
    return edited


class _NotEditable(Exception):
    """A text, or a mapping in it, whose style cannot be kept: it has to be written anew."""


class _Change(NamedTuple):
    """What to put in the place of a span of the text."""

    start: int
    end: int
    text: str


def _edit(
    source: TomlSource, before: dict[str, Json], document: dict[str, Json], pairs: dict[int, int]
) -> tuple[str, list[int]]:
    """The text with its blocks changed, dropped, moved and added; and the lines of comments that go."""
    blocks = _blocks(source)
    old_mappings = cast("list[dict[str, Json]]", before.get("mapping", []))
    if len(blocks) != len(old_mappings):
        raise _NotEditable
    size = len(source.text)
    begin, end = (blocks[0][0].start, blocks[-1][-1].end) if blocks else (size, size)
    old_rest, rest = ({key: value for key, value in each.items() if key != "mapping"} for each in (before, document))
    changes = list(_changes(source, (), old_rest, rest))
    text, lost = _applied(source, changes, 0, begin)
    for place, mapping in enumerate(cast("list[dict[str, Json]]", document.get("mapping", []))):
        block, going = write_mapping(mapping), list[int]()
        if place in pairs:
            number = pairs[place]
            block, going = _changed_mapping(source, number, old_mappings[number], mapping, blocks[number])
        text += _apart(text, block)
        lost += going
    for number in set(range(len(blocks))) - set(pairs.values()):
        lost += source.comment_lines(blocks[number][0].start, blocks[number][-1].end)
    tail, going = _applied(source, changes, end, size)
    return text + (_apart(text, tail) if tail else ""), lost + going


def _blocks(source: TomlSource) -> list[list[Table]]:
    """The tables of each mapping, which must all stand together."""
    blocks: list[list[Table]] = []
    end = -1
    for table in source.tables:
        if table.path[:1] == ("mapping",) and len(table.path) > 1:
            if len(table.path) == 2:
                blocks.append([])
            if table.path[1] != len(blocks) - 1 or end not in (-1, table.start):
                raise _NotEditable
            blocks[-1].append(table)
            end = table.end
    return blocks


def _apart(text: str, block: str) -> str:
    """A block with an empty line before it, unless there is one."""
    if not text.strip() or text.endswith(("\n\n", "\r\n\r\n")) or block.startswith(("\n", "\r\n")):
        return block
    return f"\n{block}" if text.endswith("\n") else f"\n\n{block}"


def _changed_mapping(
    source: TomlSource, number: int, old: dict[str, Json], new: dict[str, Json], block: list[Table]
) -> tuple[str, list[int]]:
    """The text of a mapping changed entry by entry, or anew where its style does not allow that."""
    start, end = block[0].start, block[-1].end
    try:
        text, lost = _applied(source, _changes(source, ("mapping", number), old, new), start, end)
        if same(parse(text), {"mapping": [new]}):
            return text, lost
    except (_NotEditable, ValueError):
        pass
    return write_mapping(new), source.comment_lines(start, end)


def _applied(source: TomlSource, changes: Iterable[_Change], start: int, end: int) -> tuple[str, list[int]]:
    """A span of the text with the changes that fall into it; and the lines of comments that go."""
    text = ""
    lost: list[int] = []
    position = start
    for change in sorted(changes, key=lambda change: (change.start, change.end)):
        if start <= change.start and change.end <= end:
            text += source.text[position : change.start] + change.text
            position = change.end
            lost += source.comment_lines(change.start, change.end)
    return text + source.text[position:end], lost


def _changes(source: TomlSource, base: Path, old: dict[str, Json], new: dict[str, Json]) -> Iterator[_Change]:
    """The changes that make a table say something else."""
    for key in {**old, **new}:
        path = (*base, key)
        entry = source.entry_at.get(path)
        if key not in old:
            yield _addition(source, path, new[key])
        elif key not in new:
            yield from _removals(source, path)
        elif same(old[key], new[key]):
            continue
        elif entry is not None:
            yield _Change(entry.value_start, entry.value_end, inline(new[key]))
        elif isinstance(old[key], dict) and isinstance(new[key], dict) and _takes(source, path, old[key], new[key]):
            yield from _changes(source, path, old[key], new[key])
        else:
            yield from _removals(source, path)
            yield _addition(source, path, new[key])


def _takes(source: TomlSource, path: Path, old: dict[str, Json], new: dict[str, Json]) -> bool:
    """Whether a table can be changed key by key: without a header it is no more than its keys."""
    return (bool(new) and new.keys() <= old.keys()) or any(table.path == path for table in source.tables)


def _removals(source: TomlSource, path: Path) -> Iterator[_Change]:
    """The changes that take out a key: its tables with what is in them, and its entries that stand elsewhere."""
    tables = [table for table in source.tables if table.path[: len(path)] == path]
    for table in tables:
        yield _Change(table.start, table.end, "")
    for entry in source.entries:
        if entry.path[: len(path)] == path and not any(table.start <= entry.start < table.end for table in tables):
            yield _Change(entry.start, entry.end, "")


def _addition(source: TomlSource, path: Path, value: Json) -> _Change:
    """A line more at the end of a table's own entries."""
    line = f"{_key(path[-1])} = {inline(value)}\n"
    header = next((table for table in source.tables if table.path == path[:-1]), None)
    if header is None and len(path) > 1:
        raise _NotEditable
    begin, end = (source.text.find("\n", header.header) + 1, header.end) if header else (0, _root_end(source))
    behind = max((entry.end for entry in source.entries if begin <= entry.start < end), default=begin)
    if begin == 0 and header:  # the header is the text's last line, and the line has no end
        behind = len(source.text)
    is_ended = behind == 0 or source.text[behind - 1] == "\n"
    return _Change(behind, behind, line if is_ended else f"\n{line}")


def _root_end(source: TomlSource) -> int:
    return source.tables[0].header if source.tables else len(source.text)


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
        raise ValueError(f"{value} is no number that JSON has")
    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")


def _key(key: str | int) -> str:
    text = str(key)
    return text if _BARE_KEY.fullmatch(text) else tomli_w.dumps({text: 0}).removesuffix(" = 0\n")
