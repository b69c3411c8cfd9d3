"""One sitting of a run: its progress is shown, a signal ends it in order, and how it ended goes on record."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from typing import TYPE_CHECKING, Protocol

from studio.cli.ending import orderly_end
from studio.cli.progress import Amount, show_progress
from studio.runs import FINISHED, STOPPED, facts_of_sitting

if TYPE_CHECKING:
    from actions.delivery.journal import Journal
    from actions.delivery.lines import Chunk
    from actions.delivery.options import Progress
    from actions.delivery.run import Run
    from actions.waiting import Waiting


class Input(Amount, Protocol):
    """What a run reads."""

    def chunks(self) -> Iterator[Chunk]:
        """The events, in chunks."""
        ...


async def deliver(run: Run, source: Input, journal: Journal, waiting: Waiting) -> bool:
    """Do a run as far as it goes; whether it has finished. Where somebody ended it, `waiting` is called off."""
    ended = STOPPED
    try:
        await sit(run.deliver(source.chunks()), run.progress, source, waiting)
        ended = FINISHED if run.complete else STOPPED
    finally:
        with journal.transaction():
            journal.note(**facts_of_sitting(ended))
    return ended == FINISHED


async def sit(work: Coroutine[None, None, object], progress: Progress, source: Amount, waiting: Waiting) -> None:
    """Do work whose progress is shown, and which a signal ends in order, a second one at once."""
    showing = asyncio.create_task(show_progress(progress, source, waiting))
    try:
        with orderly_end(waiting):
            await work
    except asyncio.CancelledError:
        waiting.call_off()
    finally:
        showing.cancel()
