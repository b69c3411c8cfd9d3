from __future__ import annotations

import pytest

from actions.triggers import parse
from actions.values import Json

EVENT: Json = {
    "type": "track",
    "event": "Order Completed",
    "userId": "u1",
    "timestamp": "2024-05-06T10:00:00Z",
    "properties": {
        "total": 10,
        "zero": 0,
        "digits": "10",
        "yes": True,
        "no": False,
        "nothing": None,
        "empty": "",
        "my key": 1,
        "a.b": 2,
        'qu"ote': 3,
        "größe": "L",
        "in": 4,
        "tags": ["a", "b", 1, None, [1, 2], {"k": True}],
        "products": [{"sku": "A", "price": 5}, {"sku": "B", "price": 19.99}],
        "map": {"0": "zero", "k": [1, {"x": None}]},
    },
    "context": {"or": "ok", "app": {"name": "iOS"}},
}

FIRES = [
    # comparisons
    'type = "track"',
    "type='track'",
    "properties.total = 10.0",
    "properties.total = 1e1",
    "10 = properties.total",
    "properties.total != true",
    "properties.zero != false",
    "properties.total >= 10",
    "properties.total>=10",
    "properties.total<=10",
    "properties.total>-1.5",
    "properties.total > +.5",
    'event!="x"',
    'timestamp > "2024-01-01"',
    'timestamp < "2024-05-06T10:00:01Z"',
    "event = event",
    "properties.total = length(properties.products) or properties.total > length(properties.products)",
    # what is missing
    "properties.missing = null",
    "properties.nothing = null",
    "null = properties.missing",
    "properties.missing = properties.nothing",
    "properties.empty != null",
    'properties.missing != "x"',
    "properties.missing != 3",
    "properties.missing.deeper = null",
    "event.length = null",
    "properties.constructor = null",
    "properties.products.length = null",
    # lists and objects
    "properties.map.k = properties.map.k",
    'properties.products != ["A"]',
    "[1, [2, 'x'], null] = [1, [2, \"x\"], null]",
    "[] = []",
    "[1, true] != [1, 1]",
    '"a" in properties.tags',
    "[1, 2] in properties.tags",
    "null in properties.tags",
    "properties.missing in [null]",
    "properties.total in [1, 10.0]",
    "event IN ['x', 'Order Completed']",
    'event in["Order Completed"]',
    "userId in [anonymousId, userId]",
    "(userId) in ([userId])",
    # paths
    "properties.products[0].price = 5",
    "properties.products.1.price = 19.99",
    'properties.products[1].sku = "B"',
    'properties.map.0 = "zero"',
    'properties.map[0] = "zero"',
    "properties.my\\ key = 1",
    "properties.a\\.b = 2",
    'properties.qu\\"ote = 3',
    'properties.größe = "L"',
    "properties.in = 4",
    'context.or = "ok"',
    # and, or, !
    'type = "track" AND event = "Order Completed"',
    'type = "page" Or type = "track"',
    'type = "track" or type = "page" and event = "x"',
    'type = "page" and event = "x" or type = "track"',
    '!type = "page"',
    '!(type = "page") and event = "Order Completed"',
    "!!properties.yes",
    "! properties.missing",
    "properties.yes",
    "(properties.yes)",
    "((((type = 'track'))))",
    '(type = "page" or (type = "track" and (userId = "u1" or userId = "u2"))) and !(event = "x")',
    '"a"and("b" = "b")or"c" = "c"',
    'type = "track"and event = "Order Completed"',
    'type = "track"\r\nand\tevent = "Order Completed"',
    'type = "page"\r\nor\r\n(event = "Order Completed")',
    " \n type\n=\n'track'\n ",
    'type\u00a0= "track"',
    "(type = 'track') = true",
    "true",
    "TRUE and NULL = null",
    # functions
    'contains ( event , "Order" )',
    'CONTAINS(event, "Order")',
    'event contains "Order"',
    'event contains ("Order")',
    'match(event, "Order *") and !match(event, "Page *")',
    'uppercase(lowercase(event)) = "ORDER COMPLETED"',
    'type in ["page", lowercase("TRACK")]',
    # texts
    '"say \\"hi\\"" = \'say "hi"\'',
    "'it\\'s' = \"it's\"",
    '"a\\\\b" != "ab" and length("a\\\\b") = 3',
    '"a\\nb" = "a\nb" and "a\\tb" = "a\tb"',
    '"\\x\\*" = "x*"',
    '"and or ) (" = "and or ) ("',
]

