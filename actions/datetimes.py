"""Times as events carry them: ISO 8601, seconds or milliseconds since 1970, and dates as people write them.

Segment reads a number of seconds as milliseconds (January 1970) and numeric text as a year in the 18th century. We
tell them apart by their digits and refuse what cannot be the time of an event.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from actions.values import Json, number_text

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_FURTHEST_AHEAD = timedelta(days=366)
_PRESENT_YEAR = datetime.now(UTC).year
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = re.compile(r"\d{10,13}(?:\.\d+)?", re.ASCII)
_YEAR_OR_MONTH = re.compile(r"(\d{4})(?:-(\d\d))?", re.ASCII)


class DatetimeError(ValueError):
    """A value that is no time, or no time an event can have. The text goes behind the field's label."""


def iso_time(value: Json) -> str:
    """The time as Klaviyo takes it, `2024-05-06T07:08:09.000Z`, in UTC and cut to the millisecond.

    Ten digits are seconds since 1970, otherwise numbers are milliseconds. Without a zone, UTC is meant. Times before
    2000 or more than a year ahead are refused, as Klaviyo refuses them.
    """
    plain = _plain(value) if value.__class__ is str else None
    if plain:
        return plain
    moment = _moment(value)
    if not _EARLIEST <= moment <= datetime.now(UTC) + _FURTHEST_AHEAD:
        why = "before the year 2000" if moment < _EARLIEST else "more than a year ahead"
        raise DatetimeError(f"is {_iso(moment)}, {why}: no event is taken from then. Are its digits seconds?")
    return _iso(moment)


def _plain(text: str) -> str | None:
    """A past time that is written as Klaviyo takes it, or but for its milliseconds: nearly every event's."""
    length, marks = len(text), text[4:20:3]
    if (length == 20 and marks == "--T::Z") or (length == 24 and marks == "--T::." and text[23] == "Z"):
        try:
            year = datetime.fromisoformat(text).year
        except ValueError:
            return None
        if 2000 <= year <= _PRESENT_YEAR:  # without asking the clock
            return text if length == 24 else f"{text[:-1]}.000Z"
    return None


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"


def _moment(value: Json) -> datetime:
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise DatetimeError("must be a valid date-like string but it was not.")
        moment = _from_text(value.strip()) if isinstance(value, str) else _from_number(number_text(value))
        if moment.tzinfo is UTC:
            return moment
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        if isinstance(error, DatetimeError):
            raise
        raise DatetimeError("must be a valid date-like string but it was not.") from error


def _from_number(digits: str) -> datetime:
    amount = float(digits)
    seconds = amount if len(digits.partition(".")[0]) == 10 else amount / 1000
    return _EPOCH + timedelta(seconds=seconds)


def _from_text(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        if _DIGITS.fullmatch(text):
            return _from_number(text)
    if found := _YEAR_OR_MONTH.fullmatch(text):
        return datetime(int(found[1]), int(found[2] or 1), 1, tzinfo=UTC)
    from actions.written_dates import read_written_date  # patterns that few times need

    return read_written_date(text)
