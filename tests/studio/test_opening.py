"""What is wrong with a file is told when it is opened, at its place, until it is mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.config import Config, ConfigError
from actions.klaviyo import KLAVIYO
from studio.documents import samples_beside
from studio.problems import OF_FILE
from studio.session import Session

HEAD = 'version = 1\ndestination = "klaviyo"\n'
MAPPING = """
[[mapping]]
name = "{name}"
action = "upsertProfile"
trigger = 'type = "identify"'
{more}
[mapping.fields]
email = {{ "@path" = "$.traits.email" }}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.toml"


def opened(path: Path, text: str) -> Session:
    path.write_text(HEAD + text)
    return Session.open(path)


def told(session: Session) -> list[tuple[int, str]]:
    return [(problem.mapping_index, problem.message) for problem in session.problems()]


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ('enabled = "yes"', "`enabled` must be true or false but it is a string"),
        ('on_invalid_phone = "explode"', '`on_invalid_phone` must be "reject" or "drop"'),
        ('note = "mine"', "'note' is not known here and is kept as it is"),
    ],
)
def test_what_a_mapping_cannot_hold_is_told_at_it_until_it_is_edited(path: Path, more: str, problem: str):
    session = opened(path, MAPPING.format(name="First", more="") + MAPPING.format(name="Second", more=more))
    assert told(session) == [(1, problem)]
    assert session.problem_of_mapping() == ""
    session.mapping_index = 1
    assert session.problem_of_mapping() == problem
    session.rename_mapping("Other")
    assert told(session) == []
    session.undo()
    assert told(session) == [(1, problem)]


def test_a_mapping_without_action_or_trigger_says_so(path: Path):
    session = opened(path, '[[mapping]]\nname = "Empty"\n')
    assert told(session) == [(0, "`action` is missing"), (0, "`trigger` is missing")]
    assert session.problem_of_mapping() == "`action` is missing"


def test_the_same_name_twice_is_told_once_and_goes_with_the_name(path: Path):
    session = opened(path, MAPPING.format(name="Twin", more="") * 2)
    assert told(session) == [(1, "another mapping has this name; names tell mappings apart")]
    session.mapping_index = 1
    session.rename_mapping("Other")
    assert told(session) == []


def test_more_mappings_than_segment_allows_open_and_are_told_until_they_are_fewer(path: Path):
    session = opened(path, "".join(MAPPING.format(name=f"M{number}", more="") for number in range(51)))
    assert len(session.document.mappings) == 51
    assert told(session) == [(OF_FILE, "there are 51 mappings; Segment allows 50")]
    with pytest.raises(ValueError, match="51 mappings"):
        session.need_room()
    session.delete_mapping()
    assert told(session) == []
    with pytest.raises(ValueError, match="50 mappings"):
        session.need_room()
    session.delete_mapping()
    session.need_room()


def test_a_file_that_is_no_toml_opens_and_says_where_and_is_never_written_over(path: Path):
    session = opened(path, "[[mapping]\n")
    assert session.document.mappings == ()
    assert "shop.toml:3" in session.problem_of_mapping()
    before = path.read_bytes()
    session.add_mapping(KLAVIYO.actions["trackEvent"])
    with pytest.raises(ConfigError, match="left as it is"):
        session.save()
    assert path.read_bytes() == before


def test_a_key_in_a_file_is_told_without_it_and_gone_with_the_next_saving(path: Path):
    key = "pk_0123456789abcdef0123456789abcdef01"
    session = opened(path, f'[settings]\napi_key = "{key}"\n{MAPPING.format(name="First", more="")}')
    ((index, message),) = told(session)
    assert index == OF_FILE
    assert "API key" in message
    assert key not in message
    session.toggle_mapping()
    session.save()
    assert key not in path.read_text()
    assert told(session) == []


def test_a_new_file_is_made_with_samples_to_begin_with(path: Path):
    session = Session.create(path)
    assert Config.load(path).mappings == []
    assert samples_beside(path).exists()
    assert not session.changed
    assert session.sample is not None


def test_a_new_file_keeps_samples_that_are_there_already(path: Path):
    samples_beside(path).write_text('{"type":  "page"}\n')
    session = Session.create(path)
    assert [sample.event for sample in session.document.samples] == [{"type": "page"}]


def test_a_new_file_that_cannot_be_made_is_told_at_once(tmp_path: Path):
    with pytest.raises(ConfigError, match="cannot be written"):
        Session.create(tmp_path / "nowhere" / "shop.toml")
