import re
from pathlib import Path

import pytest

from studio.keymap import read_keymap
from studio.tui.keys import KEYS_WHILE_TYPING, USUAL_KEYS


def test_without_a_file_the_keys_are_as_they_are(tmp_path: Path):
    assert read_keymap(tmp_path / "keys.toml", USUAL_KEYS) == ({}, [])


def test_a_key_is_given_another_by_name(tmp_path: Path):
    path = tmp_path / "keys.toml"
    path.write_text('save = "ctrl+w"\nsend = "f12"\n')
    assert read_keymap(path, USUAL_KEYS) == ({"save": "ctrl+w", "send": "f12"}, [])


def test_two_can_swap_their_keys_and_one_can_have_several(tmp_path: Path):
    path = tmp_path / "keys.toml"
    path.write_text('save = "ctrl+r"\nsend = "ctrl+s, f12"\nnext-sample = "n"\nundo = "ctrl+z"\n')
    keys = {"save": "ctrl+r", "send": "ctrl+s,f12", "next-sample": "n", "undo": "ctrl+z"}
    assert read_keymap(path, USUAL_KEYS, KEYS_WHILE_TYPING) == (keys, [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("saev = 'f12'", ":2: there is no 'saev'; did you mean 'save'"),
        ("[keys]\nsave = 'f12'", ":2: there is no 'keys'; there are save, send"),
        ("save = 5", ":2: save must be a key as text"),
        ("save = 'strg+s'", ":2: 'strg+s' is no key; keys are written as ctrl+w"),
        ("save = 'ctrl+'", ":2: 'ctrl+' is no key"),
        ("save = 'ctrl+w,'", ":2: '' is no key"),
        ("save = 'f99'", ":2: 'f99' is no key"),
        ("save = 'ctrl+r'", ":2: ctrl+r is the key of send; take another, or give send another one too"),
        ("save = 'x'", ":2: save works while you type, so it cannot be 'x'"),
        ("save = 'enter'", ":2: save works while you type, so it cannot be 'enter'"),
        ("save = 'left_square_bracket'", ":2: save works while you type"),
        ("save =", "cannot be read: Invalid value (at line 2, column 7)"),
        ("save = 'f12'\nsave = 'f11'", "cannot be read: Cannot overwrite a value (at line 3"),
        ("save = '\udc80'", "cannot be read"),
    ],
)
def test_what_is_wrong_with_the_file_is_told_with_its_line_and_what_to_do(tmp_path: Path, text: str, words: str):
    path = tmp_path / "keys.toml"
    path.write_bytes(f"# mine\n{text}\n".encode(errors="surrogateescape"))
    keys, problems = read_keymap(path, USUAL_KEYS, KEYS_WHILE_TYPING)
    assert keys == {}
    assert words in problems[0]
    assert str(path) in problems[0]


def test_of_two_that_want_one_key_the_first_has_it(tmp_path: Path):
    path = tmp_path / "keys.toml"
    path.write_text('save = "f12"\nsend = "f12"\n')
    keys, problems = read_keymap(path, USUAL_KEYS, KEYS_WHILE_TYPING)
    assert keys == {"save": "f12"}
    assert problems == [f"{path}:2: f12 is the key of save; take another, or give save another one too"]


def test_the_readme_names_all_that_can_have_another_key():
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    named = readme.partition("The names are ")[2].partition(". What is wrong")[0]
    assert re.findall(r"`([a-z-]+)`", named) == list(USUAL_KEYS)
