from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.formula.parser import parse_formula
from studio.formula.syntax import FormulaError
from studio.formula.writer import format_formula


def path(text: Any) -> dict[str, Any]:
    return {"@path": text}


def either(first: Any, second: Any) -> dict[str, Any]:
    return {"@if": {"exists": first, "then": first, "else": second}}


A, B, C = path("$.a"), path("$.b"), path("$.c")

CANONICAL = [
    ("hello", "hello"),
    ("Grüße, “Welt”! 5 = 3 + 2", "Grüße, “Welt”! 5 = 3 + 2"),
    ("5", "5"),
    ("true", "true"),
    ("$5", "$5"),
    ("$", "$"),
    ('a "quoted" word', 'a "quoted" word'),
    ('""', ""),
    ('" a"', " a"),
    ('"= 5"', "= 5"),
    ('"$.a"', "$.a"),
    ('"{{a}}"', "{{a}}"),
    ('"a {{ b"', "a {{ b"),
    ('"two\\nlines"', "two\nlines"),
    ('"[draft]"', "[draft]"),
    ('"\\"a\\""', '"a"'),
    ("Hi {{traits.firstName}}", {"@template": "Hi {{traits.firstName}}"}),
    ("{{a}}", {"@template": "{{a}}"}),
    ('= template("no placeholder")', {"@template": "no placeholder"}),
    ('= template("[{{a}}]")', {"@template": "[{{a}}]"}),
    ('= template(" {{a}}")', {"@template": " {{a}}"}),
    ("= template($.a)", {"@template": A}),
    ("$.traits.email", path("$.traits.email")),
    ("$.", path("$.")),
    ("$.products[0].sku", path("$.products[0].sku")),
    ("$['a.b']", path("$['a.b']")),
    ('$.x["a b"].c', path('$.x["a b"].c')),
    ("$.größe", path("$.größe")),
    ('= path("$.s p")', path("$.s p")),
    ('= path("")', path("")),
    ('= path("traits.email")', path("traits.email")),
    ('= path("$")', path("$")),
    ('= path(template("$.{{a}}"))', path({"@template": "$.{{a}}"})),
    ("= 5", 5),
    ("= 5.0", 5.0),
    ("= -0.0", -0.0),
    ("= 1e+22", 1e22),
    ("= true", True),
    ("= false", False),
    ("= null", None),
    ('= ["a", 1]', ["a", 1]),
    ("= []", []),
    ("= {}", {}),
    ("= {a: $.b}", {"a": B}),
    ('= {"odd key": 1, b: [$.a]}', {"odd key": 1, "b": [A]}),
    ("= $.a ?? $.b", either(A, B)),
    ('= $.a ?? $.b ?? "none"', either(A, either(B, "none"))),
    ("= ($.a ?? $.b) ?? $.c", either(either(A, B), C)),
    ("= if(exists($.a), $.b, $.c)", {"@if": {"exists": A, "then": B, "else": C}}),
    ("= if(exists($.a), $.b)", {"@if": {"exists": A, "then": B}}),
    ("= if(exists($.a), $.a)", {"@if": {"exists": A, "then": A}}),
    ("= if(exists($.a), else: 0)", {"@if": {"exists": A, "else": 0}}),
    ("= if(exists(1), true, 0)", {"@if": {"exists": 1, "then": True, "else": 0}}),
    ("= if(exists(1), 1.0, 0)", {"@if": {"exists": 1, "then": 1.0, "else": 0}}),
    ("= if(exists($.a))", {"@if": {"exists": A}}),
    ('= if(blank($.a), $.a, "x")', {"@if": {"blank": A, "then": A, "else": "x"}}),
    ("= lower($.a)", {"@case": {"operator": "lower", "value": A}}),
    ("= upper($.a ?? $.b)", {"@case": {"operator": "upper", "value": either(A, B)}}),
    ('= replace($.a, "-", "")', {"@replace": {"pattern": "-", "replacement": "", "value": A}}),
    ('= replace($.a, "-")', {"@replace": {"pattern": "-", "value": A}}),
    (
        '= replace($.a, "-", "", " ", "", ignorecase: true, global: false)',
        {
            "@replace": {
                "pattern": "-",
                "replacement": "",
                "pattern2": " ",
                "replacement2": "",
                "ignorecase": True,
                "global": False,
                "value": A,
            }
        },
    ),
    (
        '= replace($.a, "-", pattern2: "+", global: true)',
        {"@replace": {"pattern": "-", "pattern2": "+", "global": True, "value": A}},
    ),
    ('= flatten($.a, ".")', {"@flatten": {"separator": ".", "value": A}}),
    ("= flatten($.a)", {"@flatten": {"value": A}}),
    ('= flatten($.a, ".", omit_arrays: true)', {"@flatten": {"separator": ".", "omitArrays": True, "value": A}}),
    ("= json($.a)", {"@json": {"mode": "encode", "value": A}}),
    ('= parse_json("null")', {"@json": {"mode": "decode", "value": "null"}}),
    ("= merge($.a, {b: 1})", {"@merge": {"direction": "right", "objects": [A, {"b": 1}]}}),
    ('= merge($.a, $.b, direction: "left")', {"@merge": {"direction": "left", "objects": [A, B]}}),
    ("= each($.products, {sku: $.sku})", {"@arrayPath": [path("$.products"), {"sku": path("$.sku")}]}),
    ('= each("$.products")', {"@arrayPath": ["$.products"]}),
    ("= each($.products, null)", {"@arrayPath": [path("$.products"), None]}),
    ('= liquid("{{ a | upcase }}")', {"@liquid": "{{ a | upcase }}"}),
    ("= without_nulls($.a)", {"@excludeWhenNull": A}),
    ("= transform({x: $.a}, {y: $.x})", {"@transform": {"apply": {"x": A}, "mapping": {"y": path("$.x")}}}),
    ("= literal([1])", {"@literal": [1]}),
    ('{"@path":"$.a","_metadata":{"label":"A"}}', {"@path": "$.a", "_metadata": {"label": "A"}}),
    ('= lower({"@path":"$.a","_metadata":{}})', {"@case": {"operator": "lower", "value": A | {"_metadata": {}}}}),
    ('{"@case":{"operator":"LOWER","value":{"@path":"$.a"}}}', {"@case": {"operator": "LOWER", "value": A}}),
    ('{"@unknown":1}', {"@unknown": 1}),
    ('{"@arrayPath":[]}', {"@arrayPath": []}),
    ('{"@merge":{"objects":[]}}', {"@merge": {"objects": []}}),
    ('{"@if":{"exists":1,"blank":2}}', {"@if": {"exists": 1, "blank": 2}}),
]


