"""The directives that find, choose and write values. Those that reshape objects and lists are in `reshaping`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

from actions.mapping.compiler import NOTHING, Compiler, Directive, Place, Resolver, named
from actions.mapping.paths import compile_path
from actions.mapping.reshaping import array_path, exclude_when_null, flatten, json_directive, merge, transform
from actions.mapping.templates import compile_template
from actions.values import MISSING, Json, text, type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CONDITIONS = ("exists", "blank")

LONGEST_PATTERN = 10
"""Segment's limit for the patterns and replacements of `@replace`, in characters."""


def path(compiler: Compiler, value: Json, place: Place) -> Resolver:
    """`@path`: the value at a path, which may be computed."""
    return _from_text(compiler, value, place, compile_path)


def template(compiler: Compiler, value: Json, place: Place) -> Resolver:
    """`@template`: text with values in it; the template may be computed."""
    return _from_text(compiler, value, place, compile_template)


def literal(compiler: Compiler, value: Json, place: Place) -> Resolver:
    """`@literal`: the value itself; directives inside it still count."""
    return compiler.compile(value, place)


def liquid(compiler: Compiler, value: Json, place: Place) -> Resolver:
    """`@liquid`: a Liquid template over the event. Segment takes no computed templates, and neither do we."""
    # python-liquid takes 0.4 s to import, and few mappings need it
    from actions.mapping.liquid_templates import LiquidError, compile_liquid

    if not isinstance(value, str):
        return compiler.problem(place, f"should be text but it is {named(value)}.")
    try:
        render = compile_liquid(value)
    except LiquidError as error:
        return compiler.problem(place, f"is no template Segment runs: {error}")

    def resolve(event: Json) -> Json:
        try:
            return render(event)
        except LiquidError as error:
            place.fail(f"fails on this event: {error}")

    return resolve


def condition(compiler: Compiler, value: Json, place: Place) -> Resolver:
    """`@if`: `then` where `exists` is not null or missing, or where `blank` is not blank; otherwise `else`."""
    options = compiler.options(value, place)
    if options is None:
        return NOTHING
    then = _branch(compiler, options, "then", place)
    otherwise = _branch(compiler, options, "else", place)
    asked = next((key for key in _CONDITIONS if key in options), None)
    if asked is None or not any(_decides(options.get(key)) for key in _CONDITIONS):
        return compiler.problem(place, "should have exists or blank, with the value to ask for.")
    get = compiler.compile(options[asked], place.into(asked))
    if asked == "blank":
        return lambda event: otherwise(event) if is_blank(get(event)) else then(event)
    if _same_path(options["exists"], options.get("then")):
        return _coalesce(get, otherwise)

    def choose(event: Json) -> Json:
        found = get(event)
        return otherwise(event) if found is None or found is MISSING else then(event)

    return choose


def _decides(value: Json) -> bool:
    """Whether a value can stand behind `exists` and `blank`. Segment refuses the empty literals."""
    return isinstance(value, list | dict) or bool(value)


def _branch(compiler: Compiler, options: dict[str, Json], key: str, place: Place) -> Resolver:
    if key not in options:
        return NOTHING
    return compiler.compile(options[key], place.into(key, erases=place.erases))


def _same_path(one: Json, other: Json) -> bool:
    return isinstance(one, dict) and one == other and isinstance(cast("dict[str, Json]", one).get("@path"), str)


def _coalesce(get: Resolver, otherwise: Resolver) -> Resolver:
    """The commonest `@if`: a path, or something else where it finds nothing. The path is read once."""

    def first_found(event: Json) -> Json:
        found = get(event)
        return otherwise(event) if found is None or found is MISSING else found

    return first_found


def is_blank(value: Json) -> bool:
    """Whether Segment's `@if blank` takes a value for blank: missing, or loosely equal to `''` in JavaScript."""
    if isinstance(value, list):
        items = cast("list[Json]", value)
        return not items or (
            len(items) == 1 and (items[0] is None or isinstance(items[0], str | list)) and is_blank(items[0])
        )
    return value is None or value is MISSING or (not isinstance(value, dict) and not value)


