"""The fingerprint of what a run has read, by which it knows its input again when it goes on."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass

from actions.delivery.lines import Chunk


class InputChanged(Exception):
    """The input is not the one that the run has read before; nothing of it was sent."""


@dataclass(slots=True, eq=False)
class Portion:
    """Events that were read together, up to the number `end`. `unsettled` counts outcomes that are not known yet."""

    end: int
    digest: str
    unsettled: int = 0


class Fingerprint:
    """Follows the reading. `settled` is the number below which everything was settled when the run began.

    `watermark` is that number now, with the digest of all lines below it.
    """

    def __init__(self, settled: int, digest: str) -> None:
        self.settled = settled
        self.watermark, self.digest = settled, digest
        self._hash = hashlib.blake2b(digest_size=16)
        self._portions: deque[Portion] = deque()

    def read(self, chunk: Chunk, number: int) -> Portion:
        """A chunk is read whose first event has the number. Raises `InputChanged` where it is not as it was."""
        end = number + len(chunk)
        below = self.settled - number
        if 0 < below <= len(chunk):
            self._add(chunk[:below])
            if self._hash.hexdigest() != self.digest:
                raise InputChanged
            chunk = chunk[below:]
        self._add(chunk)
        portion = Portion(end, self._hash.hexdigest())
        self._portions.append(portion)
        return portion

    def _add(self, chunk: Chunk) -> None:
        if chunk:
            self._hash.update(b"\n".join([line.content for line in chunk]))
            self._hash.update(b"\n")

    def advance(self) -> None:
        """Move the watermark over the portions that are settled."""
        while self._portions and not self._portions[0].unsettled:
            portion = self._portions.popleft()
            if portion.end >= self.watermark:
                self.watermark, self.digest = portion.end, portion.digest
