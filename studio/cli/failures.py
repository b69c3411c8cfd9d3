"""What ends a command early, and the exit code and words that it becomes."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec

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
        import typer  # the app opens without it

        raise typer.Exit(exit_code(functools.partial(function, *args, **kwargs)))

    return run


def exit_code(work: Callable[[], int | None]) -> int:
    """Do the work of a command; its exit code, or that of the failure, which is told."""
    try:
        code = work() or 0
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
    return code
