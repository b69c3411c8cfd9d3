"""What is said to people, on standard error, so that standard output stays what other programs read."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from studio.cli.text import printable


def say(text: str) -> None:
    """A message of the program, with its name before it."""
    tell(f"studio: {text}")


def tell(text: str) -> None:
    """Words for people. Where nobody can read them, nothing stops for that."""
    if sys.stderr is None:  # closed by the shell: `2>&-`
        return
    try:
        print(printable(text), file=sys.stderr, flush=True)
    except OSError:
        silence(sys.stderr)


def silence(stream: TextIO | None) -> None:
    """Send what is still written to a stream nowhere: it must not fail again when the interpreter ends."""
    if stream is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
