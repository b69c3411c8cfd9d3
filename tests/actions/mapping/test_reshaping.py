from __future__ import annotations

import pytest

from actions.mapping import resolve
from actions.values import MISSING, Json

EVENT: Json = {
    "a": "x",
    "n": 5,
    "nul": None,
    "o": {"k": 1, "d": {"e": [1, 2, {"q": 3}]}, "nul": None, "none": {}, "nothing": []},
    "items": [{"id": 1, "p": 2}, {"id": 2}],
    "mixed": [None, 0, "s", {"id": 9}],
    "json": '{"x":[1,2]}',
    "not json": "{x}",
}
NOWHERE: Json = {"@path": "$.zz"}


def path(key: str) -> Json:
    return {"@path": f"$.{key}"}


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        (["$.items"], EVENT["items"]),
        (["$.items", None], EVENT["items"]),
        (["$.items", {}], EVENT["items"]),
        ([path("items"), None], EVENT["items"]),
        (["$.items", {"sku": path("id"), "price": path("p")}], [{"sku": 1, "price": 2}, {"sku": 2}]),
        (["$.items", path("p")], [2, None]),
        (["$.o", {"i": path("k")}], [{"i": 1}]),
        (["$.mixed", {"i": path("id")}], [{"i": None}, {"i": 0}, {}, {"i": 9}]),
        ([{"@json": {"mode": "decode", "value": '[{"id":7}]'}}, {"i": path("id")}], [{"i": 7}]),
        (["$.a", {"i": path("id")}], "x"),
        (["$.nul", {"i": path("id")}], None),
        (["$.zz", {"i": path("id")}], MISSING),
        (["$['not json']"], "{x}"),
    ],
)
def test_array_path_shapes_the_items_of_a_list(arguments: list[Json], value: Json) -> None:
    assert resolve({"@arrayPath": arguments}, EVENT) == value


@pytest.mark.parametrize(
    ("options", "value"),
    [
        ({"separator": ".", "value": path("o")}, {"k": 1, "d.e.0": 1, "d.e.1": 2, "d.e.2.q": 3, "nul": None}),
        (
            {"separator": "_", "value": path("o"), "omitArrays": True},
            {"k": 1, "d_e": [1, 2, {"q": 3}], "nul": None, "nothing": []},
        ),
        ({"separator": "--", "value": {"a": {"b": path("n"), "c": NOWHERE}}}, {"a--b": 5}),
        ({"separator": ".", "value": path("items")}, {"0.id": 1, "0.p": 2, "1.id": 2}),
        ({"separator": ".", "value": path("items"), "omitArrays": True}, {"": EVENT["items"]}),
        ({"separator": ".", "value": path("a")}, {"": "x"}),
        ({"separator": ".", "value": path("nul")}, {"": None}),
        ({"separator": ".", "value": NOWHERE}, {}),
        ({"separator": ".", "value": {"": {"b": 1}}}, {"b": 1}),
    ],
)
def test_flatten_joins_the_keys(options: Json, value: Json) -> None:
    assert resolve({"@flatten": options}, EVENT) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (path("o"), '{"k":1,"d":{"e":[1,2,{"q":3}]},"nul":null,"none":{},"nothing":[]}'),
        ([1.0, 1e21, 1e-7, None, True, 'é"\n', NOWHERE], '[1,1e+21,1e-7,null,true,"é\\"\\n",null]'),
        (path("a"), '"x"'),
        (path("nul"), "null"),
        (NOWHERE, MISSING),
    ],
)
def test_json_encodes_as_javascript_does(value: Json, text: Json) -> None:
    assert resolve({"@json": {"mode": "Encode", "value": value}}, EVENT) == text


@pytest.mark.parametrize(
    ("value", "decoded"),
    [
        (path("json"), {"x": [1, 2]}),
        ("12", 12),
        ("null", None),
        (' ["a"] ', ["a"]),
        (path("not json"), "{x}"),
        ("NaN", "NaN"),
        ("[1,]", "[1,]"),
        ("[" * 300 + "]" * 300, "[" * 300 + "]" * 300),
        ('{"a":[1e999,-1e999]}', {"a": [None, None]}),
        (path("n"), 5),
        (path("o"), EVENT["o"]),
        (path("nul"), None),
        (NOWHERE, MISSING),
    ],
)
def test_json_decodes_text_that_is_json(value: Json, decoded: Json) -> None:
    assert resolve({"@json": {"mode": "decode", "value": value}}, EVENT) == decoded


