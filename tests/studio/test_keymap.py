from pathlib import Path

import pytest

from studio.keymap import read_keymap
from studio.tui.keys import KEY_NAMES


def test_without_a_file_the_keys_are_as_they_are(tmp_path: Path):
    assert read_keymap(tmp_path / "keys.toml", KEY_NAMES) == ({}, [])


def test_a_key_is_given_another_by_name(tmp_path: Path):
    path = tmp_path / "keys.toml"
    path.write_text('save = "ctrl+w"\nsend = "f12"\n')
    assert read_keymap(path, KEY_NAMES) == ({"save": "ctrl+w", "send": "f12"}, [])


@pytest.mark.parametrize(
    ("text", "words"),
    [("saev = 'f12'", "did you mean 'save'"), ("save = 5", "must be a key as text"), ("save =", "cannot be read")],
)
def test_what_is_wrong_with_the_file_is_told(tmp_path: Path, text: str, words: str):
    path = tmp_path / "keys.toml"
    path.write_text(text)
    keys, problems = read_keymap(path, KEY_NAMES)
    assert keys == {}
    assert words in problems[0]
