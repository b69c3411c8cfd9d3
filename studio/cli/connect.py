"""`studio connect`: connect a mapping to a list, and have the configuration remember it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio.cli import arguments
from studio.cli.failures import EXIT_FAILED, UsageFailure, command
from studio.cli.inputs import config_of, perform
from studio.cli.text import json_line, printable
from studio.cli.words import say, tell
from studio.target import KLAVIYO, SANDBOX

if TYPE_CHECKING:
    from actions import Config
    from actions import Mapping as EventMapping
    from actions.destination import Connection, Hook
    from actions.flow import Exchange

EXAMPLES = arguments.example(
    """\
  studio connect shop.toml People --name "Lantern buyers"     a list of that name, made if need be
  studio connect shop.toml People --list-id XyZ12a --to klaviyo
  studio connect shop.toml People                             what the configuration asks for"""
)


@command
def connect(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="A configuration (TOML).")],
    mapping: Annotated[str, typer.Argument(metavar="MAPPING", help="The mapping's name.")],
    list_id: Annotated[str | None, typer.Option("--list-id", metavar="ID", help="A list that the account has.")] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="A list by its name; it is created if there is none.")
    ] = None,
    disconnect: Annotated[bool, typer.Option("--disconnect", help="Forget the list. It stays in the account.")] = False,
    to: arguments.To = SANDBOX,
    as_json: arguments.AsJson = False,
) -> int:
    """Connect an Upsert Profile mapping to a list, which everybody joins then. The configuration remembers it.

    Left without a list, it does what saving in the studio does: it connects to the list that the mapping asks for.
    """
    from studio.connections import connected, hook_of, to_be_connected

    loaded = config_of(config)
    number, chosen = _mapping_of(loaded, mapping)
    hook = hook_of(chosen)
    if hook is None:
        able = ", ".join(each.name for each in loaded.mappings if hook_of(each)) or "none of this configuration"
        raise UsageFailure(f"{mapping!r} has no list to connect to: Upsert Profile has, which is {able}.")
    if disconnect:
        if list_id is not None or name is not None:
            raise UsageFailure("--disconnect goes with neither --list-id nor --name.")
        _save(loaded, number, to_be_connected(chosen, {}))
        tell(f"{chosen.name} is connected to no list now.")
        return 0
    inputs = _inputs(chosen, list_id, name, to)
    _save(loaded, number, to_be_connected(chosen, inputs), only_try=True)
    exchanges: list[Exchange] = []
    is_asked = list_id is not None or name is not None
    made = perform(_connect(loaded.settings, hook, chosen, inputs, to, exchanges, is_asked=is_asked))
    if made.id:
        _save(loaded, number, connected(chosen, inputs, made, to))
    _tell(config, chosen, made, exchanges, to, as_json=as_json)
    return 0 if made.id else EXIT_FAILED


def _mapping_of(config: Config, name: str) -> tuple[int, EventMapping]:
    for number, mapping in enumerate(config.mappings):
        if mapping.name == name:
            return number, mapping
    known = ", ".join(mapping.name for mapping in config.mappings) or "none"
    raise UsageFailure(f"there is no mapping {name!r}; there are {known}.")


def _inputs(mapping: EventMapping, list_id: str | None, name: str | None, to: str) -> dict[str, Any]:
    """What the list is asked for by."""
    from studio.connections import inputs_of, is_of_sandbox, list_of, list_text

    known = list_of(mapping)
    if known is not None and to != KLAVIYO and not is_of_sandbox(mapping):
        raise UsageFailure(
            f"{mapping.name!r} is connected to a list of the real Klaviyo ({list_text(mapping)}), and the sandbox "
            "takes that as there, so nothing is to be done. Another list there: --to klaviyo. One of the sandbox: "
            "--disconnect first."
        )
    if list_id is not None and name is not None:
        raise UsageFailure("give --list-id or --name, not both.")
    if list_id is not None or name is not None:
        given = str(list_id if name is None else name).strip()
        if not given:
            raise UsageFailure("the list's id or name is empty.")
        return {"list_identifier" if name is None else "list_name": given}
    asked = inputs_of(mapping) or ({"list_identifier": known.id} if known else {})
    if not asked:
        raise UsageFailure(f"{mapping.name!r} asks for no list yet: give --list-id ID or --name NAME.")
    return dict(asked)


async def _connect(
    settings: dict[str, Any],
    hook: Hook,
    mapping: EventMapping,
    inputs: dict[str, Any],
    to: str,
    exchanges: list[Exchange],
    *,
    is_asked: bool,
) -> Connection:
    from studio.connections import inputs_of, is_of_sandbox, list_of
    from studio.target import open_engine

    known = list_of(mapping)
    is_same = known is not None and inputs == inputs_of(mapping) and is_of_sandbox(mapping) is (to != KLAVIYO)
    async with open_engine(to, settings) as engine:  # without retries: a creation sent twice makes two lists
        if known is not None and is_same:  # by its id, for somebody may have given it another name
            found = await engine.run(hook.perform({"list_identifier": known.id}), exchanges)
            if found.id or not is_asked:
                return found
        return await engine.run(hook.perform(inputs), exchanges)


def _save(config: Config, number: int, mapping: EventMapping, *, only_try: bool = False) -> None:
    """Write the configuration with the mapping as it is now; `only_try` finds out whether that can be done."""
    from dataclasses import replace

    from actions.config import CommentsWouldBeLost, ConfigError
    from actions.config.files import read_text

    mappings = [*config.mappings[:number], mapping, *config.mappings[number + 1 :]]
    changed = replace(config, mappings=mappings)
    try:
        if only_try:
            changed.dumps()
        elif config.path is not None and read_text(config.path) != config.text:
            raise UsageFailure(
                f"{config.path} was changed by somebody else meanwhile and is left as it is. Give the command again: a "
                "list that was made is found and not made twice."
            )
        else:
            changed.save()
    except CommentsWouldBeLost as lost:
        listed = ", ".join(map(str, lost.lines))
        raise UsageFailure(
            f"comments of {config.path} in line {listed} would be lost, so nothing was done. Write the mapping's "
            "fields under [mapping.fields], or connect it in the studio."
        ) from None
    except ConfigError as error:
        raise UsageFailure(str(error)) from error


def _tell(
    config: Path, mapping: EventMapping, made: Connection, exchanges: list[Exchange], to: str, *, as_json: bool
) -> None:
    from studio.cli.requests_text import request_lines
    from studio.outcome_documents import exchange_document

    if as_json:
        document: dict[str, Any] = {
            "mapping": mapping.name,
            "to": to,
            "status": made.verdict.status,
            "message": made.verdict.message,
            "list": {"id": made.id, "name": made.name} if made.id else None,
            "created": made.is_new,
            "exchanges": [exchange_document(exchange) for exchange in exchanges],
        }
        typer.echo(json_line(document))
        return
    if made.id:
        typer.echo(printable(made.verdict.message or made.id))
    else:
        say(f"{made.verdict.message} {config} is as it was.")
    tell("\n".join(request_lines(exchanges)))
