"""Dates as programs and people write them beside ISO 8601, read as JavaScript's `Date` reads them.

`5/6/2024 7:08 PM`, `2024-05-06 07:08:09 UTC`, `Mon May 06 2024 07:08:09 GMT+0200 (…)`. What names no zone is in UTC;
what is no day of the calendar is refused instead of rolled over.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_ZONES = {"": 0, "z": 0, "utc": 0, "ut": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5}
_ZONES.update({"mst": -7, "mdt": -6, "pst": -8, "pdt": -7})
"""Hours by which the zones that JavaScript knows by name are ahead of UTC."""

_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_NAME = r"(?P<name>[a-z]{3,9})\.?"
_DAY, _YEAR = r"(?P<day>\d{1,2})", r"(?P<year>\d{4})"
_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?:\s*(?P<half>[ap])\.?m\.?)?"
)
_ZONE = r"\s*(?P<zone>z|[a-z]{2,3})?\s*(?P<offset>[+-]\d\d(?::?\d\d)?)?"
_NOTE = r"(?:\s*\([^)]*\)|\[[^\]]*\])?"  # the zone's name behind its offset
_FORMS = tuple(
    re.compile(form, re.ASCII | re.IGNORECASE)
    for form in (
        *(
            rf"{date}(?:(?:\s*[t,]\s*|\s+){_CLOCK}{_ZONE})?{_NOTE}"
            for date in (
                rf"{_YEAR}[-/](?P<month>\d{{1,2}})[-/]{_DAY}",
                rf"(?P<month>\d{{1,2}})/{_DAY}/{_YEAR}",
                rf"{_WEEKDAY}{_NAME}\s+{_DAY},?\s+{_YEAR}",
                rf"{_WEEKDAY}{_DAY}[\s-]{_NAME}[\s-],?\s*{_YEAR}",
            )
        ),
        rf"{_WEEKDAY}{_NAME}\s+{_DAY}\s+{_CLOCK}{_ZONE}\s+{_YEAR}",
    )
)


_LONGEST = 100
"""Characters. No date has more, and the patterns' work is bounded."""


def read_written_date(text: str) -> datetime:
    """The moment that a date names. Raises `ValueError` where it is none."""
    for form in _FORMS if len(text) <= _LONGEST else ():
        if found := form.fullmatch(text):
            return _moment(found.groupdict(default=""))
    raise ValueError(text)


def _moment(parts: dict[str, str]) -> datetime:
    fraction = parts["fraction"].ljust(6, "0")[:6]
    return datetime(
        int(parts["year"]),
        int(parts["month"]) if parts.get("month") else _month(parts["name"]),
        int(parts["day"]),
        _hour(parts),
        int(parts["minute"] or 0),
        int(parts["second"] or 0),
        int(fraction),
        tzinfo=_zone(parts),
    )


def _month(name: str) -> int:
    """The month of a name, which may be cut to three letters or more."""
    for number, month in enumerate(_MONTHS, 1):
        if month.startswith(name.lower()):
            return number
    raise ValueError(name)


def _hour(parts: dict[str, str]) -> int:
    hour = int(parts["hour"] or 0)
    if not parts["half"]:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if parts["half"].lower() == "p" else 0)


def _zone(parts: dict[str, str]) -> tzinfo:
    name = parts["zone"].lower()
    if name not in _ZONES:
        raise ValueError(name)
    offset = parts["offset"].replace(":", "")
    if not offset:
        return timezone(timedelta(hours=_ZONES[name])) if _ZONES[name] else UTC
    minutes = int(offset[1:3]) * 60 + int(offset[3:] or 0)
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
