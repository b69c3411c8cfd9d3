from __future__ import annotations

from actions.triggers import parse
from actions.values import Json
from studio.tui.explanation_text import explanation_text

EVENT: dict[str, Json] = {
    "type": "track",
    "event": "Order Completed",
    "properties": {"list": [{"a": 1}], "long": "x" * 5000},
}


def explained(trigger: str, width: int = 62) -> list[str]:
    return explanation_text(parse(trigger).explain(EVENT), width).plain.split("\n")


def test_each_condition_has_its_mark_and_the_values_of_its_fields() -> None:
    trigger = 'type = "track" and (lowercase(event) = "x" or !(traits.a)) and bool(contains(event, "Order"))'
    assert explained(trigger) == [
        "✓ all of",
        '  ✓ type = "track"              type is "track"',
        "  ✓ any of",
        '    ✗ lowercase(event) = "x"',
        '      lowercase(event) is "order completed", event is "Order',
        '      Completed"',
        "    ✓ not",
        "      ✗ traits.a                traits.a is missing",
        '  ✓ bool(contains(event, "Order"))',
        '    ✓ contains(event, "Order")  event is "Order Completed"',
    ]


def test_lists_and_members_are_told_by_their_values() -> None:
    assert explained('event in ["a", type]') == [
        '✗ event in ["a", type]',
        '  event is "Order Completed", type is "track"',
    ]
    assert explained("length(properties.list) > 3", 80) == [
        "✗ length(properties.list) > 3",
        "  length(properties.list) is 1, properties.list is [{…}]",
    ]


def test_no_line_is_wider_than_the_pane_however_long_a_value_is() -> None:
    lines = explained(f'properties.long = "{"y" * 100}" or properties.long contains "z"', 50)
    assert max(map(len, lines)) <= 50


def test_hundreds_of_conditions_are_cut_and_counted() -> None:
    lines = explained(" or ".join(f"traits.a{number}" for number in range(500)))
    assert lines[-1] == "… and 301 more"


def test_a_bare_value_is_explained_too() -> None:
    assert explained("traits.a") == ["✗ traits.a  traits.a is missing"]
