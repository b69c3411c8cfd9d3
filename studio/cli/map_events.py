"""`studio map`: a bare mapping over events, like jq."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studio.cli import arguments
from studio.cli.failures import EXIT_FAILED, UsageFailure, command
from studio.cli.inputs import Events, sources_of
from studio.cli.text import json_block, json_line
from studio.cli.words import say

if TYPE_CHECKING:
    from actions.mapping import CompiledMapping

EXAMPLES = arguments.example(
    """\
  studio map '{"@path": "$.traits.email"}'
  studio map '{"mail": {"@case": {"operator": "lower", "value": {"@path": "$.traits.email"}}}}' people.ndjson
  studio map mapping.json events.ndjson.gz --json > payloads.ndjson"""
)


@command
def map_events(
    mapping: Annotated[
        str, typer.Argument(metavar="MAPPING", help="A mapping as JSON, or the name of a JSON file that holds one.")
    ],
    events: arguments.EventsOrSamples = None,
    as_json: arguments.AsJson = False,
) -> int:
    """Print what a mapping makes of each event."""
    from actions import MappingError  # the engine, which `--help` does not need
    from actions.values import MISSING

    compiled = _compile(mapping)
    read = Events(sources_of(None, events))
    failed = False
    for item in read:
        try:
            value = compiled.resolve(item.event)
        except MappingError as error:
            say(f"{item.source}:{item.line}: {error}")
            failed = True
            continue
        value = None if value is MISSING else value
        typer.echo(json_line(value) if as_json else json_block(value))
    return EXIT_FAILED if failed or read.bad_lines else 0


def _compile(mapping: str) -> CompiledMapping:
    from pydantic_core import from_json

    from actions import MappingError
    from actions.mapping import compile_mapping

    try:
        is_json = mapping.lstrip().startswith(("{", "[", '"'))
        content = mapping.encode(errors="surrogateescape") if is_json else Path(mapping).read_bytes()
        return compile_mapping(from_json(content))
    except OSError as error:
        reason = error.strerror or error
        raise UsageFailure(f"{mapping} is neither a mapping in JSON nor a file that can be read: {reason}.") from error
    except MappingError as error:
        raise UsageFailure(
            "the mapping is wrong:\n" + "\n".join(f"  {problem}" for problem in error.problems)
        ) from error
    except ValueError as error:
        raise UsageFailure(f"the mapping is not valid JSON: {error}.") from error
