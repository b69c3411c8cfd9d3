"""`studio lists`: the lists of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from studio.cli import arguments
from studio.cli.failures import EXIT_FAILED, command
from studio.cli.inputs import perform
from studio.cli.text import json_line, printable
from studio.cli.words import say, tell
from studio.target import SANDBOX

if TYPE_CHECKING:
    from actions.klaviyo.lists import KlaviyoList

EXAMPLES = arguments.example(
    """\
  studio lists                                   ids and names
  studio lists --to klaviyo --json
  studio lists --create "Lantern buyers"         a list of that name, unless there is one"""
)


@command
def lists(
    create: Annotated[
        str | None, typer.Option("--create", metavar="NAME", help="Create a list, unless there is one of that name.")
    ] = None,
    to: arguments.To = SANDBOX,
    as_json: arguments.AsJson = False,
) -> int:
    """List the account's lists, all of them, or create one."""
    from actions.klaviyo.refusals import Refused, verdict  # the engine, which `--help` does not need
    from studio.cli.audiences import create_and_tell

    if create is not None:
        return create_and_tell(create, None, to, as_json=as_json)
    try:
        found = perform(_read(to))
    except Refused as refusal:
        say(f"the lists cannot be read. {verdict(refusal.response).message}")
        return EXIT_FAILED
    width = max((len(each.id) for each in found), default=0)
    for each in sorted(found, key=lambda each: each.name.casefold()):
        line = printable(f"{each.id:{width}}  {each.name}", one_line=True)
        typer.echo(json_line(each._asdict()) if as_json else line)
    if not found:
        tell("There is no list yet; --create NAME makes one.")
    return 0


async def _read(to: str) -> list[KlaviyoList]:
    from actions.klaviyo.lists import read_lists
    from actions.retrying import Retrying
    from studio.target import open_engine

    async with open_engine(to, {}, retries=Retrying(give_up=60), paced=True) as engine:
        return await engine.run(read_lists())
