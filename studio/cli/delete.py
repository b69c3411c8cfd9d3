"""`studio delete`: have Klaviyo erase people."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studio.cli import arguments
from studio.cli.failures import EXIT_FAILED, UsageFailure, command
from studio.cli.inputs import perform
from studio.cli.text import json_line, printable
from studio.cli.words import say, tell
from studio.target import KLAVIYO, SANDBOX

if TYPE_CHECKING:
    from actions.destination import Verdict
    from studio.people import Listed

_LOOKED_UP_TOGETHER = 100
_A_MINUTE = 60
"""People that Klaviyo takes in a minute."""

EXAMPLES = arguments.example(
    """\
  studio delete --email ann@example.com               from the sandbox
  studio delete --external-id user_1 --to klaviyo     asks first
  studio delete --file leavers.csv --to klaviyo --yes --json"""
)


@command
def delete(
    external_id: Annotated[
        str | None, typer.Option("--external-id", metavar="ID", help="The person's id in your own systems.")
    ] = None,
    email: Annotated[str | None, typer.Option("--email", metavar="ADDRESS", help="The e-mail address.")] = None,
    phone: Annotated[str | None, typer.Option("--phone", metavar="NUMBER", help="The number, as +14155552671.")] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help="People, one a line: text, .csv with a heading (external_id, email, phone), or .ndjson.",
        ),
    ] = None,
    to: arguments.To = SANDBOX,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before people are erased.")] = False,
    as_json: arguments.AsJson = False,
) -> int:
    """Ask Klaviyo to erase people, with all that it knows of them. It cannot be undone.

    Whoever is named in several ways is looked up by external id, then by e-mail address, then by phone number.
    """
    people = _people({"external_id": external_id, "email": email, "phone_number": phone}, file)
    if not people:
        tell("Nobody is named, so nobody is erased.")
        return 0
    if to == KLAVIYO and not yes:
        _ask(people)
    counts: Counter[str] = Counter()
    try:
        perform(_delete(people, to, counts, str(file or ""), as_json=as_json))
    finally:
        if counts:
            tell(_summary(counts, len(people), to))
    return EXIT_FAILED if counts.total() > counts["delivered"] else 0


def _people(identifiers: dict[str, str | None], file: Path | None) -> list[Listed]:
    from studio.people import Listed, PeopleError, person_of, read_people  # the engine, which `--help` does not need

    named = {key: value for key, value in identifiers.items() if value is not None}
    if bool(named) is (file is not None):
        raise UsageFailure("name a person by --external-id, --email or --phone, or give a --file of people.")
    try:
        return read_people(file) if file is not None else [Listed(person_of(named), 0)]
    except PeopleError as error:
        problem = str(error) if file is None else f"nobody is erased, for not everybody can be read:\n{error}"
        raise UsageFailure(problem) from error
    except OSError as error:
        raise UsageFailure(f"{file} cannot be read: {error.strerror or error}.") from error


def _ask(people: Sequence[Listed]) -> None:
    """Ask before people are erased at the real Klaviyo."""
    who = str(people[0].person) if len(people) == 1 else f"{len(people):,} people"
    question = f"This erases {who} at the REAL Klaviyo for good."
    if len(people) > _A_MINUTE:
        question += f" Klaviyo takes {_A_MINUTE} a minute, so it lasts {len(people) // _A_MINUTE:,} minutes at least."
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageFailure(f"{question} Give --yes if that is meant.")
    say(question)
    if not typer.confirm("Go on?", err=True):
        raise UsageFailure("nobody was erased.")


async def _delete(people: list[Listed], to: str, counts: Counter[str], source: str, *, as_json: bool) -> None:
    from actions.destination import Verdict
    from actions.klaviyo.privacy import erase_profiles, find_profiles
    from actions.retrying import Retrying
    from studio.target import open_engine

    async with open_engine(to, {}, retries=Retrying(give_up=600), paced=True) as engine:
        for start in range(0, len(people), _LOOKED_UP_TOGETHER):
            portion = people[start : start + _LOOKED_UP_TOGETHER]
            found = await engine.run(find_profiles([listed.person for listed in portion]))
            for listed, profiles in zip(portion, found, strict=True):
                ids = () if isinstance(profiles, Verdict) else profiles
                verdict = profiles if isinstance(profiles, Verdict) else await engine.run(erase_profiles(profiles))
                counts[verdict.status] += 1
                _tell(listed, source, ids, verdict, as_json=as_json)


def _tell(listed: Listed, source: str, profile_ids: Sequence[str], verdict: Verdict, *, as_json: bool) -> None:
    message = verdict.message or next(iter(verdict.warnings), None)
    if as_json:
        place = {"source": source, "line": listed.line} if source else {}
        person = {key: value for key, value in listed.person._asdict().items() if value}
        facts = {"status": verdict.status, "message": message, "profiles": list(profile_ids)}
        line = json_line({**place, "person": person, **facts})
    else:
        place = f"  {source}:{listed.line}" if source else ""
        said = f"  {message}" if message else f"  profile {', '.join(profile_ids)}"
        mark = "✓ erasure asked for" if verdict.status == "delivered" else f"✗ {verdict.status}"
        line = printable(f"{mark}  {listed.person}{place}{said}", one_line=True)
    typer.echo(line)


def _summary(counts: Counter[str], people: int, to: str) -> str:
    where = {KLAVIYO: "the real Klaviyo", SANDBOX: "the sandbox"}.get(to, to)
    words = {"delivered": "asked to be erased", "invalid": "unknown"}
    told = [f"{count:,} {words.get(status, status)}" for status, count in counts.items()]
    left = people - counts.total()
    told += [f"{left:,} not looked at"] if left else []
    return f"To {where}: {', '.join(told)}."
