"""A program in a pseudo-terminal, and what its screen shows: enough of a terminal for what Textual writes."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_SEQUENCE = re.compile(
    r"\x1b(?:\[(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])"  # CSI
    r"|\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC
    r"|P[^\x1b]*\x1b\\"  # DCS
    r"|[()][0-9A-Z]"  # character sets
    r"|[^\[\]P()])"
)

_QUIET = 0.001
"""Seconds behind which what comes is another frame."""


class Screen:
    """The characters on a screen, without their colours.

    `pyte`, the library for this, makes the same characters of what the studio writes, and needs some 10 ms instead of
    0.7 for 4 KB of it, while the program may have to wait for its reader.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self._columns = columns
        self._cells = [[" "] * columns for _ in range(rows)]
        self._row = self._column = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pending = ""

    @property
    def lines(self) -> list[str]:
        """The rows from the top."""
        return ["".join(row) for row in self._cells]

    def feed(self, content: bytes) -> None:
        """Take what the program wrote. A sequence that is cut off waits for its rest."""
        text = self._pending + self._decoder.decode(content)
        position = 0
        while position < len(text):
            if text[position] != "\x1b":
                ends = text.find("\x1b", position)
                for character in text[position : ends if ends >= 0 else len(text)]:
                    self._put(character)
                position = ends if ends >= 0 else len(text)
                continue
            found = _SEQUENCE.match(text, position)
            if found is None:
                break
            self._control(found["final"] or "", found["parameters"] or "")
            position = found.end()
        self._pending = text[position:]

    def _put(self, character: str) -> None:
        if character == "\r":
            self._column = 0
        elif character == "\n":
            self._row = min(self._row + 1, len(self._cells) - 1)
        elif " " <= character <= "~":
            self._cells[self._row][self._column] = character
            self._column = min(self._column + 1, self._columns - 1)
        elif not unicodedata.combining(character):
            width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
            row = self._cells[self._row]
            for column in range(self._column, min(self._column + width, self._columns)):
                row[column] = character if column == self._column else ""
            self._column = min(self._column + width, self._columns - 1)

    def _control(self, final: str, parameters: str) -> None:
        numbers = [int(part) if part.isdigit() else 0 for part in parameters.split(";")]
        if final == "H":
            self._row = min(max(numbers[0], 1), len(self._cells)) - 1
            self._column = min(max(numbers[1] if len(numbers) > 1 else 1, 1), self._columns) - 1
        elif final == "J":
            self._cells = [[" "] * self._columns for _ in self._cells]


class Terminal:
    """A running program, its screen, and when what came onto it."""

    def __init__(
        self, command: Sequence[str], *, columns: int, rows: int, folder: Path, environment: Mapping[str, str]
    ) -> None:
        self.screen = Screen(columns, rows)
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._master = master
        self._process: subprocess.Popen[bytes] | None = None
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, cwd=folder, env=dict(environment), start_new_session=True
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        os.close(self._master)

    def press(self, keys: str) -> float:
        """Press keys; the moment before."""
        moment = time.perf_counter()
        os.write(self._master, keys.encode())
        return moment

    def wait(self, shows: Callable[[list[str]], bool], what: str, timeout: float = 20) -> float:
        """The moment at which the screen came to show something."""
        moment, ends = time.perf_counter(), time.perf_counter() + timeout
        while not shows(self.screen.lines):
            if not select.select([self._master], [], [], max(0.0, ends - time.perf_counter()))[0]:
                raise TimeoutError(f"Waited {timeout:.0f} s for {what}. The screen:\n" + "\n".join(self.screen.lines))
            moment = self._read()
        return moment

    def watch(self, seconds: float) -> int:
        """Let the program be for so long; the bytes that it wrote meanwhile."""
        written, ends = 0, time.perf_counter() + seconds
        while (left := ends - time.perf_counter()) > 0:
            if select.select([self._master], [], [], left)[0]:
                content = os.read(self._master, 1 << 16)
                written += len(content)
                self.screen.feed(content)
        return written

    def processor_seconds(self) -> float | None:
        """Processor time of all threads of the program so far; None where the system does not tell."""
        assert self._process is not None
        try:
            threads = list(Path(f"/proc/{self._process.pid}/task").iterdir())
            return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9
        except OSError:
            return None

    def _read(self) -> float:
        """Take what is there, all of it before any is looked at: a slow reader would hold the program up."""
        chunks: list[bytes] = []
        moment = time.perf_counter()
        while not chunks or select.select([self._master], [], [], _QUIET)[0]:
            try:
                chunks.append(os.read(self._master, 1 << 16))
            except OSError:  # the program has ended
                chunks.append(b"")
            if not chunks[-1]:
                raise EOFError("The program ended. The screen:\n" + "\n".join(self.screen.lines))
            moment = time.perf_counter()
        self.screen.feed(b"".join(chunks))
        return moment
