"""What tests of the command line give it and read from it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import IO, Any

CONFIG = """
version = 1

[[mapping]]
name = "People"
action = "upsertProfile"
trigger = 'type = "identify"'

[mapping.fields]
email = { "@path" = "$.traits.email" }

[[mapping]]
name = "Events"
action = "trackEvent"
trigger = 'type = "track"'

[mapping.fields]
metric_name = { "@path" = "$.event" }
properties = { "@path" = "$.properties" }
profile = { email = { "@path" = "$.properties.email" } }
"""


def identify(email: str, **more: Any) -> dict[str, Any]:
    """An event that fires the mapping People."""
    return {"type": "identify", "traits": {"email": email}, **more}


def track(email: str, event: str = "Seen", **properties: Any) -> dict[str, Any]:
    """An event that fires the mapping Events."""
    return {"type": "track", "event": event, "properties": {"email": email, **properties}}


def write_events(path: Path, *events: Any) -> Path:
    """Write events as NDJSON."""
    path.write_text("".join(f"{json.dumps(event)}\n" for event in events))
    return path


def documents(text: str) -> list[Any]:
    """The JSON documents of an output, one a line."""
    return [json.loads(line) for line in text.splitlines()]


def address(stream: IO[str] | None) -> str:
    """Where a sandbox says that it answers."""
    assert stream is not None
    found = re.search(r"http://127\.0\.0\.1:\d+", stream.readline())
    assert found is not None
    return found[0]


def mixed(tmp_path: Path) -> Path:
    """A file of events: one is delivered, three fail, none fires on one."""
    bad = [track("no address"), track("no address"), identify("neither")]
    return write_events(tmp_path / "e.ndjson", identify("a@example.com"), *bad, {"type": "page"})


def run_name(output: str) -> str:
    """The run that an output advises to look at."""
    found = re.search(r"studio runs show (\S+)", output)
    assert found is not None, output
    return found[1]
