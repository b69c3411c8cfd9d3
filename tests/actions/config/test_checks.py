from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from actions.config import Config, Mapping
from actions.config.checks import check, check_file, traps_of
from actions.klaviyo import KLAVIYO
from actions.klaviyo.add_profile_to_list import AUDIENCE_LIST


def mapping(action: str, trigger: str | None = None, *, enabled: bool = True, **fields: Any) -> Mapping:
    known = KLAVIYO.actions[action]
    return Mapping(name=action, action=action, trigger=trigger or known.trigger, fields=fields, enabled=enabled)


PERSON: dict[str, Any] = {"email": {"@path": "$.context.traits.email"}}
IDENTIFY = 'type = "identify"'
TRACK = 'type = "track"'
AUDIENCE = 'context.personas.computation_class = "audience"'
ORDER = 'type = "track" and event = "Order Completed"'

TRAPS = [
    (mapping("orderCompleted", TRACK, profile=PERSON), "trigger", mapping("orderCompleted", ORDER, profile=PERSON)),
    (
        mapping("removeProfile", **PERSON, list_id="L"),
        "trigger",
        mapping("removeProfile", IDENTIFY, **PERSON, list_id="L"),
    ),
    (
        mapping("trackEvent", profile={"@path": "$.traits"}),
        "profile",
        mapping("trackEvent", profile={"@path": "$.context.traits"}),
    ),
    (mapping("trackEvent", profile={"first_name": "x"}), "profile", mapping("trackEvent", profile=PERSON)),
    (mapping("upsertProfile", title="x"), "email", mapping("upsertProfile", external_id={"@path": "$.userId"})),
    (
        mapping("upsertProfile", **PERSON, properties={"@path": "$.properties"}),
        "properties",
        mapping("upsertProfile", **PERSON, properties={"@path": "$.traits"}),
    ),
    (
        mapping("upsertProfile", **PERSON, phone_number={"@path": "$.context.traits.phone"}),
        "phone_number",
        mapping("upsertProfile", **PERSON, phone_number={"@path": "$.traits.phone"}),
    ),
    (
        mapping("upsertProfile", **PERSON, location={"zip": {"@path": "$.traits.address.postal_code"}}),
        "location.zip",
        mapping("upsertProfile", **PERSON, location={"zip": {"@path": "$.traits.address.postalCode"}}),
    ),
    (
        mapping("upsertProfile", **PERSON, title={"@template": "{{traits.a}} {{traits.b} …"}),
        "title",
        mapping("upsertProfile", **PERSON, title={"@template": "{{traits.a}} {{traits.b}} } { {"}),
    ),
    (
        mapping("upsertProfile", **PERSON, location={"city": "in {{traits.city}"}),
        "location.city",
        mapping("upsertProfile", **PERSON, location={"city": "in {traits.city}"}),
    ),
    (
        mapping("upsertProfile", **PERSON, title={"@case": {"operator": "upper", "value": {"@template": "{{{a}}"}}}),
        "title",
        mapping("upsertProfile", **PERSON, title={"@case": {"operator": "upper", "value": {"@template": "{{{a}}}"}}}),
    ),
    (mapping("upsertProfile", **PERSON, list_id=""), "list_id", mapping("upsertProfile", **PERSON, list_id="L")),
    (
        mapping("unsubscribeProfile", **PERSON, list_id="L"),
        "list_id",
        mapping("unsubscribeProfile", **PERSON, list_id="L", enabled=False),
    ),
    (
        mapping("subscribeProfile", **PERSON, historical_import=True),
        "historical_import",
        mapping("subscribeProfile", **PERSON, historical_import=True, consented_at={"@path": "$.timestamp"}),
    ),
    (
        mapping("upsertProfile", email={"@path": "$.trait.email"}),
        "email",
        mapping("upsertProfile", email={"@path": "$.traits.email"}),
    ),
    (
        mapping("upsertProfile", **PERSON, title={"@template": "{{ trait.title }}"}),
        "title",
        mapping("upsertProfile", **PERSON, title={"@template": "{{ traits.title }}"}),
    ),
    (
        mapping("upsertProfile", TRACK, email={"@path": "$.traits.email"}),
        "email",
        mapping("upsertProfile", TRACK, email={"@path": "$.context.traits.email"}),
    ),
    (
        mapping("upsertProfile", **PERSON, location={"city": {"@template": "{{properties.city}}"}}),
        "location.city",
        mapping("upsertProfile", **PERSON, location={"city": {"@template": "{{properties.city}} {{traits.city}}"}}),
    ),
    (
        mapping("subscribeProfile", **PERSON, historical_import="true", consented_at=""),
        "historical_import",
        mapping("subscribeProfile", **PERSON, historical_import="false"),
    ),
    (
        mapping("trackEvent", profile=PERSON, metric_name="x" * 128),
        "metric_name",
        mapping("trackEvent", profile=PERSON, metric_name="x" * 127),
    ),
    (
        mapping("addProfileToList", AUDIENCE, **PERSON, list_id=AUDIENCE_LIST),
        "trigger",
        mapping("addProfileToList", f'{AUDIENCE} and event = "Audience Entered"', **PERSON, list_id=AUDIENCE_LIST),
    ),
    (
        mapping("removeProfileFromList", AUDIENCE, **PERSON, list_id=AUDIENCE_LIST),
        "trigger",
        mapping("removeProfileFromList", 'event = "Audience Exited"', **PERSON, list_id=AUDIENCE_LIST),
    ),
    (
        mapping("addProfileToList", **PERSON, list_id="VipCst"),
        "list_id",
        mapping("addProfileToList", 'context.personas.computation_key = "vip"', **PERSON, list_id="VipCst"),
    ),
    (
        mapping("removeProfileFromList", **PERSON, list_id="VipCst"),
        "list_id",
        mapping("removeProfileFromList", 'properties.audience_key = "vip"', **PERSON, list_id="VipCst"),
    ),
    (
        mapping("upsertProfile", **PERSON, retlOnMappingSave={"inputs": {"list_name": "VIP"}}),
        "retlOnMappingSave",
        mapping("upsertProfile", **PERSON, retlOnMappingSave={"inputs": {"list_name": "VIP"}, "outputs": {"id": "V"}}),
    ),
]


