from __future__ import annotations

import copy
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from actions.errors import MappingError
from actions.mapping import compile_mapping, resolve
from actions.values import MISSING, Json

NOWHERE: Json = {"@path": "$.zz"}


def test_what_is_found_nowhere_is_left_out_of_objects_and_null_in_lists() -> None:
    assert resolve({"a": NOWHERE, "b": {"c": NOWHERE}, "d": [NOWHERE, 1]}, {}) == {"b": {}, "d": [None, 1]}


def test_a_bare_directive_may_find_nothing() -> None:
    assert resolve(NOWHERE, {}) is MISSING


@pytest.mark.parametrize("literal", ["text", 5, 1.5, True, None, [], {}, [1, {"a": [None]}], ""])
def test_literals_are_themselves(literal: Json) -> None:
    assert resolve({"v": literal}, {}) == {"v": literal}


def test_a_result_can_be_changed_without_changing_the_next() -> None:
    mapping = compile_mapping({"list": [1, [2]], "object": {"k": {}}, "merged": {"@literal": {"k": []}}})
    first = mapping.resolve({})
    expected = copy.deepcopy(first)
    first["list"][1].append(3)
    first["object"]["k"]["new"] = 1
    first["merged"]["k"].append(1)
    assert mapping.resolve({}) == expected


def test_metadata_beside_a_directive_is_ignored() -> None:
    assert resolve({"v": {"@path": "$.a", "_metadata": {"@label": "A"}}}, {"a": 1}) == {"v": 1}
    assert resolve({"_metadata": 1}, {}) == {"_metadata": 1}


def test_the_root_directive_builds_the_event_for_all_other_fields() -> None:
    mapping = {
        "__segment_internal_directive": {"@transform": {"apply": {"foo": {"@path": "$.a"}}}},
        "__segment_internal_sync_mode": "add",
        "__segment_internal_matching_key": "email",
        "x": {"@path": "$.foo"},
        "y": {"@path": "$.a"},
    }
    assert resolve(mapping, {"a": "v"}) == {"x": "v"}


def test_the_bookkeeping_of_segment_is_dropped_even_if_it_looks_like_a_directive() -> None:
    assert resolve({"__segment_internal_sync_mode": {"@x": 1}, "a": 1}, {}) == {"a": 1}


@pytest.mark.parametrize(
    "directive", [5, [], {}, {"@path": "$.a"}, {"@transform": 1}, {"@transform": {}}, {"@transform": {"apply": 1}}]
)
def test_a_root_directive_must_be_a_transform(directive: Json) -> None:
    with pytest.raises(MappingError, match=r"^/__segment_internal_directive"):
        compile_mapping({"__segment_internal_directive": directive, "x": 1})


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        ({"v": {"@path": "$.a", "b": 1}}, "/v should only have one @-prefixed key but it has 2 keys."),
        ({"v": {"@path": "$.a", "@template": "", "b": 1}}, "/v should only have one @-prefixed key but it has 2 keys."),
        ({"@path": "$.a", "b": 1, "c": 1}, "should only have one @-prefixed key but it has 3 keys."),
        ({"v": [0, {"@oops": 1}]}, "/v/1 has the unknown directive @oops; there are @path, "),
        ({"a/b~c": {"@oops": 1}}, "/a~1b~0c has the unknown directive @oops"),
        ({"v": {"@path": 5}}, "/v/@path should be text or a directive but it is a number."),
        ({"v": {"@path": None}}, "/v/@path should be text or a directive but it is null."),
        ({"v": {"@template": {"a": 1}}}, "/v/@template should be text or a directive but it is an object."),
        ({"v": {"@liquid": {"@path": "$.a"}}}, "/v/@liquid should be text but it is a directive."),
        ({"v": {"@if": 5}}, "/v/@if should be an object but it is a number."),
        ({"v": {"@if": {"@path": "$.a"}}}, "/v/@if should have options but it has the directive @path."),
        ({"v": {"@if": {"then": 1}}}, "/v/@if should have exists or blank"),
        ({"v": {"@if": {"exists": NOWHERE, "then": [{"@x": 1}]}}}, "/v/@if/then/0 has the unknown directive @x"),
        ({"v": {"@case": {"value": "a"}}}, "/v/@case should have the key operator but it doesn't."),
        (
            {"v": {"@case": {"operator": "title", "value": "a"}}},
            "/v/@case/operator should be lower or upper",
        ),
        ({"v": {"@case": {"operator": "lower", "value": 5}}}, "/v/@case/value should be text or a directive"),
        ({"v": {"@replace": {"value": "a"}}}, "/v/@replace should have the key pattern"),
        ({"v": {"@arrayPath": "$.a"}}, '/v/@arrayPath should be a list of a path and a shape but it is "$.a".'),
        ({"v": {"@arrayPath": []}}, "/v/@arrayPath should be a list of a path and a shape but it is an array."),
        ({"v": {"@arrayPath": [5]}}, "/v/@arrayPath/0 should be text or a directive"),
        ({"v": {"@arrayPath": ["$.a", {"k": {"@x": 1}}]}}, "/v/@arrayPath/1/k has the unknown directive"),
        ({"v": {"@flatten": {"separator": "", "value": 1}}}, "/v/@flatten/separator should be text of at least one"),
        ({"v": {"@flatten": {"separator": 1, "value": 1}}}, "/v/@flatten/separator should be text"),
        (
            {"v": {"@flatten": {"separator": ".", "value": 1, "omitArrays": "no"}}},
            "/v/@flatten/omitArrays should be",
        ),
        ({"v": {"@json": {"value": 1}}}, "/v/@json should have the key mode"),
        ({"v": {"@json": {"mode": "x", "value": 1}}}, '/v/@json/mode should be encode or decode but it is "x".'),
        ({"v": {"@json": {"mode": "encode", "value": ""}}}, "/v/@json/value should be something to encode"),
        ({"v": {"@merge": {"objects": []}}}, "/v/@merge should have the key direction"),
        (
            {"v": {"@merge": {"direction": "up", "objects": []}}},
            '/v/@merge/direction should be right or left but it is "up',
        ),
        ({"v": {"@merge": {"direction": "left", "objects": {}}}}, "/v/@merge/objects should be a list of objects"),
        (
            {"v": {"@merge": {"direction": "left", "objects": ["a"]}}},
            "/v/@merge/objects/0 should be an object or a dir",
        ),
        ({"v": {"@transform": {"apply": {}}}}, "/v/@transform should have the key mapping"),
        ({"v": {"@transform": {"apply": [], "mapping": {}}}}, "/v/@transform/apply should be an object or a directive"),
        (
            {"v": {"@transform": {"apply": {}, "mapping": 1}}},
            "/v/@transform/mapping should be an object or a directive",
        ),
        ({"v": {"@excludeWhenNull": {"k": {"@x": 1}}}}, "/v/@excludeWhenNull/k has the unknown directive"),
        ({"v": {"@path": ["x" * 31]}}, "/v/@path should be text or a directive but it is an array."),
        ({"v": {"@case": {"operator": "x" * 31, "value": ""}}}, "but it is text of 31 characters."),
    ],
)
def test_a_problem_says_what_is_wrong_and_where(mapping: Json, problem: str) -> None:
    with pytest.raises(MappingError) as caught:
        compile_mapping(mapping)
    assert len(caught.value.problems) == 1
    assert problem in str(caught.value)


