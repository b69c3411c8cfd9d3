import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import presets
from actions.config import CommentsWouldBeLost, Config, ConfigError, Mapping
from actions.config.toml_source import scan

COMMENTED = """\
# The shop's mappings.
version = 1
destination = "klaviyo"

# People.
[[mapping]]
name = "A" # first
action = "upsertProfile"
trigger = 'type = "identify"'
[mapping.fields]
email = { "@path" = "$.traits.email" } # where it is
title = "x"
[mapping.fields.location]
city = "Bern"

# Others.
[[mapping]]
name = "B"
action = "upsertProfile"
trigger = '''
type = "page" and event != "# no comment"
'''
[mapping.fields]
email = { "@path" = "$.mail" }
title = "[[mapping]]"
"""


def edited(text: str, **changes: Any) -> Config:
    config = Config.loads(text)
    config.mappings[0] = replace(config.mappings[0], **changes)
    return config


def with_field(text: str, **fields: Any) -> Config:
    config = Config.loads(text)
    return edited(text, fields={**config.mappings[0].fields, **fields})


def changed_lines(old: str, new: str) -> list[tuple[str, str]]:
    return [pair for pair in zip(old.splitlines(), new.splitlines(), strict=True) if pair[0] != pair[1]]


STYLES = [
    COMMENTED,
    COMMENTED.replace("\n", "\r\n"),
    "\ufeff" + COMMENTED,
    COMMENTED.rstrip("\n"),
    "mapping = [{ name = 'A', action = 'upsertProfile', trigger = 'type = \"page\"' }]",
    "[[mapping]]\nname = 'A'\naction = 'upsertProfile'\ntrigger = 'type = \"page\"'\nfields.email.\"@path\" = '$.x'\n",
    "[[mapping]]\nname = 'A'\naction = 'upsertProfile'\non_invalid_phone = 'reject'\ntrigger = 'a = 1'\n[settings]\n",
    *(presets.config_path(name).read_text() for name in presets.names()),
]


@pytest.mark.parametrize("text", STYLES)
def test_saving_what_was_not_changed_changes_no_byte(text: str, tmp_path: Path):
    path = tmp_path / "shop.toml"
    path.write_bytes(text.encode())
    Config.load(path).save()
    assert path.read_bytes() == text.encode()


@pytest.mark.parametrize("text", STYLES)
def test_a_changed_document_is_saved_and_read_as_it_is(text: str):
    config = edited(text, name="New", enabled=False, fields={"title": {"@path": "$.n"}, "a b": [1, {"c": "d"}]})
    saved = config.dumps(lose_comments=True)
    assert read_back(saved) == config.mappings


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": "y"}, [('title = "x"', 'title = "y"')]),
        (
            {"email": {"@path": "$.mail"}},
            [('email = { "@path" = "$.traits.email" } # where it is', 'email = { "@path" = "$.mail" } # where it is')],
        ),
        ({"location": {"city": "Basel"}}, [('city = "Bern"', 'city = "Basel"')]),
    ],
)
def test_a_changed_value_changes_its_line_alone(fields: dict[str, Any], expected: list[tuple[str, str]]):
    assert changed_lines(COMMENTED, with_field(COMMENTED, **fields).dumps()) == expected


def test_an_added_field_is_one_line_more():
    saved = with_field(COMMENTED, last_name="Lee").dumps()
    assert [line for line in saved.splitlines() if line not in COMMENTED.splitlines()] == ['last_name = "Lee"']


def test_turning_a_mapping_off_adds_one_line():
    saved = edited(COMMENTED, enabled=False).dumps()
    assert [line for line in saved.splitlines() if line not in COMMENTED.splitlines()] == ["enabled = false"]


def test_mappings_that_change_places_take_their_comments_along():
    config = Config.loads(COMMENTED)
    config.mappings.reverse()
    saved = config.dumps()
    assert saved.index("# Others.") < saved.index("# People.")
    assert Config.loads(saved) == config


def test_a_mapping_with_comments_does_not_go_without_being_asked(tmp_path: Path):
    path = tmp_path / "shop.toml"
    path.write_text(COMMENTED)
    config = Config.load(path)
    del config.mappings[0]
    with pytest.raises(CommentsWouldBeLost) as caught:
        config.save()
    assert caught.value.lines == [5, 7, 11]
    assert path.read_text() == COMMENTED
    config.save(lose_comments=True)
    assert [mapping.name for mapping in Config.load(path).mappings] == ["B"]


def test_unknown_keys_survive_an_edit():
    text = COMMENTED.replace('name = "A" # first', 'name = "A" # first\nnotes = { a = [1, 2] }').replace(
        "version = 1", "version = 1\nteam = 'growth'"
    )
    saved = with_field(text, title="y").dumps()
    assert "notes = { a = [1, 2] }" in saved
    assert "team = 'growth'" in saved


