"""Lines: bytes from anywhere taken apart into events, as a stream and as they stood.

NDJSON, a JSON array, or one JSON object, plain or gzip. Nothing is parsed but what tells these apart, so that parsing
can go on in other processes, and what is no event can be kept as it was.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple, TypeAlias

from pydantic_core import from_json

_GZIP = b"\x1f\x8b"
_UNPACKED = 1 << 20
"""Bytes that are unpacked at a time: a few that are packed may be very many."""
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_LARGEST_OBJECT = 16 << 20
"""Bytes of an event that stands on several lines, at most. On one line, or in an array, it may be as long as below."""
_LARGEST_LINE = 256 << 20
_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_INSIDE = re.compile(rb"(?:[^\"\[\]{}]++|" + _STRING + rb")*+", re.DOTALL)
_BETWEEN = re.compile(rb"(?:[^\"\[\]{},]++|" + _STRING + rb")*+", re.DOTALL)


class Line(NamedTuple):
    """What stands where an event is expected. `line` counts from 1; in an array, it is the event's number."""

    content: bytes
    source: str
    line: int


class BadLine(NamedTuple):
    """What is no event: the reason, for people, and the bytes as they were."""

    reason: str
    source: str
    line: int
    content: bytes = b""

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.reason}"


Chunk: TypeAlias = "list[Line | BadLine]"


class _Damaged(Exception):
    """Raised in the middle of the blocks, where they cannot be unpacked any further."""


def chunks_of(blocks: Iterator[bytes], source: str) -> Iterator[Chunk]:
    """The lines in blocks of bytes, given as they come: a chunk holds all lines that a block has completed."""
    reader = _Reader(source)
    try:
        yield from reader.read(_unpacked(blocks))
    except _Damaged as damage:
        reason = f"the gzip data is damaged or cut off behind this, the rest is lost ({damage})"
        yield [BadLine(reason, source, reader.next_line, reader.rest)]


def _unpacked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    for block in blocks:
        head += block
        if len(head) >= len(_GZIP):
            break
    if not head.startswith(_GZIP):
        yield from chain([head], blocks)
        return
    unpacker = zlib.decompressobj(wbits=31)
    try:
        for block in chain([head], blocks):
            packed = block
            while packed:
                if unpacker.eof:  # gzip files may stand one behind the other, and have zeros behind them
                    packed = packed.lstrip(b"\0")
                    if not packed:
                        break
                    unpacker = zlib.decompressobj(wbits=31)
                yield unpacker.decompress(packed, _UNPACKED)
                packed = unpacker.unconsumed_tail or unpacker.unused_data
    except zlib.error as error:
        raise _Damaged(error) from error
    if not unpacker.eof:
        raise _Damaged("it ends too early")


