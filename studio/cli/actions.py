"""`studio actions`: what there is to map, from the declarations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from studio.cli import arguments
from studio.cli.failures import UsageFailure, command
from studio.cli.text import json_line

if TYPE_CHECKING:
    from actions.destination import Action
    from actions.fields import Field

SLUGS = (
    "upsertProfile",
    "trackEvent",
    "orderCompleted",
    "subscribeProfile",
    "unsubscribeProfile",
    "addProfileToList",
    "removeProfileFromList",
    "removeProfile",
)
"""The actions' slugs, for completion, which must not import the engine; a test holds them against it."""

EXAMPLES = arguments.example(
    """\
  studio actions                       the eight actions
  studio actions upsertProfile         its fields, defaults and hints
  studio actions trackEvent --json     the same with its JSON schema"""
)


def _slugs() -> list[str]:
    return list(SLUGS)


@command
def actions(
    action: Annotated[
        str | None, typer.Argument(metavar="ACTION", help="An action's slug.", autocompletion=_slugs)
    ] = None,
    as_json: arguments.AsJson = False,
) -> None:
    """List the actions, or one action's fields with types, defaults and what they mean."""
    from actions.klaviyo import KLAVIYO  # the engine, which `--help` does not need

    if action is not None and action not in KLAVIYO.actions:
        raise UsageFailure(f"there is no action {action!r}; there are {', '.join(KLAVIYO.actions)}.")
    chosen = [KLAVIYO.actions[action]] if action else list(KLAVIYO.actions.values())
    if as_json:
        for item in chosen:
            typer.echo(json_line(_document(item)))
    elif action:
        _print_action(chosen[0])
    else:
        _print_list(chosen)


def _print_list(chosen: list[Action]) -> None:
    width = max(len(item.slug) for item in chosen)
    for item in chosen:
        typer.echo(f"{item.slug:{width}}  {item.title}")
        typer.echo(f"{'':{width}}  {item.description}")


def _print_action(action: Action) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from studio.cli.screen import console

    out = console()
    out.soft_wrap = False
    out.print(Text.assemble((action.title, "bold"), f"  {action.slug}"))
    out.print(action.description)
    out.print(Text(f"Needs {action.needs}."))
    out.print(Text.assemble("Trigger: ", (action.trigger, "cyan")))
    for hint in action.hints:
        out.print(Text(f"! {hint}", "yellow"))
    for field, depth in _with_subfields(action):
        out.print(Padding(_field_text(field), (0, 0, 0, 2 + 2 * depth), expand=False))
    for hook in action.hooks:
        out.print(Text.assemble("\nHook ", (hook.key, "bold"), f": {hook.label}. {hook.description}"))


def _with_subfields(action: Action) -> list[tuple[Field, int]]:
    rows: list[tuple[Field, int]] = []
    for field in action.fields.values():
        rows.append((field, 0))
        rows += [(sub, 1) for sub in field.fields.values()]
    return rows


def _field_text(field: Field):
    from rich.text import Text

    from actions.values import MISSING

    notes = [field.type_text]
    notes += ["required"] if field.required else []
    notes += ["hidden"] if field.hidden else []
    notes += ["chosen from the account"] if field.dynamic else []
    text = Text.assemble((f"\n{field.key}", "bold"), f"  {field.label}  ", (", ".join(notes), "dim"))
    text.append(f"\n{field.description}")
    if field.default is not MISSING:
        text.append(f"\ndefault {json.dumps(field.default, ensure_ascii=False)}", "cyan")
    return text


def _document(action: Action) -> dict[str, object]:
    from actions.models import model_of  # pydantic, which takes longer than all declarations

    return {
        "slug": action.slug,
        "title": action.title,
        "description": action.description,
        "needs": action.needs,
        "trigger": action.trigger,
        "defaults": action.default_fields(),
        "hints": list(action.hints),
        "schema": model_of(action.payload).model_json_schema(),
    }
