"""tmux's clipboard. As it is set up by default, tmux drops what programs in it say to the clipboard (OSC 52)."""

from __future__ import annotations

import asyncio
import contextlib
import os
from asyncio.subprocess import DEVNULL, PIPE

_LONGEST = 2.0
"""Seconds. tmux answers in some milliseconds, or not at all."""


async def copy_in_tmux(text: str) -> None:
    """Give a text to the tmux that the app runs in, which hands it on to its own terminal. Outside of tmux, nothing."""
    if "TMUX" not in os.environ:
        return
    with contextlib.suppress(OSError, TimeoutError):  # without it, the terminal was still told
        process = await asyncio.create_subprocess_exec(
            "tmux", "load-buffer", "-w", "-", stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL
        )
        try:
            await asyncio.wait_for(process.communicate(text.encode()), _LONGEST)
        except TimeoutError:
            process.kill()
