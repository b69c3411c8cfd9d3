"""People from a file: identifiers a line, a CSV with a heading, or NDJSON."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

from actions.klaviyo.person import e164
from actions.klaviyo.privacy import Person

_KEYS = {
    "external_id": ("externalid", "userid"),
    "email": ("email", "emailaddress"),
    "phone_number": ("phone", "phonenumber"),
}
"""What an identifier may be called, in small letters and without what is no letter."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_JSON = (".ndjson", ".jsonl", ".json")


class PeopleError(ValueError):
    """A file, or something said of a person, that cannot be used; the text has every problem."""


class Listed(NamedTuple):
    """A person and the line of the file."""

    person: Person
    line: int


def read_people(path: Path) -> list[Listed]:
    """The people of a file, each once. The ending of its name says what it is: `.csv`, `.ndjson`, else lines of text.

    In a text a line with an @ is an e-mail address, one that begins with + a phone number, any other an external id.
    Raises `PeopleError` with every line that is not right, and `OSError`.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise PeopleError(f"{path} is no text in UTF-8: byte {error.start + 1:,} is none of it.") from error
    if path.suffix == ".csv":
        rows = _csv_rows(text, path)
    elif path.suffix in _JSON:
        rows = _json_rows(text)
    else:
        rows = ((number, _of_text(line)) for number, line in enumerate(text.splitlines(), 1) if line.strip())
    people: dict[Person, Listed] = {}
    problems: list[str] = []
    for number, given in rows:
        try:
            person = person_of(_identifiers(given) if isinstance(given, Mapping) else given)
            people.setdefault(person, Listed(person, number))
        except PeopleError as error:
            problems.append(f"{path}:{number}: {error}")
    if problems:
        raise PeopleError("\n".join(problems))
    return list(people.values())


def person_of(identifiers: Mapping[str, str] | str) -> Person:
    """A person of identifiers by their keys; a text says why there is none. Raises `PeopleError`."""
    if isinstance(identifiers, str):
        raise PeopleError(identifiers)
    given = {key: value.strip() for key, value in identifiers.items() if value.strip()}
    if not given:
        raise PeopleError("nobody is named: give an external id, an e-mail address or a phone number.")
    email, phone = given.get("email"), given.get("phone_number")
    if email and not _EMAIL.fullmatch(email):
        raise PeopleError(f"{email!r} is no e-mail address.")
    if phone and not e164(phone, None):
        raise PeopleError(f"{phone!r} is no phone number in E.164 form, such as +14155552671.")
    return Person(**given)


def person_of_text(text: str) -> Person:
    """The person that a text names, read as a line of a file is. Raises `PeopleError`."""
    return person_of(_identifiers(_of_text(text)))


def _of_text(line: str) -> dict[str, Any]:
    text = line.strip()
    key = "email" if "@" in text else "phone" if text.startswith("+") else "externalid"
    return {key: text}


def _csv_rows(text: str, path: Path) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    reader = csv.DictReader(text.splitlines(keepends=True), restkey="", strict=True)
    try:
        known = [name for name in reader.fieldnames or () if _key_of(name)]
        if not known:
            raise PeopleError(f"{path}:1: the heading names no column of external_id, email and phone.")
        for row in reader:
            yield reader.line_num, cast("dict[str, Any]", row)
    except csv.Error as error:
        yield reader.line_num, f"this is no CSV: {error}."


def _json_rows(text: str) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            yield number, "this is no JSON object on one line."
            continue
        yield number, value if isinstance(value, dict) else "this is no JSON object."


def _identifiers(given: Mapping[str, Any]) -> Mapping[str, str] | str:
    """The identifiers among what is given of a person, or what is wrong with them."""
    found: dict[str, str] = {}
    for name, value in given.items():
        key = _key_of(name)
        if key is None or value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, str | int):
            return f"{name} must be a text."
        if str(value).strip() and found.setdefault(key, str(value)) != str(value):
            return f"{name} is there twice and says something else."
    return found


def _key_of(name: str) -> str | None:
    plain = re.sub("[^a-z]", "", name.lower())
    return next((key for key, names in _KEYS.items() if plain in names), None)
