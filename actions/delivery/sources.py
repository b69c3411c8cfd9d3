"""Where events come from: NDJSON, JSON documents and arrays, plain or gzip, from files or standard input.

NDJSON is read line by line, whatever its size. A line that is no event is told with its number and what is wrong; it
never ends the reading.
"""

from __future__ import annotations

import gzip
import io
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias, cast

from pydantic_core import from_json, to_json

from actions.values import Json, type_name

STANDARD_INPUT = "-"
_GZIP = b"\x1f\x8b"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_LARGEST_DOCUMENT = 256 * 1024 * 1024
"""Bytes of one JSON document at most. What is longer must be NDJSON, which has no bound."""


@dataclass(frozen=True, slots=True)
class SourceEvent:
    """An event and where it stood. `line` counts from 1; of a JSON document, it is the event's number in it."""

    event: dict[str, Json]
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class BadLine:
    """What stood where an event was expected: the reason, for people, and the bytes as they were."""

    reason: str
    source: str
    line: int
    content: bytes = b""

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.reason}"


class SourceError(ValueError):
    """A source that cannot be read at all; its text says which, why and what to do."""


Item: TypeAlias = SourceEvent | BadLine


def check_sources(names: Iterable[str]) -> None:
    """Raise `SourceError` with every source that is missing, a folder or not readable, before any is read."""
    problems: list[str] = []
    for name in names:
        if name == STANDARD_INPUT:
            continue
        try:
            if not stat.S_ISFIFO(Path(name).stat().st_mode):  # opening a pipe would take from what it holds
                with Path(name).open("rb"):
                    pass
        except OSError as error:
            problems.append(_os_problem(name, error))
    if problems:
        raise SourceError("\n".join(problems))


def read_events(names: Iterable[str]) -> Iterator[Item]:
    """The events of the sources, in order, as a stream; `-` is standard input. Raises `SourceError`."""
    for name in names:
        try:
            if name == STANDARD_INPUT:
                yield from read_stream(_standard_input(), "standard input")
                continue
            with Path(name).open("rb") as stream:
                yield from read_stream(stream, name)
        except OSError as error:
            raise SourceError(_os_problem(name, error)) from error


def _standard_input() -> io.BufferedReader[Any]:
    if sys.stdin is None:  # closed by the shell: `<&-`
        raise SourceError("Standard input is closed; name a file with events.")
    return cast("io.BufferedReader[Any]", sys.stdin.buffer)


def read_stream(stream: io.BufferedReader[Any], source: str) -> Iterator[Item]:
    """The events of one open stream."""
    if stream.peek(len(_GZIP)).startswith(_GZIP):
        yield from _read_gzip(stream, source)
    else:
        yield from _read_text(stream, source)


def _read_gzip(stream: io.BufferedReader[Any], source: str) -> Iterator[Item]:
    last = 0
    try:
        with gzip.GzipFile(fileobj=stream) as unpacked, io.BufferedReader(unpacked) as text:
            for item in _read_text(text, source):
                last = item.line
                yield item
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        yield BadLine(f"the gzip data is damaged or cut off behind this, the rest is lost ({error})", source, last + 1)


def _read_text(stream: io.BufferedReader[Any], source: str) -> Iterator[Item]:
    head = stream.peek(len(_UTF8_BOM))
    if head.startswith(_UTF16_BOMS):
        yield BadLine("the text is UTF-16; write it as UTF-8", source, 1)
        return
    if head.startswith(_UTF8_BOM):
        stream.read(len(_UTF8_BOM))
    first = b""
    skipped = 0
    while not first.strip():
        first = stream.readline()
        if not first:
            return
        skipped += 1
    if _opens_document(first):
        rest = stream.read(_LARGEST_DOCUMENT)
        document = _parsed(first + rest)
        if len(rest) == _LARGEST_DOCUMENT:
            document = f"it is larger than {_LARGEST_DOCUMENT >> 20} MB; write one event a line (NDJSON)"
        if not isinstance(document, str):
            yield from _document_events(document, source)
            return
        if first.lstrip().startswith(b"["):
            yield BadLine(f"this array of events cannot be read: {document}", source, skipped, first + rest)
            return
        rest += stream.readline()
        yield from _line_events(chain([first], io.BytesIO(rest), stream), source, skipped)
        return
    yield from _line_events(chain([first], stream), source, skipped)


def _opens_document(line: bytes) -> bool:
    """Whether a first line begins a JSON document rather than being an event of its own."""
    text = line.strip()
    return text.startswith(b"[") or (text.startswith(b"{") and isinstance(_parsed(text), str))


def _document_events(document: Json, source: str) -> Iterator[Item]:
    for number, value in enumerate(cast("list[Json]", document) if isinstance(document, list) else [document], 1):
        yield _item(value, source, number, b"")


def _line_events(lines: Iterable[bytes], source: str, start: int) -> Iterator[Item]:
    for number, line in enumerate(lines, start):
        if not line.strip():
            continue
        value = _parsed(line)
        if isinstance(value, str):
            yield BadLine(value, source, number, line)
        else:
            yield _item(value, source, number, line)


def _item(value: Json, source: str, line: int, content: bytes) -> Item:
    if isinstance(value, _Text):
        value = value.text
    if isinstance(value, dict):
        return SourceEvent(cast("dict[str, Json]", value), source, line)
    name = type_name(value)
    article = "" if name == "null" else "an " if name == "array" else "a "
    return BadLine(f"an event must be an object but this is {article}{name}", source, line, content or to_json(value))


@dataclass(frozen=True, slots=True)
class _Text:
    """A JSON text, kept apart from the reason why something is no JSON."""

    text: str


def _parsed(content: bytes) -> Json:
    """The JSON value, or the reason, as a text, why it is none."""
    try:
        value = from_json(content, allow_inf_nan=False)
    except ValueError as error:
        reason = str(error)
        if b"\n" not in content.strip():
            reason = reason.replace("line 1 column", "column")
        return f"not valid JSON: {reason}"
    return _Text(value) if isinstance(value, str) else value


def _os_problem(name: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{name}: there is no such file."
    if isinstance(error, IsADirectoryError):
        return f"{name}: this is a folder; name a file with events."
    return f"{name}: cannot be read ({error.strerror or error})."
