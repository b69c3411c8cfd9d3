"""The `[source]` of a configuration, and which changes of its rows a mapping takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.config import Config, ConfigError
from actions.config.checks import check_file
from actions.config.reading import read
from actions.config.row_changes import CHANGES, changes_of
from actions.config.source import Source
from actions.values import Json

MAPPING = """
[[mapping]]
name = "A"
action = "upsertProfile"
on = ["added", "updated"]
fields = { email = { "@path" = "$.previous.email" } }
"""
SOURCE = """
[source] # ours
kind = "duckdb"
model = "select 1 as id"
id = "id" # the key
"""


def test_a_source_is_read_and_written_back_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(SOURCE + MAPPING)
    config = Config.load(path)
    assert config.source == Source(kind="duckdb", model="select 1 as id", id="id")
    assert config.mappings[0].on == ("added", "updated")
    assert config.mappings[0].trigger == 'event = "new" or event = "updated"'
    assert config.warnings == []
    config.save()
    assert path.read_text() == SOURCE + MAPPING
    config.mappings[0] = replace(config.mappings[0], name="B")
    config.save()
    assert path.read_text() == (SOURCE + MAPPING).replace('"A"', '"B"')


def test_what_the_action_takes_is_taken_where_nothing_is_said() -> None:
    text = MAPPING.replace('on = ["added", "updated"]\n', "")
    with pytest.raises(ConfigError, match="`trigger` is missing"):
        Config.loads(text)
    [mapping] = Config.loads(SOURCE + text).mappings
    assert mapping.on is None
    assert changes_of(mapping) == ("added", "updated")
    assert mapping.trigger == 'event = "new" or event = "updated"'


@given(
    st.fixed_dictionaries(
        {"model": st.text(min_size=1, max_size=50).filter(str.strip), "id": st.text(min_size=1).filter(str.strip)},
        optional={"database": st.sampled_from(["shop.duckdb", "a b.db", "md:shop"]), "note": st.integers()},
    ),
    st.lists(st.sampled_from(CHANGES), min_size=1, unique=True),
)
def test_any_source_comes_back_as_it_was(table: dict[str, str], changes: list[str]) -> None:
    config = Config.loads(MAPPING)
    extra: dict[str, Json] = {"note": table["note"]} if "note" in table else {}
    source = Source(model=table["model"], id=table["id"], database=table.get("database", ""), extra=extra)
    mapping = replace(config.mappings[0], on=tuple(changes))
    written = Config(mappings=[mapping], source=source)
    try:
        text = written.dumps()
    except ConfigError:  # half of a surrogate pair
        return
    found = Config.loads(text)
    assert (found.source, found.mappings) == (source, [mapping])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("source = 1\n", [(1, "[source] must be a table but it is a number")]),
        ("[source]\n", [(1, "`model` is missing"), (1, "`id` is missing")]),
        ('[source]\nkind = "postgresql"\nmodel = "x"\nid = "id"\n', [(2, "did you mean 'postgres'?")]),
        ('[source]\nkind = "oracle"\nmodel = "x"\nid = "id"\n', [(2, "there are duckdb, postgres")]),
        ('[source]\nmodel = "x"\nmodel_file = "y"\nid = 7\n', [(3, "both `model`"), (4, "must be a text")]),
        (f'[source]\nmodel = "{"x" * 65_536}"\nid = "id"\n', [(2, "65,536 characters and Segment takes 65,535")]),
        ('[source]\nmodel = "x"\nid = "id"\nkind = "postgres"\n', [(1, "PostgreSQL needs `dsn_env`")]),
        ('[source]\nmodel = "x"\nid = "id"\ndsn_env = "postgres://a:secret@b/c"\n', [(4, "environment variable")]),
        ('[source]\nmodel = "x"\nid = "id"\ndatabase = "postgres://a:secret@b/c"\n', [(4, "a password stands here")]),
        ('[source]\nmodel = "x"\nid = "id"\ndatabase = "host=b password = secret"\n', [(4, "a password stands here")]),
        ('[source]\nmodel = "x"\nid = "id"\ndatabase = "a"\ndsn_env = "B"\n', [(5, "both `database` and `dsn_env`")]),
        ('[source]\nmodel = "x"\nid = ""\n', [(3, "`id` must be a text but it is empty")]),
    ],
)
def test_all_that_is_wrong_with_a_source_is_told(text: str, told: list[tuple[int, str]]) -> None:
    problems = [problem for problem in read(text, "shop.toml").problems if problem.severity == "error"]
    assert [problem.line for problem in problems] == [line for line, _ in told]
    for problem, (_, words) in zip(problems, told, strict=True):
        assert words in problem.message
        assert "secret" not in str(problem)


def test_a_source_that_cannot_be_used_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text("[source]\nid = 7\n" + MAPPING)
    config, _ = Config.read(path)
    config.mappings[0] = replace(config.mappings[0], name="B")
    config.save()
    assert path.read_text() == "[source]\nid = 7\n" + MAPPING.replace('"A"', '"B"')


@pytest.mark.parametrize("on", ["[]", '"added"', '["new"]', '["added", "added"]', "[1]", "true", "{}"])
def test_changes_that_there_are_not_are_told(on: str) -> None:
    text = MAPPING.replace('["added", "updated"]', on)
    [problem] = read(text, "shop.toml").problems
    assert (problem.line, problem.mapping, problem.severity) == (5, "A", "error")
    assert '`on` must be a list of "added", "updated", "deleted"' in problem.message


def mapping(action: str, fields: str, rest: str = "") -> str:
    return f'[[mapping]]\nname = "A"\naction = "{action}"\n{rest}\nfields = {{ {fields} }}\n'


EMAIL, PREVIOUS, OWN = (
    f'email = {{ "@path" = "$.{path}" }}' for path in ("properties.email", "previous.email", "__segment_id")
)
LISTED = ', list_id = "Abc123"'
ORDER = ', unique_id = "a", order_id = "a", event_name = "x", properties = {}, products = []'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (mapping("upsertProfile", EMAIL), []),
        (mapping("upsertProfile", EMAIL, 'on = ["added"]'), []),
        (mapping("upsertProfile", PREVIOUS, 'on = ["deleted"]'), ["Remove Profile is for deleted rows"]),
        (mapping("removeProfile", PREVIOUS + LISTED, 'on = ["deleted"]'), []),
        (mapping("removeProfile", OWN + LISTED, 'on = ["deleted"]'), []),
        (mapping("removeProfile", EMAIL + LISTED, 'on = ["deleted"]'), ["read $.previous.email, the row as it was"]),
        (mapping("removeProfile", OWN + LISTED), ["every row of the first sync is removed"]),
        (mapping("removeProfile", OWN + LISTED, "trigger = 'event = \"deleted\"'"), []),
        (mapping("removeProfile", OWN + LISTED, 'on = ["updated"]'), ["removes its person once more"]),
        (mapping("subscribeProfile", OWN + LISTED), ["also subscribed when the row is deleted"]),
        (mapping("subscribeProfile", EMAIL + LISTED, 'on = ["added"]'), []),
        (mapping("subscribeProfile", EMAIL + LISTED, 'on = ["updated"]'), ["those too who have unsubscribed since"]),
        (mapping("unsubscribeProfile", EMAIL, 'on = ["updated"]'), ["those too who have subscribed since"]),
        (mapping("unsubscribeProfile", OWN), ["every row of the first sync is unsubscribed"]),
        (
            mapping("trackEvent", f'metric_name = "x", properties = {{}}, profile = {{ {EMAIL} }}', 'on = ["updated"]'),
            ["each change of a row becomes another event"],
        ),
        (
            mapping("trackEvent", f'metric_name = "x", properties = {{}}, profile = {{ {EMAIL} }}', 'on = ["deleted"]'),
            ["Segment foresees added rows only", "so nobody is found"],
        ),
        (
            mapping("addProfileToList", f'{EMAIL}, list_id = {{ "@path" = "$.properties.list" }}', 'on = ["added"]'),
            ["use Upsert Profile with its List"],
        ),
        (mapping("upsertProfile", EMAIL, "trigger = 'type = \"identify\"'"), ["on none of which", "identify calls"]),
        (
            mapping("upsertProfile", EMAIL, "trigger = 'event = \"deleted\" and properties.vip = true'"),
            ['it fires on deleted rows only, and the mapping takes added and updated ones; write on = ["deleted"]'],
        ),
        (
            mapping("upsertProfile", EMAIL, 'on = ["added"]\ntrigger = \'!(event = "new" or event = "updated")\''),
            [
                "it fires on deleted rows only",
            ],
        ),
        (mapping("upsertProfile", 'external_id = { "@path" = "$.userId" }'), ["rows have no userId"]),
    ],
)
def test_traps_of_mappings_that_take_rows(tmp_path: Path, text: str, told: list[str]) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(SOURCE + text)
    found = [problem for problem in check_file(path) if problem.severity == "warning"]
    assert len(found) == len(told), found
    for problem, words in zip(found, told, strict=True):
        assert words in problem.message
        assert problem.mapping == "A"
        assert problem.line >= 6
