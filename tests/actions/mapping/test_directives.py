from __future__ import annotations

import pytest

from actions.errors import MappingError
from actions.mapping import compile_mapping, resolve
from actions.values import MISSING, Json

EVENT: Json = {
    "a": "x",
    "n": 5,
    "f": 1.5,
    "zero": 0,
    "empty": "",
    "nul": None,
    "yes": True,
    "no": False,
    "o": {"k": 1},
    "list": ["b", "a"],
    "phone": "555-123 (4)",
    "path": "$.n",
    "template": "<{{a}}>",
}


def path(key: str) -> Json:
    return {"@path": f"$.{key}"}


def test_a_literal_is_itself_and_directives_in_it_count() -> None:
    assert resolve({"@literal": ""}, EVENT) == ""
    assert resolve({"@literal": {"k": [path("a"), 1, None]}}, EVENT) == {"k": ["x", 1, None]}


def test_a_path_and_a_template_may_be_computed() -> None:
    assert resolve({"@path": path("path")}, EVENT) == 5
    assert resolve({"@template": path("template")}, EVENT) == "<x>"
    assert resolve({"@path": {"@template": "$.{{a}}"}}, {"a": "b", "b": 1}) == 1


@pytest.mark.parametrize("directive", ["@path", "@template"])
@pytest.mark.parametrize(("key", "given"), [("n", "number"), ("zz", "nothing"), ("nul", "null"), ("o", "object")])
def test_what_is_computed_for_a_path_must_be_text(directive: str, key: str, given: str) -> None:
    mapping = compile_mapping({"v": {directive: path(key)}})
    with pytest.raises(MappingError, match=f"^/v/{directive} should have been given text .* it got {given}") as caught:
        mapping.resolve(EVENT)
    assert caught.value.problems[0].place == f"/v/{directive}"


@pytest.mark.parametrize(
    ("key", "exists", "blank"),
    [
        ("a", True, False),
        ("n", True, False),
        ("yes", True, False),
        ("o", True, False),
        ("list", True, False),
        ("empty", True, True),
        ("zero", True, True),
        ("no", True, True),
        ("nul", False, True),
        ("zz", False, True),
    ],
)
def test_if_asks_whether_a_value_exists_or_is_blank(key: str, exists: bool, blank: bool) -> None:
    assert resolve({"@if": {"exists": path(key), "then": "y", "else": "n"}}, EVENT) == ("y" if exists else "n")
    # as in Segment's engine, `then` is for what is not blank
    assert resolve({"@if": {"blank": path(key), "then": "filled", "else": "blank"}}, EVENT) == (
        "blank" if blank else "filled"
    )


@pytest.mark.parametrize(
    ("value", "blank"),
    [
        *[(value, True) for value in ([], [""], [None], [[]], [[""]])],
        *[(value, False) for value in (["", ""], [0], [" "], {}, " ", "0")],
    ],
)
def test_blank_is_what_javascript_takes_for_empty_text(value: Json, blank: bool) -> None:
    mapping = {"@if": {"blank": path("v"), "then": "filled", "else": "blank"}}
    assert resolve(mapping, {"v": value}) == ("blank" if blank else "filled")


def test_a_branch_left_out_finds_nothing() -> None:
    assert resolve({"v": {"@if": {"exists": path("a"), "else": 1}}}, EVENT) == {}
    assert resolve({"v": {"@if": {"exists": path("zz"), "then": 1}}}, EVENT) == {}


@pytest.mark.parametrize("literal", [0, "", False, None, [], "text"])
def test_a_falsy_literal_is_taken_in_both_branches(literal: Json) -> None:
    assert resolve({"@if": {"exists": path("zz"), "then": 1, "else": literal}}, EVENT) == literal
    assert resolve({"@if": {"exists": path("a"), "then": literal, "else": 1}}, EVENT) == literal


def test_coalescing_takes_the_first_path_that_finds_something() -> None:
    def coalesce(first: str, otherwise: Json) -> Json:
        return {"@if": {"exists": path(first), "then": path(first), "else": otherwise}}

    assert resolve(coalesce("zz", coalesce("nul", path("a"))), EVENT) == "x"
    assert resolve(coalesce("zero", path("a")), EVENT) == 0
    assert resolve(coalesce("zz", path("nul")), EVENT) is None


@pytest.mark.parametrize("literal", ["", 0, False, None])
def test_if_refuses_an_empty_literal_to_ask_for(literal: Json) -> None:
    with pytest.raises(MappingError, match=r"^/v/@if should have exists or blank"):
        compile_mapping({"v": {"@if": {"exists": literal, "then": 1}}})


