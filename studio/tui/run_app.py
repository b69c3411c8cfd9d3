"""The app as a person runs it: alone in its process, in a terminal that can go away."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from studio.session import Session
from studio.tui.app import StudioApp
from studio.tui.lost_terminal import end_without_terminal


class _AloneInProcess(StudioApp):
    """The app as a person runs it. What came to be while it opened stays, so nobody looks through it for garbage.

    Looking through it takes a tenth of a second, every few keys.
    """

    def on_ready(self) -> None:
        gc.freeze()
        gc.set_threshold(5_000, 10, 10)
        gc.enable()
        if sys.__stdin__ is not None:
            end_without_terminal(sys.__stdin__.fileno())


def run_app(path: Path | None) -> None:
    """Open the studio on a file, on one to be made, or on the starter preset. Raises `ConfigError`."""
    session = Session.create(path) if path is not None and not path.exists() else Session.open(path)
    _AloneInProcess(session).run()
