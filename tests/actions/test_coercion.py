import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from actions.coercion import EMAIL, Findings, compile_coercion
from actions.klaviyo import KLAVIYO
from actions.models import model_of
from actions.values import Json

UPSERT = KLAVIYO.actions["upsertProfile"].fields
TRACK = KLAVIYO.actions["trackEvent"].fields
ORDER = KLAVIYO.actions["orderCompleted"].fields
SUBSCRIBE = KLAVIYO.actions["subscribeProfile"].fields

SOUND_EVENT: dict[str, Json] = {"profile": {"email": "a@b.co"}, "metric_name": "M", "properties": {}}


def coerced(fields: Any, payload: dict[str, Json]) -> dict[str, Json]:
    findings = Findings([], [])
    result = compile_coercion(fields)(payload, findings)
    assert findings.problems == []
    return result


def problems(fields: Any, payload: dict[str, Json]) -> list[str]:
    findings = Findings([], [])
    compile_coercion(fields)(payload, findings)
    return findings.problems


def warnings(fields: Any, payload: dict[str, Json]) -> list[str]:
    findings = Findings([], [])
    compile_coercion(fields)(payload, findings)
    assert findings.problems == []
    return findings.warnings


@pytest.mark.parametrize(
    ("given", "expected"),
    [("12.5", 12.5), ("1e3", 1000), ("0x10", 16), (True, 1), (False, 0), ([5], 5), (["5"], 5), (12, 12), (" 7 ", 7)],
)
def test_a_number_is_read_from_what_javascript_reads_one_from(given: Json, expected: float):
    assert coerced(TRACK, {**SOUND_EVENT, "value": given})["value"] == expected


@pytest.mark.parametrize("blank", ["", " ", None])
def test_a_blank_is_no_number(blank: Json):
    assert "value" not in coerced(TRACK, {**SOUND_EVENT, "value": blank})


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ("$12.50", "a string"),
        ("1,200", "a string"),
        ([5, 6], "an array"),
        ({"p": 1}, "an object"),
        ("Infinity", "a string"),
    ],
)
def test_what_is_no_number_is_refused_in_segments_words(given: Json, what: str):
    assert problems(TRACK, {**SOUND_EVENT, "value": given}) == [f"Value must be a number but it was {what}."]


@pytest.mark.parametrize("given", [float("inf"), float("nan"), 10**400], ids=["inf", "nan", "huge"])
def test_an_infinite_number_is_none(given: float):
    assert problems(TRACK, {**SOUND_EVENT, "value": given})[0].startswith("Value must be a finite number but it was")


@pytest.mark.parametrize(
    ("given", "expected"), [(5, "5"), (5.0, "5"), (1e21, "1e+21"), (False, "false"), (["a"], "a"), ([7], "7")]
)
def test_a_text_is_made_of_numbers_booleans_and_lists_of_one(given: Json, expected: str):
    assert coerced(TRACK, {**SOUND_EVENT, "metric_name": given})["metric_name"] == expected


@pytest.mark.parametrize(("given", "what"), [({"a": 1}, "an object"), (["a", "b"], "an array"), ([], "an array")])
def test_a_text_is_not_made_of_objects_and_longer_lists(given: Json, what: str):
    assert problems(TRACK, {**SOUND_EVENT, "metric_name": given}) == [
        f"Metric Name must be a string but it was {what}."
    ]


@pytest.mark.parametrize(
    ("given", "expected"), [("true", True), ("false", False), (1, True), (0, False), ([True], True)]
)
def test_a_boolean_is_read_from_a_few_values(given: Json, expected: bool):
    assert coerced(SUBSCRIBE, {"historical_import": given})["historical_import"] is expected


@pytest.mark.parametrize("given", ["yes", 2, {}, [1, 0], "TRUE"])
def test_other_values_are_no_boolean(given: Json):
    assert problems(SUBSCRIBE, {"historical_import": given})[0].startswith(
        "Historical Import must be a boolean but it was"
    )


def test_empty_values_are_left_out_at_the_top():
    payload: dict[str, Json] = {"email": "", "first_name": None, "country_code": "", "last_name": "x"}
    assert coerced(UPSERT, payload) == {"last_name": "x"}


def test_null_and_blank_clear_parts_of_the_location():
    location: Json = {"city": "", "latitude": None, "zip": 12345, "planet": "Earth"}
    assert coerced(UPSERT, {"location": location}) == {"location": {"city": "", "latitude": None, "zip": "12345"}}


