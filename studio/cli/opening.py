"""Opening the app, without anything that only other commands need."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

from studio.cli.failures import UsageFailure, exit_code


def opens_app(arguments: list[str]) -> bool:
    """Whether the command line asks for nothing but the app, on the starter preset or on a file that is there."""
    if "_STUDIO_COMPLETE" in os.environ:  # a shell asks for completions
        return False
    return not arguments or (len(arguments) == 1 and arguments[0].endswith(".toml") and Path(arguments[0]).is_file())


def run(arguments: list[str]) -> None:
    """Open the app for such a command line, and exit."""
    path = Path(arguments[0]) if arguments else None
    sys.exit(exit_code(lambda: open_studio(path)))


def open_studio(config: Path | None) -> None:
    """Open the app on a configuration, there or to be, or on the starter preset."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        text = "the studio needs a terminal; without one use `studio preview`, `studio send` or `studio run`."
        raise UsageFailure(text)
    gc.disable()  # until the app is ready: what comes to be while it opens stays
    from actions.config import ConfigError
    from studio.tui.run_app import run_app

    try:
        run_app(config)
    except ConfigError as error:
        raise UsageFailure(str(error)) from error
