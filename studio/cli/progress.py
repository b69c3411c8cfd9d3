"""How a run is getting on, told on standard error: a bar in a terminal, else a line now and then."""

from __future__ import annotations

import asyncio
import sys
import time
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from studio.cli.text import printable
from studio.cli.words import tell

if TYPE_CHECKING:
    from rich.console import Group

    from actions.delivery.options import Progress
    from actions.waiting import Waiting

_REFRESH = 0.25
_LINE_EVERY = 10.0


class Amount(Protocol):
    """How much there is to read in all, None if that is not known, and how much is read."""

    @property
    def size(self) -> int | None:
        """In all."""
        ...

    @property
    def done(self) -> int:
        """By now."""
        ...


async def show_progress(progress: Progress, sources: Amount, waiting: Waiting | None = None) -> None:
    """Tell how the work is getting on until this is cancelled. Without a `waiting`, it is only reading."""
    if sys.stderr is not None and sys.stderr.isatty():
        await _draw(progress, sources, waiting)
    else:
        began = time.monotonic()
        while True:
            await asyncio.sleep(_LINE_EVERY)
            tell(words(progress, waiting, time.monotonic() - began, _share(sources)))


async def _draw(progress: Progress, sources: Amount, waiting: Waiting | None) -> None:
    from rich.console import Console  # drawn in a terminal only
    from rich.live import Live

    began = time.monotonic()
    with Live(console=Console(stderr=True), auto_refresh=False, transient=True) as live:
        while True:
            live.update(_picture(progress, waiting, time.monotonic() - began, _share(sources)), refresh=True)
            await asyncio.sleep(_REFRESH)


def _picture(progress: Progress, waiting: Waiting | None, seconds: float, share: float | None) -> Group:
    """A bar with how far and how fast it goes, below it the outcomes, and what is waited for."""
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    done = _done(progress, share)
    line = Table.grid(padding=(0, 1))
    percent = [] if done is None else [f"{done:.0%}"]
    told = "  ".join([*percent, *_speed(progress, seconds, done)])
    bar = ProgressBar(total=1.0, completed=done or 0.0, width=24, pulse=done is None)
    line.add_row(bar, Text(told, no_wrap=True, overflow="ellipsis"))
    below = [", ".join(part) for part in _sending(progress, waiting)]
    return Group(line, *(Text(text, no_wrap=True, overflow="ellipsis") for text in below if text))


def _share(sources: Amount) -> float | None:
    size = sources.size
    return min(1.0, sources.done / size) if size else None


def _done(progress: Progress, share: float | None) -> float | None:
    """Which share of the work is done: of what was read, and of that what has gone out."""
    return None if share is None else share * _landed(progress)


def _landed(progress: Progress) -> float:
    """Of how much of what was taken it is known what became of it, as a share."""
    return progress.landed / progress.taken if progress.taken else 1.0


def words(progress: Progress, waiting: Waiting | None, seconds: float, share: float | None) -> str:
    """How far the run is, in one line."""
    return ", ".join(chain(_speed(progress, seconds, _done(progress, share)), *_sending(progress, waiting)))


def _sending(progress: Progress, waiting: Waiting | None) -> list[list[str]]:
    """The outcomes, and what is waited for; nothing where nothing is sent."""
    return [] if waiting is None else [_outcomes(progress), _waits(waiting)]


def _speed(progress: Progress, seconds: float, done: float | None) -> list[str]:
    """How many events were read, and how many a second are through: reading is ahead where a limit is waited for."""
    rate = progress.read * _landed(progress) / max(seconds, 0.001)
    told = [f"{progress.read:,} events", f"{rate:,.0f}/s"]
    return [*told, f"{duration(seconds / done - seconds)} left"] if done and 0.01 < done < 1 else told


def _outcomes(progress: Progress) -> list[str]:
    told = [f"{count:,} {status.replace('_', ' ')}" for status, count in sorted(progress.statuses.items())]
    if progress.in_flight:
        told.append("1 batch on its way" if progress.in_flight == 1 else f"{progress.in_flight:,} batches on their way")
    return told


def _waits(waiting: Waiting) -> list[str]:
    """What is waited for, the longest first."""
    reasons = sorted(waiting.reasons.items(), key=lambda each: -each[1])
    return [f"waits {duration(max(0.0, left))} for {printable(reason, one_line=True)}" for reason, left in reasons[:2]]


def duration(seconds: float) -> str:
    """Seconds as people say them: 0.4 s, 12 s, 3:20 min, 4:05 h."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, left = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{left:02} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02} h"