@pytest.mark.parametrize(("trap", "key", "sound"), TRAPS)
def test_a_trap_is_told_and_the_sound_form_is_not(trap: Mapping, key: str, sound: Mapping):
    found = list(traps_of(trap))
    assert [".".join(place) for place, _ in found] == [key], found
    assert list(traps_of(sound)) == []


def test_two_mappings_that_do_the_same_are_told():
    twice = [mapping("upsertProfile", **PERSON), mapping("upsertProfile", **PERSON)]
    assert any("sent twice" in problem.message for problem in check(Config(mappings=twice)))


def test_an_audience_that_nobody_leaves_is_told():
    entered = mapping("addProfileToList", **PERSON, list_id=AUDIENCE_LIST)
    exited = mapping("removeProfileFromList", **PERSON, list_id=AUDIENCE_LIST)
    for mappings, told in (([entered], 1), ([entered, exited], 0), ([entered, replace(exited, enabled=False)], 1)):
        found = [problem for problem in check(Config(mappings=mappings)) if "stays on its list" in problem.message]
        assert len(found) == told
    assert check(Config(mappings=[replace(entered, enabled=False)])) == []


def test_segments_own_defaults_have_the_traps_that_they_are_known_for():
    traps = {
        slug: [
            ".".join(place)
            for place, _ in traps_of(
                Mapping(name="x", action=slug, trigger=action.trigger, fields=action.default_fields())
            )
        ]
        for slug, action in KLAVIYO.actions.items()
    }
    assert traps == {
        "upsertProfile": ["properties", "phone_number", "location.zip"],
        "trackEvent": [],
        "orderCompleted": ["trigger"],
        "subscribeProfile": [],
        "unsubscribeProfile": [],
        "addProfileToList": ["location.zip"],
        "removeProfileFromList": [],
        "removeProfile": ["trigger"],
    }


def test_a_trap_in_a_file_has_its_line(tmp_path: Path):
    path = tmp_path / "shop.toml"
    path.write_text(Config(mappings=[mapping("orderCompleted", TRACK, profile=PERSON, properties={})]).dumps())
    [trap] = check_file(path)
    assert path.read_text().splitlines()[trap.line - 1].startswith("trigger")
    assert trap.severity == "warning"


def test_a_mapping_that_is_there_twice_is_told_with_its_line(tmp_path: Path):
    path = tmp_path / "shop.toml"
    one = mapping("upsertProfile", **PERSON)
    path.write_text(Config(mappings=[one, replace(one, name="Again")]).dumps())
    [trap] = check_file(path)
    assert path.read_text().splitlines()[trap.line].startswith('name = "Again"')


def test_a_trap_does_not_repeat_a_key(tmp_path: Path):
    path = tmp_path / "shop.toml"
    path.write_text('[[mapping]]\nname = "pk_0123456789abcdef0123"\naction = "upsertProfile"\ntrigger = "type = 1"\n')
    told = [str(problem) for problem in check_file(path)]
    assert any("warning" in line for line in told)
    assert not any("0123456789abcdef0123" in line for line in told)
