from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.mapping import compile_path
from actions.values import MISSING, Json

EVENT: Json = {
    "a": {"b": {"c": {"d": "deep"}}, "x.y": "dotted", "n": None},
    "items": [{"id": 1}, {"id": 2, "tags": ["t"]}],
    "text": "héllo",
    "emoji": "a😀b",
    "empty": "",
    "zero": 0,
    "no": False,
    "yes": True,
    "five": 5,
    "two words": 8,
    "x.y": "root dotted",
    "its": 9,
    "length": 3,
    "0": "zero key",
    "$": {"key": "dollar"},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("", EVENT),
        (".", EVENT),
        ("$.", EVENT),
        ("$", EVENT["$"]),
        ("$.$.key", "dollar"),
        ("text", "héllo"),
        ("$.a.b.c.d", "deep"),
        ("$.a..b.c.d", "deep"),
        ("$.two words", 8),
        ("$.items[1].id", 2),
        ("$.items.1.id", 2),
        ("$.items[1].tags[0]", "t"),
        ("$.items.length", 2),
        ("$.length", 3),
        ("$.a.length", MISSING),
        ("0", "zero key"),
        ("$.items[2]", MISSING),
        ("$.items[-1].id", MISSING),
        ("$.items[01]", MISSING),
        ("$.items[99999999999999999999]", MISSING),
        ("$.items.id", MISSING),
        ("$.text.length", 5),
        ("$.text[1]", "é"),
        ("$.text[9]", MISSING),
        ("$.emoji.length", 4),
        ("$.emoji[3]", "b"),
        ("$.emoji[1]", "\ufffd"),
        ("$.a['b'].c['d']", "deep"),
        ("$.it's", 9),
        ("$.a['x.y']", "dotted"),
        ('$.a["x.y"]', "dotted"),
        ("$['x.y']", "root dotted"),
        ('$["x.y"]', "root dotted"),
        ("$['a']['b'].c", {"d": "deep"}),
        ("$['items'][0]['id']", 1),
        ("$.zz", MISSING),
        ("$.zz.y.x.w", MISSING),
        ("$.TEXT", MISSING),
        ("$.a.constructor", MISSING),
        ("$.text.constructor.name", MISSING),
        ("$.five.x", MISSING),
        ("$.yes.x", MISSING),
        ("$.items[0", {"id": 1}),
    ],
)
def test_a_path_finds(path: str, value: Json) -> None:
    assert compile_path(path)(EVENT) == value


@pytest.mark.parametrize("path", ["{}.x", "{}.x.y", "{}.x.y.z", "{}[0]", "{}.length"])
@pytest.mark.parametrize(("key", "value"), [("empty", ""), ("zero", 0), ("no", False), ("a.n", None)])
def test_a_falsy_value_on_the_way_is_the_result(path: str, key: str, value: Json) -> None:
    assert compile_path(path.format(f"$.{key}"))(EVENT) is value


@pytest.mark.parametrize("event", [None, 0, "", False, MISSING])
def test_a_falsy_event_is_the_result_of_every_path(event: Json) -> None:
    assert [compile_path(path)(event) for path in ("", "$.a", "$.a.b", "$.a.b.c", "$.a.b.c.d")] == [event] * 5


def test_a_path_into_a_list_event_starts_with_an_index() -> None:
    assert compile_path("$.[1].id")(EVENT["items"]) == 2
    assert compile_path("[0].id")(EVENT["items"]) == 1


@given(st.lists(st.sampled_from(["a", "b", "0", "length"]), min_size=1, max_size=5), st.data())
def test_the_unrolled_getters_agree_with_a_walk_key_by_key(keys: list[str], data: st.DataObject) -> None:
    leaves = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "ab"]) | st.just(1.5)
    event = data.draw(
        st.recursive(
            leaves,
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b", "0"]), inner),
            max_leaves=12,
        )
    )
    expected = event
    for key in keys:
        expected = compile_path(key)(expected)
    assert repr(compile_path("$." + ".".join(keys))(event)) == repr(expected)
