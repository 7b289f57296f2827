"""A date says its year only when that is not this one."""

from datetime import date, datetime, timedelta, timezone

import pytest

from bookings.templatetags.dates import day_in, moment_in


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 12, 31), "Thu 31 Dec"),
        (date(2027, 1, 1), "Fri 1 Jan 2027"),
        (date(2025, 12, 31), "Wed 31 Dec 2025"),
    ],
)
def test_a_day_of_another_year_says_so(day, words):
    assert day_in(day, 2026) == words


def test_a_day_says_its_year_where_nobody_knows_this_one():
    assert day_in(date(2026, 12, 31), "") == "Thu 31 Dec 2026"


def test_a_moment_is_told_in_its_own_zone():
    zone = timezone(timedelta(hours=-5))

    assert moment_in(datetime(2026, 12, 31, 23, 30, tzinfo=zone), 2026) == (
        "Thu 31 Dec, 23:30"
    )


def test_no_day_is_no_words():
    assert (day_in(None, 2026), moment_in(None, 2026)) == ("", "")
