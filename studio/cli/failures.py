"""What ends a command early, and the exit code and words that it becomes."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec

import typer

from studio.cli.words import say, silence

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
            if sys.stdout is not None:  # closed by the shell: `>&-`
                sys.stdout.flush()
        except UsageFailure as failure:
            say(str(failure))
            code = EXIT_USAGE
        except KeyboardInterrupt:
            say("interrupted.")
            code = EXIT_INTERRUPTED
        except BrokenPipeError:  # nobody reads any more: `| head`
            silence(sys.stdout)
            code = 0
        except OSError as error:
            silence(sys.stdout)
            say(f"{error.filename or 'the output'}: {error.strerror or error}.")
            code = EXIT_FAILED
        raise typer.Exit(code)

    return run
