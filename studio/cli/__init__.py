"""The command line: one module a command, each importing what it needs when it runs."""

from __future__ import annotations

import sys


def main() -> None:
    """The `studio` command."""
    try:
        from studio.cli.opening import opens_app  # importing this package costs nothing

        if opens_app(sys.argv[1:]):
            from studio.cli.opening import run as open_app

            open_app(sys.argv[1:])
        from studio.cli.application import run
    except KeyboardInterrupt:  # before any command could see to it
        sys.exit(130)
    run()
