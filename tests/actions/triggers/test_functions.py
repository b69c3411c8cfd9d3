from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.triggers import parse
from actions.triggers.globs import compile_glob
from actions.values import Json


def value(fql: str, given: Json = None) -> Json:
    """What an expression comes to where `properties.x` is the given value."""
    part, _ = parse(f"{fql} = null").explain({"properties": {"x": given}}).children
    return part.value


@pytest.mark.parametrize(("given", "length"), [
    ("", 0), ("a", 1), ("ア", 3), ("😀", 4), ("\ud800", 3), ([], 0), ([1, [2]], 2), ({"a": 1}, 1),
    (None, 0), (5, 0), (True, 0),
])  # fmt: skip
def test_length_counts_bytes_and_members(given: Json, length: int) -> None:
    assert value("length(properties.x)", given) == length


@pytest.mark.parametrize(("given", "name"), [
    (None, "null"), (True, "bool"), (0, "number"), (0.5, "number"), ("", "string"), ([], "list"), ({}, "object"),
])  # fmt: skip
def test_typeof_names_the_type(given: Json, name: str) -> None:
    assert value("typeof(properties.x)", given) == name


@pytest.mark.parametrize(("function", "given", "result"), [
    ("lowercase", "ÄB", "äb"),
    ("uppercase", "äb", "ÄB"),
    ("snakecase", "test string", "test_string"),
    ("snakecase", "orderCompleted-now  Then", "order_completed_now_then"),
    ("kebabcase", "Order Completed", "order-completed"),
    ("kebabcase", "_a__b_", "a-b"),
    ("titlecase", "test string", "Test String"),
    ("titlecase", "it's ÉTÉ_now", "It's Été Now"),
    ("titlecase", "", ""),
    ("snakecase", " \t", ""),
])  # fmt: skip
def test_cases_of_texts(function: str, given: str, result: str) -> None:
    assert value(f"{function}(properties.x)", given) == result


@pytest.mark.parametrize("function", ["lowercase", "uppercase", "snakecase", "kebabcase", "titlecase"])
@pytest.mark.parametrize("given", [None, 5, True, ["A"], {"A": 1}])
def test_what_is_no_text_has_no_letter_case(function: str, given: Json) -> None:
    assert value(f"{function}(properties.x)", given) is None


@pytest.mark.parametrize(("function", "given", "result"), [
    ("string", 5.0, "5"), ("string", True, "true"), ("string", "x", "x"), ("string", None, None),
    ("string", [1, "a"], '[1,"a"]'), ("string", {"a": None}, '{"a":null}'),
    ("number", "12.5", 12.5), ("number", " 1e3 ", 1000), ("number", "$5", None), ("number", "", None),
    ("number", 7, 7), ("number", None, None), ("number", ["1"], None), ("number", "1e999", None),
    ("bool", "true", True), ("bool", "FALSE", False), ("bool", "yes", None), ("bool", 0, False), ("bool", 2, True),
    ("bool", False, False), ("bool", None, None), ("bool", [], None),
])  # fmt: skip
def test_conversions_give_null_for_what_cannot_be_converted(function: str, given: Json, result: Json) -> None:
    assert value(f"{function}(properties.x)", given) == result


def test_true_as_a_number_is_a_number() -> None:
    assert parse("number(properties.x) = 1").matches({"properties": {"x": True}})


@pytest.mark.parametrize(("fql", "given", "holds"), [
    ('contains(properties.x, "ob")', "Bob", True),
    ('contains(properties.x, "OB")', "Bob", False),
    ('contains(properties.x, "")', "Bob", True),
    ('contains(properties.x, "1")', 21, False),
    ("contains(properties.x, 1)", "21", False),
    ('contains(properties.x, "a")', None, False),
    ('contains(properties.x, "a")', {"a": 1}, False),
    ('contains(properties.x, "a")', ["ab"], False),
    ('contains(properties.x, "ab")', ["ab"], False),
    ("contains(properties.x, 1)", [True], False),
    ('match(properties.x, "*")', None, False),
    ('match(properties.x, "*")', 5, False),
    ("match(properties.x, properties.x)", "a*", True),
    ("match(properties.x, 5)", "5", False),
    ('match(properties.x, ("a\\*"))', "a*", True),
    ('match(properties.x, ("a\\*"))', "ab", False),
    ('match(properties.x, "a\\"b\\nc")', 'a"b\nc', True),
    ('match(properties.x, lowercase("A\\\\*"))', "a*", True),
    ('match(properties.x, lowercase("A\\\\*"))', "ab", False),
])  # fmt: skip
def test_contains_and_match_answer_with_yes_or_no(fql: str, given: Json, holds: bool) -> None:
    assert parse(fql).matches({"properties": {"x": given}}) is holds


