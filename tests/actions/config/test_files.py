from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from actions.config import Config, ConfigError

TEXT = "[[mapping]]\nname = 'A'\naction = 'upsertProfile'\ntrigger = 'type = \"page\"' # mine\n"


def opened(path: Path) -> Config:
    """A file that was read, with a change to save."""
    path.write_text(TEXT)
    config = Config.load(path)
    config.mappings[0] = replace(config.mappings[0], enabled=False)
    return config


def test_permissions_stay_and_a_link_goes_on_pointing(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "link.toml"
    link.symlink_to(real)
    config = opened(link)
    real.chmod(0o640)
    config.save()
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert real.read_text() == f"{TEXT}enabled = false\n"
    assert sorted(tmp_path.iterdir()) == [link, real]


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        Config().save(tmp_path / "new.toml")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.toml").stat().st_mode) == 0o640


@pytest.mark.parametrize(("module", "name"), [(os, "fsync"), (Path, "replace"), (Path, "chmod")])
def test_a_file_that_cannot_be_written_stays_whole_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, name: str
) -> None:
    path = tmp_path / "shop.toml"
    config = opened(path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, name, full)
    with pytest.raises(ConfigError, match=r"shop\.toml: .*it cannot be written \(No space left on device\)"):
        config.save()
    assert path.read_text() == TEXT
    assert list(tmp_path.iterdir()) == [path]
    assert config.text == TEXT


def test_an_interrupted_save_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "shop.toml"
    config = opened(path)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        config.save()
    assert path.read_text() == TEXT
    assert list(tmp_path.iterdir()) == [path]


def test_saving_elsewhere_goes_on_there(tmp_path: Path) -> None:
    config = opened(tmp_path / "a.toml")
    config.save(tmp_path / "b.toml")
    config.mappings[0] = replace(config.mappings[0], name="B")
    config.save()
    assert (tmp_path / "a.toml").read_text() == TEXT
    assert Config.load(tmp_path / "b.toml").mappings[0].name == "B"
    assert config.path == tmp_path / "b.toml"


@pytest.mark.parametrize("name", ["none/shop.toml", "folder", "a.toml/shop.toml", "loop", "a\0b", "n" * 300])
def test_a_place_where_no_file_can_be_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    config = opened(tmp_path / "a.toml")
    with pytest.raises(ConfigError, match="cannot be written"):
        config.save(tmp_path / name)
    assert config.path == tmp_path / "a.toml"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.toml", "folder", "loop"]


def test_a_configuration_without_a_name_is_not_saved() -> None:
    with pytest.raises(ConfigError, match="has no file yet"):
        Config().save()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none.toml", "there is no such file; `studio init`"),
        ("folder", "this is a folder"),
        ("loop", "cannot be read"),
        ("a\0b", "cannot be read"),
        ("latin.toml", "not UTF-8"),
        ("latin.toml/x", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_its_name(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "latin.toml").write_bytes("a = 1\nb = 'é'\n".encode("latin-1"))
    with pytest.raises(ConfigError, match=words) as caught:
        Config.load(tmp_path / name)
    [problem] = caught.value.problems
    assert problem.source == str(tmp_path / name)
    assert problem.line == (2 if words == "not UTF-8" else 0)
