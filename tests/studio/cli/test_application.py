"""The command as a whole: help, version, completion, usage errors."""

from __future__ import annotations

import subprocess
import sys

import pytest

from studio.cli import actions, check, init, map_events, match, preview, run_events, sandbox, send

EXAMPLES = {
    "init": init.EXAMPLES,
    "actions": actions.EXAMPLES,
    "check": check.EXAMPLES,
    "preview": preview.EXAMPLES,
    "send": send.EXAMPLES,
    "run": run_events.EXAMPLES,
    "map": map_events.EXAMPLES,
    "match": match.EXAMPLES,
    "sandbox": sandbox.EXAMPLES,
}


def test_help_names_every_command(studio):
    result = studio("--help")
    assert result.exit_code == 0
    for name in (*EXAMPLES, "auth"):
        assert f"\n  {name} " in result.stdout


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_commands_help_shows_its_examples_line_by_line(studio, name):
    result = studio(name, "--help")
    assert result.exit_code == 0
    assert "\b" not in result.stdout
    for line in EXAMPLES[name].splitlines()[2:]:
        assert f"  {line}\n" in result.stdout
        assert line.strip().startswith("studio ") or "| studio " in line


@pytest.mark.parametrize("name", ["login", "status", "logout"])
def test_the_commands_of_auth_have_examples_too(studio, name):
    assert f"Examples:\n    studio auth {name}" in studio("auth", name, "--help").stdout


def test_version_is_told(studio):
    result = studio("--version")
    assert result.exit_code == 0
    assert result.stdout.startswith("studio 0.")


@pytest.mark.parametrize(
    "arguments",
    [("send", "--nothing"), ("check",), ("match",), ("sandbox", "--port", "70000"), ("send", "--to")],
)
def test_wrong_usage_ends_with_2(studio, arguments):
    result = studio(*arguments)
    assert result.exit_code == 2
    assert "Error:" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("arguments", [(), ("presets/starter.toml",), ("new.toml",)])
def test_the_app_wants_a_terminal_and_names_what_does_not(studio, arguments):
    result = studio(*arguments)
    assert result.exit_code == 2
    assert "needs a terminal" in result.stderr
    assert "studio send" in result.stderr


@pytest.mark.parametrize(
    ("word", "meant"), [("chek", "did you mean `studio check`?"), ("nothing-at-all", "nothing-at-all")]
)
def test_what_is_neither_a_command_nor_a_file_is_told(studio, word, meant):
    result = studio(word)
    assert result.exit_code == 2
    assert "neither a command nor a file" in result.stderr
    assert meant in result.stderr


def test_the_slugs_for_completion_are_those_of_the_engine():
    from actions.klaviyo import KLAVIYO

    assert tuple(KLAVIYO.actions) == actions.SLUGS


def test_help_loads_neither_the_engine_nor_the_screen():
    slow = {"actions", "textual", "rich", "httpx", "pydantic", "asyncio", "lark", "liquid", "starlette"}
    code = f"import sys, studio.cli.application as a; print(sorted({slow!r} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert told.stdout.strip() == "[]"


OPENING = """
import asyncio, sys
import studio.cli.opening
from studio.session import Session
from studio.tui.app import StudioApp

async def open_app():
    async with StudioApp(Session.open(None)).run_test(size=(140, 50)):
        print(sorted(SLOW & set(sys.modules)))

asyncio.run(open_app())
"""


def test_the_app_opens_without_what_only_sending_and_other_commands_need():
    slow = {"typer", "click", "httpx", "starlette", "uvicorn", "keyring", "phonenumbers", "liquid", "pydantic", "lark"}
    code = f"SLOW = {slow!r}\n{OPENING}"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert told.stdout.strip() == "[]"


def test_the_shell_gets_a_completion_script_that_completes(start):
    with start("--show-completion", "bash") as process:
        script, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "complete -o default -F _studio_completion studio" in script
    words = {"_STUDIO_COMPLETE": "complete_bash", "COMP_WORDS": "studio actions upsert", "COMP_CWORD": "2"}
    with start(env=words) as process:
        completed, _ = process.communicate(timeout=30)
    assert completed.split() == ["upsertProfile"]
