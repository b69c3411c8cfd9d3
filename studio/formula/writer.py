"""From directives to the notation."""

from __future__ import annotations

from typing import Final, Literal

from actions.values import Json
from studio.formula.functions import BY_DIRECTIVE, Signature
from studio.formula.syntax import HIDDEN, NAME, PATH, compact_json, fits, kind_of

_CONDITIONS: Final = ("exists", "blank")


def format_formula(binding: Json) -> str:
    """A binding in the notation, on one line. `parse_formula` reads it back as an equal value of the same types.

    The keys of objects keep their order. The options of a directive that has a function are read back in Segment's
    order, which means the same. What has no notation, or is too large for it, is shown as compact JSON.
    """
    if isinstance(binding, str):
        return binding if _is_bare(binding, "text") and "{{" not in binding else compact_json(binding)
    if not fits(binding):
        return compact_json(binding)
    match binding:
        case {"@path": str(path)} if len(binding) == 1 and PATH.fullmatch(path):
            return path
        case {"@template": str(template)} if len(binding) == 1 and _is_bare(template, "template"):
            return template
        case dict() if _has_directive_key(binding) and _directive(binding) is None:
            return compact_json(binding)
        case _:
            return f"= {_expression(binding)}"


def _is_bare(text: str, kind: Literal["template", "text"]) -> bool:
    """Whether a text can be typed as it is, and everybody sees what it is."""
    return text != "" and text == text.strip() and HIDDEN.search(text) is None and kind_of(text) == kind


def _has_directive_key(members: dict[str, Json]) -> bool:
    return any(key.startswith("@") for key in members)


def _expression(value: Json) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_expression, value))}]"
    if not isinstance(value, dict):
        return compact_json(value)
    if _has_directive_key(value):
        return _directive(value) or compact_json(value)
    return f"{{{', '.join(f'{_key(key)}: {_expression(item)}' for key, item in value.items())}}}"


def _key(key: str) -> str:
    return key if NAME.fullmatch(key) else compact_json(key)


def _directive(members: dict[str, Json]) -> str | None:
    """The notation of a directive; None where it has none, for example beside `_metadata`."""
    if len(members) != 1:
        return None
    ((name, body),) = members.items()
    if isinstance(body, str) and name == "@path" and PATH.fullmatch(body):
        return body
    terms = _terms(members)
    if len(terms) > 1:
        return " ?? ".join(f"({_expression(term)})" if _is_coalesce(term) else _expression(term) for term in terms)
    calls = (_call(signature, body) for signature in BY_DIRECTIVE.get(name, ()))
    return next((call for call in calls if call is not None), None)


def _is_coalesce(value: Json) -> bool:
    match value:
        case {"@if": {"exists": asked, "then": then, "else": _, **others}} if len(value) == 1 and not others:
            return compact_json(asked) == compact_json(then)
        case _:
            return False


def _terms(value: Json) -> list[Json]:
    """The sides of all the `??` that a value is; the value alone where it is none."""
    terms: list[Json] = []
    while _is_coalesce(value):
        terms.append(value["@if"]["exists"])
        value = value["@if"]["else"]
    return [*terms, value]


def _call(signature: Signature, body: Json) -> str | None:
    match signature.form, body:
        case "value", _:
            arguments = [_expression(body)]
        case "list", list() if 1 <= len(body) <= len(signature.parameters):
            arguments = [_expression(item) for item in body]
        case "options", dict():
            arguments = _arguments(signature, body)
        case _:
            return None
    return None if arguments is None else f"{signature.name}({', '.join(arguments)})"


def _arguments(signature: Signature, options: dict[str, Json]) -> list[str] | None:
    fixed = dict(signature.fixed)
    if not options.keys() <= set(signature.order) or any(options.get(key) != name for key, name in fixed.items()):
        return None
    arguments: list[str] = []
    by_name = False
    for parameter in signature.parameters:
        if parameter.name == "condition":
            asked = [key for key in _CONDITIONS if key in options]
            if len(asked) != 1:
                return None
            arguments.append(f"{asked[0]}({_expression(options[asked[0]])})")
        elif parameter.option not in options:
            if parameter.required or parameter.assumed:
                return None
            by_name = True
        elif parameter.assumed and options[parameter.option] == parameter.assumed:
            by_name = True
        elif parameter.many:
            items = options[parameter.option]
            if not isinstance(items, list) or not items:
                return None
            arguments += map(_expression, items)
        else:
            written = _expression(options[parameter.option])
            arguments.append(f"{parameter.name}: {written}" if parameter.named or by_name else written)
    return arguments
