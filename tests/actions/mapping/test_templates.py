from __future__ import annotations

import pytest

from actions.mapping import resolve
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