def test_all_problems_of_a_mapping_come_together() -> None:
    with pytest.raises(MappingError) as caught:
        compile_mapping(
            {
                "a": {"@oops": 1},
                "b": [{"@replace": {"pattern": "", "value": 5, "global": 1}}],
                "c": {"@if": {"exists": {"@path": 1}, "else": {"@case": 1}}},
            }
        )
    assert [problem.place for problem in caught.value.problems] == [
        "/a",
        "/b/0/@replace/global",
        "/b/0/@replace/pattern",
        "/b/0/@replace/value",
        "/c/@if/else/@case",
        "/c/@if/exists/@path",
    ]


def test_options_that_a_directive_does_not_know_are_ignored() -> None:
    assert resolve({"@case": {"operator": "upper", "value": "a", "note": {"@x": 1}}}, {}) == "A"


def in_lists(levels: int, value: Json) -> Json:
    for _ in range(levels):
        value = [value]
    return value


def in_branches(levels: int) -> Json:
    value: Json = 1
    for _ in range(levels):
        value = {"@if": {"exists": NOWHERE, "else": value}}
    return value


def test_a_mapping_may_be_nested_a_hundred_levels_and_no_more() -> None:
    assert resolve(in_lists(99, NOWHERE), {}) == in_lists(99, None)
    assert resolve(in_branches(49), {}) == 1
    for mapping in (in_lists(101, 1), in_lists(5000, 1), in_branches(51), in_branches(5000)):
        with pytest.raises(MappingError, match="nested more than 100 levels deep"):
            compile_mapping(mapping)


DEEP_READERS: list[Json] = [
    {"@template": "{{l}}"},
    {"@json": {"mode": "encode", "value": {"@path": ""}}},
    {"@flatten": {"separator": ".", "value": {"@path": "$.d"}}},
    {"@excludeWhenNull": {"@path": "$.d"}},
    {"@if": {"blank": {"@path": "$.l"}, "then": 1, "else": 2}},
    {"@liquid": "{{ d | json }}{{ l }}{{ l | join }}{% if l == l %}{% endif %}"},
]


def deep_event(levels: int) -> Json:
    event: Json = {"d": 1, "l": ""}
    for _ in range(levels):
        event = {"d": {"d": event["d"]}, "l": [event["l"]]}
    return event


@pytest.mark.parametrize("mapping", DEEP_READERS)
def test_a_deep_event_is_read(mapping: Json) -> None:
    assert resolve({"v": mapping}, deep_event(200))["v"] is not None


@pytest.mark.parametrize("mapping", DEEP_READERS)
def test_an_event_too_deep_for_python_is_a_mapping_error(mapping: Json) -> None:
    with pytest.raises(MappingError, match="The event is nested too deeply"):
        resolve({"v": mapping}, deep_event(50_000))


def test_a_compiled_mapping_serves_many_threads() -> None:
    mapping = compile_mapping({"v": {"@liquid": "{% assign x = n | plus: 1 %}{{ x }}"}, "m": {"@template": "{{n}}"}})
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda n: mapping.resolve({"n": n}), range(200)))
    assert results == [{"v": str(n + 1), "m": str(n)} for n in range(200)]


def test_liquid_is_imported_only_by_a_mapping_that_needs_it() -> None:
    code = "import sys, actions.mapping as m; m.resolve({'@path': '$.a'}, {}); print('liquid' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our code
    assert run.stdout == "False\n"