def case(compiler: Compiler, value: Json, place: Place) -> Resolver:
    """`@case`: text in lower or upper case; what is no text passes unchanged."""
    options = compiler.options(value, place, "operator", "value")
    if options is None:
        return NOTHING
    change: Callable[[str], str] = str.lower
    if "operator" in options:
        operator = compiler.choice(options["operator"], place.into("operator"), "lower", "upper")
        change = str.lower if operator == "lower" else str.upper
    get = _text_option(compiler, options, place)

    def resolve(event: Json) -> Json:
        found = get(event)
        return change(found) if isinstance(found, str) else found

    return resolve


def replace(compiler: Compiler, value: Json, place: Place) -> Resolver:
    """`@replace`: text with up to two literal patterns replaced; numbers and booleans count as their text."""
    options = compiler.options(value, place, "pattern", "value")
    if options is None:
        return NOTHING
    flags = {key: options.get(key, default) for key, default in (("ignorecase", False), ("global", True))}
    for key, flag in flags.items():
        if not isinstance(flag, bool):
            compiler.problem(place.into(key), f"should be true or false but it is {named(flag)}.")
    pairs = [_pair(compiler, options, place, "pattern", "replacement")]
    if options.get("pattern2"):
        pairs.append(_pair(compiler, options, place, "pattern2", "replacement2"))
    substitutes = [_substitute(*pair, **flags) for pair in pairs]
    get = _text_option(compiler, options, place)

    def resolve(event: Json) -> Json:
        found = get(event)
        if isinstance(found, bool | int | float):
            found = text(found)
        elif not isinstance(found, str):
            return ""
        for substitute in substitutes:
            found = substitute(found)
        return found

    return NOTHING if options.get("value") == "" else resolve


def _pair(
    compiler: Compiler, options: dict[str, Json], place: Place, pattern: str, replacement: str
) -> tuple[str, str]:
    texts: list[str] = []
    for key, shortest in ((pattern, 1), (replacement, 0)):
        given = options.get(key, "")
        if given is None and pattern == "pattern2":
            given = ""
        if not isinstance(given, str):
            compiler.problem(place.into(key), f"should be text but it is {named(given)}.")
        elif key in options and not shortest <= len(given) <= LONGEST_PATTERN:
            compiler.problem(
                place.into(key), f"should be {shortest} to {LONGEST_PATTERN} characters long but it is {len(given)}."
            )
        texts.append(given if isinstance(given, str) else "")
    return texts[0], texts[1]


def _substitute(pattern: str, replacement: str, **flags: Any) -> Callable[[str], str]:
    every = flags["global"]
    if not flags["ignorecase"]:
        return lambda given: given.replace(pattern, replacement, -1 if every else 1)
    # JavaScript pairs ASCII letters with each other only; Python's IGNORECASE also takes a dotless i for i
    expression = "".join(
        f"[{c.lower()}{c.upper()}]" if c.isascii() and c.isalpha() else f"(?i:{re.escape(c)})" for c in pattern
    )
    compiled = re.compile(expression)
    return lambda given: compiled.sub(lambda _: replacement, given, count=0 if every else 1)


def _text_option(compiler: Compiler, options: dict[str, Json], place: Place) -> Resolver:
    """The `value` of a directive on text. Segment leaves the directive out where it is the empty text."""
    given = options.get("value", "")
    return NOTHING if given == "" else compiler.text_or_directive(given, place.into("value", erases=place.erases))


def _from_text(
    compiler: Compiler, value: Json, place: Place, compile_text: Callable[[str], Callable[[Json], Json]]
) -> Resolver:
    """A directive whose text is known now, or computed by a directive for every event."""
    if isinstance(value, str):
        return compile_text(value)
    get = compiler.text_or_directive(value, place)

    def resolve(event: Json) -> Json:
        computed = get(event)
        if not isinstance(computed, str):
            kind = "nothing" if computed is MISSING else type_name(computed)
            place.fail(f"should have been given text by its directive, but on this event it got {kind}.")
        return compile_text(computed)(event)

    return resolve


DIRECTIVES: Final[Mapping[str, Directive]] = {
    "@path": path,
    "@template": template,
    "@literal": literal,
    "@if": condition,
    "@case": case,
    "@replace": replace,
    "@arrayPath": array_path,
    "@flatten": flatten,
    "@json": json_directive,
    "@merge": merge,
    "@transform": transform,
    "@excludeWhenNull": exclude_when_null,
    "@liquid": liquid,
}
"""Every directive by its name."""
