"""Where a TOML text says what: the line of each key, the span of each value, the comments.

Python reads TOML but does not say where; problems need lines, and saving must leave alone what was not changed. The
text that is scanned has been parsed before, so only what is valid has to be understood.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, cast

from actions.config.toml_text import Path

_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|[\[\]{}\n]"
    r"""|[^"'#\[\]{}\n]+""",
    re.DOTALL,
)
_MULTI_LINE = re.compile(r"(?:\"{3}|'{3})\r?\n")
_HEADER = re.compile(r"""[ \t]*(\[\[?)((?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^"'\]\n])*)(\]\]?)""")
_KEY = re.compile(
    r"""[ \t]*((?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s"'=#])(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^"'=\n])*)="""
)


class Entry(NamedTuple):
    """A key and its value: offsets of the whole entry with its lines, and of the value alone."""

    path: Path
    start: int
    value_start: int
    value_end: int
    end: int


class Table(NamedTuple):
    """A table's header and what belongs to it, up to the next header. `start` is before comments right above it."""

    path: Path
    start: int
    header: int
    end: int


@dataclass
class TomlSource:
    """A TOML text with its tables, entries and comments (offsets), in order."""

    text: str
    tables: list[Table] = field(default_factory=list[Table])
    entries: list[Entry] = field(default_factory=list[Entry])
    comments: list[int] = field(default_factory=list[int])

    @cached_property
    def entry_at(self) -> dict[Path, Entry]:
        """The entries by their paths."""
        return {entry.path: entry for entry in self.entries}

    @cached_property
    def _places(self) -> dict[tuple[str, ...], int]:
        """The offset of each path. Whether a number is a key or a place in a list is all the same here."""
        named = [(table.header, _as_text(table.path)) for table in self.tables]
        named += [(entry.start, _as_text(entry.path)) for entry in self.entries]
        places = {path: offset for offset, path in named}
        for offset, path in sorted(named):  # `a.b = 1` makes a table `a` that has no line of its own
            for length in range(len(path)):
                places.setdefault(path[:length], offset)
        return places

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def line_at(self, offset: int) -> int:
        """The line of an offset, from 1."""
        return bisect_right(self._line_starts, offset)

    def line_of(self, path: Path) -> int:
        """The line of a path, or of what is nearest above it; 0 where nothing is."""
        sought = _as_text(path)
        for length in range(len(sought), 0, -1):
            if sought[:length] in self._places:
                return self.line_at(self._places[sought[:length]])
        return 0

    def line_within(self, path: Path, line: int) -> int:
        """The line where a text has its own line `line`, from 1; where it is written on one line, that one."""
        entry = self.entry_at.get(path)
        if entry is None:
            return self.line_of(path)
        below = _MULTI_LINE.match(self.text, entry.value_start) is not None
        return min(self.line_at(entry.value_start) + below + line - 1, self.line_at(entry.value_end))

    def comment_lines(self, start: int, end: int) -> list[int]:
        """The lines of the comments between two offsets."""
        return [self.line_at(offset) for offset in self.comments if start <= offset < end]


def _as_text(path: Path) -> tuple[str, ...]:
    return tuple(map(str, path))


def scan(text: str) -> TomlSource:
    """Find the tables, entries and comments of a valid TOML text."""
    source = TomlSource(text)
    counts: dict[Path, int] = {}
    table: Path = ()
    headers: list[tuple[Path, int, int]] = []
    position = above = 0
    while position < len(text):
        line_end = text.find("\n", position)
        line_end = len(text) if line_end < 0 else line_end + 1
        line = text[position:line_end].strip()
        if line.startswith("#"):
            source.comments.append(position + text[position:line_end].index("#"))
        elif line.startswith("["):
            found = _match(_HEADER, text, position)
            if "#" in text[found.end() : line_end]:
                source.comments.append(text.index("#", found.end()))
            table = _resolve(_keys(found[2]), counts, appends=found[1] == "[[")
            headers.append((table, above, position))
        elif line:
            position = _entry(source, table, counts, position)
            above = position
            continue
        position = line_end
        if not line.startswith("#"):
            above = position
    ends = [*(start for _, start, _ in headers[1:]), *([len(text)] if headers else [])]
    source.tables = [Table(path, start, header, end) for (path, start, header), end in zip(headers, ends, strict=True)]
    return source


def _entry(source: TomlSource, table: Path, counts: dict[Path, int], start: int) -> int:
    """Note an entry; gives the offset behind its line."""
    text = source.text
    found = _match(_KEY, text, start)
    value_start = value_end = found.end()
    depth = 0
    position = value_start
    while position < len(text):
        token = _match(_TOKEN, text, position)
        if token[0] == "\n" and not depth:
            break
        depth += (token[0] in "[{") - (token[0] in "]}")
        if token[0].startswith("#"):
            source.comments.append(position)
        elif token[0].strip():
            value_end = token.end() if depth or not token[0][-1].isspace() else position + len(token[0].rstrip())
        position = token.end()
    end = min(position + 1, len(text))
    value_start += len(text[value_start:value_end]) - len(text[value_start:value_end].lstrip())
    keys = _resolve([*table, *_keys(found[1])], counts, appends=False)
    source.entries.append(Entry(keys, start, value_start, value_end, end))
    return end


def _match(pattern: re.Pattern[str], text: str, position: int) -> re.Match[str]:
    """What stands there, in a text that is known to be TOML."""
    found = pattern.match(text, position)
    if found is None:
        raise ValueError(f"no TOML at {position}")
    return found


def _keys(dotted: str) -> list[str | int]:
    """The keys of a dotted key, by way of Python's own reader."""
    value: object = tomllib.loads(f"{dotted.strip()} = 0")
    keys: list[str | int] = []
    while isinstance(value, dict):
        [(key, value)] = cast("dict[str, object]", value).items()
        keys.append(key)
    return keys


def _resolve(keys: list[str | int], counts: dict[Path, int], *, appends: bool) -> Path:
    """The path of a table, with the position where an array of tables stands on the way."""
    path: Path = ()
    for number, key in enumerate(keys):
        path = (*path, key)
        if appends and number == len(keys) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts and not (number + 1 < len(keys) and isinstance(keys[number + 1], int)):
            path = (*path, counts[path])
    return path
