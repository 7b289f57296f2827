"""The path of a visit: one click forward, one back, and taken up again."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from pghistory import context

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    Message,
    MessageStatus,
    PlanStatus,
    Task,
    TaskKind,
)
from bookings.services import steps
from bookings.services.appointing import talks
from bookings.services.appointing.rules import Talk
from bookings.services.messages import outbox, reminders
from bookings.services.messages.moments import GRACE
from bookings.services.moves import backwards, changes, moving, windows
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_answer,
    make_appointment,
    make_location,
    make_outage,
    make_patient,
    make_place_with_people,
    make_user,
)
from bookings.tests.test_changes import MINUTE, cancel, complete, make_series, session
from bookings.tests.test_series_book import (
    FIRST,
    book,
    local,
    make_approved,
    make_sessions,
    roles_at,
)
from clinic.models import Closure, Device, Practitioner

pytestmark = pytest.mark.django_db

S = AppointmentStatus


def verbs(row, now):
    offered = steps.of(row, now=now)
    return (
        offered.forward.verb if offered.forward else None,
        offered.back.verb if offered.back else None,
        [step.verb for step in offered.aside],
    )


def back(row, *, now=None, **more):
    facts = {"actor": make_user(), "now": now or row.ends_at + MINUTE}
    return backwards.back(row, **facts | more)


def reopen(row, *, now=NOW + MINUTE, **more):
    return backwards.reopen(row, actor=make_user(), now=now, **more)


def send(now):
    return outbox.send_due(clock=lambda: now)


# --- What is one click away ---------------------------------------------------------


BEFORE, ON_THE_DAY, BEGUN = (timedelta(days=-1), -MINUTE, timedelta(0))


@pytest.mark.parametrize(
    ("status", "when", "offered"),
    [
        (S.HELD, BEFORE, (None, None, [])),
        (S.BOOKED, BEFORE, ("confirm", None, ["cancel", "note"])),
        (S.CONFIRMED, BEFORE, (None, "back", ["cancel", "note"])),
        (
            S.BOOKED,
            ON_THE_DAY,
            ("arrive", None, ["confirm", "done", "late", "cancel", "note"]),
        ),
        (
            S.CONFIRMED,
            BEGUN,
            ("arrive", "back", ["done", "late", "no-show", "cancel", "note"]),
        ),
        (S.ARRIVED, BEGUN, ("begin", "back", ["done", "cancel", "note"])),
        (S.IN_SESSION, BEGUN, ("done", "back", ["note"])),
        (S.DONE, BEGUN, (None, "back", ["note"])),
        (S.CANCELLED, BEFORE, (None, "reopen", ["note"])),
        (S.LATE_CANCELLED, BEGUN, (None, "reopen", ["note"])),
        (S.NO_SHOW, BEGUN, (None, "reopen", ["note"])),
        (S.RELEASED, BEFORE, (None, None, [])),
    ],
)
def test_each_status_offers_its_steps_in_one_order(status, when, offered):
    row = Appointment(
        status=status,
        location=make_location(),
        during=make_appointment(starts_at=NOW).during,
    )

    assert verbs(row, NOW + when) == offered


def test_what_frees_the_time_has_no_single_key():
    keys = {step.verb: step.key for step in (steps.CANCEL, steps.NO_SHOW, steps.ARRIVE)}

    assert keys == {"cancel": "", "no-show": "", "arrive": "a"}


# --- Confirmed ----------------------------------------------------------------------


def test_a_booked_visit_is_confirmed_once():
    row = make_appointment()
    facts = {"actor": make_user(), "now": NOW}

    assert changes.confirm(row, **facts).status == S.CONFIRMED
    with pytest.raises(BookingRefused, match="“Confirmed” by now"):
        changes.confirm(row, **facts)


# --- One step back ------------------------------------------------------------------


def test_each_step_goes_back_to_the_one_before():
    plan = make_series()
    row = session(plan, 1)
    facts = {"actor": make_user(), "now": row.starts_at}
    for act in (changes.confirm, changes.arrive, changes.begin):
        act(row, **facts)
    complete(plan, 1, row.ends_at)

    seen = [back(session(plan, 1)).status for _step in range(4)]

    assert seen == [S.IN_SESSION, S.ARRIVED, S.CONFIRMED, S.BOOKED]
    with pytest.raises(BookingRefused, match="Booked"):
        back(session(plan, 1))


def test_who_arrived_without_a_confirmation_is_booked_again():
    row = make_appointment(starts_at=NOW)
    changes.arrive(row, actor=make_user(), now=NOW)
    changes.begin(row, actor=make_user(), now=NOW)
    back(row)

    assert back(row).status == S.BOOKED


def test_what_was_done_loses_its_end_and_the_after_care_not_yet_sent():
    plan = make_series()
    end = session(plan, 1).starts_at + 50 * MINUTE
    complete(plan, 1, end, now=session(plan, 1).ends_at)

    row = back(session(plan, 1))

    assert (row.status, row.completed_at) == (S.IN_SESSION, None)
    assert not Message.objects.waiting().filter(appointment=row).exists()


def test_after_care_is_due_at_the_planned_end_again():
    plan = make_series()
    end = session(plan, 1).starts_at + 50 * MINUTE
    complete(plan, 1, end, now=end)

    row = back(session(plan, 1), now=end + MINUTE)

    told = Message.objects.waiting().get(appointment=row, rule="after-care")
    assert told.due_at == row.ends_at


def test_after_care_that_left_is_not_sent_again():
    plan = make_series()
    row = session(plan, 1)
    complete(plan, 1, row.ends_at, now=row.ends_at)
    send(row.ends_at + GRACE)
    back(session(plan, 1), now=row.ends_at + GRACE)

    complete(plan, 1, row.ends_at, now=row.ends_at + 2 * GRACE)

    waiting = Message.objects.waiting().filter(appointment=row)
    assert not waiting.filter(rule="after-care").exists()


def test_the_windows_count_from_the_plan_again():
    plan = make_series()
    complete(plan, 1, session(plan, 1).ends_at + timedelta(days=8))
    assert Task.objects.open().filter(kind=TaskKind.WINDOW).exists()

    back(session(plan, 1), now=session(plan, 1).ends_at + timedelta(days=9))

    assert not Task.objects.open().exists()


def test_a_session_before_one_that_took_place_stays_done():
    plan = make_series()
    for number in (1, 2):
        complete(plan, number, session(plan, number).ends_at)

    with pytest.raises(BookingRefused, match="Session 2 has taken place since"):
        back(session(plan, 1))

    back(session(plan, 2))
    assert back(session(plan, 1)).status == S.IN_SESSION


def test_a_session_whose_time_was_given_back_stays_done():
    plan = make_series()
    complete(plan, 1, session(plan, 1).ends_at - timedelta(days=1))

    with pytest.raises(BookingRefused, match="Its time was given back"):
        back(session(plan, 1))


@pytest.mark.parametrize("name", ["settle_around"])
def test_a_step_back_that_fails_half_way_changes_nothing(monkeypatch, name):
    plan = make_series()
    complete(plan, 1, session(plan, 1).ends_at)
    messages = sorted(Message.objects.values_list("pk", "status"))

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(windows, name, fail)
    with pytest.raises(RuntimeError):
        back(session(plan, 1))

    assert session(plan, 1).status == S.DONE
    assert sorted(Message.objects.values_list("pk", "status")) == messages


# --- Taken up again -----------------------------------------------------------------


@pytest.mark.parametrize("status", [S.BOOKED, S.CONFIRMED])
def test_what_was_cancelled_stands_again_as_it_was(status):
    plan = make_series()
    if status == S.CONFIRMED:
        changes.confirm(session(plan, 2), actor=make_user(), now=NOW)
    had = sorted(Claim.objects.values_list("appointment", "role", "resource", "during"))
    cancel(plan, 2)

    row = reopen(session(plan, 2))

    assert row.status == status
    now = sorted(Claim.objects.values_list("appointment", "role", "resource", "during"))
    assert now == had
    assert not Task.objects.open().exists()


def test_who_was_marked_as_a_no_show_and_came_is_awaited_again():
    plan = make_series()
    row = session(plan, 1)
    now = row.starts_at + 10 * MINUTE
    changes.no_show(row, actor=make_user(), now=now)

    assert reopen(session(plan, 1), now=now + MINUTE).status == S.BOOKED
    assert row.claims.count() == 3


def test_a_patient_who_read_that_it_is_off_reads_that_it_stands(mailoutbox):
    plan = make_series(0)
    send(NOW + GRACE)
    cancel(plan, 1)
    send(NOW + GRACE)
    mailoutbox.clear()

    row = reopen(session(plan, 1), now=NOW + 2 * GRACE)

    assert row.version == 2
    assert send(NOW + 3 * GRACE) == 1
    assert mailoutbox[0].subject == "Changed: your booking from Tuesday 8 December"


def test_a_patient_who_never_read_that_it_is_off_hears_nothing(mailoutbox):
    plan = make_series()
    send(NOW + GRACE)
    before = set(Message.objects.waiting().values_list("dedupe_key", "due_at"))
    mailoutbox.clear()
    cancel(plan, 2)

    reopen(session(plan, 2))

    assert set(Message.objects.waiting().values_list("dedupe_key", "due_at")) == before
    assert send(NOW + 2 * GRACE) == 0


def test_a_patient_never_told_of_the_booking_still_will_be():
    plan = make_series()
    cancel(plan, 1)

    reopen(session(plan, 1))

    waiting = Message.objects.waiting().filter(rule=reminders.CONFIRMATION)
    told = {row.number for one in waiting for row in reminders.confirmed_by(one)}
    assert told == {1, 2, 3}


def test_a_session_that_has_another_time_stays_cancelled():
    plan = make_series()
    cancel(plan, 2)
    proposal = moving.repair(plan, now=NOW)
    moving.accept(plan, proposal.sealed(), actor=make_user(), now=NOW, why="")
    old = plan.appointments.get(status=S.CANCELLED)

    with pytest.raises(BookingRefused, match=r"Session 2 is on .* Move that one"):
        reopen(old)


def test_a_time_that_is_somebody_elses_is_refused_by_name():
    plan = make_series()
    cancel(plan, 1)
    other = make_approved(plan.location, protocol=plan.protocol, session_count=1)
    book(other, make_sessions(other, (0,)))

    with pytest.raises(BookingRefused, match="is taken by now on Tue 8 Dec at 10:"):
        reopen(session(plan, 1))

    assert session(plan, 1).status == S.CANCELLED


def test_a_patient_with_another_visit_that_day_is_asked_to_move_one():
    plan = make_series()
    cancel(plan, 1)
    start = session(plan, 1).starts_at + timedelta(hours=4)
    make_appointment(patient=plan.patient, location=plan.location, starts_at=start)

    with pytest.raises(BookingRefused, match="another visit on that day, at 14:00"):
        reopen(session(plan, 1))


def test_a_plan_that_ended_takes_nothing_up_again():
    plan = make_series()
    cancel(plan, 1)
    type(plan).objects.filter(pk=plan.pk).update(status=PlanStatus.WITHDRAWN)

    with pytest.raises(BookingRefused, match="The plan is another one by now"):
        reopen(session(plan, 1))


def test_answers_that_rule_the_day_out_are_asked_again():
    plan = make_series()
    cancel(plan, 1)
    make_answer(
        patient=plan.patient, question="pregnancy", value="yes", answered_at=NOW
    )

    with pytest.raises(BookingRefused, match="Session 1 cannot be on"):
        reopen(session(plan, 1))


@pytest.mark.parametrize("kind", ["session", "talk"])
@pytest.mark.parametrize("change", ["hours", "closure", "absence"])
def test_nobody_is_taken_up_again_who_is_not_there_any_more(kind, change):
    row = given_up_of(kind)
    doctor = Practitioner.objects.get(location=row.location)
    day = row.local_date
    if change == "hours":
        doctor.hours.update(closes=time(9))
    elif change == "closure":
        facts = {"kind": "holiday", "name": "Retreat", "location": row.location}
        Closure.objects.create(first_day=day, last_day=day, **facts)
    else:
        make_outage(resource=doctor, during=row.during, kind="absence")

    with pytest.raises(BookingRefused, match="is not available on Tue 8 Dec"):
        reopen(row)

    row.refresh_from_db()
    assert row.status == S.CANCELLED
    assert not row.claims.exists()


def given_up_of(kind):
    """A cancelled visit on Tuesday 8 December at 10, which nobody else has."""
    if kind == "session":
        plan = make_series(0)
        cancel(plan, 1)
        return session(plan, 1)
    place = make_place_with_people()
    roles = roles_at(place)
    talk = Talk(
        kind="consultation",
        patient=make_patient(),
        location=place,
        starts_at=local(FIRST, time(10)),
        practitioner=roles["operator"],
        room=roles["room"],
    )
    facts = {"actor": make_user(), "now": NOW}
    row = talks.book(talk, key=uuid4(), **facts)
    return changes.cancel(row, reason="Ill", **facts)


def test_who_came_after_all_is_taken_up_whatever_the_hours_say_now():
    plan = make_series(0)
    row = session(plan, 1)
    now = row.starts_at + MINUTE
    changes.no_show(row, actor=make_user(), now=now)
    Practitioner.objects.get(location=row.location).hours.update(closes=time(9))

    assert reopen(session(plan, 1), now=now + MINUTE).is_live


def test_a_device_without_a_licence_is_not_taken_up_again():
    plan = make_series(0)
    cancel(plan, 1)
    Device.objects.update(licence_expires_on=FIRST - timedelta(days=1))

    with pytest.raises(BookingRefused, match="licence"):
        reopen(session(plan, 1))


def test_what_nobody_knows_any_more_is_booked_anew():
    row = make_appointment(status=S.CANCELLED)

    with pytest.raises(BookingRefused, match="Book it as a new one"):
        reopen(row)


def test_only_what_was_given_up_is_taken_up_again():
    with pytest.raises(BookingRefused, match="“Booked” by now"):
        reopen(make_appointment())


@pytest.mark.parametrize(
    ("module", "name"),
    [(reminders, "withdraw"), (reminders, "promise_again"), (windows, "settle_around")],
)
def test_a_reopening_that_fails_half_way_changes_nothing(monkeypatch, module, name):
    plan = make_series()
    cancel(plan, 1)

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(module, name, fail)
    with pytest.raises(RuntimeError):
        reopen(session(plan, 1))

    assert session(plan, 1).status == S.CANCELLED
    assert not session(plan, 1).claims.exists()
    assert Task.objects.open().filter(kind=TaskKind.PLACE).exists()


# --- What the page saw --------------------------------------------------------------


def test_a_stale_page_is_told_what_it_is_now_and_who_did_it():
    row = make_appointment(starts_at=NOW)
    who = make_user(first_name="Camille", last_name="Bouchard")
    with context(user=who.pk):
        changes.arrive(row, actor=who, now=NOW)

    with pytest.raises(BookingRefused) as refused:
        changes.cancel(row, reason="Ill", actor=make_user(), now=NOW, seen=S.BOOKED)

    assert "“Arrived” by now. Camille Bouchard did that on" in str(refused.value)


def test_a_page_that_saw_it_as_it_is_goes_on():
    row = make_appointment(starts_at=NOW)

    assert changes.arrive(row, actor=make_user(), now=NOW, seen=S.BOOKED)


# --- The doors ----------------------------------------------------------------------


def post(client, row, verb, **data):
    address = reverse("desk:appointment-change", args=[row.pk, verb])
    row.refresh_from_db()
    return client.post(address, {"version": row.version, "status": row.status} | data)


@pytest.fixture
def today():
    """A visit that is going on just now; pages live in the real present."""
    return make_appointment(starts_at=timezone.now() - 10 * MINUTE)


def test_the_desk_goes_along_the_path_and_back(as_desk, today):
    seen = []
    for verb in ("confirm", "arrive", "begin", "back", "back", "back"):
        answer = post(as_desk, today, verb)
        assert answer.status_code == 302, answer.content
        today.refresh_from_db()
        seen.append(today.status)

    assert seen == [
        S.CONFIRMED,
        S.ARRIVED,
        S.IN_SESSION,
        S.ARRIVED,
        S.CONFIRMED,
        S.BOOKED,
    ]


def test_a_page_that_was_overtaken_gets_the_new_one_with_a_word(as_desk, today):
    post(as_desk, today, "arrive")

    answer = post(as_desk, today, "cancel", status="booked", **{"cancel-reason": "Ill"})

    assert answer.status_code == 422
    assert "“Arrived” by now." in answer.content.decode()
    assert "Camille Bouchard did that" in answer.content.decode()


def test_after_a_step_the_desk_is_where_it_came_from(as_desk, today):
    there = reverse("desk:day") + "?date=2026-11-24"

    assert post(as_desk, today, "arrive", next=there).url == there
    elsewhere = post(as_desk, today, "back", next="https://evil.example.org/")
    assert elsewhere.url == reverse("desk:appointment", args=[today.pk])


def test_a_step_can_be_undone_from_the_word_about_it(as_desk, today):
    post(as_desk, today, "arrive")
    page = as_desk.get(reverse("desk:appointment", args=[today.pk]))
    [message] = page.context["messages"]
    assert "Undo" in page.content.decode()

    answer = as_desk.post(
        reverse("desk:undo"),
        {"token": message.extra_tags, "next": reverse("desk:day")},
    )

    today.refresh_from_db()
    assert today.status == S.BOOKED
    assert answer.url == reverse("desk:day")


def test_on_the_diary_an_undo_says_that_the_diary_changed(as_desk, today):
    answer = as_desk.post(
        reverse("desk:undo"), {"token": "none"}, headers={"hx-request": "true"}
    )

    assert answer.headers["HX-Trigger"] == "diary-changed"
    assert "cannot be undone" in answer.content.decode()


def test_an_undo_that_is_refused_says_why_on_the_page(as_desk, today):
    answer = as_desk.post(reverse("desk:undo"), {"token": ""}, follow=True)

    assert "That cannot be undone." in answer.content.decode()


def note(client, row, text, **data):
    return post(client, row, "note", **{"note-note": text} | data)


def test_a_note_is_kept_in_whatever_state_the_visit_is(as_desk, today):
    seen = seen_in(as_desk, today)

    assert note(as_desk, today, " Step-free ", **seen).status_code == 302

    today.refresh_from_db()
    assert today.note == "Step-free"


def test_a_note_that_somebody_wrote_meanwhile_is_shown_beside_ones_own(as_desk, today):
    seen = seen_in(as_desk, today)
    note(as_desk, today, "Theirs", **seen)

    answer = note(as_desk, today, "Mine", **seen)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Mine" in page
    today.refresh_from_db()
    assert today.note == "Theirs"


def seen_in(client, row):
    page = client.get(reverse("desk:appointment", args=[row.pk]))
    form = page.context["note"].form
    return {"note-seen": form["seen"].value()}


@pytest.mark.parametrize(
    ("ticked", "status"),
    [({"cancel-notify": "on"}, MessageStatus.PLANNED), ({}, MessageStatus.SUPPRESSED)],
)
def test_the_desk_chooses_whether_a_cancellation_is_told(as_desk, ticked, status):
    row = make_appointment(starts_at=timezone.now() + timedelta(days=3))

    post(as_desk, row, "cancel", **{"cancel-reason": "Ill"} | ticked)

    assert Message.objects.get(rule=reminders.CANCELLED).status == status


def test_to_tell_is_what_happens_unless_somebody_unticks(as_desk):
    row = make_appointment(starts_at=timezone.now() + timedelta(days=3))

    page = as_desk.get(reverse("desk:appointment", args=[row.pk])).content.decode()

    assert 'name="cancel-notify"' in page
    assert "checked" in page.split('name="cancel-notify"')[1][:60]
