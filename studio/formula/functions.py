"""The functions of the notation, each standing for one of Segment's directives."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple


class Parameter(NamedTuple):
    """One parameter of a function.

    `option` is the key it has among the directive's options. A `named` one is given by its name only
    (`global: false`), a `many` one takes all arguments that have no name. Where the argument is left out, the directive
    has the `assumed` text, if there is one.
    """

    name: str
    option: str = ""
    required: bool = True
    named: bool = False
    many: bool = False
    assumed: str = ""

    def __str__(self) -> str:
        shown = f"{self.name}:" if self.named else self.name
        shown += ", …" if self.many else ""
        return shown if self.required else f"[{shown}]"


class Signature(NamedTuple):
    """A function: what to type, what it does, and the directive it stands for.

    `form` is what stands behind the directive's key: the only argument (`value`), an object of `options`, or the
    arguments in a `list`. `fixed` are options that the function's name implies. `order` is the order in which the
    options are written. `exists` and `blank`, the conditions of `if`, have no directive of their own.
    """

    name: str
    description: str
    example: str
    parameters: tuple[Parameter, ...]
    directive: str = ""
    form: Literal["value", "options", "list", "condition"] = "value"
    fixed: tuple[tuple[str, str], ...] = ()
    order: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.parameters))})"


_VALUE = (Parameter("value", "value"),)

_SIGNATURES = (
    Signature(
        "if",
        "Chooses by a condition: the second argument where exists(…) holds, or where blank(…) does not, as in "
        "Segment; otherwise the third, or nothing.",
        'if(exists($.traits.vip), "VIP", "Customer")',
        (
            Parameter("condition"),
            Parameter("then", "then", required=False),
            Parameter("else", "else", required=False),
        ),
        "@if",
        "options",
        order=("exists", "blank", "then", "else"),
    ),
    Signature(
        "exists",
        "A condition for if(…): the value is neither missing nor null.",
        "if(exists($.traits.phone), $.traits.phone)",
        _VALUE,
        form="condition",
    ),
    Signature(
        "blank",
        "A condition for if(…): the value is missing, null, empty text, 0, false or an empty list. if(…) then takes "
        "its third argument, and its second for all other values.",
        'if(blank($.traits.name), $.traits.name, "friend")',
        _VALUE,
        form="condition",
    ),
    Signature(
        "lower",
        "Text in lower case; what is no text stays as it is.",
        "lower($.traits.email)",
        _VALUE,
        "@case",
        "options",
        (("operator", "lower"),),
        ("operator", "value"),
    ),
    Signature(
        "upper",
        "Text in upper case; what is no text stays as it is.",
        "upper($.traits.country)",
        _VALUE,
        "@case",
        "options",
        (("operator", "upper"),),
        ("operator", "value"),
    ),
    Signature(
        "replace",
        "Text with one or two pieces of it replaced, everywhere and minding capitals unless told otherwise.",
        'replace($.traits.phone, "-", "")',
        (
            *_VALUE,
            Parameter("pattern", "pattern"),
            Parameter("replacement", "replacement", required=False),
            Parameter("pattern2", "pattern2", required=False),
            Parameter("replacement2", "replacement2", required=False),
            Parameter("ignorecase", "ignorecase", required=False, named=True),
            Parameter("global", "global", required=False, named=True),
        ),
        "@replace",
        "options",
        order=("pattern", "replacement", "pattern2", "replacement2", "ignorecase", "global", "value"),
    ),
    Signature(
        "flatten",
        "One level of keys from nested objects and lists, the keys joined by the separator.",
        'flatten($.traits, ".")',
        (
            *_VALUE,
            Parameter("separator", "separator", required=False),
            Parameter("omit_arrays", "omitArrays", required=False, named=True),
        ),
        "@flatten",
        "options",
        order=("separator", "omitArrays", "value"),
    ),
    Signature(
        "json",
        "The value as JSON text.",
        "json($.properties)",
        _VALUE,
        "@json",
        "options",
        (("mode", "encode"),),
        ("mode", "value"),
    ),
    Signature(
        "parse_json",
        "The value that JSON text holds; other text stays as it is.",
        "parse_json($.properties.payload)",
        _VALUE,
        "@json",
        "options",
        (("mode", "decode"),),
        ("mode", "value"),
    ),
    Signature(
        "merge",
        'One object of several. Later ones win, or earlier ones with direction: "left".',
        "merge($.context.traits, $.traits)",
        (
            Parameter("objects", "objects", many=True),
            Parameter("direction", "direction", required=False, named=True, assumed="right"),
        ),
        "@merge",
        "options",
        order=("direction", "objects"),
    ),
    Signature(
        "each",
        "The items of a list, each in the given shape, whose paths begin at the item.",
        "each($.properties.products, {sku: $.sku})",
        (Parameter("list"), Parameter("shape", required=False)),
        "@arrayPath",
        "list",
    ),
    Signature(
        "template",
        "Text with {{path}} in it, the paths without $.",
        'template("Hi {{traits.firstName}}")',
        (Parameter("text"),),
        "@template",
    ),
    Signature(
        "liquid",
        "Text from a Liquid template, which sees the event as its variables.",
        'liquid("{{ properties.email | downcase }}")',
        (Parameter("text"),),
        "@liquid",
    ),
    Signature(
        "path",
        "The value at a path that cannot be typed as it is, or that is computed.",
        'path("$.first name")',
        (Parameter("text"),),
        "@path",
    ),
    Signature(
        "without_nulls",
        "The value without keys that are null or missing, in nested objects as well.",
        "without_nulls($.traits)",
        (Parameter("value"),),
        "@excludeWhenNull",
    ),
    Signature(
        "transform",
        "Makes a new event by the first argument and takes the second from that event.",
        "transform({person: $.traits}, {email: $.person.email})",
        (Parameter("apply", "apply"), Parameter("mapping", "mapping")),
        "@transform",
        "options",
        order=("apply", "mapping"),
    ),
    Signature(
        "literal",
        "The value as it stands; bindings within it still count.",
        "literal(true)",
        (Parameter("value"),),
        "@literal",
    ),
)

FUNCTIONS: Final[dict[str, Signature]] = {signature.name: signature for signature in _SIGNATURES}
"""Every function by its name."""

BY_DIRECTIVE: Final[dict[str, tuple[Signature, ...]]] = {
    directive: tuple(one for one in _SIGNATURES if one.directive == directive)
    for directive in dict.fromkeys(one.directive for one in _SIGNATURES)
    if directive
}
"""The functions that can stand for a directive."""