def test_json_leaves_half_of_a_surrogate_pair() -> None:
    assert resolve({"@json": {"mode": "decode", "value": path("t")}}, {"t": '"\ud83d"'}) == '"\ud83d"'


@pytest.mark.parametrize(
    ("direction", "objects", "merged"),
    [
        ("right", [{"a": 1, "b": 1}, path("o.d.e[2]"), {"b": 2}], {"a": 1, "q": 3, "b": 2}),
        ("left", [{"a": 1, "b": 1}, {"b": 2, "c": 2}], {"a": 1, "b": 1, "c": 2}),
        ("RIGHT", [{"k": [1, 2]}, {"k": [3]}], {"k": [3]}),
        ("right", [{"k": {"a": 1}}, {"k": {"b": 2}}], {"k": {"b": 2}}),
        ("right", [path("nul"), {"k": 1}, NOWHERE, path("a"), path("items")], {"k": 1}),
        ("right", [], {}),
    ],
)
def test_merge_is_shallow_and_directed(direction: str, objects: list[Json], merged: Json) -> None:
    assert resolve({"@merge": {"direction": direction, "objects": objects}}, EVENT) == merged


@pytest.mark.parametrize(
    "member",
    [
        {"k": NOWHERE},
        {"@literal": {"k": NOWHERE}},
        {"@if": {"exists": path("a"), "then": {"k": NOWHERE}}},
        {"@if": {"blank": path("nul"), "else": {"k": NOWHERE}}},
        {"@excludeWhenNull": {"k": path("nul")}},
        {"@merge": {"direction": "right", "objects": [{"k": NOWHERE}]}},
        {"@transform": {"apply": {}, "mapping": {"k": NOWHERE}}},
        {"@case": {"operator": "lower", "value": {"@literal": {"k": NOWHERE}}}},
        {"@json": {"mode": "decode", "value": {"k": NOWHERE}}},
        {"@arrayPath": [{"@literal": {"k": NOWHERE}}]},
    ],
)
def test_a_key_that_a_member_lists_but_does_not_find_is_erased(member: Json) -> None:
    full = {"k": 1, "other": 2}
    assert resolve({"@merge": {"direction": "right", "objects": [full, member]}}, EVENT) == {"other": 2}
    assert resolve({"@merge": {"direction": "left", "objects": [member, full]}}, EVENT) == {"other": 2}
    assert resolve({"@merge": {"direction": "right", "objects": [member, full]}}, EVENT) == full


def test_only_the_keys_of_the_member_itself_erase() -> None:
    objects = [{"k": {"a": 1}}, {"k": {"a": NOWHERE, "b": 2}}]
    assert resolve({"@merge": {"direction": "right", "objects": objects}}, EVENT) == {"k": {"b": 2}}


def test_transform_resolves_its_mapping_against_what_apply_built() -> None:
    apply = {"total": path("n"), "items": {"@arrayPath": ["$.items", {"i": path("id")}]}}
    mapping = {"sum": path("total"), "second": path("items[1].i"), "old": path("a")}
    assert resolve({"@transform": {"apply": apply, "mapping": mapping}}, EVENT) == {"sum": 5, "second": 2}
    assert resolve({"@transform": {"apply": path("o"), "mapping": path("k")}}, EVENT) == 1
    assert resolve({"@transform": {"apply": NOWHERE, "mapping": path("")}}, EVENT) is MISSING


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        (path("nul"), MISSING),
        (NOWHERE, MISSING),
        (path("a"), "x"),
        ({"a": {"b": path("nul"), "c": 1, "d": NOWHERE}}, {"a": {"c": 1}}),
        ({"a": {"b": path("nul")}}, {"a": {}}),
        (path("o"), {"k": 1, "d": {"e": [1, 2, {"q": 3}]}, "none": {}, "nothing": []}),
        ([None, {"a": None}], [None, {"a": None}]),
        ({"l": [None, {"a": None}]}, {"l": [None, {"a": None}]}),
    ],
)
def test_exclude_when_null_drops_nulls_outside_lists(value: Json, cleaned: Json) -> None:
    assert resolve({"@excludeWhenNull": value}, EVENT) == cleaned
