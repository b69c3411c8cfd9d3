import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.formula.cursor import Context, context_at
from studio.formula.functions import FUNCTIONS


@pytest.mark.parametrize(
    ("typed", "kind", "prefix", "function", "parameter"),
    [
        ("", "text", "", None, None),
        ("hello", "text", "", None, None),
        ('"abc', "text", "", None, None),
        ("$", "path", "$", None, None),
        ("$.traits.em", "path", "$.traits.em", None, None),
        ("  $.tra", "path", "$.tra", None, None),
        ("$['a k", "path", "$['a k", None, None),
        ("$5", "text", "", None, None),
        ("{{", "placeholder", "", None, None),
        ("Hi {{traits.fir", "placeholder", "traits.fir", None, None),
        ("Hi {{ traits.fir", "placeholder", "traits.fir", None, None),
        ("Hi {{traits.x}} and", "text", "", None, None),
        ("=", "function", "", None, None),
        ("= ", "function", "", None, None),
        ("= up", "function", "up", None, None),
        ("= $", "path", "$", None, None),
        ("= $.a[0", "path", "$.a[0", None, None),
        ("= $.a[0].b", "path", "$.a[0].b", None, None),
        ("= $.a ", "text", "", None, None),
        ("= $.a ?? ", "function", "", None, None),
        ("= $.a ?? $.b.", "path", "$.b.", None, None),
        ("$.a ?? lo", "function", "lo", None, None),
        ("= 5", "text", "", None, None),
        ('= "up', "text", "", None, None),
        ("= [1, up", "function", "up", None, None),
        ("= {ke", "text", "", None, None),
        ("= {key: ", "function", "", None, None),
        ("= {key: $.a, other: $.b", "path", "$.b", None, None),
        ("= {key: 1, ot", "text", "", None, None),
        ("= upper(", "argument", "", "upper", "value"),
        ("= upper($.tra", "path", "$.tra", "upper", "value"),
        ("= upper($.a ", "text", "", "upper", "value"),
        ("= upper($.a, ", "argument", "", "upper", None),
        ("= upper($.a)", "text", "", None, None),
        ("= if(", "argument", "", "if", "condition"),
        ("= if(ex", "function", "ex", "if", "condition"),
        ("= if(exists(", "argument", "", "exists", "value"),
        ("= if(exists($.a), ", "argument", "", "if", "then"),
        ("= if(exists($.a), 1, lo", "function", "lo", "if", "else"),
        ('= replace($.a, "', "text", "", "replace", "pattern"),
        ('= replace($.a, "(", "', "text", "", "replace", "replacement"),
        ('= replace($.a, "-", "", ign', "function", "ign", "replace", "pattern2"),
        ('= replace($.a, "-", "", "+", "", ', "argument", "", "replace", "ignorecase"),
        ("= replace($.a, global: ", "argument", "", "replace", "global"),
        ("= lower($.a, colour: ", "argument", "", "lower", None),
        ("= merge($.a, $.b, ", "argument", "", "merge", "objects"),
        ("= each($.products, {sku: ", "argument", "", "each", "shape"),
        ("= each($.products, {sku: $.s", "path", "$.s", "each", "shape"),
        ("= each($.products, {s", "text", "", "each", "shape"),
        ("= lower(upper($.x), ", "argument", "", "lower", None),
        ("= lower(([$.x", "path", "$.x", "lower", "value"),
        ('= template("Hi {{tra', "placeholder", "tra", "template", "text"),
        ('= upper("{{tra', "text", "", "upper", "value"),
        ("= unknown(", "function", "", None, None),
        ("= ^ $.a", "text", "", None, None),
    ],
)
def test_what_is_typed_up_to_the_cursor_tells_what_can_follow(
    typed: str, kind: str, prefix: str, function: str | None, parameter: str | None
) -> None:
    for text in (typed, f"{typed}$.rest, of (what stands there"):
        context = context_at(text, len(typed))
        assert (context.kind, context.prefix, context.function, context.parameter) == (
            kind,
            prefix,
            function,
            parameter,
        )
        assert context.start == len(typed) - len(prefix)


def test_a_cursor_inside_a_word_sees_what_is_before_it() -> None:
    assert context_at("= upper($.traits.email)", 12) == Context("path", "$.tr", 8, "upper", "value")


def test_a_cursor_outside_the_text_is_taken_to_its_end() -> None:
    assert context_at("= up", 99) == Context("function", "up", 2)
    assert context_at("= up", -1) == Context("text", "", 0)


@given(st.lists(st.sampled_from([*"=$.?,:()[]{}\"'\\ a0^", "= ", "upper(", "merge(", "direction:", "{{"])).map("".join))
def test_any_text_has_a_context_at_every_cursor(text: str) -> None:
    for cursor in range(len(text) + 1):
        context = context_at(text, cursor)
        assert text[context.start : cursor] == context.prefix
        assert context.function is None or context.function in FUNCTIONS
