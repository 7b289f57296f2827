"""Patients help themselves: what the policy lets them do, to the minute, and all or nothing."""

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Message,
    OfferStatus,
    Task,
    TaskKind,
    WaitingOffer,
)
from bookings.services import visits
from bookings.services.messages import outbox
from bookings.services.messages.moments import GRACE
from bookings.services.moves import moving, placing
from bookings.services.portal import (
    asking,
    cascade,
    policy,
    proposed,
    queueing,
    selfservice,
)
from bookings.services.portal.asking import PartOfDay, What, Wish
from bookings.services.portal.policy import Bar, NotAlone
from bookings.services.portal.selfservice import Changed, Lost
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_patient,
    make_place_with_people,
    make_protocol,
    make_task,
)
from bookings.tests.selfhelp import (
    CALM,
    cancel,
    make_offer,
    make_series,
    move,
    sealed,
    visit_of,
)
from bookings.tests.test_moving import WEEK_OF_CARE, days_of, on
from bookings.tests.test_series_book import FIRST, OTTAWA, local
from bookings.tests.waiting import answer_afresh
from clinic.models import User

pytestmark = pytest.mark.django_db


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def plan():
    return make_series()


def status_of(visit) -> str:
    return Appointment.objects.get(pk=visit.pk).status


# --- Until when ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "bar"),
    [
        (48 * HOUR, None),
        (48 * HOUR - MINUTE, Bar.LATE),
        (MINUTE, Bar.LATE),
        (timedelta(0), Bar.OVER),
    ],
)
def test_a_visit_is_changed_alone_until_48_hours_before(plan, before, bar):
    visit = visit_of(plan)
    now = visit.starts_at - before

    assert policy.against_cancelling(visit, now=now) == bar
    assert policy.against_moving(visit, now=now) == bar


def test_the_notice_is_the_clinics_own(plan, settings):
    settings.SELF_SERVICE_HOURS = 24
    visit = visit_of(plan)

    assert policy.against_cancelling(visit, now=visit.starts_at - 24 * HOUR) is None
    late = policy.against_cancelling(visit, now=visit.starts_at - 24 * HOUR + MINUTE)
    assert late == Bar.LATE


def test_a_visit_is_confirmed_until_it_begins(plan):
    visit = visit_of(plan)
    given = {"version": visit.version}

    with pytest.raises(NotAlone) as refused:
        selfservice.confirm(visit, now=visit.starts_at, **given)
    assert refused.value.bar == Bar.OVER
    selfservice.confirm(visit, now=visit.starts_at - MINUTE, **given)

    assert status_of(visit) == AppointmentStatus.CONFIRMED


def test_the_limit_is_said_in_hours_of_the_clock_across_a_clock_change():
    """The clocks go forward on 14 March 2027: 48 hours before Monday 10:00 is 9:00."""
    visit = make_appointment(
        starts_at=datetime(2027, 3, 15, 10, tzinfo=OTTAWA), minutes=60
    )

    until = policy.alone_until(visit)

    assert (until.day, until.hour) == (13, 9)
    assert policy.against_cancelling(visit, now=until) is None
    assert policy.against_cancelling(visit, now=until + MINUTE) == Bar.LATE


def test_times_after_a_clock_change_are_those_of_the_clock(plan):
    visit = visit_of(plan, 3)  # Tuesday 16 March; the clocks went forward on Sunday
    monday = date(2027, 3, 15)

    choice = next(c for c in proposed.choices(visit, now=NOW) if c.day == monday)
    found = proposed.propose(visit, choice.times[0], now=NOW)

    assert choice.times[0] == local(monday, choice.times[0].time())
    assert found.target.after.starts_at.hour == choice.times[0].hour


# --- Moving --------------------------------------------------------------------------


@pytest.mark.parametrize(("moved", "bar"), [(1, None), (2, Bar.OFTEN)])
def test_one_visit_is_moved_alone_twice(plan, moved, bar):
    for turn in range(moved):
        move(visit_of(plan), turn + 1)

    assert policy.against_moving(visit_of(plan), now=NOW) == bar


