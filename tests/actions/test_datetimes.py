import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.datetimes import DatetimeError, iso_time

NO_TIME = "must be a valid date-like string but it was not."


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-05-06T07:08:09.123Z", "2024-05-06T07:08:09.123Z"),
        ("2024-05-06T07:08:09Z", "2024-05-06T07:08:09.000Z"),
        ("2024-05-06T07:08:09+02:00", "2024-05-06T05:08:09.000Z"),
        ("2024-05-06T07:08:09+0200", "2024-05-06T05:08:09.000Z"),
        ("2024-05-06T07:08:09.123456789Z", "2024-05-06T07:08:09.123Z"),
        ("2024-05-06 07:08:09", "2024-05-06T07:08:09.000Z"),
        ("2026-03-04 19:02:30+00:00", "2026-03-04T19:02:30.000Z"),
        ("2024-05-06", "2024-05-06T00:00:00.000Z"),
        ("2024-05", "2024-05-01T00:00:00.000Z"),
        ("05/06/2024", "2024-05-06T00:00:00.000Z"),
        ("4 March 2026", "2026-03-04T00:00:00.000Z"),
        ("May 6, 2024", "2024-05-06T00:00:00.000Z"),
        ("Mon, 06 May 2024 07:08:09 GMT", "2024-05-06T07:08:09.000Z"),
        ("May 6, 2024 7:08 PM", "2024-05-06T19:08:00.000Z"),
        ("5/6/2024, 12:08:09 AM", "2024-05-06T00:08:09.000Z"),
        ("2024/5/6 07:08:09", "2024-05-06T07:08:09.000Z"),
        ("2024-05-06 07:08:09.123456 UTC", "2024-05-06T07:08:09.123Z"),
        ("2024-05-06t07:08:09z", "2024-05-06T07:08:09.000Z"),
        ("2024-05-06T09:08:09+02:00[Europe/Berlin]", "2024-05-06T07:08:09.000Z"),
        ("Mon May 06 2024 09:08:09 GMT+0200 (Central European Summer Time)", "2024-05-06T07:08:09.000Z"),
        ("Mon May 06 00:08:09 PDT 2024", "2024-05-06T07:08:09.000Z"),
        ("06-May-2024", "2024-05-06T00:00:00.000Z"),
        (1714979289, "2024-05-06T07:08:09.000Z"),
        ("1714979289", "2024-05-06T07:08:09.000Z"),
        (1714979289.5, "2024-05-06T07:08:09.500Z"),
        (1714979289123, "2024-05-06T07:08:09.123Z"),
        ("1714979289123", "2024-05-06T07:08:09.123Z"),
    ],
)
def test_a_time_is_read_and_written_in_utc(value: object, expected: str):
    assert iso_time(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "x",
        "",
        True,
        None,
        [],
        {},
        "2026-02-29T25:61:61Z",
        "2024-13-45",
        1e300,
        "13/45/2024",
        "June 31, 2024",
        "5/6/2024 13:08 PM",
        "2024-05-06 07:08:09 XYZ",
        f"2024-05-06 07:08{' ' * 100_000}x",
    ],
)
def test_what_is_no_time_is_refused_in_segments_words(value: object):
    with pytest.raises(DatetimeError, match=NO_TIME):
        iso_time(value)


@pytest.mark.parametrize("value", ["1999-12-31T23:59:59Z", 5, "2099-01-01"])
def test_a_time_that_no_event_can_have_is_refused(value: object):
    with pytest.raises(DatetimeError, match=r"before the year 2000|more than a year ahead"):
        iso_time(value)


def test_a_time_within_the_next_year_is_taken():
    soon = (datetime.now(UTC) + timedelta(days=300)).isoformat()
    assert iso_time(soon).endswith("Z")


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none()))
def test_nothing_raises_anything_else(value: object):
    with contextlib.suppress(DatetimeError):
        assert iso_time(value).endswith("Z")