@pytest.mark.parametrize(
    ("operator", "given", "text"),
    [
        ("lower", "ÄBC", "äbc"),
        ("UPPER", "äbc", "ÄBC"),
        ("upper", "Straße", "STRASSE"),
        ("lower", "İ", "i̇"),
        ("lower", "ΑΣ", "ας"),
    ],
)
def test_case_changes_text(operator: str, given: str, text: str) -> None:
    assert resolve({"@case": {"operator": operator, "value": given}}, EVENT) == text


@pytest.mark.parametrize("key", ["n", "nul", "no", "o", "list"])
def test_case_leaves_what_is_no_text(key: str) -> None:
    assert resolve({"@case": {"operator": "upper", "value": path(key)}}, EVENT) == EVENT[key]


def test_case_of_nothing_is_nothing() -> None:
    assert resolve({"@case": {"operator": "upper", "value": path("zz")}}, EVENT) is MISSING
    assert resolve({"@case": {"operator": "upper", "value": ""}}, EVENT) is MISSING


@pytest.mark.parametrize(
    ("options", "value", "text"),
    [
        ({"pattern": "-"}, "a-b-c", "abc"),
        ({"pattern": "-", "replacement": "+"}, "a-b-c", "a+b+c"),
        ({"pattern": "-", "replacement": "+", "global": False}, "a-b-c", "a+b-c"),
        ({"pattern": "."}, "1.2.3", "123"),
        ({"pattern": "$", "replacement": "$&"}, "5$", "5$&"),
        ({"pattern": "B"}, "abAB", "abA"),
        ({"pattern": "B", "ignorecase": True}, "abAB", "aA"),
        ({"pattern": "b", "ignorecase": True, "global": False}, "abAB", "aAB"),
        ({"pattern": "É", "ignorecase": True, "replacement": "e"}, "éÉ", "ee"),
        ({"pattern": "i", "ignorecase": True, "replacement": "_"}, "iIıİ", "__ıİ"),
        ({"pattern": "(a)", "ignorecase": True, "replacement": r"\1"}, "(A)", r"\1"),
        ({"pattern": "-", "pattern2": " ", "replacement2": "_"}, path("phone"), "555123_(4)"),
        ({"pattern": "a", "replacement": "b", "pattern2": "b", "replacement2": "c"}, "ab", "cc"),
        ({"pattern": "-", "pattern2": "", "replacement2": "x"}, "a-b", "ab"),
        ({"pattern": "-", "pattern2": None}, "a-b", "ab"),
        ({"pattern": "-", "pattern2": "b", "replacement2": None}, "a-b", "a"),
        ({"pattern": "5", "replacement": "6"}, path("n"), "6"),
        ({"pattern": "1"}, path("f"), ".5"),
        ({"pattern": "t", "replacement": "T"}, path("yes"), "True"),
        ({"pattern": "a"}, path("nul"), ""),
        ({"pattern": "a"}, path("zz"), ""),
        ({"pattern": "a"}, path("o"), ""),
        ({"pattern": "a"}, path("list"), ""),
        ({"pattern": "a"}, path("empty"), ""),
        ({"pattern": "a"}, "", MISSING),
    ],
)
def test_replace_takes_its_patterns_literally(options: dict[str, Json], value: Json, text: Json) -> None:
    assert resolve({"@replace": {**options, "value": value}}, EVENT) == text


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"pattern": ""}, "/pattern"),
        ({"pattern": "12345678901"}, "/pattern"),
        ({"pattern": 5}, "/pattern"),
        ({"pattern": path("a")}, "/pattern"),
        ({"pattern": "a", "replacement": "12345678901"}, "/replacement"),
        ({"pattern": "a", "replacement": None}, "/replacement"),
        ({"pattern": "a", "pattern2": "12345678901"}, "/pattern2"),
        ({"pattern": "a", "pattern2": ["b"]}, "/pattern2"),
        ({"pattern": "a", "pattern2": "b", "replacement2": 1}, "/replacement2"),
        ({"pattern": "a", "ignorecase": "yes"}, "/ignorecase"),
        ({"pattern": "a", "global": None}, "/global"),
        ({"pattern": "a", "value": 5}, "/value"),
        ({"pattern": "a", "value": {"k": 1}}, "/value"),
    ],
)
def test_replace_says_which_option_is_wrong(options: dict[str, Json], place: str) -> None:
    with pytest.raises(MappingError) as caught:
        compile_mapping({"v": {"@replace": {"value": "x", **options}}})
    assert [problem.place for problem in caught.value.problems] == [f"/v/@replace{place}"]
