"""Ending in an orderly way: Ctrl-C and SIGTERM let what is on its way arrive; a second time they end at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from studio.cli.words import say

if TYPE_CHECKING:
    from actions.waiting import Waiting

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def orderly_end(waiting: Waiting) -> Iterator[None]:
    """While inside, the first signal calls off all waiting, the next one cancels the task that is inside.

    A terminal that is closed ends nothing that was started with `nohup`.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    heeded = [each for each in _SIGNALS if each == signal.SIGINT or signal.getsignal(each) != signal.SIG_IGN]

    def end() -> None:
        if not waiting.called_off:
            say("ending: what is on its way is finished first. Once more ends at once.")
            waiting.call_off()
        elif task is not None:
            task.cancel()

    try:
        for each in heeded:
            loop.add_signal_handler(each, end)
    except NotImplementedError:  # Windows: asyncio's own handling of Ctrl-C cancels the task
        yield
        return
    try:
        yield
    finally:
        for each in heeded:
            loop.remove_signal_handler(each)
