from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from actions.triggers import parse
from studio.conditions import (
    Condition,
    JoinedBy,
    Operator,
    field_of_path,
    from_fql,
    read_value,
    to_fql,
    write_value,
)

_KEYS = st.text(min_size=1, max_size=12) | st.sampled_from(["and", "true", "5", "-1e3", "not", "in", "contains", "a b"])
_TEXTS = st.text(max_size=20) | st.sampled_from(["true", "007", "12.5", 'say "hi"', "a\\", "\\n", "\n\t", "'", " x "])
_NUMBERS = st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def fields(draw: st.DrawFn) -> str:
    field = ""
    for number, key in enumerate(draw(st.lists(_KEYS | st.integers(0, 99), min_size=1, max_size=4))):
        if isinstance(key, int) and number:
            field += f"[{key}]"
        else:
            escaped = "".join(f"\\{character}" if character in ".[\\" else character for character in str(key))
            field += f".{escaped}" if number else escaped
    return field


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    operator = draw(st.sampled_from(Operator))
    if not operator.takes_value:
        return Condition(draw(fields()), operator)
    if operator.takes_pattern:  # a backslash before a sign, or none
        parts = st.sampled_from(["\\*", "\\?", "\\\\", "*", "?", "[a-z]", "[!b]", "\\[", "]", '"', "'", "\n", "é", "n"])
        return Condition(draw(fields()), operator, "".join(draw(st.lists(parts, max_size=6))))
    value = draw(_TEXTS | _NUMBERS)
    if operator in (Operator.CONTAINS, Operator.CONTAINS_NOT, Operator.LESS):
        value = draw(st.just(value) | st.booleans() | st.none())
    return Condition(draw(fields()), operator, value)


@given(st.lists(conditions(), max_size=4), st.sampled_from(["all", "any"]))
def test_what_the_builder_writes_it_reads_back(chosen: list[Condition], joined_by: JoinedBy) -> None:
    text = to_fql(chosen, joined_by)
    assume(len(text) <= 10_000)
    assert from_fql(text) == (tuple(chosen), joined_by if len(chosen) > 1 else "all")


@given(_TEXTS | _NUMBERS | st.booleans() | st.none())
def test_a_shown_value_is_read_as_that_value(value: object) -> None:
    read = read_value(write_value(value))  # pyright: ignore[reportArgumentType] - one of the types it takes
    assert (read, type(read)) == (value, type(value))


@given(st.text() | st.text("\\\"'*[n", max_size=8))
def test_any_typed_value_gives_a_trigger_that_reads(text: str) -> None:
    parse(to_fql([Condition("a", Operator.GREATER, read_value(text)), Condition("b", Operator.MATCHES, text)], "all"))


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (Condition("type", Operator.IS, "track"), 'type = "track"'),
        (Condition("properties.total", Operator.GREATER_OR_EQUAL, 12.5), "properties.total >= 12.5"),
        (Condition("traits.first name", Operator.EXISTS), "traits.first\\ name != null"),
        (Condition("traits.a", Operator.EXISTS_NOT), "traits.a = null"),
        (Condition("traits.a", Operator.IS_TRUE), "traits.a = true"),
        (Condition("traits.a", Operator.IS_FALSE), "traits.a = false"),
        (Condition("traits.a", Operator.IS_NOT, True), "traits.a != true"),
        (Condition("event", Operator.MATCHES, "Order *"), 'match(event, "Order *")'),
        (Condition("event", Operator.MATCHES_NOT, "a\\*"), '!match(event, "a\\*")'),
        (Condition("event", Operator.CONTAINS_NOT, 'a "b" \\'), '!contains(event, "a \\"b\\" \\\\")'),
        (Condition("true", Operator.IS, ""), '\\true = ""'),
    ],
)
def test_conditions_are_written_as_segment_writes_them(condition: Condition, text: str) -> None:
    assert to_fql([condition], "all") == text
    assert from_fql(text) == ((condition,), "all")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("(type = 'track') AND properties.paid", 'type = "track" and properties.paid = true'),
        ("event contains 'Order'", 'contains(event, "Order")'),
        ("(a = 1 or b = 2)", "a = 1 or b = 2"),
        ("match(event, 'say \\\"x\\\"')", 'match(event, "say \\"x\\"")'),
        ("a = null and b = TRUE", "a = null and b = true"),
    ],
)
def test_other_ways_to_write_the_same_are_read(text: str, same: str) -> None:
    read = from_fql(text)
    assert read is not None
    assert to_fql(*read) == same


@pytest.mark.parametrize(
    "text",
    [
        "a = 1 and (b = 2 or c = 3)",
        "a = 1 and b = 2 or c = 3",
        "!(a = 1)",
        "!a",
        "a = b",
        '"x" = a',
        "a in [1, 2]",
        "contains(a, b)",
        "match(a, 5)",
        'lowercase(event) = "x"',
        "length(a) > 2",
        "bool(a)",
        "true",
        "a = ",
    ],
)
def test_what_is_richer_or_broken_is_left_alone(text: str) -> None:
    assert from_fql(text) is None


@pytest.mark.parametrize("text", ["", " \n "])
def test_a_blank_text_has_no_conditions(text: str) -> None:
    assert from_fql(text) == ((), "all")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("Order Completed", "Order Completed"),
        ("  padded ", "padded"),
        ('" padded "', " padded "),
        ("100", 100),
        ('"100"', "100"),
        ("'100'", "100"),
        ("-1.5e3", -1500.0),
        ("1e999", "1e999"),
        ("007", "007"),
        ("+14155552671", "+14155552671"),
        ("true", True),
        ("True", "True"),
        ("null", None),
        ('"', '"'),
        ("", ""),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_a_typed_value_is_what_it_looks_like(typed: str, value: object) -> None:
    read = read_value(typed)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("properties.total", ["properties", "total"]),
        ("$.properties.first name", ["properties", "first name"]),
        ("properties['a.b'][0].c", ["properties", "a.b", "0", "c"]),
        ('traits["it\'s[x]"]', ["traits", "it's[x]"]),
        ("traits.@id", ["traits", "@id"]),
        ("traits['back\\slash']", ["traits", "back\\slash"]),
    ],
)
def test_a_path_of_the_mapping_language_finds_the_same_in_a_condition(path: str, keys: list[str]) -> None:
    event: object = "here"
    for key in reversed(keys):
        event = {key: event}
    assert parse(to_fql([Condition(field_of_path(path), Operator.IS, "here")], "all")).matches(event)