STAYS_SILENT = [
    'type = "Track"',
    'properties.total = "10"',
    "properties.digits = 10",
    "properties.yes = 1",
    "properties.zero = false",
    "properties.empty = null",
    'properties.digits > "9"',
    "properties.digits > 9",
    "properties.yes > false",
    "properties.nothing < 1",
    "properties.nothing <= null",
    "properties.products > 1",
    "properties.missing > 3",
    "properties.missing < 3",
    # a bare value is true only if it is the boolean true
    "properties.total",
    "event",
    "properties.nothing",
    "properties.missing",
    "properties.no",
    "!properties.yes",
    '"true"',
    "1",
    "properties.tags",
    # `in` asks for a list
    '"Order" in event',
    '"k" in properties.map',
    "10 in properties.total",
    '"a" in properties.missing',
    "true in [1]",
    "1 in [true, '1']",
    # paths
    "properties.products[2].price = 5",
    "properties.Total = 10",
    # precedence
    'type = "page" and (event = "x" or type = "track")',
    '!properties.no and type = "page"',
]


@pytest.mark.parametrize("fql", FIRES)
def test_a_trigger_fires(fql: str) -> None:
    assert parse(fql).matches(EVENT) is True


@pytest.mark.parametrize("fql", STAYS_SILENT)
def test_a_trigger_stays_silent(fql: str) -> None:
    assert parse(fql).matches(EVENT) is False


@pytest.mark.parametrize("event", [None, [], "track", 5, {}, [{"type": "track"}], {"properties": [1]}])
@pytest.mark.parametrize("fql", ['type = "track"', 'properties.a.b = "x" or contains(type, "t")', "properties[1] = 2"])
def test_what_is_no_event_of_segment_fires_nothing(fql: str, event: Json) -> None:
    assert parse(fql).matches(event) is False


def test_the_digits_of_a_long_number_count() -> None:
    trigger = parse("properties.id = 9007199254740993")
    assert trigger.matches({"properties": {"id": 9007199254740993}})
    assert not trigger.matches({"properties": {"id": 9007199254740992}})


def test_a_key_of_many_digits_is_no_place_in_a_list() -> None:
    assert parse(f"properties.{'1' * 5000} = null").matches({"properties": [1]})
    assert parse("properties.٠ = null").matches({"properties": [1]})


def test_a_trigger_keeps_its_text_and_names_the_paths_it_reads_once_each() -> None:
    trigger = parse(' type = "track" and (properties.a[0] > 1 or contains(properties.my\\ key, type)) ')
    assert trigger.text == ' type = "track" and (properties.a[0] > 1 or contains(properties.my\\ key, type)) '
    assert trigger.paths() == ("type", "properties.a[0]", "properties.my\\ key")


def test_events_nested_deeper_than_pythons_stack_are_compared() -> None:
    ours: Json = "x"
    theirs: Json = "x"
    other: Json = "y"
    for _ in range(5_000):
        ours, theirs, other = [ours], [theirs], [other]
    event = {"properties": {"ours": ours, "theirs": theirs, "other": other}}
    assert parse("properties.ours = properties.theirs").matches(event)
    assert not parse("properties.ours = properties.other").matches(event)
    assert parse("string(properties.ours) = null").explain(event).result is True
    assert "a list of 1" in parse("properties.ours = properties.other").explain(event).reason()
