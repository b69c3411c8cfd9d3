import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_engine_agrees_with_every_conformance_vector(shared: Path):
    runner = shared / "conformance" / "run.py"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, str(runner)], env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert done.returncode == 0, done.stdout
    assert done.stdout.rstrip().endswith("agree")
