"""The demo's own day: far enough along to show a desk at work."""

from datetime import UTC, datetime

import pytest

from bookings.models import Appointment, AppointmentKind, AppointmentStatus, Message
from bookings.services import days
from bookings.services.demo import today
from bookings.tests.demo.rows import TODAY
from clinic.models import Location

NOON = datetime(2026, 11, 24, 16, 42, tzinfo=UTC)  # 11:42 in Ottawa
BEFORE_OPENING = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def all_of_today():
    return [
        row
        for place in Location.objects.all()
        for row in days.appointments(place, TODAY).live()
    ]


@pytest.mark.usefixtures("demo")
def test_visits_that_are_over_are_done_or_missed_talks():
    today.come_as_far_as(NOON)

    over = [row for row in all_of_today() if row.ends_at <= NOON]
    assert over
    for row in over:
        assert row.status == AppointmentStatus.DONE
        assert row.completed_at == row.ends_at
    missed = Appointment.objects.filter(
        status=AppointmentStatus.NO_SHOW, during__endswith__gt=BEFORE_OPENING
    ).filter(during__startswith__lt=NOON)
    assert all(row.kind != AppointmentKind.SESSION for row in missed)


@pytest.mark.usefixtures("demo")
def test_visits_under_way_have_arrived_or_begun_and_one_at_each_place_is_late():
    today.come_as_far_as(NOON)

    for place in Location.objects.all():
        under_way = [
            row
            for row in days.appointments(place, TODAY).live()
            if row.starts_at < NOON < row.ends_at
        ]
        late = [row for row in under_way if row.can_be_moved]
        assert len(late) == min(1, len(under_way))


@pytest.mark.usefixtures("demo")
def test_what_is_still_to_come_stays_as_it_was():
    before = {row.pk: row.status for row in all_of_today()}

    today.come_as_far_as(BEFORE_OPENING)

    assert {row.pk: row.status for row in all_of_today()} == before


@pytest.mark.usefixtures("demo")
def test_no_word_is_owed_for_the_day_so_far():
    before = Message.objects.count()

    today.come_as_far_as(NOON)

    assert Message.objects.count() == before
