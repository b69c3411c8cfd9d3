"""`studio match`: which events fire a trigger, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from studio.cli import arguments
from studio.cli.failures import EXIT_FAILED, UsageFailure, command
from studio.cli.inputs import Events, sources_of
from studio.cli.text import json_line, printable, shortened
from studio.cli.words import say, tell

if TYPE_CHECKING:
    from rich.text import Text

    from actions.triggers import Explanation, Trigger

EXAMPLES = arguments.example(
    """\
  studio match 'event = "Order Completed"'
  studio match 'type = "track" and properties.total > 100' orders.ndjson.gz
  tail -n 100 events.ndjson | studio match 'match(event, "Order *")' -"""
)


@command
def match(
    trigger: Annotated[str, typer.Argument(metavar="TRIGGER", help="A trigger in Segment's FQL.")],
    events: arguments.EventsOrSamples = None,
    as_json: arguments.AsJson = False,
) -> int:
    """Tell which events fire a trigger, and why the others do not."""
    parsed = _parse(trigger)
    for warning in parsed.lint():
        say(f"warning: {warning}")
    read = Events(sources_of(None, events))
    total = fired = 0
    for item in read:
        total += 1
        explanation = parsed.explain(item.event)
        fired += explanation.result is True
        if as_json:
            place = {"source": item.source, "line": item.line}
            typer.echo(json_line({**place, "fires": explanation.result is True, "why": _document(explanation)}))
        else:
            _print(item.event, item.source, item.line, explanation)
    tell(f"{fired} of {total} events fire it.")
    return EXIT_FAILED if read.bad_lines else 0


def _parse(trigger: str) -> Trigger:
    from actions import TriggerError
    from actions.triggers import parse

    try:
        return parse(trigger)
    except TriggerError as error:
        line = trigger.splitlines()[error.line - 1] if trigger.splitlines() else ""
        pointer = f"{' ' * (error.column - 1)}^"
        raise UsageFailure(f"the trigger cannot be read: {error}\n  {line}\n  {pointer}") from error


def _print(event: dict[str, object], source: str, line: int, explanation: Explanation) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from studio.cli import screen

    fires = explanation.result is True
    mark = Text.assemble(("✓ fires  ", "green") if fires else ("✗ not    ", "red"))
    console = screen.console()
    console.print(mark.append_text(screen.event_heading(event, source, line)))
    reason = Text(printable(explanation.reason()), "dim" if fires else "")
    if console.is_terminal:
        console.print(Padding(reason, (0, 0, 0, 4)), soft_wrap=False)  # wrapped at words, below its event
    else:
        console.print(Text("    ").append_text(reason))
    console.print(_tree(explanation, 1))


def _tree(explanation: Explanation, depth: int) -> Text:
    """The parts of the trigger, each with what it came to on this event."""
    from rich.text import Text

    indent = "    " * depth
    if explanation.result is None:
        words, style = f"{shortened(explanation.text, 60)} is {_value(explanation.value)}", "dim"
    else:
        mark, style = ("✓", "green") if explanation.result else ("✗", "red")
        words = f"{mark} {shortened(explanation.text, 100)}"
    text = Text.assemble((f"{indent}{words}", style))
    for child in explanation.children:
        if child.result is not None or child.text != _value(child.value):
            text.append("\n").append_text(_tree(child, depth + 1))
    return text


def _value(value: object) -> str:
    from actions.values import MISSING
    from studio.cli.screen import plain_json

    return "missing" if value is MISSING else plain_json(value)


def _document(explanation: Explanation) -> dict[str, object]:
    from actions.values import MISSING

    document: dict[str, object] = {"text": explanation.text, "result": explanation.result}
    if explanation.value is not MISSING:
        document["value"] = explanation.value
    if explanation.children:
        document["children"] = [_document(child) for child in explanation.children]
    return document
