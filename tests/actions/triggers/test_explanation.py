from __future__ import annotations

import pytest

from actions.triggers import Explanation, parse
from actions.values import MISSING, Json

EVENT: Json = {
    "type": "track",
    "event": "Product Viewed",
    "properties": {"total": 3, "digits": "10", "tags": ["a", "B"], "name": "Bob", "nothing": None, "map": {"k": 1}},
}


@pytest.mark.parametrize(("fql", "reason"), [
    ('type = "track" and event = "Order Completed"', 'event is "Product Viewed", not "Order Completed"'),
    ('type = "identify"', 'type is "track", not "identify"'),
    ("properties.sum = 3", "properties.sum is missing"),
    ("properties.sum > 3", "properties.sum is missing"),
    ("properties.total > 100", "properties.total is 3, not above 100"),
    ("100 <= properties.total", "properties.total is 3, not at least 100"),
    ('properties.total < "5"', 'properties.total is 3, not below "5" (a number has no order with a text)'),
    ('type != "track"', 'type is "track"'),
    ("properties.total = properties.nothing", "properties.total is 3, not properties.nothing (null)"),
    ("properties.flag", "properties.flag is missing"),
    ("properties.total", "properties.total is 3, which is not the boolean true"),
    ('"b" in properties.tags', 'properties.tags is ["a","B"], without "b"'),
    ('"b" in properties.nope', "properties.nope is missing"),
    ('"b" in event', 'event is "Product Viewed", which is not a list'),
    ('type in ["page", "screen"]', 'type is "track", not one of ["page","screen"]'),
    ("length(properties.nope) > 0", "length(properties.nope) is 0 (properties.nope is missing), not above 0"),
    ('match(event, "Order *")', 'event is "Product Viewed", which does not match "Order *"'),
    ("match(properties.total, '*')", 'properties.total is 3, which does not match "*"; only a text matches a pattern'),
    ('!contains(event, "View")', 'event is "Product Viewed", which contains "View"'),
    ('!(type = "track" or event = "x")', 'type is "track"'),
    (
        'type = "page" or (event = "x" and type = "track")',
        'type is "track", not "page"; event is "Product Viewed", not "x"',
    ),
    ("properties.map = properties.tags", 'properties.map is an object, not properties.tags (["a","B"])'),
])  # fmt: skip
def test_a_reason_says_why_it_did_not_fire(fql: str, reason: str) -> None:
    explanation = parse(fql).explain(EVENT)
    assert explanation.result is False
    assert explanation.reason() == reason


@pytest.mark.parametrize(("fql", "reason"), [
    ('type = "track" and properties.total > 1', 'type is "track"; properties.total is 3, above 1'),
    ('type = "track" or event = "x"', 'type is "track"'),
    ('type = "track" and !(event = "x")', 'type is "track"; event is "Product Viewed", not "x"'),
    ("!properties.flag", "properties.flag is missing"),
    ('properties.nope != "x"', 'properties.nope is missing, not "x"'),
    ('match(event, "Product *")', 'event is "Product Viewed", which matches "Product *"'),
    ("type in ['track']", 'type is "track", one of ["track"]'),
])  # fmt: skip
def test_a_reason_says_why_it_fired(fql: str, reason: str) -> None:
    explanation = parse(fql).explain(EVENT)
    assert explanation.result is True
    assert explanation.reason() == reason


@pytest.mark.parametrize(("fql", "hint"), [
    ('event = "product viewed"', "(the letter case differs)"),
    ('event = "Product Viewed "', "(the blanks around it differ)"),
    ("properties.digits = 10", "(a text is never equal to a number)"),
    ('properties.total = "3"', "(a number is never equal to a text)"),
    ('event in ["Cart Viewed", "PRODUCT VIEWED"]', "(the letter case differs)"),
    ('contains(properties.name, "OB")', "(only in other letter case)"),
])  # fmt: skip
def test_a_near_miss_is_named(fql: str, hint: str) -> None:
    assert parse(fql).explain(EVENT).reason().endswith(hint)


@pytest.mark.parametrize("fql", ['event = "Cart Viewed"', "properties.total = 4", 'contains(properties.name, "x")'])
def test_a_clear_miss_has_no_hint(fql: str) -> None:
    assert "(" not in parse(fql).explain(EVENT).reason()


def test_every_part_is_shown_also_what_deciding_did_not_need() -> None:
    explanation = parse('type = "page" and (properties.nope > 3 or !contains(event, "View"))').explain(EVENT)

    def shape(part: Explanation) -> Json:
        return (part.text, part.value, part.result, [shape(child) for child in part.children])

    assert shape(explanation) == (
        'type = "page" and (properties.nope > 3 or !contains(event, "View"))', False, False, [
            ('type = "page"', False, False, [("type", "track", None, []), ('"page"', "page", None, [])]),
            ('(properties.nope > 3 or !contains(event, "View"))', False, False, [
                ("properties.nope > 3", False, False, [("properties.nope", MISSING, None, []), ("3", 3, None, [])]),
                ('!contains(event, "View")', False, False, [
                    ('contains(event, "View")', True, True, [
                        ("event", "Product Viewed", None, []), ('"View"', "View", None, []),
                    ]),
                ]),
            ]),
        ],
    )  # fmt: skip


def test_a_bare_value_is_a_condition_only_where_one_is_asked() -> None:
    explanation = parse("properties.total or properties.name = properties.total").explain(EVENT)
    bare, comparison = explanation.children
    assert (bare.value, bare.result) == (3, False)
    assert [child.result for child in comparison.children] == [None, None]


def test_a_long_reason_is_cut() -> None:
    fql = " or ".join(f'event = "{number}"' for number in range(100))
    reason = parse(fql).explain(EVENT).reason()
    assert reason.endswith("; and 92 more")
    assert len(parse('event = "x"').explain({"event": "long " * 1000}).reason()) < 120
