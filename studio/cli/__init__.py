"""The command line: one module a command, each importing what it needs when it runs."""

from __future__ import annotations


def main() -> None:
    """The `studio` command."""
    from studio.cli.application import run  # importing this package costs nothing

    run()
