"""Sets of event numbers that take a bit each: a million are 125 KB, where a `set` of them is 60 MB and more."""

from __future__ import annotations

from collections.abc import Iterable


class NumberSet:
    """A growing set of numbers from `first` on. Smaller ones are not kept."""

    def __init__(self, first: int = 0) -> None:
        self._first = first
        self._bits = bytearray()

    def update(self, numbers: Iterable[int]) -> None:
        """Add numbers."""
        bits, first = self._bits, self._first
        for number in numbers:
            if number >= first:
                place, bit = divmod(number - first, 8)
                if place >= len(bits):
                    bits.extend(bytes(place + 1 - len(bits)))
                bits[place] |= 1 << bit

    def __contains__(self, number: int) -> bool:
        place, bit = divmod(number - self._first, 8)
        return 0 <= place < len(self._bits) and bool(self._bits[place] >> bit & 1)
