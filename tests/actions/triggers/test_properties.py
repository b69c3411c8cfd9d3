from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.errors import TriggerError
from actions.triggers import parse
from actions.triggers.functions import FUNCTIONS
from actions.triggers.parser import parse_by_grammar
from actions.triggers.reader import read
from actions.values import Json

LEAVES = st.none() | st.booleans() | st.integers(-3, 2**70) | st.floats(allow_nan=False) | st.text(max_size=5)
KEYS = st.sampled_from(["type", "event", "properties", "a", "b", "0", "in"]) | st.text(max_size=3)
EVENTS = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))

PIECES = st.sampled_from([
    "type", "event", "properties.a", "=", "!=", ">=", "<", "and", "or", "in", "not", "!", "(", ")", "[", "]", ",",
    '"x"', "'y'", '"', "'", "\\", "\n", "1", "-2.5e3", "true", "NULL", "contains", "match(", "length(", "$.", "==",
    "&&", ".a", "“",
])  # fmt: skip

PATHS = st.sampled_from(["type", "event", "properties", "properties.a", "properties.a.b", "properties[0].0", "a.in"])
LITERALS = st.sampled_from(
    ['"track"', "'a'", '""', '"*a?[!b-]\\*"', "0", "1", "-2.5", "1e3", "true", "false", "null", "[]"]
)
FUNCTION_NAMES = st.sampled_from(sorted(FUNCTIONS))


def calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def call(name: str) -> st.SearchStrategy[str]:
        count = len(FUNCTIONS[name].parameters)
        return st.lists(inner, min_size=count, max_size=count).map(lambda items: f"{name}({', '.join(items)})")

    return FUNCTION_NAMES.flatmap(call)


VALUES = st.recursive(
    PATHS | LITERALS, lambda inner: calls(inner) | st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]")
)
OPERATORS = st.sampled_from(["=", "!=", "<", "<=", ">", ">=", " in ", " contains "])
COMPARISONS = st.tuples(VALUES, OPERATORS, VALUES).map("".join)
CONDITIONS = st.recursive(
    VALUES | COMPARISONS,
    lambda inner: (
        inner.map(lambda text: f"!{text}")
        | inner.map(lambda text: f"({text})")
        | st.tuples(inner, st.sampled_from([" and ", "\r\nOR\t"]), inner).map("".join)
    ),
    max_leaves=6,
)


ANY_TEXT = st.text(st.characters(exclude_categories=[]))
"""Control characters and halves of surrogate pairs among them."""


@given(ANY_TEXT | st.lists(PIECES, max_size=14).map(" ".join) | st.lists(PIECES | ANY_TEXT, max_size=14).map("".join))
def test_a_text_is_a_trigger_or_a_trigger_error(fql: str) -> None:
    with suppress(TriggerError):
        trigger = parse(fql)
        trigger.lint()
        trigger.explain({"type": "track"}).reason()


@given(ANY_TEXT | st.lists(PIECES, max_size=14).map(" ".join) | st.lists(PIECES | ANY_TEXT, max_size=14).map("".join))
def test_what_is_read_without_the_grammar_is_what_the_grammar_reads(fql: str) -> None:
    root = read(fql)
    if root is not None:
        assert parse_by_grammar(fql) == root
    else:
        with pytest.raises(TriggerError):
            parse_by_grammar(fql)


@given(CONDITIONS)
def test_a_sound_trigger_needs_no_grammar(fql: str) -> None:
    assert read(fql) == parse_by_grammar(fql)


def test_what_is_nested_deeply_is_left_to_the_grammar() -> None:
    fql = f"{'(' * 50}a = 1{')' * 50}"
    assert read(fql) is None
    assert parse(fql).matches({"a": 1})


@given(CONDITIONS, EVENTS)
def test_every_trigger_answers_for_every_event_and_its_explanation_agrees(fql: str, event: Json) -> None:
    trigger = parse(fql)
    explanation = trigger.explain(event)
    assert explanation.result is trigger.matches(event)
    assert explanation.reason()
    assert explanation.text == fql


@given(CONDITIONS, EVENTS)
def test_an_exclamation_mark_turns_a_condition_round(fql: str, event: Json) -> None:
    assert parse(f"!({fql})").matches(event) is not parse(fql).matches(event)


@given(VALUES, VALUES, EVENTS)
def test_unequal_is_the_negation_of_equal_and_both_are_symmetrical(left: str, right: str, event: Json) -> None:
    equal = parse(f"{left} = {right}").matches(event)
    assert parse(f"{right} = {left}").matches(event) is equal
    assert parse(f"{left} != {right}").matches(event) is not equal
    assert parse(f"{right} != {left}").matches(event) is not equal


@given(VALUES, EVENTS)
def test_everything_equals_itself(value: str, event: Json) -> None:
    assert parse(f"{value} = {value}").matches(event)


@given(st.text(max_size=20), st.sampled_from("\"'"))
def test_any_text_can_be_written_with_escapes(text: str, quote: str) -> None:
    written = text.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    assert parse(f"event = {quote}{written}{quote}").matches({"event": text})


@given(st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=4))
def test_any_keys_can_be_written_as_a_path(keys: list[str]) -> None:
    event: Json = "here"
    for key in reversed(keys):
        event = {key: event}
    escaped = (".".join("".join(f"\\{character}" for character in key) for key in keys), event)
    assert parse(f'{escaped[0]} = "here"').matches(escaped[1])


Formula: TypeAlias = tuple[str, Callable[[Json], bool], int]
"""A text, what it means, and how loosely it binds: 0 a field, 1 `!`, 2 `and`, 3 `or`."""


def bracketed(formula: Formula, loosest: int) -> str:
    text, _, binding = formula
    return text if binding <= loosest else f"({text})"


def negation(one: Formula) -> Formula:
    return f"!{bracketed(one, 1)}", lambda event: not one[1](event), 1


def conjunction(both: tuple[Formula, Formula]) -> Formula:
    one, two = both
    return f"{bracketed(one, 2)} and {bracketed(two, 2)}", lambda event: one[1](event) and two[1](event), 2


def disjunction(both: tuple[Formula, Formula]) -> Formula:
    one, two = both
    return f"{bracketed(one, 3)} or {bracketed(two, 3)}", lambda event: one[1](event) or two[1](event), 3


def field(name: str) -> Formula:
    return name, lambda event: event[name], 0


FORMULAS = st.recursive(
    st.sampled_from("abc").map(field),
    lambda inner: (
        inner.map(negation) | st.tuples(inner, inner).map(conjunction) | st.tuples(inner, inner).map(disjunction)
    ),
    max_leaves=8,
)


@given(FORMULAS, st.fixed_dictionaries(dict.fromkeys("abc", st.booleans())))
def test_not_binds_before_and_before_or(formula: Formula, event: Json) -> None:
    text, meaning, _ = formula
    assert parse(text).matches(event) is meaning(event)
