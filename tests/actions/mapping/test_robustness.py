from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from actions.errors import MappingError
from actions.mapping import compile_mapping
from actions.mapping.directives import DIRECTIVES
from actions.values import Json

LEAVES = st.none() | st.booleans() | st.integers(-3, 2**70) | st.floats() | st.text(max_size=5)
KEYS = st.sampled_from(["a", "b", "l", "d", "0"]) | st.text(max_size=3)
EVENTS = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))

NAMES = st.sampled_from([*DIRECTIVES, "@oops", "_metadata", "__segment_internal_directive"])
OPTIONS = st.sampled_from([
    "exists", "blank", "then", "else", "operator", "value", "pattern", "replacement", "pattern2", "replacement2",
    "ignorecase", "global", "separator", "omitArrays", "mode", "direction", "objects", "apply", "mapping",
])  # fmt: skip
WORDS = st.sampled_from(["lower", "UPPER", "encode", "decode", "left", ".", "{{a}} {{l.0}}", "$.a", '{"a":1}'])
PATHS = st.sampled_from(["$.a", "$.a.b", "$.l[0].d", "", "$", "$.d.length", "$['a']"])

PIECES = st.sampled_from([
    "{{", "}}", "{%", "%}", "a", "l", "d.b", "|", "size", "json", "split:", "join:", "','", "default:", "plus:",
    "date:", "'%Y'", "assign", "x", "=", "if", "==", "nil", "contains", "endif", "slice:", "-2", "(1..3)", "where:",
    "not", "and", "capture", "endcapture", "increment", "cycle", "<", "empty",
])  # fmt: skip
VALUES = st.sampled_from(["a", "l", "d", "a.b", "l[0]", "1.5", "'x'", "nil", "(1..3)"])
FILTERS = st.sampled_from([
    "size", "json", "json: 2", "join: a", "first", "last", "sum", "compact", "upcase", "capitalize", "truncate: 3",
    "truncate: a, l", "truncatewords: 1", "slice: 1, 2", "slice: a, l", "split: ''", "round: 2", "round: a", "ceil",
    "abs", "modulo: 0", "divided_by: 0", "times: a", "at_most: l", "date: '%Y'", "date: a", "date: '%c', a",
    "default: 'x'", "where: 'a'", "where: a, l", "push: l", "pop", "url_encode", "url_decode", "base64_encode",
    "base64_decode", "slugify", "slugify: a", "strip_html", "strip: a", "escape_once", "replace: 'a', l", "sha256",
    "date_to_string: a", "number_of_words: a", "to_integer", "append: a", "sum: a",
])  # fmt: skip
FILTERED = st.builds(
    lambda value, filters: f"{{{{ {' | '.join([value, *filters])} }}}}",
    VALUES,
    st.lists(FILTERS, min_size=1, max_size=4),
)
TEMPLATES = st.lists(PIECES, max_size=14).map(" ".join) | FILTERED


def bigger(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Mappings of smaller ones: any shape, and shapes that compile more often than random ones do."""
    return st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(KEYS | OPTIONS, inner, max_size=4),
        st.dictionaries(NAMES, inner, min_size=1, max_size=1),
        st.dictionaries(NAMES, st.dictionaries(OPTIONS, inner, max_size=5), min_size=1, max_size=2),
        st.builds(lambda key, a, b: {"@if": {key: a, "then": b}}, st.sampled_from(["exists", "blank"]), inner, inner),
        st.builds(lambda a, b: {"@transform": {"apply": {"a": a}, "mapping": {"b": b}}}, inner, inner),
        inner.map(lambda value: {"@flatten": {"separator": ".", "value": value}}),
        inner.map(lambda value: {"@json": {"mode": "encode", "value": value}}),
        inner.map(lambda value: {"@excludeWhenNull": value}),
        inner.map(lambda value: {"@arrayPath": ["$.l", value]}),
        st.lists(inner, max_size=2).map(lambda objects: {"@merge": {"objects": objects}}),
    )


MAPPINGS = st.recursive(
    LEAVES | WORDS | PATHS.map(lambda path: {"@path": path}) | TEMPLATES.map(lambda text: {"@liquid": text}),
    bigger,
    max_leaves=10,
)


def outcomes(mapping: Json, event: Json) -> list[str]:
    """What comes out of resolving twice, or that a mapping error does."""
    try:
        compiled = compile_mapping(mapping)
        return [repr(compiled.resolve(event)) for _ in range(2)]
    except MappingError as error:
        return [f"error: {error}"] * 2


@given(MAPPINGS, EVENTS)
def test_any_mapping_gives_the_same_value_twice_or_a_mapping_error_and_changes_nothing(
    mapping: Json, event: Json
) -> None:
    before = repr((mapping, event))
    first, second = outcomes(mapping, event)
    assert first == second != "error: "
    assert repr((mapping, event)) == before


@given(FILTERED, EVENTS)
def test_any_filter_takes_any_value_or_fails_with_a_mapping_error(template: str, event: Json) -> None:
    first, second = outcomes({"@liquid": template}, event)
    assert first == second != "error: "
