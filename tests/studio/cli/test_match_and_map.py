"""`studio match` and `studio map`."""

from __future__ import annotations

import json

from commands import documents, track, write_events


def test_match_explains_each_event(studio, tmp_path):
    events = write_events(tmp_path / "e.ndjson", track("a", total=150), track("a", total=42), track("a"))
    result = studio("match", "properties.total > 100", events)
    assert result.exit_code == 0
    first, second, third = result.stdout.split("track · Seen")[1:]
    assert "✓ properties.total > 100" in first
    assert "properties.total is 42, not above 100" in second
    assert "properties.total is missing" in third
    assert result.stderr == "1 of 3 events fire it.\n"


def test_match_gives_the_tree_as_json(studio, tmp_path):
    events = write_events(tmp_path / "e.ndjson", track("a", total=150), {"type": "page"})
    result = studio("match", 'type = "track" and properties.total > 100', events, "--json")
    fires, not_fires = documents(result.stdout)
    assert (fires["line"], fires["fires"]) == (1, True)
    assert not_fires["why"]["children"][0]["result"] is False
    assert fires["why"]["children"][1]["text"] == "properties.total > 100"


def test_a_trigger_that_cannot_be_read_is_pointed_at(studio):
    result = studio("match", 'type == "track')
    assert result.exit_code == 2
    problem, line, pointer = result.stderr.splitlines()[:3]
    assert problem.startswith("studio: the trigger cannot be read: line 1, column ")
    column = int(problem.split("column ")[1].split(":")[0])
    assert line == '  type == "track'
    assert pointer == f"  {' ' * (column - 1)}^"


def test_map_prints_what_the_mapping_makes(studio, tmp_path):
    events = write_events(tmp_path / "e.ndjson", track("ANN@example.com"), {})
    mapping = '{"mail": {"@case": {"operator": "lower", "value": {"@path": "$.properties.email"}}}}'
    result = studio("map", mapping, events, "--json")
    assert result.exit_code == 0
    assert result.stdout == '{"mail":"ann@example.com"}\n{}\n'
    assert studio("map", '{"@path": "$.properties.email"}', events).stdout == '"ANN@example.com"\nnull\n'


def test_map_reads_the_mapping_from_a_file(studio, tmp_path):
    (tmp_path / "m.json").write_text(json.dumps({"a": {"@path": "$.event"}}, indent=2))
    result = studio("map", tmp_path / "m.json", write_events(tmp_path / "e.ndjson", track("a")), "--json")
    assert result.stdout == '{"a":"Seen"}\n'


def test_map_takes_the_starters_samples_where_no_events_are_named(studio):
    assert len(studio("map", '{"@path": "$.type"}').stdout.splitlines()) == 8
