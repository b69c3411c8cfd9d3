"""What ends a command early, and the exit code and words that it becomes."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import ParamSpec

import typer

from studio.cli.text import printable

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

P = ParamSpec("P")


class UsageFailure(Exception):
    """A command that cannot be done as it was given; its text says why and what to do."""


def command(function: Callable[P, int | None]) -> Callable[P, None]:
    """Make a function a command: what it returns is the exit code, and failures become words instead of tracebacks."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = function(*args, **kwargs) or 0
            sys.stdout.flush()
        except UsageFailure as failure:
            typer.echo(f"studio: {printable(str(failure))}", err=True)
            code = EXIT_USAGE
        except KeyboardInterrupt:
            typer.echo("studio: interrupted.", err=True)
            code = EXIT_INTERRUPTED
        except BrokenPipeError:
            # Nobody reads any more (`| head`): what is still buffered must not raise again at the interpreter's end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = 0
        raise typer.Exit(code)

    return run
