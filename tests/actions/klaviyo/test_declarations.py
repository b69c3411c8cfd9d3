import json
from pathlib import Path
from typing import Any

import pytest

from actions.fields import Field
from actions.klaviyo import KLAVIYO
from actions.models import model_of
from actions.values import MISSING


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    path = Path(__file__).parents[4] / "shared" / "spec" / "actions.json"
    if not path.exists():
        pytest.skip("the reference's declarations are not beside the project")
    return json.loads(path.read_text())


@pytest.mark.parametrize("slug", list(KLAVIYO.actions))
def test_an_action_declares_the_references_fields(slug: str, reference: dict[str, Any]):
    assert_same(reference["actions"][slug]["fields"], KLAVIYO.actions[slug].fields)


def assert_same(theirs: dict[str, Any], ours: Any) -> None:
    assert list(theirs) == list(ours)
    for key, their in theirs.items():
        our: Field = ours[key]
        assert (our.label, our.type, our.required, our.multiple, our.hidden, our.dynamic, our.allow_null) == (
            their["label"],
            their["type"],
            their.get("required", False),
            their.get("multiple", False),
            their.get("unsafe_hidden", False),
            their.get("dynamic", False),
            their.get("allowNull", False),
        )
        assert our.default == their.get("default", MISSING)
        assert our.format == their.get("format")
        assert bool(our.choices) == ("choices" in their)
        conditions = their.get("depends_on", {}).get("conditions", [])
        assert ([our.depends_on] if our.depends_on else []) == [
            (condition["fieldKey"], condition["operator"], condition["value"]) for condition in conditions
        ]
        if their["type"] == "number" and "minimum" in their:
            assert (our.minimum, our.maximum) == (their["minimum"], their["maximum"])
        if "properties" in their:
            assert_same(their["properties"], our.fields)
            assert our.extra == their.get("additionalProperties", False)


def test_the_actions_have_the_titles_that_segment_shows(reference: dict[str, Any]):
    titles = {slug: action.title for slug, action in KLAVIYO.actions.items()}
    assert set(titles) == set(reference["actions"])
    assert titles["addProfileToList"] == "Add Profile to List (Engage)"
    assert titles["removeProfileFromList"] == "Remove Profile from List (Engage)"


def test_the_actions_have_the_triggers_of_segments_page(reference: dict[str, Any]):
    triggers = {slug: action["defaultSubscription"] for slug, action in reference["actions"].items()}
    triggers["removeProfile"] = 'event = "Identify"'  # as the page has it; the reference's own can never fire either
    assert {slug: action.trigger for slug, action in KLAVIYO.actions.items()} == triggers


def test_the_presets_are_segments(reference: dict[str, Any]):
    ours = [(preset.name, preset.action, preset.event) for preset in KLAVIYO.presets]
    assert ours == [(preset["name"], preset["partnerAction"], preset["eventSlug"]) for preset in reference["presets"]]


@pytest.mark.parametrize("action", KLAVIYO.actions.values(), ids=lambda action: action.slug)
def test_every_field_is_described_and_has_a_json_schema(action: Any):
    schema = model_of(action.payload).model_json_schema()
    assert set(schema["properties"]) == set(action.fields)
    for field in action.fields.values():
        assert field.description.endswith(".")
        assert schema["properties"][field.key]["description"] == field.description


def test_the_default_mapping_of_events_has_the_profiles_own_defaults():
    profile = {"external_id": {"@path": "$.userId"}, "anonymous_id": {"@path": "$.anonymousId"}}
    assert KLAVIYO.actions["trackEvent"].default_fields()["profile"] == profile
    assert KLAVIYO.actions["orderCompleted"].default_fields()["profile"] == profile


@pytest.mark.parametrize("key", ["", "pk_ with blank", "pk_é", "pk_\n", None, 5])
def test_a_key_that_no_header_can_carry_is_refused(key: object):
    with pytest.raises(ValueError, match="API key"):
        KLAVIYO.headers({"api_key": key})
