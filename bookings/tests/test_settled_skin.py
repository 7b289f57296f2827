"""Skin settled before a patient's own dates; closures that stand as one on the ruler."""

from datetime import date, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import AwayDates
from bookings.ribbon import RibbonSpan
from bookings.scheduling import Away
from bookings.services import ribbons
from bookings.services.proposing import proposals
from bookings.services.proposing.reasons import cause_words
from bookings.services.proposing.wishes import Wishes
from bookings.tests.factories import NOW
from bookings.tests.series_desk import make_signed, propose, submit
from bookings.tests.test_reasons import WEDNESDAY, make_scene
from bookings.tests.test_series_book import FIRST, make_approved


def wishes(first, last, **changes):
    facts = {
        "earliest": FIRST,
        "weekdays": frozenset(range(5)),
        "arrive_between": (time(8), time(17)),
        "avoid": ((first, last, "Wedding"),),
    }
    return Wishes(**facts | changes)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "is_free"), [(7, True), (6, False), (1, False), (0, False), (-1, True)]
)
def test_a_session_comes_seven_days_before_the_dates_or_after_them(days, is_free):
    plan = make_approved()
    event = FIRST + timedelta(days=days)
    asked = wishes(event, event, settled=True)

    best = proposals.propose(plan, asked, now=NOW).proposals[0]

    assert (best.sessions[0].local_start.date() == FIRST) == is_free


@pytest.mark.django_db
def test_without_the_wish_only_the_dates_themselves_are_avoided():
    plan = make_approved()
    event = FIRST + timedelta(days=1)

    best = proposals.propose(plan, wishes(event, event), now=NOW).proposals[0]

    assert best.sessions[0].local_start.date() == FIRST


def test_the_address_carries_the_wish():
    asked = wishes(FIRST, FIRST)

    assert "settled" not in asked.query()
    assert "settled=on" in wishes(FIRST, FIRST, settled=True).query()


def test_the_reason_names_the_patients_own_dates_and_the_week_before():
    first, last = date(2027, 4, 24), date(2027, 4, 25)
    scene = make_scene(wishes=wishes(first, last, settled=True))
    cause = Away(2, WEDNESDAY, date(2027, 4, 18), last)

    assert cause_words(cause, scene) == (
        "Wedding, 24–25 Apr, and the week before it are in the way of session 2."
    )


@pytest.mark.django_db
def test_the_box_keeps_its_tick_and_the_dates_that_are_kept_are_the_patients(as_desk):
    plan = make_signed()
    tomorrow = timezone.localdate() + timedelta(days=1)
    query = {
        "earliest": tomorrow.isoformat(),
        "days": ["0", "1", "2", "3", "4"],
        "arrive_from": "08:00",
        "arrive_until": "17:00",
        "policy": "anyone",
        "avoid_1_first": (tomorrow + timedelta(days=30)).isoformat(),
        "avoid_1_label": "Wedding",
        "settled": "on",
    }

    shown = propose(as_desk, plan, **query)
    submit(as_desk, plan, shown, query=shown.wsgi_request.GET.urlencode())

    assert 'name="settled"\n             id="id_settled"\n             checked' in (
        shown.content.decode()
    )
    assert AwayDates.objects.get().first_day == tomorrow + timedelta(days=30)


@pytest.mark.django_db
def test_the_problem_for_the_solver_has_the_week_before(as_desk):
    plan = make_signed()
    event = timezone.localdate() + timedelta(days=30)
    query = wishes(event, event, earliest=timezone.localdate(), settled=True).query()

    problem = as_desk.get(
        f"{reverse('desk:series-problem', args=[plan.pk])}?{query}"
    ).json()

    before = (event - timedelta(days=6)).isoformat()
    assert problem["series"]["blackouts"] == [[before, event.isoformat()]]


# --- Closures ------------------------------------------------------------------------


def span(first, last=None, label="Holiday"):
    return RibbonSpan(first, last or first, label)


CHRISTMAS = date(2026, 12, 25)  # a Friday; Boxing Day is kept on the Monday


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([0, 1, 3], [(0, 3, "")]),  # Friday, Saturday; Sunday lies between; Monday
        ([0, 1], [(0, 1, "")]),
        ([0, 3], [(0, 0, "Holiday"), (3, 3, "Holiday")]),  # they work on the Saturday
        ([0, 7], [(0, 0, "Holiday"), (7, 7, "Holiday")]),
        ([0, 0], [(0, 0, "")]),
        ([], []),
    ],
)
def test_closures_with_nothing_but_sundays_between_them_stand_as_one(days, expected):
    plan = make_approved()
    closed = [span(CHRISTMAS + timedelta(days=day)) for day in days]

    drawn = ribbons.drawn(plan, (), ribbons.Around(NOW.date(), closed=tuple(closed)))

    assert [
        ((one.first - CHRISTMAS).days, (one.last - CHRISTMAS).days, one.label)
        for one in drawn.closed
    ] == expected


@pytest.mark.django_db
def test_a_closure_within_a_longer_one_does_not_shorten_it():
    plan = make_approved()
    long = span(CHRISTMAS, CHRISTMAS + timedelta(days=9))
    short = span(CHRISTMAS + timedelta(days=1))

    around = ribbons.Around(NOW.date(), closed=(short, long))

    assert ribbons.drawn(plan, (), around).closed == (
        span(long.first, long.last, label=""),
    )
