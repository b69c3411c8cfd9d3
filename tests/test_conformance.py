"""The engine against the specification's vectors, through its public interface alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


def test_the_engine_agrees_with_every_vector(shared: Path) -> None:
    runner = shared / "conformance" / "run.py"
    if not runner.exists():
        pytest.skip("the conformance runner is not beside the project")
    done = subprocess.run(  # noqa: S603 - our own interpreter with the runner beside the project
        [sys.executable, str(runner)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
