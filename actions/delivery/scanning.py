"""Scanning: where JSON values end, without parsing them, in bytes that come in blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MUCH = 1 << 20
_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_INSIDE = re.compile(rb"(?:[^\"\[\]{}]++|" + _STRING + rb")*+", re.DOTALL)
_BETWEEN = re.compile(rb"(?:[^\"\[\]{},]++|" + _STRING + rb")*+", re.DOTALL)


def next_separator(buffer: bytes, position: int, depth: int) -> tuple[int, int, bytes]:
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


def object_end(buffer: bytes, start: int, stop: int | None = None) -> int:
    """The position behind the object that begins at `start`, or behind the line that stands there instead.

    -1 where it has no end before `stop`.
    """
    stop = len(buffer) if stop is None else stop
    if buffer[start : start + 1] != b"{":
        return buffer.find(b"\n", start, stop)
    depth, position = 1, start + 1
    while True:
        found = _INSIDE.match(buffer, position, stop)
        position = found.end() if found else position
        mark = buffer[position : position + 1] if position < stop else b""
        if mark in (b"", b'"'):
            return -1
        depth += 1 if mark in (b"[", b"{") else -1
        position += 1
        if not depth:
            return position


def next_blocks(blocks: Iterator[bytes], pending: int) -> bytes:
    """The next block; several where much is pending, so that it is not looked at again and again. Empty at the end."""
    found: list[bytes] = []
    size = 0
    for block in blocks:
        if block:
            found.append(block)
            size += len(block)
            if pending < _MUCH or size >= pending // 2:
                break
    return b"".join(found)


def behind_next(begin: bytes, blocks: Iterator[bytes]) -> bytes:
    """What the next line that begins so begins, and what is there of it; nothing where there is none."""
    tail = b""
    for block in blocks:
        tail = tail[1 - len(begin) :] + block
        at = tail.find(begin)
        if at >= 0:
            return tail[at:]
    return b""
