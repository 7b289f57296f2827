"""Real threads: patients, the desk and the clock at the same moment."""

from datetime import time, timedelta

import pytest

from bookings.models import (
    Appointment,
    AppointmentStatus,
    OfferStatus,
    WaitingOffer,
)
from bookings.services import waiting
from bookings.services.moves import changes, moving
from bookings.services.portal import (
    queueing,
    selfservice,
)
from bookings.services.portal.selfservice import Lost
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_patient,
    make_place_with_people,
    make_protocol,
    make_user,
)
from bookings.tests.selfhelp import (
    CALM,
    cancel,
    make_offer,
    make_series,
    sealed,
    visit_of,
)
from bookings.tests.test_moving import days_of, on
from bookings.tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = timedelta(minutes=1)


def refused(outcomes):
    return [one for one in outcomes if isinstance(one, BookingRefused)]


def test_patient_and_desk_move_at_once_and_one_is_told():
    plan, desk = make_series(), make_user()
    visit = visit_of(plan)
    mine = sealed(visit, 1)
    theirs = moving.propose(visit, on(2), now=NOW).sealed()

    lost = refused(
        at_once(
            lambda: selfservice.move(visit, mine, now=NOW),
            lambda: moving.accept(plan, theirs, actor=desk, now=NOW, why=""),
        )
    )

    assert len(lost) == 1
    assert days_of(plan)[0] in (1, 2)


def test_of_two_patients_one_gets_the_last_time():
    place, protocol = make_place_with_people(), make_protocol(rules=CALM)
    one = make_series(0, 49, place=place, protocol=protocol)
    other = make_series(
        0,
        49,
        at=time(14),
        place=place,
        protocol=protocol,
        patient=make_patient(email="b@example.org"),
    )
    wanted = [
        (visit_of(plan, 2), sealed(visit_of(plan, 2), 50)) for plan in (one, other)
    ]

    lost = refused(
        at_once(*[lambda v=v, s=s: selfservice.move(v, s, now=NOW) for v, s in wanted])
    )

    assert [type(one) for one in lost] == [Lost]
    assert sorted([days_of(one)[1], days_of(other)[1]]) == [49, 50]


def test_an_offer_taken_while_it_lapses_is_one_of_the_two():
    offer = make_offer()
    end = offer.expires_at

    outcomes = at_once(
        lambda: queueing.take(offer, now=end - MINUTE),
        lambda: waiting.lapse_overdue(now=end),
    )

    row = WaitingOffer.objects.get(pk=offer.pk)
    if refused(outcomes):
        assert row.status == OfferStatus.LAPSED
        assert days_of(offer.entry.plan)[0] == 0
    else:
        assert row.status == OfferStatus.ACCEPTED
        assert visit_of(offer.entry.plan).starts_at == offer.starts_at


def test_two_confirmations_at_once_are_one():
    visit = visit_of(make_series())
    given = {"version": visit.version, "now": NOW}

    outcomes = at_once(*[lambda: selfservice.confirm(visit, **given)] * 2)

    assert refused(outcomes) == []
    confirmed = visit.events.filter(status=AppointmentStatus.CONFIRMED)
    assert confirmed.count() == 1


def test_a_cancellation_and_an_arrival_at_once_end_in_one_of_the_two():
    visit, desk = visit_of(make_series()), make_user()

    at_once(
        lambda: cancel(visit),
        lambda: changes.arrive(visit, actor=desk, now=NOW, version=visit.version),
    )

    row = Appointment.objects.get(pk=visit.pk)
    is_off = row.status == AppointmentStatus.CANCELLED
    assert is_off or row.status == AppointmentStatus.ARRIVED
    assert row.claims.exists() != is_off
