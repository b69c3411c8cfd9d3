"""What goes on record in a run's journal: outcomes by their reason, the events that failed, warnings."""

from __future__ import annotations

import re
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

EVENT = ""
"""The mapping's name where an outcome is the event's own: of bad lines, duplicates and unmatched events."""

_VARYING = re.compile(r"""'[^']*'|"[^"]*"|`[^`]*`|(?<!\S)\S*@\S+|(?<![(\w])[^\s(]*\d\S*""")
_REPEATED = re.compile(r"…(?:\s…)+")
_LONGEST_KIND = 3000
"""Characters. What an answer or an event puts into a message may be megabytes, in one word."""


class Reason(NamedTuple):
    """Why events ended as they did. `message` is empty where there is nothing to say."""

    mapping: str
    status: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """An event that a mapping did not get delivered. `content` are the bytes of the event as they were read."""

    number: int
    source: str
    line: int
    content: bytes

    @property
    def place(self) -> str:
        """Where it stood; a row of a warehouse stands on no line."""
        return f"{self.source}:{self.line}" if self.line else self.source


@dataclass(frozen=True, slots=True)
class Tally:
    """How many events ended for one reason, or for `messages` reasons of a kind, of which this is the most frequent."""

    mapping: str
    status: str
    message: str
    count: int
    messages: int = 1

    @property
    def reason(self) -> Reason:
        """What they share."""
        return Reason(self.mapping, self.status, self.message)


def kind_of(message: str) -> str:
    """What messages of a kind have in common: all but what is quoted, addresses, and words with digits in them.

    A status in brackets stays: `(500)` and `(503)` are not of a kind. Of a long message, only the beginning counts.
    """
    return _REPEATED.sub("…", _VARYING.sub("…", message[:_LONGEST_KIND]))


class Entries:
    """Outcomes that go on record together."""

    def __init__(self) -> None:
        self.settled: dict[Reason, list[int]] = {}
        self.failed: dict[Reason, list[Failure]] = {}
        self.warnings: dict[tuple[str, str], int] = {}
        self.count = 0

    def add(self, reason: Reason, number: int) -> None:
        """An event that ended as it should."""
        self.settled.setdefault(reason, []).append(number)
        self.count += 1

    def add_all(self, reason: Reason, numbers: Sequence[int]) -> None:
        """Events that ended as they should, for the same reason."""
        if numbers:
            self.settled.setdefault(reason, []).extend(numbers)
            self.count += len(numbers)

    def fail(self, reason: Reason, failure: Failure) -> None:
        """An event that failed."""
        self.failed.setdefault(reason, []).append(failure)
        self.count += 1

    def warn(self, mapping: str, messages: Iterable[str]) -> None:
        """What was said about an event."""
        for message in messages:
            self.warnings[mapping, message] = self.warnings.get((mapping, message), 0) + 1


def packed(numbers: Sequence[int]) -> bytes:
    """Ascending numbers as bytes: the first, then the steps, compressed. A hundred thousand in a row take a few."""
    steps = array("Q", numbers[:1])
    steps.extend(later - earlier for earlier, later in pairwise(numbers))
    return zlib.compress(steps.tobytes(), 1)


def unpacked(content: bytes) -> Iterator[int]:
    """The numbers of `packed`."""
    steps = array("Q")
    steps.frombytes(zlib.decompress(content))
    return accumulate(steps)
