"""`studio auth`: keep the API key in the system's keyring, and test it."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from studio.cli import arguments
from studio.cli.failures import EXIT_FAILED, UsageFailure, command
from studio.cli.inputs import perform
from studio.cli.text import json_line, printable
from studio.cli.words import say, tell

_LOGIN_EXAMPLES = arguments.example(
    """\
  studio auth login               asks for the key without showing it
  pass klaviyo | studio auth login"""
)
_STATUS_EXAMPLES = arguments.example(
    """\
  studio auth status
  studio auth status --json       the same for a script"""
)
_LOGOUT_EXAMPLES = arguments.example("  studio auth logout")

app = typer.Typer(
    help="Keep the API key in the system's keyring; test it. The variable KLAVIYO_API_KEY goes before the keyring.",
    epilog=arguments.example("  studio auth login\n  studio auth status"),
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("login", epilog=_LOGIN_EXAMPLES)
@command
def login(
    no_test: Annotated[bool, typer.Option("--no-test", help="Store the key without asking Klaviyo.")] = False,
) -> int:
    """Store an API key in the system's keyring, after Klaviyo has accepted it. It is asked for, or read from a pipe."""
    from studio import credentials

    problem = credentials.keyring_problem()
    if problem:
        raise UsageFailure(problem)
    key = _ask()
    if not no_test:
        accepted, told = perform(_test(key))
        tell(told)
        if not accepted:
            say("nothing was stored.")
            return EXIT_FAILED
    try:
        credentials.store(key)
    except credentials.KeyringUnavailable as error:
        raise UsageFailure(str(error)) from error
    tell("The key is in the system's keyring.")
    return 0


@app.command("status", epilog=_STATUS_EXAMPLES)
@command
def status(
    no_test: Annotated[bool, typer.Option("--no-test", help="Do not ask Klaviyo whether it accepts the key.")] = False,
    as_json: arguments.AsJson = False,
) -> int:
    """Tell where the key comes from, and whether Klaviyo accepts it. Exit 1 if there is none or it is refused."""
    from studio import credentials

    credential = credentials.find()
    accepted: bool | None = None
    if credential is None:
        problem = (
            credentials.keyring_problem() or "The system's keyring has no key either; `studio auth login` stores it."
        )
        told = [
            f"No API key: the variable {credentials.KEY_VARIABLE} is not set. {problem}",
            "Without a key everything goes to the sandbox.",
        ]
    else:
        origin = {"environment": f"the variable {credentials.KEY_VARIABLE}", "keyring": "the system's keyring"}
        told = [f"The key comes from {origin[credential.origin]}."]
        if not no_test:
            accepted, said = perform(_test(credential.key))
            told.append(said)
    if as_json:
        found = {"key_from": credential.origin if credential else None, "accepted": accepted}
        typer.echo(json_line({**found, "message": " ".join(told)}))
    else:
        typer.echo(printable("\n".join(told)))
    return EXIT_FAILED if credential is None or accepted is False else 0


@app.command("logout", epilog=_LOGOUT_EXAMPLES)
@command
def logout() -> int:
    """Take the key out of the system's keyring."""
    from studio import credentials

    try:
        removed = credentials.remove()
    except credentials.KeyringUnavailable as error:
        raise UsageFailure(str(error)) from error
    typer.echo("The key is gone from the keyring." if removed else "The keyring has no key.")
    return 0


def _ask() -> str:
    """The key, typed unseen or read from standard input, as far as its letters go a key."""
    from actions.klaviyo import KLAVIYO

    try:
        key = _typed_or_piped().strip()
    except (EOFError, UnicodeDecodeError):
        key = ""
    if not key.startswith("pk_"):
        raise UsageFailure("that is no private key of Klaviyo: those begin with pk_. Nothing was stored.")
    try:
        KLAVIYO.headers({"api_key": key})
    except ValueError as error:
        raise UsageFailure(f"{error} Nothing was stored.") from error
    return key


def _typed_or_piped() -> str:
    if sys.stdin is None:  # closed by the shell
        return ""
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass("Klaviyo private API key (it is not shown): ")
    return sys.stdin.readline()


async def _test(key: str) -> tuple[bool, str]:
    """Whether Klaviyo accepts the key, and a sentence about it."""
    from actions import Engine  # the engine, which `--help` does not need
    from actions.klaviyo import KLAVIYO

    try:
        engine = Engine(KLAVIYO, {"api_key": key})
    except ValueError as error:
        return False, str(error)
    async with engine:
        outcome = await engine.authenticate()
    if outcome.status == "delivered":
        return True, f"Klaviyo accepts it: account {(outcome.payload or {}).get('name') or 'without a name'}."
    return False, outcome.message or "Klaviyo does not accept it."
