from __future__ import annotations

import pytest

from actions.triggers import parse


@pytest.mark.parametrize(("fql", "words"), [
    ("propertes.total > 1", ['no event of Segment has a field "propertes"', 'did you mean "properties"?']),
    ('userid = "u"', ['did you mean "userId"?']),
    ("event = Purchase", ['"Purchase"', "a text needs quotes"]),
    ("contains(Context.app, 'x')", ['did you mean "context"?']),
    ('type = "Identify"', ['no call has the type "Identify"', 'did you mean "identify"?']),
    ('"Track" != type', ['did you mean "track"?']),
    ('type in ["track", "Page"]', ['no call has the type "Page"', 'did you mean "page"?']),
    ("type = 5", ["no call has the type 5"]),
    ('(type) = ("order")', ['no call has the type "order"']),
    ('event = "Identify"', ["\"Identify\" is a call's type", 'did you mean type = "identify"?']),
    ('type = "track" and event = "A" or event = "B"', ['"and" and "or" stand side by side', "parentheses"]),
    ('type = "track" and (event = "A" or event = "B" and userId = "x")', ['"and" and "or" stand side by side']),
    ('type = "identify" and type = "track"', ["it never fires"]),
    ('type = "page" and event = "Order Completed"', ["it never fires"]),
    ('match("Order *", event)', ['match(event, "Order *")']),
])  # fmt: skip
def test_what_is_hardly_meant_is_warned_of(fql: str, words: list[str]) -> None:
    [warning] = parse(fql).lint()
    assert [word for word in words if word not in warning] == []


@pytest.mark.parametrize("fql", [
    'type = "identify"',
    'type = "track" and event = "Order Completed"',
    'type = "track" and (event = "A" or event = "B")',
    '(type = "track" and event = "A") or (type = "page" and name = "B")',
    'type in ["page", "screen"]',
    'event = "Identify Verified"',
    "match(event, 'Order *') and contains('abc', 'b')",
    "integrations.Klaviyo.listId != null and context.personas.computation_key = properties.key",
])  # fmt: skip
def test_a_sound_trigger_has_no_warning(fql: str) -> None:
    assert parse(fql).lint() == []


def test_a_warning_is_given_once() -> None:
    assert len(parse("props.a = 1 or props.b = 2 or props.a = 3").lint()) == 1
