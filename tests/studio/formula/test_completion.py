"""A path put into a formula reads back as that path, whatever its keys are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.mapping import compile_mapping
from actions.values import Json
from studio.event_paths import can_be_named, path_text
from studio.formula.completion import completed_path, with_placeholder
from studio.formula.cursor import context_at
from studio.formula.parser import parse_formula
from studio.formula.syntax import HIDDEN

KEYS = st.text(min_size=1, max_size=12).filter(lambda key: can_be_named((key,)))
BEFORE = ["", "= ", "= lower(", "= $.a ?? ", '= {"x y": ', "[$.b, "]
CLOSED = {"= lower(": ")", '= {"x y": ': "}", "[$.b, ": "]"}


@given(KEYS, st.sampled_from(BEFORE), st.sampled_from(["$", "$.", "$.tra"]))
def test_a_completed_path_means_the_key_it_was_offered_for(key: str, before: str, typed: str):
    formula = before + typed
    context = context_at(formula, len(formula))
    assert context.kind == "path"
    path = path_text(("traits", key))
    completed = completed_path(path, context, formula)
    assert completed is not None
    binding = parse_formula(f"{formula[: context.start]}{completed}{CLOSED.get(before, '')}")
    assert {"@path": path} in _values(binding)


def _values(value: Json) -> list[Json]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(found for item in inner for found in _values(item))]


@given(KEYS, st.sampled_from(["{{", "Hi {{tra", '= template("Hi {{', "= template('{{"]))
def test_a_completed_placeholder_means_the_key_it_was_offered_for(key: str, formula: str):
    context = context_at(formula, len(formula))
    assert context.kind == "placeholder"
    completed = completed_path(path_text(("traits", f"{key}.")), context, formula)  # a dot has it quoted
    if completed is None:
        assert "}" in key or HIDDEN.search(key)
        return
    end = "}}" + {'"': '")', "'": "')"}.get(formula[11:12], "")
    binding = parse_formula(f"{formula[: context.start]}{completed}{end}")
    text = compile_mapping(binding).resolve({"traits": {f"{key}.": "found"}})
    assert isinstance(text, str)
    assert text.endswith("found")


@pytest.mark.parametrize(
    ("formula", "template"),
    [
        ("", "{{userId}}"),
        ("Hi", "Hi {{userId}}"),
        ("Hi {{traits.firstName}}", "Hi {{traits.firstName}} {{userId}}"),
        ("Hi {{traits.firstName}}, ", "Hi {{traits.firstName}}, {{userId}}"),
        ("$.traits.email", "{{traits.email}} {{userId}}"),
        ("$.traits['a.b']", "{{traits['a.b']}} {{userId}}"),
        ('= path("$.first name")', "{{first name}} {{userId}}"),
        ('= template(" {{a}}")', '= template(" {{a}} {{userId}}")'),
        ('"Hi"', "Hi {{userId}}"),
        ("= 5", "5 {{userId}}"),
    ],
)
def test_what_was_bound_stays_in_the_template_that_a_path_is_put_into(formula: str, template: str):
    made = with_placeholder(formula, len(formula), "$.userId")
    assert made is not None
    text, cursor, is_new = made
    assert text == template
    assert cursor == len(text)
    assert not is_new
    assert isinstance(parse_formula(text), dict)


@pytest.mark.parametrize("formula", ["= lower($.a)", "= $.a ?? $.b", "= uper(", "= true", "= {a: 1}", "$.a ??"])
def test_what_no_template_can_hold_gives_way_and_that_is_said(formula: str):
    assert with_placeholder(formula, 3, "$.userId") == ("{{userId}}", 10, True)


def test_a_placeholder_goes_in_at_the_cursor():
    assert with_placeholder("Dear , hello", 5, "$.traits['x y.z']") == ("Dear {{traits['x y.z']}}, hello", 24, False)


def test_a_key_with_a_brace_is_in_no_template():
    assert with_placeholder("Hi", 2, "$.traits['}']") is None
