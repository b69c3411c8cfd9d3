"""What a run tells while it goes on."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import time
from pathlib import Path

import pytest
from commands import address, identify, write_events

from studio.cli import progress


def read_until(descriptor: int, *texts: str) -> str:
    """What a terminal shows, once it has shown all of the texts."""
    shown, ends = "", time.monotonic() + 30
    while not all(text in shown for text in texts):
        assert time.monotonic() < ends, shown
        if select.select([descriptor], [], [], 0.1)[0]:
            shown += os.read(descriptor, 65536).decode(errors="replace")
    return shown


def test_in_a_terminal_a_bar_tells_rate_outcomes_and_what_is_waited_for(start, config, tmp_path: Path):
    events = write_events(tmp_path / "e.ndjson", *[identify(f"p{n}@example.com") for n in range(50)], {"type": "page"})
    with start("sandbox", "--port", "0", "--faults", "503=1") as server:
        url = address(server.stderr)
        master, slave = pty.openpty()
        with start("run", config, events, "--to", url, stderr=slave) as process:
            texts = (
                "━━━",
                "51 events",
                "/s",
                "1 unmatched, 1 batch on its way",
                "for another attempt after a 503",
            )
            shown = read_until(master, *texts)
            process.send_signal(signal.SIGINT)
            said = read_until(master, "ending: what is on its way", "tells all of it.")
            output, _ = process.communicate(timeout=60)
        os.close(slave)
        os.close(master)
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=30)
    assert re.search(r"waits \d\.\d s for another attempt", shown)
    assert process.returncode == 130
    assert "50  in flight   People" in output
    assert "Not complete" in output
    assert "Traceback" not in said


def test_without_a_terminal_it_is_a_line_now_and_then(studio, config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(progress, "_LINE_EVERY", 0.01)
    config.write_text(config.read_text().replace("[mapping.fields]", "[mapping.fields]\nenable_batching = false"))
    events = write_events(tmp_path / "e.ndjson", *[identify(f"p{number}@example.com") for number in range(300)])
    result = studio("run", config, events)
    assert result.exit_code == 0
    lines = [line for line in result.stderr.splitlines() if "/s" in line]
    assert lines
    assert all(re.fullmatch(r"[\d,]+ events, [\d,]+/s(, [^,]+(,\d+)?)*", line) for line in lines), lines
    assert any(re.search(r"[\d,]+ delivered", line) for line in lines)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.44, "0.4 s"), (12.4, "12 s"), (200, "3:20 min"), (14_700, "4:05 h"), (3599.9, "1:00 h")]
)
def test_durations_are_told_as_people_say_them(seconds: float, text: str):
    assert progress.duration(seconds) == text


def test_a_plan_tells_how_much_is_read_and_nothing_of_what_becomes_of_it(studio, config, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(progress, "_LINE_EVERY", 0.001)
    events = write_events(tmp_path / "e.ndjson", *[identify(f"p{number}@example.com") for number in range(3000)])
    result = studio("run", config, events, "--plan")
    assert result.exit_code == 0
    lines = result.stderr.splitlines()
    assert lines
    assert all(re.fullmatch(r"[\d,]+ events, [\d,]+/s(, [^,]+ left)?", line) for line in lines), lines
