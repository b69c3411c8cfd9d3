"""How a run is getting on, told on standard error: a bar in a terminal, else a line now and then."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Protocol

from studio.cli.text import printable
from studio.cli.words import tell

if TYPE_CHECKING:
    from actions.delivery.run import Run
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


async def show_progress(run: Run, sources: Amount, waiting: Waiting) -> None:
    """Tell how the run is getting on until this is cancelled."""
    if sys.stderr is not None and sys.stderr.isatty():
        await _draw(run, sources, waiting)
    else:
        began = time.monotonic()
        while True:
            await asyncio.sleep(_LINE_EVERY)
            tell(words(run, waiting, time.monotonic() - began, _share(sources)))


async def _draw(run: Run, sources: Amount, waiting: Waiting) -> None:
    from rich.console import Console  # drawn in a terminal only
    from rich.progress import BarColumn, Progress, TextColumn

    bar = BarColumn(bar_width=20)
    text = TextColumn("{task.fields[words]}", markup=False)
    began = time.monotonic()
    with Progress(bar, text, console=Console(stderr=True), auto_refresh=False, transient=True) as progress:
        task = progress.add_task("", total=None, words="")
        while True:
            share = _share(sources)
            told = words(run, waiting, time.monotonic() - began, share)
            progress.update(task, words=told, total=None if share is None else 1.0, completed=share or 0.0)
            progress.refresh()
            await asyncio.sleep(_REFRESH)


def _share(sources: Amount) -> float | None:
    size = sources.size
    return min(1.0, sources.done / size) if size else None


def words(run: Run, waiting: Waiting, seconds: float, share: float | None) -> str:
    """How far the run is, in one line."""
    progress = run.progress
    parts = [f"{progress.read:,} events", f"{progress.read / max(seconds, 0.001):,.0f}/s"]
    parts += [f"{count:,} {status.replace('_', ' ')}" for status, count in sorted(progress.statuses.items())]
    if progress.in_flight:
        parts.append(f"{progress.in_flight} requests on their way")
    done = share and share * (progress.landed / progress.taken if progress.taken else 1.0)
    if done and 0.01 < done < 1:
        parts.append(f"{duration(seconds / done - seconds)} left")
    reasons = waiting.reasons
    if reasons:
        reason = min(reasons, key=lambda each: reasons[each])
        parts.append(f"waits {duration(reasons[reason])} for {printable(reason, one_line=True)}")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Seconds as people say them: 0.4 s, 12 s, 3:20 min, 4:05 h."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, left = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{left:02} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02} h"