@pytest.mark.parametrize(("typed", "binding"), CANONICAL)
def test_what_is_typed_is_this_directive(typed: str, binding: Any) -> None:
    parsed = parse_formula(typed)
    assert parsed == binding
    assert repr(parsed) == repr(binding)


@pytest.mark.parametrize(("typed", "binding"), CANONICAL)
def test_a_directive_is_shown_as_it_is_best_typed(typed: str, binding: Any) -> None:
    assert format_formula(binding) == typed


@pytest.mark.parametrize(
    ("typed", "binding"),
    [
        ('= merge($.a, direction: "right")', {"@merge": {"direction": "right", "objects": [A]}}),
        ('"hello"', "hello"),
        ("  hello  ", "hello"),
        ("'hello'", "'hello'"),
        ('= "hello"', "hello"),
        ("= 'it is \\'so\\''", "it is 'so'"),
        ('= "Hi {{traits.x}}"', "Hi {{traits.x}}"),
        ('= "\\ud83d\\ude00 \\u00e9 \\/"', "😀 é /"),
        ("=$.a", A),
        ("  =  $.a  ", A),
        ("$.a ?? $.b", either(A, B)),
        ("= $.a ?? ($.b ?? $.c)", either(A, either(B, C))),
        ("= ((5))", 5),
        ("= -5e2", -500.0),
        ('["a",1]', ["a", 1]),
        ('{"a": {"@path": "$.a"}}', {"a": A}),
        ("{a: $.a}", {"a": A}),
        ('= {"a": 1, true: 2}', {"a": 1, "true": 2}),
        ("= lower(value: $.a)", {"@case": {"operator": "lower", "value": A}}),
        ("=replace( $.a,\n'-' ,\t'' )", {"@replace": {"pattern": "-", "replacement": "", "value": A}}),
        ("a {{ b", "a {{ b"),
        ("{{}}", "{{}}"),
    ],
)
def test_other_spellings_are_read_too(typed: str, binding: Any) -> None:
    assert parse_formula(typed) == binding