def test_what_the_desk_moves_and_what_follows_is_not_counted(plan, desk):
    move(visit_of(plan), 10)  # takes session 2 along
    proposal = moving.propose(visit_of(plan, 2), on(60), now=NOW)
    moving.accept(plan, proposal.sealed(), actor=desk, now=NOW, why="")

    assert policy.times_moved(visit_of(plan)) == 1
    assert policy.times_moved(visit_of(plan, 2)) == 0


def test_a_third_move_is_refused_even_if_it_was_shown_before(plan):
    shown = sealed(visit_of(plan), 3)
    for days in (1, 2):
        move(visit_of(plan), days)

    shown["version"] = visit_of(plan).version
    with pytest.raises(NotAlone):
        selfservice.move(visit_of(plan), shown, now=NOW)

    assert days_of(plan)[0] == 2


@pytest.mark.parametrize(("days", "is_offered"), [(41, False), (42, True), (56, True)])
def test_no_day_out_of_its_window_is_offered(plan, days, is_offered):
    found = proposed.choices(visit_of(plan, 2), now=NOW)

    assert (FIRST + timedelta(days=days) in {one.day for one in found}) == is_offered


def test_a_day_that_would_need_an_override_is_lost(plan):
    with pytest.raises(Lost):
        proposed.propose(visit_of(plan, 2), on(57), now=NOW)


def test_a_day_that_does_not_suit_the_answers_is_not_offered():
    plan = make_series(protocol=make_protocol())
    answer_afresh(plan, keloid="yes")

    assert proposed.choices(visit_of(plan), now=NOW) == []


@pytest.mark.parametrize(("days", "is_offered"), [(6, False), (7, True)])
def test_an_earlier_day_leaves_time_to_get_ready(days, is_offered):
    plan = make_series(protocol=make_protocol(rules=CALM, care=[WEEK_OF_CARE]))
    day = NOW.date() + timedelta(days=days)  # care lasts a week; it is 24 November

    found = proposed.choices(visit_of(plan), now=NOW)

    assert (day in {one.day for one in found}) == is_offered


def test_few_times_of_a_day_are_shown_and_the_rest_is_counted(plan):
    choice = proposed.choices(visit_of(plan, 2), now=NOW)[0]

    assert len(choice.few) == 4
    assert (choice.few[0], choice.few[-1]) == (choice.times[0], choice.times[-1])
    assert choice.others == len(choice.times) - 4


def test_what_follows_is_told_with_its_reason(plan):
    found = proposed.propose(visit_of(plan), on(10), now=NOW)

    (line,) = cascade.follows(found, plan, 2026)

    assert line.title == "Session 2 has to move too"
    assert line.why == (
        "On Tue 26 January 2027 it would come only 39 days after session 1. "
        "Your skin needs 6 to 8 weeks between two sessions."
    )


def test_messages_are_planned_anew_with_grace_and_the_history_names_the_patient(plan):
    visit = visit_of(plan)
    move(visit, 1)

    row = visit_of(plan)
    told = Message.objects.waiting().get(
        rule="confirmation", version=row.version, appointment__plan=plan
    )
    assert told.due_at == NOW + GRACE
    assert row.reason == "Moved by the patient"
    assert visits.history(row)[0].who == "the patient"
    assert visits.history(row)[0].why == "Moved by the patient"


def test_moving_twice_is_once_and_an_old_page_is_told(plan):
    visit = visit_of(plan)
    first, second = sealed(visit, 1), sealed(visit, 2)

    for _time in "ab":
        selfservice.move(visit, first, now=NOW)
    with pytest.raises(Changed, match="has changed since this page was opened"):
        selfservice.move(visit, second, now=NOW)

    assert days_of(plan)[0] == 1


