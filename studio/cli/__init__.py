"""The command line: one module a command, each importing what it needs when it runs."""

from __future__ import annotations

import sys


def main() -> None:
    """The `studio` command."""
    try:
        from studio.cli.application import run  # importing this package costs nothing
    except KeyboardInterrupt:  # before any command could see to it
        sys.exit(130)
    run()
