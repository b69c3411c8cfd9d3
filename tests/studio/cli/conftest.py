"""The `studio` command for tests: in this process, or as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from commands import CONFIG
from sandbox_account import served
from typer.testing import CliRunner, Result

from actions.klaviyo.sandbox import Sandbox

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-c", "from studio.cli import main; main()"]

Invoke: TypeAlias = Callable[..., Result]


@pytest.fixture
def studio() -> Invoke:
    """Run the command in this process. Anything but a proper exit fails the test."""
    from studio.cli.application import app

    def invoke(*arguments: str | Path, input: str | bytes | None = None) -> Result:  # noqa: A002 - typer's name
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=input, prog_name="studio")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Start the command as a process of its own, in the test's folder."""

    def popen(*arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.PIPE, **options}
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
        command = [*COMMAND, *map(str, arguments)]
        return subprocess.Popen(command, text=True, env=environment, cwd=tmp_path, **options)  # noqa: S603

    return popen


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with two mappings, and no samples beside it."""
    path = tmp_path / "shop.toml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with closing(Sandbox()) as sandbox:
        yield sandbox


@pytest.fixture
def address(sandbox: Sandbox) -> Iterator[str]:
    """Where the sandbox answers over HTTP."""
    with served(sandbox) as address:
        yield address