class _Reader:
    """Takes the text of one source apart. `next_line` and `rest` say where it stands if the blocks break off."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.next_line = 1
        self.rest = b""

    def read(self, blocks: Iterator[bytes]) -> Iterator[Chunk]:
        """The chunks of the text, whatever it is."""
        head = _head(blocks)
        if head.startswith(_UTF16_BOMS):
            yield [BadLine("the text is UTF-16; write it as UTF-8", self._source, 1)]
            return
        head = head.removeprefix(_UTF8_BOM)
        text = head.lstrip()
        if text.startswith(b"["):
            if not _is_array_on_a_line_of_many(text):
                self.rest = text
                yield from self._elements(text[1:], blocks)
                return
        elif text.startswith(b"{") and not _parses(text.partition(b"\n")[0]):
            head = _filled(head, blocks)
            if _parses(head):
                self.next_line = 2
                yield [Line(head.strip(), self._source, 1)]
                return
        yield from self._lines(chain([head], blocks))

    def _lines(self, blocks: Iterator[bytes]) -> Iterator[Chunk]:
        """NDJSON: blank lines count, and are passed over."""
        pending: list[bytes] = []
        size = 0
        for block in blocks:
            ends = block.find(b"\n") >= 0
            if not ends:
                size += len(block)
                if size <= _LARGEST_LINE:
                    pending.append(block)
                continue
            if size > _LARGEST_LINE:
                _, _, block = block.partition(b"\n")  # noqa: PLW2901 - what is left of it
                yield [self._too_long(pending)]
                pending, size = [], 0
            *lines, tail = b"".join((*pending, block)).split(b"\n")
            chunk: Chunk = [
                Line(line, self._source, number)
                for number, line in enumerate(lines, self.next_line)
                if line and not line.isspace()
            ]
            self.next_line += len(lines)
            pending, size, self.rest = [tail], len(tail), tail
            if chunk:
                yield chunk
        if size > _LARGEST_LINE:
            yield [self._too_long(pending)]
            return
        last = b"".join(pending)
        if last.strip():
            yield [Line(last, self._source, self.next_line)]

    def _too_long(self, pending: list[bytes]) -> BadLine:
        reason = f"the line is longer than {_LARGEST_LINE >> 20} MB"
        bad = BadLine(reason, self._source, self.next_line, pending[0][:1000])
        self.next_line += 1
        return bad

    def _elements(self, buffer: bytes, blocks: Iterator[bytes]) -> Iterator[Chunk]:
        """The elements of an array, which begins in front of the buffer. One that is broken does not end it."""
        depth = scanned = 0
        while True:
            start = 0
            chunk: Chunk = []
            while True:
                scanned, depth, found = _next_separator(buffer, scanned, depth)
                if not found:
                    break
                self._add(chunk, buffer[start:scanned], is_last=found != b",")
                scanned += 1
                start = scanned
                if found != b",":
                    yield chunk
                    yield from self._behind(buffer[start:], blocks)
                    return
            if chunk:
                yield chunk
            self.rest = buffer[start:]
            more = next(blocks, None)
            if more is None:
                yield self._unclosed(self.rest)
                return
            buffer, scanned = self.rest + more, scanned - start

    def _add(self, chunk: Chunk, element: bytes, *, is_last: bool) -> None:
        content = element.strip()
        if content:
            chunk.append(Line(content, self._source, self.next_line))
        elif is_last:  # an empty array, or a comma before its end
            return
        else:
            chunk.append(BadLine("an event is missing between two commas", self._source, self.next_line))
        self.next_line += 1

    def _behind(self, buffer: bytes, blocks: Iterator[bytes]) -> Iterator[Chunk]:
        behind = b"".join((buffer, *blocks)).strip()
        if behind:
            yield [BadLine("this stands behind the end of the array", self._source, self.next_line, behind)]

    def _unclosed(self, buffer: bytes) -> Chunk:
        content = buffer.strip()
        chunk: Chunk = [Line(content, self._source, self.next_line)] if content else []
        if not content or _parses(content):
            number = self.next_line + len(chunk)
            chunk.append(BadLine("the array has no end (EOF); what follows here is missing", self._source, number))
        return chunk


def _next_separator(buffer: bytes, position: int, depth: int) -> tuple[int, int, bytes]:
    """Where the comma behind an element stands, or the array's end, and which it is.

    The search begins at a position that is `depth` brackets deep inside an element. Where nothing is found, the
    position and depth are those to go on from when there is more, and the separator is empty.
    """
    while True:
        found = (_INSIDE if depth else _BETWEEN).match(buffer, position)
        position = found.end() if found else position
        mark = buffer[position : position + 1]
        if mark in (b"", b'"'):  # the end, or a string that goes on in the next block
            return position, depth, b""
        if mark in (b"[", b"{"):
            depth += 1
        elif mark != b"," and depth:
            depth -= 1
        else:
            return position, depth, mark
        position += 1


def _head(blocks: Iterator[bytes]) -> bytes:
    """The blocks up to the first line that is not blank, or as many as are sensible."""
    head = b""
    for block in blocks:
        head += block
        if b"\n" in head.lstrip() or len(head) > _LARGEST_OBJECT:
            break
    return head


def _filled(head: bytes, blocks: Iterator[bytes]) -> bytes:
    """As much text as an event on several lines may have."""
    for block in blocks:
        head += block
        if len(head) > _LARGEST_OBJECT:
            break
    return head


def _is_array_on_a_line_of_many(text: bytes) -> bool:
    """Whether an array at the beginning is a line by itself, with other lines below."""
    line, _, below = text.partition(b"\n")
    return bool(below.strip()) and _parses(line)


def _parses(content: bytes) -> bool:
    try:
        from_json(content, allow_inf_nan=False)
    except ValueError:
        return False
    return True
