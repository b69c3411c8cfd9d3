"""LiquidJS's filters on dates: what a date is, and `strftime`. The zone is UTC unless a template names another."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from actions.mapping.liquid_values import LARGEST, LiquidError, plain, stringify, to_number
from actions.values import MISSING, Json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIRECTIVE = re.compile(r"%([-_0^#:]+)?(\d+)?([EO])?(.)", re.ASCII)
_DEFAULT = "%A, %B %-e, %Y at %-l:%M %P %z"
_WIDTHS = dict.fromkeys("CdeHIklmMSUWy", 2) | {"j": 3, "L": 3, "Y": 4}
_PADDED_WITH_SPACES = frozenset("aAbBceklpP")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_FORMS = (
    "%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y, %I:%M:%S %p", "%Y/%m/%d", "%Y/%m/%d %H:%M:%S",
    "%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y",
    "%B %d, %Y %H:%M", "%b %d, %Y %H:%M", "%B %d, %Y %H:%M:%S", "%b %d, %Y %H:%M:%S",
    "%B %d, %Y %I:%M %p", "%b %d, %Y %I:%M %p", "%a %b %d %Y", "%a %b %d %Y %H:%M:%S", "%Y", "%Y-%m",
)  # fmt: skip


def _date(value: Json, form: Json = MISSING, zone: Json = MISSING) -> Json:
    moment = _moment(value, zone)
    if moment is None:
        return value
    form = plain(form)
    return _strftime(moment, _DEFAULT if form is None or form is MISSING else stringify(form))


def _date_to_xmlschema(value: Json) -> Json:
    return _date(value, "%Y-%m-%dT%H:%M:%S%:z")


def _date_to_rfc822(value: Json) -> Json:
    return _date(value, "%a, %d %b %Y %H:%M:%S %z")


def _date_to_string(value: Json, kind: Json = MISSING, style: Json = MISSING) -> Json:
    return _written(value, "%b", kind, style)


def _date_to_long_string(value: Json, kind: Json = MISSING, style: Json = MISSING) -> Json:
    return _written(value, "%B", kind, style)


def _written(value: Json, month: str, kind: Json, style: Json) -> Json:
    if kind != "ordinal":
        return _date(value, f"%d {month} %Y")
    return _date(value, f"{month} %-d%q, %Y" if style == "US" else f"%-d%q {month} %Y")


def _strftime(moment: datetime, form: str) -> str:
    """The text of a moment. Flags, widths and conversions are Ruby's, as LiquidJS has them."""
    pieces, size, end = list[str](), 0, 0
    for found in _DIRECTIVE.finditer(form):
        pieces += form[end : found.start()], _converted(moment, found)
        size, end = size + len(pieces[-1]), found.end()
        if size > LARGEST:
            raise LiquidError(f"a date cannot be longer than {LARGEST:,} characters")
    return "".join(pieces) + form[end:]


def _converted(moment: datetime, found: re.Match[str]) -> str:
    flags, conversion = found[1] or "", found[4]
    width = int(found[2][:9]) if found[2] else 0
    if width > LARGEST:
        raise LiquidError(f"a date cannot be longer than {LARGEST:,} characters")
    if conversion == "N":
        return f"{moment.microsecond // 1000:03}"[: width or 9].ljust(width or 9, "0")
    convert = _CONVERSIONS.get(conversion)
    if convert is None:
        return found[0]
    result = convert(moment) if conversion not in "zZ" else _zone_text(moment, conversion, ":" in flags)
    if "^" in flags:
        result = result.upper()
    elif "#" in flags:
        result = result.upper() if any("a" <= character <= "z" for character in result) else result.lower()
    padding = " " if conversion in _PADDED_WITH_SPACES else "0"
    if "_" in flags:
        padding = " "
    elif "0" in flags:
        padding = "0"
    width = 0 if "-" in flags else width or _WIDTHS.get(conversion, 0)
    if padding == "0" and result.startswith("-"):
        return "-" + result[1:].rjust(width - 1, "0")
    return result.rjust(width, padding)


def _zone_text(moment: datetime, conversion: str, colon: bool) -> str:
    name = getattr(moment.tzinfo, "key", "UTC" if moment.tzinfo is UTC else "")
    if conversion == "Z" and name:
        return name
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}{':' if colon else ''}{rest:02}"


