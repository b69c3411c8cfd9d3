import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.values import MISSING, json_text, number, number_text, text, type_name

# What node 20 prints for String(value).
JAVASCRIPT_NUMBERS = [
    (5.0, "5"),
    (-0.0, "0"),
    (0.1, "0.1"),
    (123456789.125, "123456789.125"),
    (0.000001, "0.000001"),
    (1e-7, "1e-7"),
    (1.5e-9, "1.5e-9"),
    (1e16, "10000000000000000"),
    (1e20, "100000000000000000000"),
    (1e21, "1e+21"),
    (1.5e300, "1.5e+300"),
    (5e-324, "5e-324"),
    (1.7976931348623157e308, "1.7976931348623157e+308"),
    (10**21, "1e+21"),
    (10**400, "Infinity"),
    (float("nan"), "NaN"),
]


@pytest.mark.parametrize(("value", "expected"), JAVASCRIPT_NUMBERS)
def test_a_number_has_the_text_that_javascript_gives_it(value: float, expected: str):
    assert number_text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "true"),
        (["b", "a"], "b,a"),
        ([1, None, [2, [3]]], "1,,2,3"),
        ({"a": 1}, "[object Object]"),
        ([{"a": 1}, 5.0], "[object Object],5"),
        (MISSING, "undefined"),
    ],
)
def test_a_value_has_the_text_that_javascript_gives_it(value: object, expected: str):
    assert text(value) == expected


@pytest.mark.parametrize(
    ("string", "expected"),
    [
        ("12.5", 12.5),
        ("1e3", 1000),
        ("0x10", 16),
        (" 5 ", 5),
        (".5", 0.5),
        ("5.", 5),
        ("-7", -7),
        ("", None),
        ("  ", None),
        ("1_000", None),
        ("1,200", None),
        ("$12", None),
        ("٣", None),
        ("12abc", None),
    ],
)
def test_a_text_is_read_as_a_number_like_javascript_does(string: str, expected: float | None):
    assert number(string) == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_number_reads_back_as_the_number(value: float):
    assert number(number_text(value)) == value


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_json_text_is_json_of_the_same_value(value: object):
    assert json.loads(json_text(value), parse_int=float) == value


@pytest.mark.parametrize(
    ("value", "name"),
    [(None, "null"), (True, "boolean"), (1, "number"), (1.5, "number"), ("", "string"), ([], "array"), ({}, "object")],
)
def test_a_type_has_its_json_name(value: object, name: str):
    assert type_name(value) == name


def test_missing_is_false_and_one_of_a_kind():
    import copy
    import pickle

    assert not MISSING
    assert copy.deepcopy(MISSING) is MISSING
    assert pickle.loads(pickle.dumps(MISSING)) is MISSING  # noqa: S301 - our own pickle