@pytest.mark.parametrize(
    ("typed", "position", "message", "expected"),
    [
        ("", 0, 'Write "" for an empty text', ()),
        ("   ", 0, "Nothing is typed", ()),
        ("=", 1, "a value, a path or a function is missing", ()),
        ("= uper($.a)", 2, "Did you mean upper?", ("upper",)),
        ("= frobnicate($.a)", 2, "There are if, exists", ()),
        ("= uper", 2, "did you mean upper(value)?", ()),
        ("= hello", 2, "Text stands in quotes here", ()),
        ("= True", 2, "Write true in small letters", ("true",)),
        ("= upper($.a", 11, "The ) of upper( is missing", (",", ")")),
        ("= upper($.a $.b)", 12, "Expected: , or )", (",", ")")),
        ("= upper()", 8, "upper also needs value: upper(value)", ("value",)),
        ("= upper($.a, $.b)", 13, "upper takes no more arguments: upper(value)", (")",)),
        ('= replace($.a, "-", "", "x", "y", "z")', 34, "ignorecase:", (")", "ignorecase", "global")),
        ('= replace($.a, patern: "-")', 15, "Did you mean pattern?", ()),
        ('= replace($.a, "-", pattern: "-")', 20, "pattern is given twice", ()),
        ("= lower($.a, colour: 1)", 13, "lower has no colour. Write lower(value)", ("value",)),
        ('= merge(direction: "left", $.a)', 27, "Arguments with a name come last", ()),
        ('= merge(direction: "left")', 25, "merge also needs objects", ("objects",)),
        ("= upper $.a", 8, "A ( must follow: upper(value)", ("(",)),
        ("= exists($.a)", 2, "stands only in if", ("if",)),
        ("= if($.a, 1)", 5, "begins with a condition", ("exists", "blank")),
        ("= if()", 5, "if also needs condition", ("condition",)),
        ('= "abc', 2, 'This text has no end: a " is missing', ('"',)),
        ("= lower('abc)", 8, "This text has no end: a ' is missing", ("'",)),
        ('"abc', 0, "This text has no end", ('"',)),
        ('= "a\\qb"', 4, "\\q is no escape", ("\\\\",)),
        ("= 1 2", 4, "The formula ends before 2", ("the end", "??")),
        ("= upper($.a))", 12, "The formula ends before )", ("the end", "??")),
        ("$.a b", 4, 'If it is meant as text, write "$.a b"', ()),
        ("[draft] hello", 1, 'If it is meant as text, write "[draft] hello"', ()),
        ('"a" b', 4, 'write "\\"a\\" b"', ()),
        ("= $", 2, "A path goes on after the $", ()),
        ("= $.a[x]", 5, "an index or a key in quotes", ()),
        ("= $.a ? $.b", 6, "Write ??", ("the end", "??")),
        ("= $.a ??", 8, "ends too early", ()),
        ("== 5", 1, "single =", ()),
        ("= 007", 2, "does not begin with 0", ()),
        ("= 1e999", 2, "too large", ()),
        ("[1e999]", 1, "too large", ()),
        ("= " + "9" * 5000, 2, "too large", ()),
        ("= (1", 4, "The ) of this ( is missing", (")",)),
        ("= [1 2]", 5, "Expected: , or ]", (",", "]")),
        ("= [1", 4, "The ] of this list is missing", (",", "]")),
        ("= [1,,2]", 5, ", cannot stand here", ()),
        ("= {a 1}", 5, "must follow the key a", (":",)),
        ("= {1: 2}", 3, "Expected: a key or }", ("a key", "}")),
        ("= {a: 1 b: 2}", 8, "Expected: , or }", (",", "}")),
        ("= {a: 1, a: 2}", 9, "The key a stands here twice", ()),
        ('{"a": 1, "a": 2}', 9, "The key a stands here twice", ()),
        ("= {a: 1", 7, "The } of this object is missing", (",", "}")),
        ("= " + "[" * 5000, 102, "more than 100 levels", ()),
        ("[" * 100_000, 100, "more than 100 levels", ()),
        ("= " + "(" * 5000, 102, "more than 100 levels", ()),
        ("= " + "lower(" * 5000, 602, "more than 100 levels", ()),
        ("= " + "if(exists(" * 5000, 502, "more than 100 levels", ()),
        ("= " + " ?? ".join(["$.a"] * 5000), 702, "more than 100 levels", ()),
        ("= " + " ?? ".join(["$.a"] * 60), 1, "levels", ()),
        ("= " + "merge(" * 99 + "1" + ")" * 99 + " ?? 1", 1, "?? writes its left side twice", ()),
        ("= " + "(" * 50 + "$.a" + " ?? 1)" * 50, 1, "?? writes its left side twice", ()),
    ],
)
def test_a_mistake_is_told_with_its_place(typed: str, position: int, message: str, expected: tuple[str, ...]) -> None:
    with pytest.raises(FormulaError) as caught:
        parse_formula(typed)
    assert message in caught.value.message
    assert caught.value.position == position
    assert str(caught.value) == caught.value.message
    if expected:
        assert caught.value.expected == expected


def test_the_two_sides_of_a_coalesce_are_independent() -> None:
    parsed = parse_formula("= {a: $.x} ?? 1")
    parsed["@if"]["then"]["a"] = "changed"
    assert parsed["@if"]["exists"] == {"a": path("$.x")}


FRAGMENTS = [
    *"=$.?,:()[]{}\"'\\ \n-05a@é😀",
    "= ",
    "$.",
    "??",
    "{{",
    "}}",
    "upper(",
    "if(exists(",
    "merge(",
    "direction:",
    "true",
    '"@path"',
    "\\u",
    "d83d",
    "$['",
    "1e5",
]


def parsed_or_error(typed: str) -> tuple[Any, FormulaError | None]:
    try:
        return parse_formula(typed), None
    except FormulaError as error:
        return None, error


@given(st.one_of(st.text(), st.lists(st.sampled_from(FRAGMENTS)).map("".join)), st.sampled_from(["", "= "]))
def test_any_text_is_a_binding_or_a_formula_error_inside_the_text(text: str, begin: str) -> None:
    typed = begin + text
    binding, error = parsed_or_error(typed)
    if error:
        assert 0 <= error.position <= len(typed)
        assert error.message
    else:
        assert parse_formula(format_formula(binding)) == binding
