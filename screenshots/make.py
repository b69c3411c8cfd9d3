"""Make the screenshots of the README from the real program.

python screenshots/make.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

FOLDER = Path(__file__).parent
WIDTH = 110

COMMANDS = {
    "send": ["send", "--fresh"],
    "match": ["match", 'type = "track" and event = "Order Completed"'],
}
LINES = {"send": 46, "match": 24}


def main() -> int:
    """Make all pictures."""
    with tempfile.TemporaryDirectory() as data:
        for name, arguments in COMMANDS.items():
            output = terminal_output(["studio", *arguments], Path(data))
            picture = FOLDER / f"{name}.svg"
            picture.write_text(as_svg(output, f"studio {' '.join(arguments[:1])}", LINES[name]))
            print(picture)
    return 0


def terminal_output(command: list[str], data: Path) -> str:
    """What a command prints on a terminal with colours, with a sandbox of its own."""
    environment = {**os.environ, "XDG_DATA_HOME": str(data), "FORCE_COLOR": "1", "COLUMNS": str(WIDTH)}
    environment.pop("NO_COLOR", None)
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    return done.stdout


def as_svg(output: str, title: str, lines: int) -> str:
    """The first lines of the output as a picture of a terminal."""
    console = Console(width=WIDTH, record=True, file=Path(os.devnull).open("w"), force_terminal=True)  # noqa: SIM115 - as long as the process
    for line in output.splitlines()[:lines]:
        console.print(Text.from_ansi(line), no_wrap=True, overflow="ellipsis", crop=True)
    return console.export_svg(title=title, unique_id=title.replace(" ", "-"))


if __name__ == "__main__":
    sys.exit(main())
