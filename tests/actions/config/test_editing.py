"""Saving into a text that a person wrote: what changed changes, and nothing else."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.config import CommentsWouldBeLost, Config, ConfigError, Mapping
from actions.config.canonical import same
from actions.config.reading import read
from actions.config.toml_source import scan
from actions.config.toml_text import parse
from actions.values import Json

HEAD = """\
# The shop.
version = 1 # first
team = ["growth", # inner
  "shop"]

"""
FIRST = """\
# About A.
[[mapping]]
name = "A" # the name
action = "upsertProfile"
trigger = '''
type = "identify" # no comment
'''
notes.mine = 1
[mapping.fields] # below
email = { "@path" = "$.traits.email" } # where it is
"title" = 'x'
birthday = 2026-01-02
location = { city = "Bern", zip = "3000" } # inline
first_name."@path" = "$.traits.first" # dotted
tags = [ # many
  "[[mapping]]",
]
[mapping.fields.properties]
plan = "pro" # sub
"""
SECOND = """\

# About B.
[[mapping]]
name = "B"
action = "upsertProfile"
trigger = 'type = "page"'
enabled = true
[mapping.fields.email]
"@path" = "$.mail" # here
"""
TAIL = """\

# At the end.
[settings]
revision = "2026-07-15" # dated
"""
TEXT = HEAD + FIRST + SECOND + TAIL

Edit = Callable[[Config], Any]


def fields(**changes: Json) -> Edit:
    def edit(config: Config) -> None:
        merged = {**config.mappings[0].fields, **changes}
        kept = {key: value for key, value in merged.items() if value is not ...}
        config.mappings[0] = replace(config.mappings[0], fields=kept)

    return edit


def mapping(number: int = 0, **changes: Any) -> Edit:
    def edit(config: Config) -> None:
        config.mappings[number] = replace(config.mappings[number], **changes)

    return edit


def understood(text: str, name: str = "") -> Config:
    """What a text says, its problems aside."""
    reading = read(text, name)
    assert reading.is_whole
    return Config(
        reading.mappings,
        reading.settings,
        reading.document.get("version", 1),
        reading.document.get("destination", "klaviyo"),
        reading.extra,
        text=text,
    )


def saved(text: str, edit: Edit, *, lose_comments: bool = False) -> str:
    config = understood(text)
    edit(config)
    result = config.dumps(lose_comments=lose_comments)
    assert same(understood(result).document(), config.document())
    return result


def difference(old: str, new: str) -> list[str]:
    """The lines that went (-) and came (+)."""
    found = difflib.ndiff(old.splitlines(), new.splitlines())
    return [line for line in found if line[0] in "-+"]


NEW = Mapping(name="N", action="upsertProfile", trigger='type = "page"', fields={"email": "n@shop.test"})
NEW_LINES = [
    "+ [[mapping]]", '+ name = "N"', '+ action = "upsertProfile"', "+ enabled = true",
    '+ trigger = "type = \\"page\\""', "+ [mapping.fields]", '+ email = "n@shop.test"',
]  # fmt: skip


@pytest.mark.parametrize(("edit", "lines"), [
    (fields(title="y"), ["- \"title\" = 'x'", '+ "title" = "y"']),
    (fields(email={"@path": "$.m"}), [
        '- email = { "@path" = "$.traits.email" } # where it is', '+ email = { "@path" = "$.m" } # where it is',
    ]),
    (fields(first_name={"@path": "$.f"}), [
        '- first_name."@path" = "$.traits.first" # dotted', '+ first_name."@path" = "$.f" # dotted',
    ]),
    (fields(location={"city": "Basel", "zip": "3000"}), [
        '- location = { city = "Bern", zip = "3000" } # inline',
        '+ location = { city = "Basel", zip = "3000" } # inline',
    ]),
    (fields(properties={"plan": "free", "seats": 3}), ['- plan = "pro" # sub', '+ plan = "free" # sub', "+ seats = 3"]),
    (fields(z=1, a=None, m=True), [
        "+ z = 1", '+ a = { "@json" = { mode = "decode", value = "null" } }', "+ m = true",
    ]),
    (fields(title=...), ["- \"title\" = 'x'"]),
    (fields(birthday=1), ["- birthday = 2026-01-02", "+ birthday = 1"]),
    (mapping(name="New"), ['- name = "A" # the name', '+ name = "New" # the name']),
    (mapping(enabled=False), ["+ enabled = false"]),
    (mapping(on_invalid_phone="drop"), ['+ on_invalid_phone = "drop"']),
    (mapping(1, enabled=False), ["- enabled = true", "+ enabled = false"]),
    (mapping(1, fields={"email": {"@path": "$.m"}}), ['- "@path" = "$.mail" # here', '+ "@path" = "$.m" # here']),
    (lambda config: config.settings.update(revision="2027-01-01"), [
        '- revision = "2026-07-15" # dated', '+ revision = "2027-01-01" # dated',
    ]),
    (lambda config: config.settings.update(zone="x"), ['+ zone = "x"']),
    (lambda config: config.extra.update(colour="red"), ['+ colour = "red"']),
    (lambda config: setattr(config, "version", 2), ["- version = 1 # first", "+ version = 2 # first"]),
    (lambda config: config.mappings.append(NEW), [*NEW_LINES, "+ "]),
    (lambda config: config.mappings.insert(0, NEW), [*NEW_LINES, "+ "]),
])  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_edit_changes_its_lines_alone(edit: Edit, lines: list[str], end: str) -> None:
    text = TEXT.replace("\n", end)
    result = saved(text, edit)
    # an empty line of an added mapping may be told apart from another in two ways
    assert sorted(line for line in difference(text, result) if line != "+ ") == sorted(
        line for line in lines if line != "+ "
    )
    assert result.count("\n") == result.count(end)


@pytest.mark.parametrize(("edit", "lost"), [
    (fields(email=...), ["# where it is"]),
    (fields(tags=[1]), ["# many"]),
    (fields(first_name={"@template": "x"}), ["# dotted"]),
    (fields(properties=5), ["# sub"]),
    (fields(properties=...), ["# sub"]),
    (mapping(1, fields={}), ["# here"]),
    (lambda config: config.mappings.pop(), ["# About B.", "# here"]),
    (lambda config: config.settings.clear(), ["# dated"]),
])  # fmt: skip
def test_comments_that_cannot_be_kept_are_named_by_their_lines(edit: Edit, lost: list[str]) -> None:
    with pytest.raises(CommentsWouldBeLost) as caught:
        saved(TEXT, edit)
    told = "\n".join(TEXT.splitlines()[line - 1] for line in caught.value.lines)
    assert [f"# {line.partition(' # ')[2] or line.removeprefix('# ')}" for line in told.splitlines()] == lost
    result = saved(TEXT, edit, lose_comments=True)
    assert "# The shop." in result
    assert "# At the end." in result


@pytest.mark.parametrize(("old", "new"), [
    (1, True), (True, 1), ([1], [True]), ({"a": [0, {"b": 1}]}, {"a": [0, {"b": True}]}), (1, 1.5), ("1", 1),
    (0, False), ({}, []), ("", {}), ({"a": None}, {"a": "null"}),
])  # fmt: skip
def test_values_that_python_thinks_equal_are_told_apart(old: Json, new: Json) -> None:
    text = Config(mappings=[Mapping(name="A", action="trackEvent", trigger="a", fields={"x": old})]).dumps()
    result = saved(text, fields(x=new))
    assert result != text
    assert same(read(result, "").mappings[0].fields["x"], parse(result)["mapping"][0]["fields"]["x"])


def test_mappings_that_change_places_take_their_comments_along() -> None:
    result = saved(TEXT, lambda config: config.mappings.reverse())
    assert result == HEAD + SECOND.removeprefix("\n") + "\n" + FIRST + TAIL


def test_a_copy_of_a_mapping_leaves_the_original_alone() -> None:
    result = saved(TEXT, lambda config: config.mappings.insert(1, replace(config.mappings[0], name="A (Copy)")))
    assert result.startswith(HEAD + FIRST)
    assert result.endswith(SECOND + TAIL)


def test_a_style_that_cannot_be_kept_is_written_anew_when_that_loses_nothing() -> None:
    text = "mapping = [{ name = 'A', action = 'upsertProfile', trigger = 'a = 1', fields = { title = 'x' } }]"
    assert saved(text, fields(title="y")).startswith("[[mapping]]\n")
    with pytest.raises(CommentsWouldBeLost) as caught:
        saved(f"{text} # mine", fields(title="y"))
    assert caught.value.lines == [1]


def test_a_mark_at_the_beginning_stays_there() -> None:
    result = saved(f"\ufeff{TEXT}", fields(title="y"))
    assert result.startswith("\ufeff# The shop.")
    assert result.count("\ufeff") == 1


def test_a_last_line_without_end_gets_one_before_what_is_added() -> None:
    text = "[[mapping]]\nname = 'A'\naction = 'x'\ntrigger = 'a'\n[mapping.fields]"
    assert saved(text, fields(title="x", last="y")).startswith(f'{text}\ntitle = "x"\n')
    assert saved("team = 'a'", lambda config: config.mappings.append(NEW)).startswith("team = 'a'\n\n[[mapping]]")


UNREADABLE = ["a = \n", "mapping = [1]\n", "[mapping]\nname = 'A'\n", "settings = 5\n", "mapping = 5\n", "{}"]


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_text_with_parts_that_cannot_be_read_is_not_written_over(text: str) -> None:
    config = Config(text=text)
    assert config.dumps() == text
    config.mappings.append(NEW)
    with pytest.raises(ConfigError, match="mend them first"):
        config.dumps(lose_comments=True)


def test_what_is_wrong_in_one_mapping_stays_as_it_is_when_another_is_changed() -> None:
    wrong = TEXT.replace("enabled = true", 'enabled = "yes"\ncolour = 1')
    assert difference(wrong, saved(wrong, fields(title="y"))) == ["- \"title\" = 'x'", '+ "title" = "y"']


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["x", "\n[[mapping]]", "'''", "#", ""]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "city", "@path", "k]"]), inner),
    max_leaves=4,
)
KEYS = st.sampled_from(["email", "title", "location", "first_name", "tags", "properties", "birthday", "new", "a b"])


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    """A few random changes, one after the other."""
    kinds = draw(
        st.lists(st.sampled_from(["field", "field", "drop", "name", "move", "add", "delete", "head"]), max_size=4)
    )
    drawn = [(kind, draw(KEYS), draw(JSON), draw(st.integers(0, 2)), draw(st.integers(0, 2))) for kind in kinds]

    def edit(config: Config) -> None:
        for kind, key, value, first, second in drawn:
            if kind == "head":
                config.extra[key] = value
            elif kind == "add":
                config.mappings.insert(first, replace(NEW, fields={key: value}))
            elif config.mappings:
                number = first % len(config.mappings)
                one = config.mappings[number]
                match kind:
                    case "field":
                        config.mappings[number] = replace(one, fields={**one.fields, key: value})
                    case "drop":
                        kept = {name: item for name, item in one.fields.items() if name != key}
                        config.mappings[number] = replace(one, fields=kept)
                    case "name":
                        config.mappings[number] = replace(one, name=key, enabled=bool(second))
                    case "move":
                        config.mappings.insert(second, config.mappings.pop(number))
                    case _:
                        del config.mappings[number]

    return edit


@given(edits(), st.sampled_from([TEXT, TEXT.replace("\n", "\r\n"), TEXT.rstrip("\n"), HEAD + FIRST, f"\ufeff{SECOND}"]))
def test_any_edits_are_saved_as_they_are_and_lose_no_comment_untold(edit: Edit, text: str) -> None:
    result = saved(text, edit, lose_comments=True)
    before, after = (
        sorted(source.text[offset:].splitlines()[0] for offset in source.comments)
        for source in (scan(each.removeprefix("\ufeff")) for each in (text, result))
    )
    lines = text.splitlines()
    told: list[int] = []
    try:
        assert saved(text, edit) == result
    except CommentsWouldBeLost as loss:
        told = loss.lines
    assert len(before) - len(after) == len(told)
    assert all("#" in lines[line - 1] for line in told)
    assert told or before == after
