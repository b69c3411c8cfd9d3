"""Journals that nobody needs any more are deleted; those that something still needs stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import identify, write_events

from actions.delivery.journal import Journal
from studio.runs import all_journals, new_journal


@pytest.fixture
def names(studio, config, tmp_path: Path) -> list[str]:
    """Three runs that have finished, the oldest last."""
    for number in range(3):
        studio("run", config, write_events(tmp_path / f"{number}.ndjson", identify(f"p{number}@example.com")))
    found = all_journals()
    for days, path in enumerate(found):
        note(path, changed=f"2026-01-{20 - days * 10 or 1:02}T10:00:00+0000" if days else "2999-01-01T10:00:00+0000")
    return [path.stem for path in found]


def note(path: Path, **facts: str) -> None:
    with Journal(path) as journal, journal.transaction():
        journal.note(**facts)


def test_runs_go_by_name_with_all_their_files(studio, names):
    result = studio("runs", "remove", *names[:2])
    assert (result.exit_code, result.stderr) == (0, "2 runs removed.\n")
    folder = new_journal().parent
    assert {path.name.partition(".")[0] for path in folder.iterdir()} == {names[2]}
    assert "there is no run" in studio("runs", "remove", names[0]).stderr


def test_by_age_only_what_has_finished_goes(studio, names):
    note(all_journals()[2], state="stopped")
    result = studio("runs", "remove", "--older-than", "30d")
    assert (result.exit_code, result.stderr) == (0, "1 run removed.\n")
    assert [path.stem for path in all_journals()] == [names[0], names[2]]
    assert studio("runs", "remove", "--older-than", "30d").stderr == "0 runs removed.\n"


def test_what_is_needed_still_stays_and_says_why(studio, names):
    writing, going_on, other = all_journals()
    note(going_on, sync="retl-1", state="stopped")
    other.write_bytes(b"no journal")
    with Journal(writing):
        result = studio("runs", "remove", *names)
    assert result.exit_code == 1
    assert f"{names[0]} stays: it is going on; end it first." in result.stderr
    assert f"{names[1]} stays: a sync was broken off in it" in result.stderr
    assert f"{names[2]} stays: it is no journal of a run" in result.stderr
    assert len(all_journals()) == 3


def test_a_name_that_is_wrong_removes_nothing(studio, names):
    assert "there is no run 'none'" in studio("runs", "remove", names[0], "none").stderr
    assert studio("runs", "remove", names[0], names[0]).stderr == "1 run removed.\n"
    assert len(all_journals()) == 2


@pytest.mark.parametrize("arguments", [(), ("20", "--older-than", "1d")])
def test_it_wants_names_or_an_age(studio, arguments):
    result = studio("runs", "remove", *arguments)
    assert (result.exit_code, "name the runs that are to go" in result.stderr) == (2, True)
