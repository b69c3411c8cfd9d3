"""A path put into a formula that is being typed: completed at its place, or as a placeholder of a template."""

from __future__ import annotations

from typing import cast

from actions.values import Json
from studio.bindings import is_plain_object
from studio.formula.cursor import Context
from studio.formula.parser import parse_formula
from studio.formula.syntax import HIDDEN, FormulaError, compact_json, kind_of
from studio.formula.writer import format_formula

_HOLE = "\ue000"
"""Stands for a value that is still to be typed: a character that belongs to nobody."""


def completed_path(path: str, context: Context, formula: str) -> str | None:
    """What stands for a path at a place of the formula; None where no text there can mean it."""
    if context.kind != "placeholder":
        text = format_formula({"@path": path})
        return text if not formula[: context.start].strip() else text.removeprefix("= ")
    bare = _in_template(path)
    if bare is not None and kind_of(formula) == "expression":
        return compact_json(bare)[1:-1].replace("'", "\\'")  # it stands in quotes, of either kind
    return None if bare is None or HIDDEN.search(bare) else bare


def _in_template(path: str) -> str | None:
    """A path as it is written between `{{` and `}}`; None for one that would end there too early."""
    return None if "}" in path else path.removeprefix("$").removeprefix(".")


def with_placeholder(formula: str, cursor: int, path: str) -> tuple[str, int, bool] | None:
    """The formula as a template that has the path in it too, with its cursor; None where no template can.

    Text and templates get it at the cursor, a path becomes the placeholder before it. What a template cannot hold
    gives way to it; the last of the three says so.
    """
    bare = _in_template(path)
    if bare is None:
        return None
    placeholder = f"{{{{{bare}}}}}"
    if kind_of(formula) != "expression" and formula.strip():
        head, tail = formula[:cursor], formula[cursor:]
        head += " " if head[-1:].isalnum() or head.endswith("}}") else ""
        template = f"{head}{placeholder}{tail}"
        text = format_formula({"@template": template})
        return text, len(head) + len(placeholder) if text == template else len(text), False
    before = _as_template(formula)
    text = format_formula({"@template": f"{before} {placeholder}" if before else placeholder})
    return text, len(text), before is None


def with_key(binding: Json, key: str) -> tuple[str, int]:
    """The formula of an object that has a further key, with the cursor where the key's value belongs.

    What gives the object so far (a path, mostly) stays: the key is merged into it.
    """
    objects: list[Json] = [binding]
    match binding:
        case {"@merge": {"direction": "right", "objects": list(merged)}} if merged:
            objects = cast("list[Json]", merged)
        case _:
            pass
    own: dict[str, Json] = {}
    if len(objects) > 1 and is_plain_object(objects[-1]):
        *objects, last = objects
        own = cast("dict[str, Json]", last)
    hole = f'"{_HOLE}"'
    text = format_formula({"@merge": {"direction": "right", "objects": [*objects, {**own, key: _HOLE}]}})
    cursor = text.rindex(hole)
    return text[:cursor] + text[cursor + len(hole) :], cursor


def _as_template(formula: str) -> str | None:
    """The template that means the same as a formula; None where there is none."""
    if not formula.strip():
        return ""
    try:
        binding = parse_formula(formula)
    except FormulaError:
        return None
    match binding:
        case str():
            return binding
        case int() | float() if not isinstance(binding, bool):
            return compact_json(binding)
        case {"@template": str(template)} if len(cast("dict[str, Json]", binding)) == 1:
            return template
        case {"@path": str(path)} if len(cast("dict[str, Json]", binding)) == 1 and (bare := _in_template(path)):
            return f"{{{{{bare}}}}}"
        case _:
            return None