def test_a_proposal_for_another_visit_moves_nothing(plan):
    shown = sealed(visit_of(plan), 1)

    with pytest.raises(Changed):
        selfservice.move(visit_of(plan, 2), shown, now=NOW)

    assert days_of(plan) == [0, 49, 98]


def test_a_lost_time_leads_to_the_three_nearest(plan):
    found = proposed.choices(visit_of(plan, 2), now=NOW)

    near = proposed.nearest(found, on(50, time(12)))

    assert near == sorted(near)
    assert len(near) == 3
    assert all(abs(one - on(50, time(12))) <= HOUR for one in near)


def test_all_of_a_move_or_nothing(plan, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError

    shown = sealed(visit_of(plan), 10)
    users = User.objects.count()
    monkeypatch.setattr(placing, "_tell", broken)
    with pytest.raises(RuntimeError):
        selfservice.move(visit_of(plan), shown, now=NOW)

    assert days_of(plan) == [0, 49, 98]
    assert User.objects.count() == users
    assert visit_of(plan).events.count() == 1


@pytest.mark.parametrize("kind", ["consultation", "result-review"])
def test_a_talk_is_moved_and_cancelled_alike(kind):
    place = make_place_with_people()
    talk = make_appointment(location=place, kind=kind, starts_at=on(0), minutes=30)

    found = proposed.choices(talk, now=NOW)
    shown = proposed.propose(talk, found[-1].times[0], now=NOW)
    selfservice.move(talk, shown.sealed, now=NOW)
    row = Appointment.objects.get(pk=talk.pk)
    assert row.starts_at == found[-1].times[0]
    cancel(row)

    assert status_of(talk) == AppointmentStatus.CANCELLED


# --- A clinician looks first; questions first ------------------------------------------


def test_while_a_clinician_looks_nothing_moves_but_time_is_given_back(plan):
    shown = sealed(visit_of(plan), 1)
    make_task(kind=TaskKind.ANSWERS, patient=plan.patient)

    assert policy.against_moving(visit_of(plan), now=NOW) == Bar.CLINICIAN
    with pytest.raises(NotAlone):
        selfservice.move(visit_of(plan), shown, now=NOW)
    assert days_of(plan)[0] == 0
    cancel(visit_of(plan))


def test_once_the_clinician_has_looked_it_moves_again(plan):
    make_task(kind=TaskKind.ANSWERS, patient=plan.patient, closed_at=NOW)
    make_task(kind=TaskKind.ANSWERS, patient=make_patient())

    assert policy.against_moving(visit_of(plan), now=NOW) is None


def test_questions_that_are_due_come_first():
    plan = make_series(protocol=make_protocol())
    assert policy.against_moving(visit_of(plan), now=NOW) == Bar.HEALTH

    answer_afresh(plan)

    assert policy.against_moving(visit_of(plan), now=NOW) is None


# --- Cancelling and asking -------------------------------------------------------------


def test_cancelling_tells_the_patient_and_the_desk(plan):
    outbox.send_due(clock=lambda: NOW + GRACE)  # the booking is known
    visit = visit_of(plan, 2)

    with translation.override("fr"):
        for _time in "ab":
            cancel(visit, why="J'ai un examen")

    row = Appointment.objects.get(pk=visit.pk)
    told = Message.objects.get(rule="cancelled")
    assert row.reason == "Cancelled by the patient: J'ai un examen"
    assert told.due_at == NOW + GRACE
    task = Task.objects.open().get(kind=TaskKind.PLACE)
    assert "session 2 needs a new time" in task.words
    assert visits.history(row)[0].who == "the patient"


def test_too_late_to_cancel_becomes_a_wish_once(plan):
    visit = visit_of(plan)
    now = visit.starts_at - 47 * HOUR

    with pytest.raises(NotAlone, match="less than 48 hours"):
        cancel(visit, now=now)
    with translation.override("fr"):
        for words in ("Je suis malade.", "Encore."):
            asking.ask(visit, Wish(What.CANCEL, words), now=now)

    assert status_of(visit) == AppointmentStatus.BOOKED
    (task,) = Task.objects.filter(kind=TaskKind.ASKS)
    assert task.words == (
        "Ada Lovelace cannot come to session 1 (Tue 8 Dec 2026, 10:00). "
        "“Je suis malade.”"
    )
    assert (task.patient, task.appointment) == (plan.patient, visit)


def test_once_the_desk_has_answered_a_new_wish_may_come(plan, as_desk):
    visit = visit_of(plan)
    wish = Wish(What.MOVE, "", (0, 2), (PartOfDay.MORNING,))
    task = asking.ask(visit, wish, now=NOW)

    listed = as_desk.get(reverse("desk:tasks")).content.decode()
    assert "asks for another time for session 1" in listed
    assert reverse("desk:appointment", args=[visit.pk]) in listed
    as_desk.post(reverse("desk:task-done", args=[task.pk]))
    asking.ask(visit, wish, now=NOW)

    assert Task.objects.filter(kind=TaskKind.ASKS).count() == 2


def test_a_new_time_is_asked_for_only_while_there_is_none(plan, desk):
    visit = visit_of(plan, 2)
    cancel(visit)
    gone = visit_of(plan, 2)
    assert asking.may_ask(gone, now=NOW)

    proposal = moving.repair(plan, now=NOW)
    moving.accept(plan, proposal.sealed(), actor=desk, now=NOW, why="")

    assert not asking.may_ask(gone, now=NOW)
    assert asking.ask(gone, Wish(What.NEW, "Soon"), now=NOW) is None


# --- The waiting list --------------------------------------------------------------------


def test_an_offer_is_taken_until_it_ends():
    offer = make_offer()

    with pytest.raises(Lost, match="no longer kept for you"):
        queueing.take(offer, now=offer.expires_at)
    assert days_of(offer.entry.plan)[0] == 0
    queueing.take(offer, now=offer.expires_at - MINUTE)

    assert visit_of(offer.entry.plan).starts_at == offer.starts_at


def test_taking_twice_is_once_and_the_history_names_the_patient():
    offer = make_offer()

    for _time in "ab":
        queueing.take(offer, now=NOW)

    row = visit_of(offer.entry.plan)
    assert visits.history(row)[0].who == "the patient"
    assert queueing.state(WaitingOffer.objects.get(pk=offer.pk), now=NOW) == "taken"
    with pytest.raises(Changed):
        queueing.turn_down(offer, now=NOW)


def test_an_offer_that_is_left_goes_on_and_the_visit_stays():
    offer = make_offer()

    for _time in "ab":
        queueing.turn_down(offer, now=NOW)

    assert WaitingOffer.objects.get(pk=offer.pk).status == OfferStatus.DECLINED
    assert days_of(offer.entry.plan)[0] == 0
    with pytest.raises(Lost):
        queueing.take(offer, now=NOW)


@pytest.mark.parametrize("bar", [Bar.HEALTH, Bar.CLINICIAN])
def test_health_comes_before_an_offer(bar):
    offer = make_offer(protocol=make_protocol())
    if bar == Bar.CLINICIAN:
        make_task(kind=TaskKind.ANSWERS, patient=offer.entry.patient)

    with pytest.raises(NotAlone) as refused:
        queueing.take(offer, now=NOW)

    assert refused.value.bar == bar
    queueing.turn_down(offer, now=NOW)


def test_joining_twice_is_once_and_days_gone_by_are_refused(plan):
    visit = visit_of(plan)
    days = {"first_day": date(2026, 11, 25), "last_day": date(2026, 12, 7)}

    for _time in "ab":
        queueing.join(visit, days, now=NOW)
    assert plan.waiting.count() == 1
    queueing.leave(visit, now=NOW)
    queueing.leave(visit, now=NOW)
    past = {"first_day": date(2026, 11, 1), "last_day": date(2026, 11, 2)}
    with pytest.raises(Changed):
        queueing.join(visit, past, now=NOW)
