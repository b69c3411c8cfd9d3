"""Lines: bytes from anywhere taken apart into events, as a stream and as they stood.

NDJSON, a JSON array, or JSON objects one behind the other on as many lines as they like, plain or gzip. Nothing is
parsed but what tells these apart, so that parsing can go on in other processes, and what is no event can be kept as it
was.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple, TypeAlias

from pydantic_core import from_json

from actions.delivery.scanning import behind_next, next_blocks, next_separator, object_end

_GZIP = b"\x1f\x8b"
_UNPACKED = 1 << 20
"""Bytes that are unpacked at a time: a few that are packed may be very many."""
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_LARGEST_OBJECT = 16 << 20
"""Bytes of an event that stands on several lines, at most. On one line, or in an array, it may be as long as below."""
_LARGEST_LINE = 256 << 20
_SURELY_BROKEN = 4 << 20
"""Bytes behind which an event that has not ended, and below which others seem to begin, is taken for broken."""
_BLANKS = re.compile(rb"\s*")
_BLANKS_AND_COMMAS = re.compile(rb"[\s,\]]*")
_FIRST_ELEMENT = re.compile(rb"\s*?(\n[ \t]*\{)")


class Line(NamedTuple):
    """What stands where an event is expected. `line`, where it begins, counts from 1; in an array, it is its number."""

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


class _Rest(NamedTuple):
    """Objects to be read: how lines begin that begin one, whether they are of an array, whether the first is broken."""

    begin: bytes
    in_array: bool
    is_broken: bool


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
            head = _first_object(head, blocks)
            if _begins_documents(head.lstrip()):
                yield from self._documents(head, blocks)
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

    def _documents(self, buffer: bytes, blocks: Iterator[bytes], rest: _Rest | None = None) -> Iterator[Chunk]:
        """Objects one behind the other, or what is left of an array. A broken one ends where a line begins the next."""
        begin, in_array, is_broken = rest or _Rest(b"\n{", in_array=False, is_broken=False)
        at_end = False
        while True:
            chunk: Chunk = []
            start, begins = 0, buffer.find(begin, 1)
            while True:
                start += self._pass(buffer, start, in_array=in_array)
                if 0 <= begins <= start:
                    begins = buffer.find(begin, start)
                end, is_broken = _end_of(buffer, start, begins, is_broken=is_broken, at_end=at_end)
                if end <= start:
                    break
                chunk.append(Line(buffer[start:end].rstrip(), self._source, self.next_line))
                self.next_line += 1 if in_array else buffer.count(b"\n", start, end)
                start = end
            if chunk:
                yield chunk
            if at_end:
                return
            self.rest = buffer[start:]
            if len(self.rest) > _LARGEST_LINE:
                yield [self._too_long([self.rest])]
                self.rest = behind_next(begin, blocks)
            more = next_blocks(blocks, len(self.rest))
            at_end = not more
            buffer = self.rest + more

    def _pass(self, buffer: bytes, start: int, *, in_array: bool) -> int:
        """How many bytes to pass over that stand between objects."""
        found = (_BLANKS_AND_COMMAS if in_array else _BLANKS).match(buffer, start)
        passed = found[0] if found else b""
        self.next_line += 0 if in_array else passed.count(b"\n")
        return len(passed)

    def _elements(self, buffer: bytes, blocks: Iterator[bytes]) -> Iterator[Chunk]:
        """The elements of an array, which begins in front of the buffer. One that is broken does not end it."""
        depth = scanned = 0
        first = _FIRST_ELEMENT.match(buffer)
        begin = first[1] if first else b"\n{"
        while True:
            start = 0
            chunk: Chunk = []
            while True:
                scanned, depth, found = next_separator(buffer, scanned, depth)
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
            more = next_blocks(blocks, len(self.rest))
            if (not more or len(self.rest) > _SURELY_BROKEN) and begin in self.rest[1:]:
                yield from self._documents(self.rest + more, blocks, _Rest(begin, in_array=True, is_broken=True))
                return
            if not more:
                yield self._unclosed(self.rest)
                return
            if len(self.rest) > _LARGEST_LINE:
                reason = f"the event has no end within {_LARGEST_LINE >> 20} MB; what follows is not read"
                yield [BadLine(reason, self._source, self.next_line, self.rest[:1000])]
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


def _head(blocks: Iterator[bytes]) -> bytes:
    """The blocks up to the first line that is not blank, or as many as are sensible."""
    head = b""
    for block in blocks:
        head += block
        if b"\n" in head.lstrip() or len(head) > _LARGEST_OBJECT:
            break
    return head


def _first_object(head: bytes, blocks: Iterator[bytes]) -> bytes:
    """The head with as much behind it as its first object, or an event on several lines, may have."""
    while len(head) <= _LARGEST_OBJECT and object_end(head, len(head) - len(head.lstrip())) < 0:
        more = next_blocks(blocks, len(head))
        if not more:
            break
        head += more
    return head


def _end_of(buffer: bytes, start: int, begins: int, *, is_broken: bool, at_end: bool) -> tuple[int, bool]:
    """Where the object ends that begins at `start`, -1 where that is still to be seen, and whether one was broken.

    At `begins`, if that is not -1, a line seems to begin the next.
    """
    if start >= len(buffer):
        return -1, is_broken
    end = object_end(buffer, start, begins if is_broken and begins >= 0 else len(buffer))
    if end >= 0 and (not 0 <= begins < end or _parses(buffer[start:end])):
        return end, is_broken
    if begins >= 0 and (end >= 0 or is_broken or at_end or len(buffer) - start > _SURELY_BROKEN):
        return begins, True
    return (len(buffer) if at_end else -1), is_broken


def _begins_documents(text: bytes) -> bool:
    """Whether a text whose first line is no event begins with one that has more lines, or another behind it."""
    end = object_end(text, 0)
    if end < 0 or not _parses(text[:end]):
        return text[1:].lstrip(b" \t\r").startswith(b"\n")
    return b"\n" in text[:end] or text[end:].lstrip(b" \t").startswith(b"{")


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