def test_a_literal_null_is_written_as_the_directive_that_decodes_it():
    config = Config(
        mappings=[Mapping(name="A", action="upsertProfile", trigger='type = "page"', fields={"title": None})]
    )
    loaded = Config.loads(config.dumps())
    assert loaded.mappings[0].fields == {"title": {"@json": {"mode": "decode", "value": "null"}}}


def test_the_key_is_never_written():
    config = Config(settings={"api_key": "pk_0123456789abcdef", "revision": "2026-07-15"})
    assert "pk_" not in config.dumps()
    assert "2026-07-15" in config.dumps()


def deep(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (float("nan"), "no number that JSON has"),
        (float("inf"), "no number that JSON has"),
        ("\ud800", "half of a surrogate pair"),
        (deep(200), "nested too deeply"),
        (deep(2_000), "nested too deeply"),
        ([16**5_000], "digits"),
    ],
)
@pytest.mark.parametrize("text", ["", COMMENTED])
def test_what_no_file_can_say_is_told_and_nothing_is_written(value: Any, words: str, text: str, tmp_path: Path):
    config = Config.loads(text)
    config.mappings = [Mapping(name="A", action="upsertProfile", trigger="a", fields={"properties": value})]
    with pytest.raises(ConfigError, match=words):
        config.save(tmp_path / "shop.toml", lose_comments=True)
    assert list(tmp_path.iterdir()) == []


KEY = "pk_AbC123_0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("text", ["", COMMENTED])
def test_a_key_is_never_saved(text: str, tmp_path: Path):
    config = Config.loads(text)
    config.mappings = [Mapping(name="A", action="upsertProfile", trigger="a", fields={"email": "e", "title": KEY})]
    with pytest.raises(ConfigError, match="KLAVIYO_API_KEY") as caught:
        config.save(tmp_path / "shop.toml", lose_comments=True)
    [problem] = caught.value.problems
    assert (problem.mapping, problem.field) == ("A", "title")
    assert KEY not in str(problem)
    assert list(tmp_path.iterdir()) == []


def test_a_file_with_a_key_in_a_comment_is_left_as_it_is(tmp_path: Path):
    path = tmp_path / "shop.toml"
    path.write_text(f"# {KEY}\n{COMMENTED}")
    config, problems = Config.read(path)
    assert [problem.line for problem in problems if problem.severity == "error"] == [1]
    config.mappings[0] = replace(config.mappings[0], enabled=False)
    with pytest.raises(ConfigError, match="KLAVIYO_API_KEY"):
        config.save()
    assert path.read_text() == f"# {KEY}\n{COMMENTED}"


def test_integers_of_any_size_are_kept():
    text = Config(mappings=[Mapping(name="A", action="a", trigger="a", fields={"x": 2**70, "y": -(10**30)})]).dumps()
    assert read_back(text)[0].fields == {"x": 2**70, "y": -(10**30)}


texts = st.text(st.characters(codec="utf-8"), max_size=12)
values = st.recursive(
    st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
bindings = values | st.builds(lambda path: {"@path": f"$.{path}"}, texts)
mappings = st.builds(
    lambda name, fields, enabled: Mapping(
        name=name if name.strip() else "x",
        action="trackEvent",
        trigger='type = "track"',
        fields=fields,
        enabled=enabled,
    ),
    texts,
    st.dictionaries(texts, bindings, max_size=4),
    st.booleans(),
)


def read_back(text: str) -> list[Mapping]:
    """What a text says, its problems aside: random fields are no sound mapping."""
    from actions.config.reading import read

    return read(text, "").mappings


@given(st.lists(mappings, max_size=4))
def test_a_configuration_saved_and_loaded_is_the_same(given_mappings: list[Mapping]):
    saved = Config(mappings=given_mappings).dumps()
    assert read_back(saved) == given_mappings


@given(st.lists(mappings, max_size=3))
def test_a_configuration_saved_into_another_is_the_same(given_mappings: list[Mapping]):
    config = Config.loads(COMMENTED)
    config.mappings = given_mappings
    assert read_back(config.dumps(lose_comments=True)) == given_mappings


@given(st.lists(mappings, max_size=3))
def test_every_key_of_a_document_has_its_line(given_mappings: list[Mapping]):
    text = Config(mappings=given_mappings).dumps()
    source = scan(text)
    for entry in source.entries:
        value: Any = tomllib.loads(text)
        for key in entry.path:
            value = value[key]
        written = text[entry.value_start : entry.value_end]
        assert tomllib.loads(f"x = {written}")["x"] == value
