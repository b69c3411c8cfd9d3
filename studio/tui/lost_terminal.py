"""A terminal that went away without a word.

Whoever has it as controlling terminal is ended by SIGHUP. To others Textual's reader asks again and again for input
that has ended, with all of a processor, and its writer has gone, so that leaving in good order would wait for ever.
"""

from __future__ import annotations

import os
import select
import threading

_ENDED_BY_HANGUP = 129
"""What a shell tells of a process that SIGHUP has ended."""


def end_without_terminal(terminal: int) -> None:
    """End the process when the terminal behind a file descriptor is gone. Unsaved work was kept at its last edit."""
    if hasattr(select, "poll"):  # not on Windows, where Textual reads otherwise
        threading.Thread(target=_end_when_gone, args=(terminal,), name="lost-terminal", daemon=True).start()


def _end_when_gone(terminal: int) -> None:
    poll = select.poll()
    poll.register(terminal, 0)  # a hang-up is told without being asked for; nothing else wakes it
    for _, happened in poll.poll():
        if happened & select.POLLHUP:  # where a system cannot poll terminals it says POLLNVAL, and all is as it was
            os._exit(_ENDED_BY_HANGUP)
