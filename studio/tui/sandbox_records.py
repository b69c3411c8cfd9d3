"""What the sandbox holds as records to show: profiles, lists, events, jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textual.content import Content

from actions.klaviyo.sandbox import Sandbox
from studio.cli.text import json_block, json_line, printable, shortened
from studio.tui.records import Record

SHOWN = 500
"""Profiles, events and jobs at most; the newest."""
_MEMBERS_SHOWN = 500
_LONGEST_JSON = 20_000
_IDENTIFIERS = ("email", "phone_number", "external_id", "anonymous_id")
_OWN_PLACE = ("id", "subscriptions", "updated", "properties")


def profile_records(profiles: Sequence[Mapping[str, Any]], lists_of: Mapping[str, Sequence[str]]) -> list[Record]:
    """Profiles, the last changed first; `lists_of` has the names of the lists of each profile's id."""
    return [
        Record(
            key=profile["id"],
            cells=(person(profile), _moment(profile["updated"])),
            searched=f"{json_line(profile)} {' '.join(lists_of.get(profile['id'], ()))}".casefold(),
            detail=lambda profile=profile: _profile_detail(profile, lists_of.get(profile["id"], ())),
        )
        for profile in profiles
    ]


def list_records(sandbox: Sandbox, lists: Sequence[Mapping[str, Any]], people: Mapping[str, str]) -> list[Record]:
    """Lists in the order of their names; `people` names the profiles that are known by their id."""
    return [
        Record(
            key=found["id"],
            cells=(found["name"], found["id"], _opt_in(found), f"{found['members']:,}"),
            searched=f"{found['name']} {found['id']}".casefold(),
            detail=lambda found=found: _list_detail(found, sandbox.members(found["id"]), people),
        )
        for found in lists
    ]


def event_records(events: Sequence[Mapping[str, Any]]) -> list[Record]:
    """Events, the newest first."""
    return [
        Record(
            key=f"{event['metric']} {event['person']} {event['unique_id']}",
            cells=(_moment(event["time"]), event["metric"], event["person"] or "nobody"),
            searched=json_line(dict(event)).casefold(),
            detail=lambda event=event: _event_detail(event),
        )
        for event in events
    ]


def job_records(jobs: Sequence[Mapping[str, Any]]) -> list[Record]:
    """Jobs, the newest first."""
    return [
        Record(
            key=job["id"],
            cells=(_job_kind(job), _job_state(job), f"{job['total']:,}", f"{job['failed']:,}"),
            searched=f"{job['kind']} {job['id']} {_job_state(job)}".casefold(),
            detail=lambda job=job: _rows(
                ("Job", job["id"]),
                ("Kind", job["kind"]),
                ("State", _job_state(job)),
                ("Profiles", f"{job['total']:,}"),
                ("Completed", f"{job['completed']:,}"),
                ("Failed", f"{job['failed']:,}"),
            ),
        )
        for job in jobs
    ]


def person(profile: Mapping[str, Any]) -> str:
    """What a profile is known by: its address, else another identifier."""
    known = (profile.get(key) for key in _IDENTIFIERS)
    return next((str(value) for value in known if value), profile["id"])


def _profile_detail(profile: Mapping[str, Any], lists: Sequence[str]) -> Content:
    email = profile["subscriptions"]["email"]["marketing"]
    sms = profile["subscriptions"]["sms"]["marketing"]
    suppressed = ", ".join(item["reason"] for item in email["suppression"])
    attributes = {key: value for key, value in profile.items() if key not in _OWN_PLACE and value is not None}
    head = _rows(
        ("Id", profile["id"]),
        ("Email", _consent(email)),
        ("", f"suppressed: {suppressed}" if suppressed else ""),
        ("SMS", _consent(sms)),
        ("Lists", ", ".join(lists) or "none"),
    )
    parts = [head, _json("Attributes", attributes)]
    if profile.get("properties"):
        parts.append(_json("Properties", profile["properties"]))
    return Content("\n\n").join(parts)


def _list_detail(found: Mapping[str, Any], members: Sequence[str], people: Mapping[str, str]) -> Content:
    head = _rows(("List", found["name"]), ("Id", found["id"]), ("Opt-in", _opt_in(found)))
    shown = [shortened(people.get(member, member), 80) for member in members[:_MEMBERS_SHOWN]]
    if len(members) > _MEMBERS_SHOWN:
        shown.append(f"… {len(members) - _MEMBERS_SHOWN:,} more")
    return Content("\n\n").join([head, _titled("Members", "\n".join(shown) or "none yet")])


def _event_detail(event: Mapping[str, Any]) -> Content:
    head = _rows(
        ("Metric", event["metric"]),
        ("Person", event["person"] or "nobody"),
        ("Time", event["time"]),
        ("Value", "" if event["value"] is None else f"{event['value']:g}"),
        ("Unique id", event["unique_id"]),
    )
    return Content("\n\n").join([head, _json("Properties", event["properties"])])


def _consent(marketing: Mapping[str, Any]) -> str:
    told = str(marketing["consent"]).lower().replace("_", " ")
    since = marketing["consent_timestamp"]
    return f"{told}, {_moment(since)}" if since else told


def _opt_in(found: Mapping[str, Any]) -> str:
    return str(found["opt_in_process"]).removesuffix("_opt_in")


def _job_kind(job: Mapping[str, Any]) -> str:
    return str(job["kind"]).removesuffix("-job").replace("-", " ")


def _job_state(job: Mapping[str, Any]) -> str:
    return "done" if job["done"] else "waiting"


def _moment(time: str) -> str:
    """A time to the second, as it is kept: in UTC."""
    return str(time)[:19].replace("T", " ")


def _rows(*rows: tuple[str, str]) -> Content:
    """Labels and values, one a line; a row without a value is left out."""
    filled = [(label, printable(value, one_line=True)) for label, value in rows if value]
    return Content("\n").join(Content.assemble((f"{label:<10}", "$foreground-muted"), value) for label, value in filled)


def _json(title: str, value: Any) -> Content:
    text = json_block(value)
    if len(text) > _LONGEST_JSON:
        text = f"{text[:_LONGEST_JSON]}\n… cut: {len(text):,} characters in all"
    return _titled(title, text)


def _titled(title: str, text: str) -> Content:
    return Content.assemble((title, "bold $text-primary"), "\n", text)
