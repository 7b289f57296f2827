"""A change of the rota that leaves dermal work without a doctor lists the sessions."""

from datetime import time, timedelta

import pytest

from bookings.models import OutageKind, Task
from bookings.services.missing import displaced, outages
from bookings.services.missing.affected import affected
from bookings.services.setup import effects
from bookings.tests.factories import NOW, make_doctor, make_hours, make_user
from bookings.tests.supervised import DOCTOR, at, make_dermal, the_doctor
from bookings.tests.test_series_book import FIRST, book
from clinic.models import Closure, ClosureKind, Location, Practitioner, WeeklyHours

pytestmark = pytest.mark.django_db

NOBODY = "Nobody who may supervise is there then."


@pytest.fixture
def plan():
    """A dermal session by the nurse at ten, needling from 10:30 to 11:00."""
    plan = make_dermal()
    book(plan, [at(plan, 10)])
    return plan


@pytest.fixture
def shallow():
    """The same, but it stays in the epidermis."""
    plan = make_dermal(target_layer="epidermis")
    book(plan, [at(plan, 10, supervisor=False)])
    return plan


def touched(change):
    return [one.why for one in effects.of(change, now=NOW)]


def saved(change):
    seen = effects.save(change, agreed="", now=NOW)
    return effects.save(change, agreed=seen.agreement, now=NOW)


def hours_until(closes, name=DOCTOR):
    rows = WeeklyHours.objects.filter(resource__name=name)
    return lambda: rows.update(closes=closes)


def may_not():
    Practitioner.objects.filter(name=DOCTOR).update(may_supervise=False)


def no_doctor():
    Practitioner.objects.filter(name=DOCTOR).update(skills=["consult"])


def closed():
    Closure.objects.create(
        kind=ClosureKind.LEAVE,
        name="Conference",
        resource=the_doctor(),
        first_day=FIRST,
        last_day=FIRST,
    )


def elsewhere():
    other = make_place_elsewhere()
    Practitioner.objects.filter(name=DOCTOR).update(location=other)


def make_place_elsewhere():
    return Location.objects.create(
        name="Westboro", slug="elsewhere", address="2", city="Ottawa", phone="1"
    )


def away(who, **hours):
    start, end = outages.moments(who.location.zone, FIRST, FIRST, **hours)
    facts = {"kind": OutageKind.ABSENCE, "reason": "Ill", "actor": make_user()}
    return outages.declare(who, start, end, **facts, now=NOW)


def second_doctor(plan, **hours):
    doctor = make_doctor(plan.location, name="Dr Roy", skills=["doctor"])
    make_hours(doctor, **hours)
    return doctor


# --- What is listed -------------------------------------------------------------------


def test_a_doctor_who_goes_before_the_needling_is_over_touches_it(plan):
    assert touched(hours_until(time(11))) == []
    assert touched(hours_until(time(10, 59))) == [NOBODY]


def test_whatever_takes_the_supervisor_away_lists_the_session(plan):
    for change in (may_not, no_doctor, closed, elsewhere):
        assert touched(change) == [NOBODY]


def test_work_in_the_epidermis_is_not_touched(shallow):
    for change in (may_not, no_doctor, closed, elsewhere, hours_until(time(9))):
        assert touched(change) == []


def test_another_who_may_supervise_is_enough(plan):
    second_doctor(plan)

    assert touched(may_not) == []


def test_another_doctor_who_may_not_supervise_is_not_enough(plan):
    doctor = second_doctor(plan)
    Practitioner.objects.filter(pk=doctor.pk).update(may_supervise=False)

    assert touched(may_not) == [NOBODY]


def test_a_doctor_at_another_place_is_not_enough(plan):
    make_hours(make_doctor(make_place_elsewhere(), skills=["doctor"]))

    assert touched(may_not) == [NOBODY]


def test_two_who_share_the_needling_between_them_are_not_enough(plan):
    second_doctor(plan, opens=time(10, 45), closes=time(18))

    assert touched(hours_until(time(10, 50))) == [NOBODY]


def test_a_layer_that_was_made_deeper_is_missed(shallow):
    def deeper():
        type(shallow).objects.filter(pk=shallow.pk).update(target_layer="dermis")

    hours_until(time(9))()

    assert touched(deeper) == [NOBODY]


# --- What is to do --------------------------------------------------------------------


def test_nothing_is_saved_before_the_list_was_agreed_to(plan):
    saving = effects.save(may_not, agreed="", now=NOW)

    assert not saving.is_saved
    assert the_doctor().may_supervise
    assert not Task.objects.exists()


def test_a_change_that_is_agreed_to_opens_a_task_for_each_session(plan):
    assert saved(may_not).is_saved

    words = "Ada Lovelace, session 1 of 1 on Tue 8 Dec, 10:00, has to be re-planned."
    assert Task.objects.open().get().words == f"{words} {NOBODY}"


def test_the_task_closes_once_somebody_supervises_again(plan):
    saved(may_not)
    second_doctor(plan)

    displaced.reconcile(now=NOW)

    assert not Task.objects.open().exists()


def test_the_task_stays_while_nobody_does(plan):
    saved(may_not)

    displaced.reconcile(now=NOW)

    assert Task.objects.open().count() == 1


# --- Absences -------------------------------------------------------------------------


def test_an_absence_of_the_only_supervisor_opens_a_task(plan):
    outage = away(the_doctor())

    assert [one.is_supervised for one in affected(outage, now=NOW)] == [True]
    assert Task.objects.open().get().outage == outage


def test_an_absence_of_a_doctor_who_may_not_supervise_touches_nothing(plan):
    doctor = second_doctor(plan)
    Practitioner.objects.filter(pk=doctor.pk).update(may_supervise=False)

    assert affected(away(doctor), now=NOW) == []


def test_an_absence_leaves_the_epidermis_alone(shallow):
    assert affected(away(the_doctor()), now=NOW) == []


def test_hours_cut_while_the_other_is_absent_list_the_session(plan):
    outage = away(second_doctor(plan))

    saving = saved(hours_until(time(9)))

    assert [one.why for one in saving.effects] == [NOBODY]
    assert Task.objects.open().get().outage == outage


def test_a_session_booked_lately_is_missed_once(plan):
    away(the_doctor())

    effects.catch_up(now=NOW)

    assert Task.objects.open().count() == 1


def test_the_list_costs_as_many_queries_for_three_sessions(
    plan, django_assert_num_queries
):
    with django_assert_num_queries(8):
        displaced.found(now=NOW)
    for days in (1, 2):
        other = make_dermal(plan.location, protocol=plan.protocol)
        book(other, [at(other, 9, day=FIRST + timedelta(days=days))])
    with django_assert_num_queries(8):
        displaced.found(now=NOW)


def test_a_look_at_an_absence_says_who_would_be_left_alone(plan):
    day = outages.moments(plan.location.zone, FIRST, FIRST)

    touched = outages.preview(the_doctor(), *day, actor=make_user(), now=NOW)

    assert [one.is_supervised for one in touched] == [True]
    assert not Task.objects.exists()
