from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from studio.tui.event_text import Fault, caret, escaped, event_text, read_event


@pytest.mark.parametrize(
    ("text", "line", "column", "told"),
    [
        ('{"é": x}', 1, 7, "a value belongs here"),
        ('{\n "a": 1\n "ä": 2}', 3, 2, "a comma or a } is missing"),
        ('{"ä" 2}', 1, 6, "a colon is missing"),
        ('{"a": [1', 1, 9, "a ] is missing"),
        ('{"a": 1} x', 1, 10, "the JSON ends before this"),
        ('{"a": 1,}', 1, 9, "take the comma out"),
        ("{'a': 1}", 1, 2, 'in "double quotes"'),
        ('{"a": NaN}', 1, 7, "a value belongs here"),
        ('{"a": "\n"}', 1, 8, "cannot hold a line end"),
    ],
)
def test_what_is_wrong_is_told_with_the_line_and_column_in_characters(
    text: str, line: int, column: int, told: str
) -> None:
    found = read_event(text)
    assert isinstance(found, Fault)
    assert (found.line, found.column) == (line, column)
    assert told in found.message


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "nothing here yet"), ("[1]", "an array"), ("3", "a number"), ("null", "is null"), ('"a"', "a string")],
)
def test_what_is_no_object_is_told(text: str, told: str) -> None:
    found = read_event(text)
    assert isinstance(found, Fault)
    assert told in str(found)


@pytest.mark.parametrize("text", ['{"a": 1e999}', '{"a": -1e999}'])
def test_a_number_beyond_every_bound_is_refused_instead_of_becoming_infinite(text: str) -> None:
    assert isinstance(read_event(text), Fault)


def test_nesting_that_is_too_deep_is_told() -> None:
    found = read_event("[" * 5000)
    assert isinstance(found, Fault)
    assert "too deeply" in found.message


def test_the_caret_stands_under_the_place_also_behind_wide_characters() -> None:
    text = '{"漢字": x}'
    found = read_event(text)
    assert isinstance(found, Fault)
    line, pointer = caret(text, found).plain.split("\n")
    assert line == text
    assert len(pointer) - 1 == len('{"____": ')


def test_a_long_line_is_cut_around_the_caret() -> None:
    text = f'{{"a": "{"x" * 5000}" "b": 1}}'
    found = read_event(text)
    assert isinstance(found, Fault)
    line, pointer = caret(text, found).plain.split("\n")
    assert len(line) < 80
    assert line[len(pointer) - 1] == '"'


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    # half a surrogate pair is no text that JSON's parser lets in
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), _JSON, max_size=4))
def test_an_event_that_is_shown_reads_back_the_same(event: dict[str, object]) -> None:
    text = event_text(event)
    assert read_event(text) == event
    assert escaped(text) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_escaping_keeps_what_a_json_text_says(text: str) -> None:
    written = json.dumps(text, ensure_ascii=False)
    assert json.loads(escaped(written)) == text


def test_the_hostile_sample_reads_back_the_same(shared: Path) -> None:
    for path in sorted((shared / "samples").glob("*.json")):
        event = from_json(path.read_bytes())
        assert read_event(event_text(event)) == event
