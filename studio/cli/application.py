"""The `studio` command and its sub-commands."""

from __future__ import annotations

import io
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from studio.cli import (
    actions,
    audiences,
    auth,
    check,
    connect,
    delete,
    init,
    lists,
    map_events,
    match,
    open_app,
    preview,
    retry,
    run_events,
    runs,
    sandbox,
    send,
    sync,
)


class CommandOrConfig(TyperGroup):
    """The sub-commands. What is none of them is a configuration to open in the app: `studio shop.toml`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the arguments name, and what is left of them."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            args = ["open", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=CommandOrConfig,
    name="studio",
    help="Author, preview and run Segment's Klaviyo mappings. Without a key, everything goes to a local sandbox. "
    "`studio [CONFIG]` alone opens the studio in the terminal.",
    epilog="Start with: studio   or, without a terminal: studio send",
    invoke_without_command=True,
    rich_markup_mode=None,  # plain help starts in half the time
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("open", epilog=open_app.EXAMPLES)(open_app.open_app)
app.command("init", epilog=init.EXAMPLES)(init.init)
app.command("actions", epilog=actions.EXAMPLES)(actions.actions)
app.command("check", epilog=check.EXAMPLES)(check.check)
app.command("preview", epilog=preview.EXAMPLES)(preview.preview)
app.command("send", epilog=send.EXAMPLES)(send.send)
app.command("run", epilog=run_events.EXAMPLES)(run_events.run_events)
app.command("sync", epilog=sync.EXAMPLES)(sync.sync)
app.add_typer(runs.app, name="runs")
app.command("retry", epilog=retry.EXAMPLES)(retry.retry)
app.command("map", epilog=map_events.EXAMPLES)(map_events.map_events)
app.command("match", epilog=match.EXAMPLES)(match.match)
app.command("lists", epilog=lists.EXAMPLES)(lists.lists)
app.command("connect", epilog=connect.EXAMPLES)(connect.connect)
app.add_typer(audiences.app, name="audiences")
app.command("delete", epilog=delete.EXAMPLES)(delete.delete)
app.command("sandbox", epilog=sandbox.EXAMPLES)(sandbox.sandbox)
app.add_typer(auth.app, name="auth")


def _print_version(wanted: bool) -> None:
    if wanted:
        from studio.cli.version import version  # only this option needs it

        typer.echo(f"studio {version()}")
        raise typer.Exit


@app.callback()
def studio(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """What stands before the command."""
    del version  # the callback has seen to it
    if context.invoked_subcommand is None:
        open_app.open_app(context)


def run() -> None:
    """Run the command line and exit: 0 done, 1 some failed, 2 wrong usage, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # it is None where the shell closed it
            stream.reconfigure(errors="backslashreplace")  # a terminal that is not UTF-8 gets escapes, not an error
    app(prog_name="studio")
