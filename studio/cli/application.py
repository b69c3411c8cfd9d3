"""The `studio` command: its sub-commands, and what an error or an interruption becomes."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

from studio.cli import actions, auth, check, init, map_events, match, preview, run_events, sandbox, send
from studio.cli.failures import UsageFailure

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="studio",
    help="Author, preview and run Segment's Klaviyo mappings. Without a key, everything goes to a local sandbox.",
    epilog="Start with: studio send   (a sample event, its mapping, and what went to the sandbox)",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help starts in half the time
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("init")(init.init)
app.command("actions")(actions.actions)
app.command("check")(check.check)
app.command("preview")(preview.preview)
app.command("send")(send.send)
app.command("run")(run_events.run_events)
app.command("map")(map_events.map_events)
app.command("match")(match.match)
app.command("sandbox")(sandbox.sandbox)
app.add_typer(auth.app, name="auth")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # only this option needs it

        typer.echo(f"studio {version('mapping-studio')}")
        raise typer.Exit


@app.callback()
def studio(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """What stands before the command."""
    del version  # the callback has seen to it


def run() -> NoReturn:
    """Run the command line and exit: 0 done, 1 some failed, 2 wrong usage, 130 interrupted."""
    try:
        app()
        code = 0
    except UsageFailure as failure:
        typer.echo(f"studio: {failure}", err=True)
        code = EXIT_USAGE
    except KeyboardInterrupt:
        typer.echo("studio: interrupted.", err=True)
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        _close_output()
        code = 0
    sys.exit(code)


def _close_output() -> None:
    """Nobody reads any more (`| head`): what is still buffered must not raise again at the interpreter's end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
