"""Erasing people: Klaviyo is asked to delete everything that it knows of a person.

Segment sends its user id as if it were Klaviyo's profile id, which reaches nobody. Here a person is looked up first, by
external id, then by e-mail address, then by phone number; erasure is asked for by the id of the profile that is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from actions.destination import Verdict
from actions.flow import Flow, Request
from actions.klaviyo.pages import as_object
from actions.klaviyo.person import PROFILE_IDENTIFIERS
from actions.klaviyo.profiles import look_up
from actions.klaviyo.refusals import Refused, verdict
from actions.values import Json

_NAMES = {"external_id": "external id", "email": "e-mail address", "phone_number": "phone number"}
_GONE = "It was there when it was looked up and is gone now."


class Person(NamedTuple):
    """Somebody, by what is known: `phone_number` is in E.164 form, what is empty is not known."""

    external_id: str = ""
    email: str = ""
    phone_number: str = ""

    def __str__(self) -> str:
        return ", ".join(value for value in self if value)


def find_profiles(people: Sequence[Person]) -> Flow[list[tuple[str, ...] | Verdict]]:
    """For each person the ids of the profiles, by the first identifier that finds one; else a verdict that says why."""
    found: list[tuple[str, ...] | Verdict] = [_unknown(person) for person in people]
    for attribute in PROFILE_IDENTIFIERS:
        asking = {
            index: value
            for index, person in enumerate(people)
            if (value := getattr(person, attribute)) and _is_unknown(found[index])
        }
        results = yield from _look_up(attribute, list(dict.fromkeys(asking.values())))
        found = [results.get(asking.get(index, ""), known) for index, known in enumerate(found)]
    return found


def _look_up(attribute: str, values: Sequence[str]) -> Flow[dict[str, tuple[str, ...] | Verdict]]:
    """The profiles that have each of the values, or why that is not known; nothing for those that nobody has.

    A profile counts by the identifier that it has: nobody is erased because an answer holds more than was asked for.
    """
    results: dict[str, tuple[str, ...] | Verdict] = {}
    for portion, flow in look_up(attribute, values):
        try:
            profiles = yield from flow
        except Refused as refusal:
            results |= dict.fromkeys(portion, verdict(refusal.response))
            continue
        owners: dict[str, list[str]] = {}
        for profile in profiles:
            profile_id, own = profile.get("id"), as_object(profile.get("attributes")).get(attribute)
            if isinstance(profile_id, str) and isinstance(own, str):
                owners.setdefault(_folded(attribute, own), []).append(profile_id)
        for value in portion:
            if _folded(attribute, value) in owners:
                results[value] = tuple(owners[_folded(attribute, value)])
    return results


def erase_profiles(profile_ids: Sequence[str]) -> Flow[Verdict]:
    """Ask Klaviyo to erase profiles. Delivered says that it was asked: Klaviyo erases in its own time."""
    warnings: tuple[str, ...] = ()
    for profile_id in profile_ids:
        response = yield _erasure(profile_id)
        if response.status == 404:
            warnings = (_GONE,)
        elif not response.ok:
            return verdict(response)
    return Verdict("delivered", warnings=warnings)


def erase(person: Person) -> Flow[Verdict]:
    """Look a person up and ask Klaviyo to erase what is found; invalid where Klaviyo knows nobody of that kind."""
    [found] = yield from find_profiles([person])
    return found if isinstance(found, Verdict) else (yield from erase_profiles(found))


def _erasure(profile_id: str) -> Request:
    profile: dict[str, Json] = {
        "data": {"type": "profile", "id": profile_id, "attributes": {}}
    }  # Klaviyo's schema wants attributes
    job: dict[str, Json] = {"type": "data-privacy-deletion-job", "attributes": {"profile": profile}}
    return Request.of("POST", "/api/data-privacy-deletion-jobs/", {"data": job})


def _unknown(person: Person) -> Verdict:
    named = " or ".join(f"the {_NAMES[key]} {value}" for key, value in person._asdict().items() if value)
    return Verdict("invalid", f"Klaviyo has no profile with {named}, so there is nobody to erase.")


def _is_unknown(found: tuple[str, ...] | Verdict) -> bool:
    return isinstance(found, Verdict) and found.status == "invalid"


def _folded(attribute: str, value: str) -> str:
    """Klaviyo compares e-mail addresses without regard to case."""
    return value.lower() if attribute == "email" else value
