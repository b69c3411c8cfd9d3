"""Where events come from: files, folders, patterns and standard input, in order and as a stream.

A line that is no event is told with its number and what is wrong; it never ends the reading.
"""

from __future__ import annotations

import glob
import io
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeAlias, cast

from pydantic_core import from_json

from actions.delivery.lines import BadLine, Chunk, Line, chunks_of
from actions.values import Json, type_name

__all__ = ["BadLine", "Item", "SourceError", "SourceEvent", "Sources", "check_sources", "read_events", "read_stream"]

STANDARD_INPUT = "-"
_BLOCK = 256 * 1024
_SUFFIXES = tuple(f"{suffix}{packed}" for suffix in (".ndjson", ".jsonl", ".json") for packed in ("", ".gz"))


class SourceEvent(NamedTuple):
    """An event and where it stood. `line` counts from 1; of an array, it is the event's number in it."""

    event: dict[str, Json]
    source: str
    line: int


class SourceError(ValueError):
    """A source that cannot be read at all; its text says which, why and what to do."""


Item: TypeAlias = SourceEvent | BadLine


class Sources:
    """Sources to be read once. `size` is how many bytes they have, None if that is not known; `done` how many are read.

    Folders stand for the files with events below them, patterns for the files that they match, both in order of their
    names. Raises `SourceError` with every source that is missing or not readable, before any is read.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = _expanded(names)
        self.done = 0

    @property
    def size(self) -> int | None:
        """Bytes in all, where all are files."""
        sizes = [0 if name == STANDARD_INPUT else Path(name).stat().st_size for name in self.names]
        are_files = all(name != STANDARD_INPUT and Path(name).is_file() for name in self.names)
        return sum(sizes) if are_files else None

    def chunks(self) -> Iterator[Chunk]:
        """The lines, in chunks as they come. Raises `SourceError`."""
        for name in self.names:
            try:
                if name == STANDARD_INPUT:
                    yield from chunks_of(self._counted(_standard_input()), "standard input")
                    continue
                with Path(name).open("rb", buffering=0) as stream:
                    yield from chunks_of(self._counted(_blocks(stream)), name)
            except OSError as error:
                raise SourceError(_os_problem(name, error)) from error

    def _counted(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        for block in blocks:
            self.done += len(block)
            yield block


def check_sources(names: Iterable[str]) -> None:
    """Raise `SourceError` with every source that is missing or not readable."""
    _expanded(names)


def read_events(names: Iterable[str]) -> Iterator[Item]:
    """The events of the sources, in order, as a stream; `-` is standard input. Raises `SourceError`."""
    for chunk in Sources(names).chunks():
        yield from map(_item, chunk)


def read_stream(stream: BinaryIO, source: str) -> Iterator[Item]:
    """The events of one open stream."""
    for chunk in chunks_of(_blocks(stream), source):
        yield from map(_item, chunk)


def parse_event(content: bytes) -> dict[str, Json] | str:
    """The event, or the reason, as a text, why it is none."""
    try:
        value = from_json(content, allow_inf_nan=False, cache_strings="keys")  # values seldom come again
    except ValueError as error:
        reason = str(error)
        if b"\n" not in content.strip():
            reason = reason.replace("line 1 column", "column")
        return f"not valid JSON: {reason}"
    if isinstance(value, dict):
        return cast("dict[str, Json]", value)
    name = type_name(value)
    article = "" if name == "null" else "an " if name == "array" else "a "
    return f"an event must be an object but this is {article}{name}"


def _item(line: Line | BadLine) -> Item:
    if isinstance(line, BadLine):
        return line
    event = parse_event(line.content)
    if isinstance(event, str):
        return BadLine(event, line.source, line.line, line.content)
    return SourceEvent(event, line.source, line.line)


def _blocks(stream: io.RawIOBase | BinaryIO) -> Iterator[bytes]:
    read = stream.read1 if isinstance(stream, io.BufferedIOBase) else stream.read
    while block := read(_BLOCK):
        yield block


def _standard_input() -> Iterator[bytes]:
    if sys.stdin is None:  # closed by the shell: `<&-`
        raise SourceError("Standard input is closed; name a file with events.")
    try:
        descriptor = sys.stdin.fileno()
    except OSError:  # a test's own
        yield from _blocks(sys.stdin.buffer)
        return
    while block := os.read(descriptor, _BLOCK):  # a buffer's lock would keep the program from ending meanwhile
        yield block


def _expanded(names: Iterable[str]) -> list[str]:
    """The files that the names stand for. Raises `SourceError` with every problem."""
    files: list[str] = []
    problems: list[str] = []
    for name in names:
        try:
            files += _files(name)
        except OSError as error:
            problems.append(_os_problem(name, error))
        except SourceError as error:
            problems.append(str(error))
    if problems:
        raise SourceError("\n".join(problems))
    return files


def _files(name: str) -> list[str]:
    path = Path(name)
    if name == STANDARD_INPUT:
        return [name]
    if path.is_dir():
        found, problems = _below(path)
        if problems:
            raise SourceError("\n".join(problems))
        if not found:
            raise SourceError(f"{name}: this folder has no files with events ({', '.join(_SUFFIXES)}).")
    elif glob.has_magic(name) and not path.exists():
        found = sorted(file for file in glob.glob(name, recursive=True) if not Path(file).is_dir())  # noqa: PTH207 - `Path` takes no absolute pattern
        if not found:
            raise SourceError(f"{name}: no file matches this pattern.")
    else:
        found = [name]
    problems = [problem for file in found if (problem := _problem_of(file))]
    if problems:
        raise SourceError("\n".join(problems))
    return found


def _below(folder: Path) -> tuple[list[str], list[str]]:
    """The files with events below a folder, in order, and the problems of folders that cannot be looked into."""
    errors: list[OSError] = []
    files = [
        os.path.join(parent, name)  # noqa: PTH118 - `Path` for each is slow in large folders
        for parent, _, names in os.walk(folder, onerror=errors.append)
        for name in names
        if name.endswith(_SUFFIXES)
    ]
    return sorted(filter(os.path.isfile, files)), [_os_problem(error.filename, error) for error in errors]


def _problem_of(file: str) -> str | None:
    """Why a file cannot be read; None where it can."""
    try:
        if not stat.S_ISFIFO(Path(file).stat().st_mode):  # opening a pipe would take from what it holds
            with Path(file).open("rb"):
                pass
    except OSError as error:
        return _os_problem(file, error)
    return None


def _os_problem(name: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{name}: there is no such file."
    return f"{name}: cannot be read ({error.strerror or error})."
