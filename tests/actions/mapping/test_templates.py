from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.mapping import resolve
from actions.mapping.templates import unclosed_placeholder
from actions.values import Json

EVENT: Json = {
    "a": "x",
    "b": {"c": [1, {"d": 2}], "e.f": "dotted"},
    "n": 5.0,
    "big": 1e21,
    "nul": None,
    "t": True,
    "list": ["b", None, ["c", "d"]],
    "tpl": "{{a}}",
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("{{a}}", "x"),
        ("<{{ a }}> & {{\ta\n}}", "<x> & x"),
        ("{{{a}}}-{{a}}-{{{ a }}}", "x-x-x"),
        ("{{b.c[1].d}}{{b.c.0}}", "21"),
        ("{{b.c.length}}", "2"),
        ("{{b['e.f']}}", "dotted"),
        ("{{n}} {{big}} {{t}}", "5 1e+21 true"),
        ("[{{nul}}{{zz}}{{zz.y}}]", "[]"),
        ("{{b}} {{list}}", "[object Object] b,,c,d"),
        ("{{$.a}}", ""),
        ("{{tpl}}{{{tpl}}}", "{{a}}{{a}}"),
        ("{{ }}{{.}}", "[object Object][object Object]"),
        ("{{}} {{a} {a}} }}", "{{}} {{a} {a}} }}"),
        ("{{{{a}}}}", "}"),
        ("{{x {{{a}}}", "{{x x"),
        ("{{{a}} b {{{n}}}", " b 5"),
    ],
)
def test_a_template_gives_text(template: str, text: str) -> None:
    assert resolve({"@template": template}, EVENT) == text


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("", ""),
        ("{{a}} {{{b.c}}} {c} }} {", ""),
        ("{{}}", ""),
        ("Hi {{a", "{{a"),
        ("{{n}} {{a} and {{t}}", "{{a} and "),
        ("{{a and {{t}}", "{{a and {{t"),
        ("{{{a}} b", "{{{a"),
        ("{{{a", "{{{a"),
    ],
)
def test_a_placeholder_that_nothing_closes_is_found(template: str, told: str) -> None:
    assert unclosed_placeholder(template) == told


@given(st.text(alphabet="{}ab. ", max_size=12))
def test_where_every_placeholder_is_closed_no_opening_is_left(template: str) -> None:
    if not unclosed_placeholder(template):
        text = resolve({"@template": template}, {"a": "x", "b": "y"})
        assert isinstance(text, str)
        assert "{{" not in text.replace("{{}}", "")
