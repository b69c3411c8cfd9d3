"""The fingerprint of what a run has read, by which it knows its input again when it goes on.

Two places of the input are on record, each with the digest of all lines before it: the watermark, below which all is
settled, and how far the run has read, below which all that it settled lies.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from actions.delivery.lines import Chunk


class InputChanged(Exception):
    """The input is not the one that the run has read before; nothing from the difference on was sent."""


@dataclass(slots=True, eq=False)
class Portion:
    """Events that were read together, up to the number `end`. `unsettled` counts outcomes that are not known yet."""

    end: int
    digest: str
    unsettled: int = 0


class Fingerprint:
    """Follows the reading. `settled` is the number below which everything was settled when the run began.

    `known` is how far was read, now or in an earlier sitting; `facts` are the two places now, as a journal keeps them.
    """

    def __init__(self, about: Mapping[str, str]) -> None:
        self.settled = self._watermark = int(about.get("watermark", "0"))
        self._digest = about.get("digest", "")
        self.known = int(about.get("known", self.settled))
        self._known_digest = about.get("known_digest", self._digest)
        self._marks = [(self.settled, self._digest), (self.known, self._known_digest)]
        self._hash = hashlib.blake2b(digest_size=16)
        self._portions: deque[Portion] = deque()

    def read(self, chunk: Chunk, number: int) -> Portion:
        """A chunk is read whose first event has the number. Raises `InputChanged` where it is not as it was."""
        end = number + len(chunk)
        for place, digest in self._marks:
            below = place - (end - len(chunk))
            if 0 < below <= len(chunk):
                self._add(chunk[:below])
                if self._hash.hexdigest() != digest:
                    raise InputChanged
                chunk = chunk[below:]
        self._add(chunk)
        portion = Portion(end, self._hash.hexdigest())
        self._portions.append(portion)
        if end > self.known:
            self.known, self._known_digest = end, portion.digest
        return portion

    def _add(self, chunk: Chunk) -> None:
        if chunk:
            self._hash.update(b"\n".join([line.content for line in chunk]))
            self._hash.update(b"\n")

    def advance(self) -> None:
        """Move the watermark over the portions that are settled."""
        while self._portions and not self._portions[0].unsettled:
            portion = self._portions.popleft()
            if portion.end >= self._watermark:
                self._watermark, self._digest = portion.end, portion.digest

    @property
    def facts(self) -> dict[str, str]:
        """What a journal notes."""
        return {
            "watermark": str(self._watermark),
            "digest": self._digest,
            "known": str(self.known),
            "known_digest": self._known_digest,
        }


def verify(chunks: Iterator[Chunk], about: Mapping[str, str]) -> None:
    """Raise `InputChanged` unless chunks hold what a run has read by its journal, before anything of them is sent."""
    fingerprint = Fingerprint(about)
    known, number = fingerprint.known, 0
    for chunk in chunks:
        if number >= known:
            return
        fingerprint.read(chunk, number)
        fingerprint.advance()
        number += len(chunk)
    if number < known:
        raise InputChanged
