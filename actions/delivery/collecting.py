"""Collecting garbage less often: what a run keeps for a while is none, and walking it costs a tenth of the time."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

_OBJECTS = 500_000
"""More than what a run keeps at a time is made of, so that this is not walked again and again."""


@contextmanager
def seldom_collected() -> Generator[None]:
    """While inside, the collector looks for cycles once in many objects. What belongs to no cycle is freed as ever."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