def _ordinal(day: int) -> str:
    return "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _week(moment: datetime, first_weekday: int) -> str:
    """The week of the year, 0 before its first Sunday (7) or Monday (1)."""
    return str((moment.timetuple().tm_yday - 1 - (moment.isoweekday() - first_weekday) % 7 + 7) // 7)


def _us_date(moment: datetime) -> str:
    return f"{moment.month}/{moment.day}/{moment.year}"


def _us_time(moment: datetime) -> str:
    return f"{moment.hour % 12 or 12}:{moment:%M:%S} {moment:%p}"


_CONVERSIONS: Final[Mapping[str, Callable[[datetime], str]]] = {
    "a": lambda moment: _WEEKDAYS[moment.weekday()][:3],
    "A": lambda moment: _WEEKDAYS[moment.weekday()],
    "b": lambda moment: _MONTHS[moment.month - 1][:3],
    "B": lambda moment: _MONTHS[moment.month - 1],
    "c": lambda moment: f"{_us_date(moment)}, {_us_time(moment)}",
    "C": lambda moment: str(moment.year // 100),
    "d": lambda moment: str(moment.day),
    "e": lambda moment: str(moment.day),
    "h": lambda moment: _MONTHS[moment.month - 1][:3],
    "H": lambda moment: str(moment.hour),
    "I": lambda moment: str(moment.hour % 12 or 12),
    "j": lambda moment: str(moment.timetuple().tm_yday),
    "k": lambda moment: str(moment.hour),
    "l": lambda moment: str(moment.hour % 12 or 12),
    "L": lambda moment: str(moment.microsecond // 1000),
    "m": lambda moment: str(moment.month),
    "M": lambda moment: str(moment.minute),
    "n": lambda _: "\n",
    "p": lambda moment: "AM" if moment.hour < 12 else "PM",
    "P": lambda moment: "am" if moment.hour < 12 else "pm",
    "q": lambda moment: _ordinal(moment.day),
    "s": lambda moment: str((moment - _EPOCH) // timedelta(seconds=1)),
    "S": lambda moment: str(moment.second),
    "t": lambda _: "\t",
    "u": lambda moment: str(moment.isoweekday()),
    "U": lambda moment: _week(moment, 7),
    "w": lambda moment: str(moment.isoweekday() % 7),
    "W": lambda moment: _week(moment, 1),
    "x": _us_date,
    "X": _us_time,
    "y": lambda moment: str(moment.year % 100),
    "Y": lambda moment: str(moment.year),
    "z": str,
    "Z": str,
    "%": lambda _: "%",
}


def _moment(value: Json, zone: Json) -> datetime | None:
    """The moment a value stands for, None where it stands for none."""
    value = plain(value)
    try:
        moment = _instant(value)
        return None if moment is None else moment.astimezone(_zone(zone))
    except (ValueError, OverflowError) as error:
        if isinstance(error, LiquidError):
            raise
        return None


def _instant(value: Json) -> datetime | None:
    if value in {"now", "today"} if isinstance(value, str) else False:
        return datetime.now(UTC)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if not isinstance(value, str) or (value.isascii() and value.isdigit()):
        return _EPOCH + timedelta(milliseconds=int(to_number(value) * 1000))
    moment = _parsed(value.strip())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _parsed(given: str) -> datetime:
    try:
        return datetime.fromisoformat(given)
    except ValueError:
        pass
    for form in _FORMS:
        try:
            return datetime.strptime(given, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return parsedate_to_datetime(given)


def _zone(zone: Json) -> tzinfo:
    zone = plain(zone)
    if zone is MISSING or zone is None:
        return UTC
    try:
        if isinstance(zone, str):
            return ZoneInfo(zone)
        return timezone(timedelta(minutes=-to_number(zone)))
    except (OSError, ValueError, KeyError, OverflowError) as error:
        raise LiquidError(f"date: there is no time zone {stringify(zone)[:50]!r}") from error


FILTERS: Final[Mapping[str, Callable[..., Json]]] = {
    "date": _date,
    "date_to_long_string": _date_to_long_string,
    "date_to_rfc822": _date_to_rfc822,
    "date_to_string": _date_to_string,
    "date_to_xmlschema": _date_to_xmlschema,
}
"""The filters by name."""
