"""`studio audiences`: the lists of Engage audiences, created and verified as Segment does it."""

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
    from actions.destination import Connection, Verdict
    from actions.flow import Exchange

_CREATE_EXAMPLES = arguments.example(
    """\
  studio audiences create "Lantern buyers"                    a list of that name
  studio audiences create "Lantern buyers" --list-id XyZ12a   a list that there is"""
)
_VERIFY_EXAMPLES = arguments.example("  studio audiences verify XyZ12a --to klaviyo")
EXAMPLES = arguments.example(
    """\
  studio audiences create "Lantern buyers"       its list, found or made
  studio audiences verify XyZ12a --to klaviyo    whether the account has it"""
)

app = typer.Typer(
    help="Create the list of an Engage audience, and verify that the account has it.",
    epilog=EXAMPLES,
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("create", epilog=_CREATE_EXAMPLES)
@command
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The audience's name, which the list gets.")],
    list_id: Annotated[
        str | None, typer.Option("--list-id", metavar="ID", help="A list that there is: the setting List Id.")
    ] = None,
    to: arguments.To = SANDBOX,
    as_json: arguments.AsJson = False,
) -> int:
    """Give an audience its list: one that there is, else a new one. Its id is the audience's external_audience_id.

    A list of that name is taken, so that an audience created twice has one list.
    """
    return create_and_tell(name, list_id, to, as_json=as_json)


@app.command("verify", epilog=_VERIFY_EXAMPLES)
@command
def verify(
    list_id: Annotated[str, typer.Argument(metavar="ID", help="The audience's external_audience_id, a list's id.")],
    to: arguments.To = SANDBOX,
    as_json: arguments.AsJson = False,
) -> int:
    """Ask whether the account has the list of an audience, as `studio run` does before it delivers. Exit 1 if not."""
    exchanges: list[Exchange] = []
    verdict = perform(_verify(list_id, to, exchanges))
    if as_json:
        typer.echo(json_line({"id": list_id, **_facts(verdict, exchanges)}))
    elif verdict.status == "delivered":
        typer.echo(printable(f"The account has the list {list_id}.", one_line=True))
        _show(exchanges)
    else:
        say(verdict.message or "")
        _show(exchanges)
    return 0 if verdict.status == "delivered" else EXIT_FAILED


def create_and_tell(name: str, list_id: str | None, to: str, *, as_json: bool) -> int:
    """Find or create a list, and tell which one it is."""
    exchanges: list[Exchange] = []
    made = perform(_create(name, list_id, to, exchanges))
    if as_json:
        found = {"id": made.id or None, "name": made.name or None, "created": made.is_new}
        typer.echo(json_line({**found, **_facts(made.verdict, exchanges)}))
    elif made.id:
        typer.echo(printable(made.verdict.message or made.id))
        _show(exchanges)
    else:
        say(made.verdict.message or "")
        _show(exchanges)
    return 0 if made.id else EXIT_FAILED


def _facts(verdict: Verdict, exchanges: list[Exchange]) -> dict[str, object]:
    from studio.outcome_documents import exchange_document

    told = [exchange_document(exchange) for exchange in exchanges]
    return {"status": verdict.status, "message": verdict.message, "exchanges": told}


def _show(exchanges: list[Exchange]) -> None:
    from studio.cli.requests_text import request_lines

    tell("\n".join(request_lines(exchanges)))


async def _create(name: str, list_id: str | None, to: str, exchanges: list[Exchange]) -> Connection:
    from actions.klaviyo import KLAVIYO as DESTINATION
    from studio.target import open_engine

    async with open_engine(to, {}) as engine:  # without retries: a creation sent twice makes two lists
        return await engine.run(DESTINATION.create_audience(name, list_id), exchanges)


async def _verify(list_id: str, to: str, exchanges: list[Exchange]) -> Verdict:
    from actions.klaviyo import KLAVIYO as DESTINATION
    from studio.target import open_engine

    async with open_engine(to, {}) as engine:
        return await engine.run(DESTINATION.verify_audience(list_id), exchanges)