def test_a_blank_identifier_within_the_profile_is_no_value():
    profile: Json = {"email": "", "external_id": "u1", "anything": ""}
    assert coerced(TRACK, {**SOUND_EVENT, "profile": profile})["profile"] == {"external_id": "u1", "anything": ""}


def test_undeclared_keys_go_at_the_top_and_stay_in_free_objects():
    payload = {**SOUND_EVENT, "bogus": 1, "properties": {"any": {"thing": None}}}
    assert coerced(TRACK, payload) == {**SOUND_EVENT, "properties": {"any": {"thing": None}}}


@pytest.mark.parametrize("email", ["nope", "a@b", "a b@c.de", "a@b..co", "@b.co", "a" * 330 + "@b.co", "ſ@b.co"])
def test_what_is_no_email_address_is_refused(email: str):
    assert problems(UPSERT, {"email": email}) == ["Email must be a valid email address string but it was not."]


SEGMENTS_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?",
    re.ASCII | re.IGNORECASE,
)


@given(st.text("aK1.-@_ é\nſ", max_size=12) | st.text("aK1.-_", max_size=12).map("a@{}".format))
def test_an_email_address_is_what_segments_pattern_takes(email: str):
    assert bool(EMAIL.fullmatch(email)) is bool(SEGMENTS_EMAIL.fullmatch(email))


@pytest.mark.parametrize("email", ["o'neil@b.co", "MARA+vip@Example.COM", "a.b@sub.example.org"])
def test_an_email_address_passes_as_it_is(email: str):
    assert coerced(UPSERT, {"email": email}) == {"email": email}


def test_an_unknown_choice_is_refused_and_one_in_small_letters_is_read():
    assert problems(UPSERT, {"country_code": "XX"})[0].startswith('Country Code must be one of: "AD", "AE"')
    assert coerced(UPSERT, {"country_code": "us"}) == {"country_code": "US"}
    assert warnings(UPSERT, {"country_code": "us"}) == ["Country Code 'us' was read as 'US'."]


def test_one_product_is_a_list_of_one_and_what_is_no_object_is_named():
    assert coerced(ORDER, {**SOUND_EVENT, "products": {"sku": "A"}})["products"] == [{"sku": "A"}]
    assert problems(ORDER, {**SOUND_EVENT, "products": [{}, "x", 5]}) == [
        "Products, number 2: Products must be an object but it was a string.",
        "Products, number 3: Products must be an object but it was a number.",
    ]


def test_a_null_among_products_keeps_no_order_back():
    assert coerced(ORDER, {**SOUND_EVENT, "products": [None, {"sku": "A"}]})["products"] == [{"sku": "A"}]


def test_a_batch_size_out_of_bounds_is_brought_within_and_told():
    assert coerced(UPSERT, {"batch_size": 5}) == {"batch_size": 100}
    assert warnings(UPSERT, {"batch_size": 5}) == ["Batch Size 5 is out of bounds; 100 was used."]


def test_all_problems_are_found_at_once():
    found = problems(TRACK, {"profile": [], "metric_name": {}, "properties": [1], "value": "x", "time": "never"})
    assert len(found) == 5


def test_what_is_wrong_and_what_is_missing_are_told_together():
    assert problems(TRACK, {"metric_name": {}, "profile": {"email": "a@b.co"}}) == [
        "Metric Name must be a string but it was an object.",
        "The root value is missing the required field 'properties'.",
    ]


def test_required_fields_are_named():
    assert problems(TRACK, {"metric_name": ""}) == [
        "The root value is missing the required field 'profile'.",
        "The root value is missing the required field 'metric_name'.",
        "The root value is missing the required field 'properties'.",
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("slug", list(KLAVIYO.actions))
@given(data=st.data())
def test_what_passes_fits_the_declared_model(slug: str, data: st.DataObject):
    action = KLAVIYO.actions[slug]
    payload = data.draw(st.dictionaries(st.sampled_from(list(action.fields)), json_values))
    findings = Findings([], [])
    result = compile_coercion(action.fields)(payload, findings)
    if not findings.problems:
        # pydantic holds the result against the declaration: the two readings of a field must agree
        model_of(action.payload).model_validate_json(to_json(result))
