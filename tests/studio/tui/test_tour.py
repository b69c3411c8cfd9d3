"""The README's tour, with the keys as they stand there, and the saved file run headless."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest
from studio_app import LARGE, SMALL, opened, press, screen_text, settled, until
from textual.pilot import Pilot

from actions.config import Config
from studio.tui.app import StudioApp

README = Path(__file__).parents[3] / "README.md"
ROW = re.compile(r"^\| ((?:`[^`]+` ?)+)\|", re.MULTILINE)
KEY = re.compile(r"ctrl\+[a-z]|f\d|[a-z]|down|up|enter|escape|space|tab")

SHOWN = [
    ['✗ type is "identify", not "track"'],
    ['fires when type = "track"'],
    ["Upsert Prof", "9/50"],
    ["Phone Number (string)", "an identify call has the phone in"],
    ["?? $.context.traits.phone", "+14155552671"],
    ["ZIP (string)", "postal_code"],
    ["= $.traits.address.postalCode ??", "94965"],
    ["201 Created"],
    ["Upsert Profile"],
    ["studio tour.toml"],
]
"""What somebody who only reads the screen sees after each row, whatever the terminal's size."""
OPENED = {"f3": "event is missing", "f6": '"phone_number": "+14155552671"'}
"""What it shows between the keys that open a screen and leave it."""


def rows() -> list[list[str]]:
    """The keys and texts of each row of the tour."""
    tour = README.read_text().partition("## A tour of the studio")[2].partition("\n## ")[0]
    return [re.findall("`([^`]+)`", row) for row in ROW.findall(tour)]


async def shows(app: StudioApp, pilot: Pilot[None], texts: list[str], keys: str) -> None:
    """See to it that the screen comes to show all the texts."""

    def missing() -> list[str]:
        said = screen_text(app)
        return [text for text in texts if text not in said]

    await until(pilot, lambda: missing() == [])
    assert missing() == [], keys


async def type_or_press(pilot: Pilot[None], keys: str) -> None:
    await press(pilot, *([keys] if KEY.fullmatch(keys) else keys))
    await settled(pilot)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_tour_goes_as_the_readme_says(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tour = rows()
    assert len(tour) == len(SHOWN) + 1
    async with opened(size=size) as (app, pilot):
        for keys, shown in zip(tour, SHOWN, strict=False):
            for key in keys:
                await type_or_press(pilot, key)
                if key in OPENED:
                    await shows(app, pilot, [OPENED[key]], key)
            await shows(app, pilot, shown, " ".join(keys))
        for key in tour[-1]:
            await type_or_press(pilot, key)
    assert app.return_code == 0

    [mapping] = [mapping for mapping in Config.load("tour.toml").mappings if mapping.name == "Upsert Profile"]
    assert mapping.enabled
    assert "$.traits.address.postalCode" in str(mapping.fields["location"])
    command = [sys.executable, "-c", "from studio.cli import main; main()", "run", "tour.toml"]
    environment = {**os.environ, "PYTHONPATH": str(README.parent)}
    run = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.PIPE)
    output, _ = await run.communicate()
    assert run.returncode == 0
    assert re.search(r"1 +delivered +Upsert Profile", output.decode())