@pytest.mark.parametrize(("pattern", "text", "holds"), [
    ("a*d", "abcd", True), ("*", "", True), ("ab", "abc", False), ("a??d", "abcd", True), ("*d", "abcd", True),
    (r"ab\*d", "ab*d", True), (r"ab\*d", "abxd", False), ("ab[cC]d", "abCd", True), ("ab[a-z]d", "abcd", True),
    ("ab[A-Z]d", "abcd", False), ("a", "A", False), ("*x*", "axb", True), ("a*b*c", "a1b2b3c", True),
    ("a*b*c", "a1c2b", False), ("*ab", "aab", True), ("", "", True), ("", "a", False), ("**", "ab", True),
    ("?", "", False), ("?", "\n", True), ("a*c", "a\nb\nc", True), ("?", "😀", True),
    ("[!a]", "b", True), ("[!a]", "a", False), ("[^a]", "b", True), ("[^a]", "a", False), ("[]]", "]", True),
    (r"[\]a]", "]", True), (r"[\]a]", "a", True), (r"[\]a]", "\\", False), ("[a-]", "-", True), ("[z-a]", "-", True),
    ("[a", "[a", True), ("a]", "a]", True), ("[]", "[]", True), ("[!]", "!", True), (r"\?", "?", True),
    (r"\?", "a", False), ("a\\", "a\\", True), ("a.c", "abc", False), ("(a|b)+$", "(a|b)+$", True),
    ("[&&||~~--]", "&", True),
    ("[[a]", "[", True), ("[a[b]", "[", True), ("[a[b]", "[a[b]", False), (r"[a\]", r"[a\]", False),
    (r"[a\]", "[a]", True), (r"[a[\]*", "[a[]x", True), (r"[\a-c]", "b", True), ("[a-c-e]", "-", True),
    ("[!!]", "!", False), ("[!]]", "]", False), ("[!]]", "a", True), ("*[0-9]*", "a1b", True), ("[*?]", "*", True),
    ("[*?]", "a", False), ("[é-ü]", "ö", True),
])  # fmt: skip
def test_a_glob_matches_the_whole_text(pattern: str, text: str, holds: bool) -> None:
    assert (compile_glob(pattern).fullmatch(text) is not None) is holds


def slowly_matches(pattern: str, text: str) -> bool:
    """The definition of `*` and `?`, tried in all ways."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return slowly_matches(pattern[1:], text) or (bool(text) and slowly_matches(pattern, text[1:]))
    return bool(text) and pattern[0] in ("?", text[0]) and slowly_matches(pattern[1:], text[1:])


@given(st.text("ab*?", max_size=7), st.text("ab", max_size=8))
def test_a_glob_takes_what_some_way_of_reading_its_stars_takes(pattern: str, text: str) -> None:
    assert (compile_glob(pattern).fullmatch(text) is not None) is slowly_matches(pattern, text)


@given(st.text(), st.text())
def test_any_text_is_a_pattern(pattern: str, text: str) -> None:
    compile_glob(pattern).fullmatch(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*a" * 30 + "*b", "a" * 5_000),
        ("*[ab]?" * 1_500 + "x", "ab" * 10_000),
        ("*" * 4_000 + "x", "a" * 10_000),
        ("*" + "?" * 4_000 + "x", "a" * 10_000),
        ("[" * 9_000, "["),
    ],
)
def test_no_pattern_takes_exponential_time(pattern: str, text: str) -> None:
    assert compile_glob(pattern).fullmatch(text) is None  # all ways of reading the stars would take years
