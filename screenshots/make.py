"""Make the screenshots of the README from the real program.

python screenshots/make.py
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

FOLDER = Path(__file__).parent
WIDTH = 110
SCREEN = (140, 42)

TEXT = re.compile(
    r'(<text class="[^"]*") x="([\d.]+)" (y="[\d.]+") textLength="([\d.]+)" (clip-path="[^"]*")>'
    r"((?:&#160;)*)([^<]*?)((?:&#160;)*)</text>"
)
"""A text in a picture: class, place, length and clip, then what it says between blanks."""


@dataclass(frozen=True)
class Command:
    """A command's output as a picture: so many lines from the one that begins with a text."""

    name: str
    arguments: tuple[str, ...]
    begin: str
    lines: int


@dataclass(frozen=True)
class View:
    """The app as a picture, after some keys; `pause` among them waits for an answer."""

    name: str
    keys: tuple[str, ...]
    theme: str = "textual-dark"


_KEY_NAMES = {".": "full_stop", "$": "dollar_sign"}

COMMANDS = (
    Command("send", ("send", "--fresh"), "track · Audience Entered", 66),
    Command("match", ("match", 'type = "track" and event = "order completed"'), "", 27),
)
VIEWS = (
    View("first", ()),
    View("binding", ("tab", "tab", "tab", "down", "down", "f2", *["backspace"] * 40, *"$.tr.em")),
    View("trigger", ("down", "down", "f3")),
    View("sent", ("ctrl+r", "pause", "f4")),
    View("problems", ("n", *"order", "enter", "space", "n", *"upsert", "enter", "space", "f8")),
    View("sandbox", ("f5", "pause", *["right_square_bracket", "f5", "pause"] * 4, "f6")),
    View("suggestions", ("n", *"track", "enter", "f7")),
    View("light", ("ctrl+r",), "textual-light"),
)


def main() -> int:
    """Make all pictures."""
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {"XDG_DATA_HOME": data, "XDG_STATE_HOME": data}
        for command in COMMANDS:
            output = terminal_output(("studio", *command.arguments))
            save(command.name, as_svg(output, f"studio {command.arguments[0]}", command))
        for view in VIEWS:
            # no view finds the unsaved work of another, or the people whom another has sent
            os.environ["XDG_STATE_HOME"] = os.environ["XDG_DATA_HOME"] = f"{data}/{view.name}"
            save(view.name, asyncio.run(app_picture(view)))
    return 0


def save(name: str, picture: str) -> None:
    """Write a picture, without blanks at the ends of its lines and texts."""
    path = FOLDER / f"{name}.svg"
    path.write_text("\n".join(line.rstrip() for line in TEXT.sub(without_blanks, picture).splitlines()) + "\n")
    print(path)


def without_blanks(text: re.Match[str]) -> str:
    """A text of a picture without the blanks around it: not every program that draws pictures draws those in front."""
    start, x, y, length, clip, before, words, after = text.groups()
    if not words:
        return ""
    cells = cell_len(unescape(before + words + after))
    if not cells:
        return text.group()
    cell = float(length) / cells
    begins, takes = float(x) + cell_len(unescape(before)) * cell, cell_len(unescape(words)) * cell
    return f'{start} x="{begins:.1f}" {y} textLength="{takes:.1f}" {clip}>{words}</text>'


def terminal_output(command: tuple[str, ...]) -> str:
    """What a command prints on a terminal with colours."""
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "PYTHONPATH": str(FOLDER.parent)}
    environment.pop("NO_COLOR", None)
    start = (sys.executable, "-c", "from studio.cli import main; main()")
    done = subprocess.run((*start, *command[1:]), env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    return done.stdout


def as_svg(output: str, title: str, command: Command) -> str:
    """The chosen lines of the output as a picture of a terminal."""
    lines = [Text.from_ansi(line) for line in output.splitlines()]
    begin = next(number for number, line in enumerate(lines) if line.plain.startswith(command.begin))
    with Path(os.devnull).open("w") as nowhere:
        console = Console(width=WIDTH, record=True, file=nowhere, force_terminal=True)
        for line in lines[begin : begin + command.lines]:
            console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
        return console.export_svg(title=title, unique_id=title.replace(" ", "-"))


async def app_picture(view: View) -> str:
    """The app on the starter preset, after the keys."""
    from studio.session import Session
    from studio.tui.app import StudioApp

    app = StudioApp(Session.open(None))
    async with app.run_test(size=SCREEN) as pilot:
        app.theme = view.theme
        await pilot.pause(1)
        for key in view.keys:
            if key == "pause":
                await pilot.pause(1)
            else:
                await pilot.press(_KEY_NAMES.get(key, key))
        await pilot.pause(1.5)
        return app.export_screenshot(title="studio")


if __name__ == "__main__":
    sys.exit(main())
