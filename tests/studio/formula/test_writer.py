import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.formula.parser import parse_formula
from studio.formula.writer import format_formula

DIRECTIVES_AND_OPTIONS = """
    @path @template @literal @if @case @replace @arrayPath @flatten @json @merge @transform @excludeWhenNull @liquid
    _metadata exists blank then else operator value pattern replacement pattern2 global separator omitArrays mode
    direction objects apply mapping true null a-b
"""
KEYS = st.sampled_from(DIRECTIVES_AND_OPTIONS.split()) | st.text(max_size=5)
TEXTS = st.one_of(
    st.text(st.characters(), max_size=8),  # half surrogate pairs included
    st.lists(st.sampled_from([*"={}[]$.\"'\\ \n\t\x85\u2028\ufeffaé😀5", "{{", "}}", "$.", "\ud83d", "\ude00"])).map(
        "".join
    ),
    st.sampled_from(["$.traits.email", "Hi {{a}}", "true", "5", "lower", "upper", "encode", "decode", "left", "= 5"]),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.just(-0.0), TEXTS
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


def options(required: dict[str, Any], optional: dict[str, Any]) -> Any:
    return st.fixed_dictionaries(required, optional=optional)


def coalesce(first: Any, second: Any) -> Any:
    return {"@if": {"exists": first, "then": first, "else": second}}


def directives_over(inner: Any) -> Any:
    """Every directive around the given bindings, its options complete and in Segment's order or not."""
    flags = {"ignorecase": st.booleans(), "global": st.booleans()}
    replacements = {"replacement": TEXTS, "pattern2": TEXTS, "replacement2": TEXTS}
    bodies: dict[str, Any] = {
        "@path": TEXTS | inner,
        "@template": TEXTS | inner,
        "@liquid": TEXTS,
        "@literal": inner,
        "@excludeWhenNull": inner,
        "@if": st.one_of(
            options({"exists": inner}, {"then": inner, "else": inner}),
            options({"blank": inner}, {"then": inner, "else": inner}),
        ),
        "@case": options({"operator": st.sampled_from(["lower", "upper", "Upper"]), "value": inner}, {}),
        "@replace": options({"pattern": TEXTS, "value": inner}, replacements | flags),
        "@flatten": options({"value": inner}, {"separator": TEXTS, "omitArrays": st.booleans()}),
        "@json": options({"mode": st.sampled_from(["encode", "decode"]), "value": inner}, {}),
        "@merge": options({"objects": st.lists(inner, max_size=3)}, {"direction": st.sampled_from(["left", "right"])}),
        "@arrayPath": st.lists(inner, min_size=1, max_size=3),
        "@transform": options({"apply": inner, "mapping": inner}, {}),
    }
    return st.one_of(
        *(st.fixed_dictionaries({name: body}) for name, body in bodies.items()),
        st.builds(coalesce, inner, inner),
        st.builds(coalesce, inner, inner),
        st.lists(inner, max_size=3),
        st.dictionaries(TEXTS, inner, max_size=3),
    )


DIRECTIVES = st.recursive(SCALARS | ANYTHING, directives_over, max_leaves=10)


def exactly(value: Any, *, of_directive: bool = False) -> Any:
    """A value with what == passes over: types, the sign of zero, the order of keys but for a directive's options."""
    if isinstance(value, dict):
        members = [(key, exactly(item, of_directive=key.startswith("@"))) for key, item in value.items()]
        return ("object", sorted(members, key=lambda member: member[0]) if of_directive else members)
    if isinstance(value, list):
        return ("list", [exactly(item) for item in value])
    return (type(value).__name__, repr(value))


def assert_reads_back(binding: Any) -> None:
    shown = format_formula(binding)
    read = parse_formula(shown)
    assert read == binding
    assert exactly(read) == exactly(binding)
    assert len(shown.splitlines()) == 1


@given(DIRECTIVES)
def test_every_directive_reads_back_as_itself(binding: Any) -> None:
    assert_reads_back(binding)


@given(ANYTHING)
def test_every_json_value_reads_back_as_itself(binding: Any) -> None:
    assert_reads_back(binding)


@given(TEXTS)
def test_every_text_reads_back_as_itself(text: str) -> None:
    for binding in (text, {"@template": text}, {"@path": text}, {text: text}, {"@template": f"{{{{{text}}}}}"}):
        assert_reads_back(binding)


@given(ANYTHING)
def test_json_typed_as_json_is_taken_as_it_is(value: Any) -> None:
    assert exactly(parse_formula(json.dumps([value], ensure_ascii=False))) == exactly([value])
    assert exactly(parse_formula(f"= {json.dumps(value)}")) == exactly(json.loads(json.dumps(value)))


def nested(levels: int, wrap: Any) -> Any:
    value: Any = {"@path": "$.a"}
    for _ in range(levels):
        value = wrap(value)
    return value


@pytest.mark.parametrize("levels", [10, 32, 33, 34, 49, 50, 51, 98, 99, 100, 101])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda inner: [inner],
        lambda inner: {"a": inner},
        lambda inner: {"@literal": inner},
        lambda inner: {"@case": {"operator": "lower", "value": inner}},
        lambda inner: {"@if": {"exists": inner}},
        lambda inner: {"@merge": {"objects": [inner]}},
        lambda inner: coalesce({"@path": "$.b"}, inner),
        lambda inner: {"@unknown": inner},
    ],
)
def test_deep_bindings_read_back_too(levels: int, wrap: Any) -> None:
    assert_reads_back(nested(levels, wrap))


def test_json_deeper_than_any_formula_reads_back() -> None:
    assert_reads_back(nested(300, lambda inner: [inner]))


def test_a_coalesce_in_a_coalesce_reads_back_however_large_it_is() -> None:
    for levels in range(1, 15):
        assert_reads_back(nested(levels, lambda inner: coalesce(inner, 1)))


def test_large_lists_are_shown_as_json() -> None:
    assert format_formula(list(range(20_000))).startswith("[0,1,")
    assert_reads_back(list(range(20_000)))


def test_what_cannot_be_seen_is_shown_as_an_escape() -> None:
    assert format_formula("a\u202eb\x7f") == '"a\\u202eb\\u007f"'
    assert format_formula({"@path": "$['\u2028']"}) == "= path(\"$['\\u2028']\")"
    assert format_formula({"@template": "{{a}}\n"}) == '= template("{{a}}\\n")'
    assert format_formula({"@x": "\u2028\ud800"}) == '{"@x":"\\u2028\\ud800"}'
