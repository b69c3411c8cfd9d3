"""The app opened in a terminal, as a person does it."""

from __future__ import annotations

import base64
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from commands import CONFIG

from actions.config import Config
from studio.documents import samples_beside
from studio.tui.tmux import copy_in_tmux

_LONGEST_WAIT = 20.0


class Terminal:
    """A process in a terminal of its own: what it writes, and keys for it."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self._master = master
        self._written = b""

    def shows(self, text: str) -> bool:
        """Whether it comes to write a text."""
        ends = time.monotonic() + _LONGEST_WAIT
        while text.encode() not in self._written and time.monotonic() < ends:
            if select.select([self._master], [], [], 0.1)[0]:
                try:
                    self._written += os.read(self._master, 65536)
                except OSError:  # it has ended
                    break
        return text.encode() in self._written

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def vanish(self) -> None:
        """Close the terminal. The process has it not as controlling terminal, so nobody sends it SIGHUP."""
        os.close(self._master)
        self._master = -1

    def close(self) -> None:
        if self._master >= 0:
            self.vanish()


@contextmanager
def terminal(*arguments: str, folder: Path) -> Iterator[Terminal]:
    master, slave = pty.openpty()
    command = [sys.executable, "-c", "from studio.cli import main; main()", *arguments]
    here = str(Path(__file__).parents[3])
    names = ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")
    homes = {name: str(folder / name.lower()) for name in names}
    environment = {**os.environ, **homes, "PYTHONPATH": here, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, cwd=folder, env=environment)  # noqa: S603 - the program under test
    os.close(slave)
    shown = Terminal(process, master)
    try:
        yield shown
    finally:
        process.kill()
        process.wait()
        shown.close()


def test_a_file_that_does_not_exist_is_offered_to_be_created_and_opens(tmp_path: Path):
    with terminal("shop.toml", folder=tmp_path) as shown:
        assert shown.shows("shop.toml does not exist. Create it?")
        assert not (tmp_path / "shop.toml").exists()
        shown.press("\r")
        assert shown.shows("SANDBOX")
        assert Config.load(tmp_path / "shop.toml").mappings == []
        assert samples_beside(tmp_path / "shop.toml").exists()


def test_one_that_is_not_wanted_is_not_created(tmp_path: Path):
    with terminal("shop.toml", folder=tmp_path) as shown:
        assert shown.shows("Create it?")
        shown.press("n\r")
        assert shown.process.wait(_LONGEST_WAIT) == 0
        assert not (tmp_path / "shop.toml").exists()


@pytest.mark.parametrize(
    ("name", "told"), [("nowhere/shop.toml", "there is no folder"), ("folder.toml", "this is a folder")]
)
def test_what_cannot_be_a_file_is_told_before_the_screen_is_taken(tmp_path: Path, name: str, told: str):
    (tmp_path / "folder.toml").mkdir()
    with terminal(name, folder=tmp_path) as shown:
        assert shown.shows(told)
        assert shown.process.wait(_LONGEST_WAIT) == 2


def test_a_terminal_that_vanishes_ends_the_app_and_unsaved_work_is_offered_again(tmp_path: Path):
    path = tmp_path / "shop.toml"
    path.write_text(CONFIG)
    with terminal("shop.toml", folder=tmp_path) as shown:
        assert shown.shows("2/50")
        shown.press("c")
        assert shown.shows("People (Copy)")
        shown.vanish()
        assert shown.process.wait(_LONGEST_WAIT) == 129
    assert path.read_text() == CONFIG
    with terminal("shop.toml", folder=tmp_path) as shown:
        assert shown.shows("There is unsaved work on shop.toml")


def test_a_copy_reaches_the_clipboard_through_the_terminal(tmp_path: Path):
    (tmp_path / "shop.toml").write_text(CONFIG)
    (tmp_path / "shop.samples.ndjson").write_text('{"type":"page","name":"\\u001b[31m漢"}\n')
    with terminal("shop.toml", folder=tmp_path) as shown:
        assert shown.shows("2/50")
        shown.press("y")
        assert shown.shows("Sample as JSON")
        shown.press("as json\x1b[B\r")
        copied = '{\n  "type": "page",\n  "name": "\\u001b[31m漢"\n}\n'
        assert shown.shows(f"\x1b]52;c;{base64.b64encode(copied.encode()).decode()}\x07")


async def test_in_tmux_a_copy_is_given_to_tmux_which_drops_what_terminals_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    tmux = tmp_path / "tmux"
    tmux.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ncat > {tmp_path}/copied\n')
    tmux.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.delenv("TMUX", raising=False)
    await copy_in_tmux("nobody")
    assert not (tmp_path / "asked").exists()
    monkeypatch.setenv("TMUX", "socket,1,0")
    await copy_in_tmux("漢\n")
    assert (tmp_path / "asked").read_text() == "load-buffer -w -\n"
    assert (tmp_path / "copied").read_text() == "漢\n"
    tmux.unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    await copy_in_tmux("no tmux to be found is no error")
