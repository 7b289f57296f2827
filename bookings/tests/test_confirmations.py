"""Confirmations: who is called, what is kept of it, and where one goes on."""

from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import (
    AccessLog,
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Claim,
    ClaimReason,
    MessageStatus,
    Task,
)
from bookings.services import confirmations
from bookings.services.refusals import BookingRefused
from bookings.templatetags.boards import reminder_words
from bookings.tests.factories import (
    NOW,
    TODAY,
    make_appointment,
    make_doctor,
    make_location,
    make_patient,
    make_plan,
)
from bookings.tests.letterbox import make_message

pytestmark = pytest.mark.django_db

LIST = "desk:confirmations"


def at(place, days, hour=10, minute=0):
    """So many local days after the day of NOW."""
    day = TODAY + timedelta(days=days)
    return datetime.combine(day, time(hour, minute), tzinfo=place.zone)


def found(days=3, location=None, now=NOW):
    return [
        line.visit
        for line in confirmations.lines(days=days, location=location, now=now)
    ]


# --- Whom to call -----------------------------------------------------------------------


@pytest.mark.parametrize("days", confirmations.DAYS)
def test_the_last_day_is_whole_and_the_next_one_is_not_there(days):
    place = make_location()
    late = make_appointment(location=place, starts_at=at(place, days, 23, 59))
    make_appointment(location=place, starts_at=at(place, days + 1, 0, 0))

    assert found(days) == [late]


def test_today_counts_from_now_on():
    make_appointment(starts_at=NOW)
    soon = make_appointment(starts_at=NOW + timedelta(minutes=1))

    assert found() == [soon]


def test_days_are_those_of_each_location():
    far = make_location(timezone="Pacific/Auckland")  # already tomorrow there
    inside = make_appointment(location=far, starts_at=at(far, 2, 23))
    make_appointment(location=far, starts_at=at(far, 3, 0))

    assert found(1) == [inside]


@pytest.mark.parametrize(
    ("status", "is_called"),
    [
        (status, status == AppointmentStatus.BOOKED)
        for status in AppointmentStatus
        if status != AppointmentStatus.HELD
    ],
)
def test_only_what_is_booked_and_not_confirmed_is_called_about(status, is_called):
    make_appointment(starts_at=NOW + timedelta(days=1), status=status)

    assert bool(found()) is is_called


def test_soonest_first_whatever_it_is_and_where():
    late = make_appointment(starts_at=NOW + timedelta(days=2))
    soon = make_appointment(
        starts_at=NOW + timedelta(days=1), kind=AppointmentKind.RESULT_REVIEW
    )

    assert found() == [soon, late]
    assert found(location=late.location) == [late]


# --- What was sent ----------------------------------------------------------------------


def reminder(visit, **fields):
    return make_message(visit, rule="practical", **fields)


def line_of(visit):
    lines = confirmations.lines(days=3, location=None, now=NOW)
    return next(line for line in lines if line.visit == visit)


def test_the_48_hour_message_of_the_newest_version_is_the_one_that_counts():
    visit = make_appointment(starts_at=NOW + timedelta(days=1))
    make_message(visit, rule="confirmation", dedupe_key="a")
    reminder(visit, version=1, dedupe_key="b", status=MessageStatus.SUPERSEDED)
    newest = reminder(visit, version=2, dedupe_key="c")

    assert line_of(visit).reminder == newest


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": "planned", "due_at": NOW}, "Reminder goes out Tue 24 Nov, 10:00"),
        (
            {"status": "sent", "sent_at": NOW, "due_at": NOW},
            "Reminder sent Tue 24 Nov, 10:00",
        ),
        (
            {"status": "failed", "problem": "No such address."},
            "Reminder not sent. No such address.",
        ),
        (
            {"status": "suppressed", "problem": "The patient has no e-mail address."},
            "Reminder not sent. The patient has no e-mail address.",
        ),
        ({"status": "superseded"}, "No reminder is planned"),
    ],
)
def test_its_state_is_told_in_words(fields, said):
    visit = make_appointment(starts_at=NOW + timedelta(days=1))
    reminder(visit, **fields)

    assert reminder_words(line_of(visit).reminder) == said


def test_a_visit_without_one_says_so():
    visit = make_appointment(starts_at=NOW + timedelta(days=1))

    assert reminder_words(line_of(visit).reminder) == "No reminder is planned"


# --- No answer --------------------------------------------------------------------------


def test_a_call_without_an_answer_is_kept_with_its_hour_and_is_no_open_task(desk):
    visit = make_appointment(starts_at=NOW + timedelta(days=1))

    confirmations.no_answer(visit, actor=desk, now=NOW)
    confirmations.no_answer(visit, actor=desk, now=NOW + timedelta(hours=1))

    line = line_of(visit)
    assert len(line.calls) == 2
    assert line.last_call.opened_at == NOW + timedelta(hours=1)
    assert line.last_call.closed_by == desk
    assert line.last_call.words == (
        "Called Ada Lovelace about Wed 25 Nov, 10:00: no answer."
    )
    assert not Task.objects.open().exists()
    assert AccessLog.objects.filter(patient=visit.patient, user=desk).count() == 2


@pytest.mark.parametrize(
    "fields",
    [{"status": AppointmentStatus.CONFIRMED}, {"starts_at": NOW}],
    ids=["confirmed", "begun"],
)
def test_nobody_is_called_about_what_needs_no_call(desk, fields):
    visit = make_appointment(**{"starts_at": NOW + timedelta(days=1)} | fields)

    with pytest.raises(BookingRefused, match="any more"):
        confirmations.no_answer(visit, actor=desk, now=NOW)

    assert not Task.objects.exists()


# --- The page: in the real present ------------------------------------------------------


def make_coming(hours=26, **fields):
    return make_appointment(starts_at=timezone.now() + timedelta(hours=hours), **fields)


def note(client, visit, verb, query="", **headers):
    address = reverse("desk:confirmation-note", args=[visit.pk, verb])
    data = {"version": visit.version}
    return client.post(f"{address}?{query}", data, headers=headers)


def test_a_row_shows_who_comes_for_what_with_whom_and_how_to_call(as_desk):
    patient = make_patient(phone="+16135550142")
    visit = make_coming(plan=make_plan(patient=patient), number=2)
    doctor = make_doctor(visit.location)
    Claim.objects.create(
        resource=doctor,
        during=visit.during,
        why=ClaimReason.APPOINTMENT,
        appointment=visit,
        role="operator",
    )

    page = as_desk.get(reverse(LIST)).content.decode()

    for words in ("Ada Lovelace", "session 2 of 3", doctor.name, "(613) 555-0142"):
        assert words in page
    assert reverse("desk:appointment-move", args=[visit.pk]) in page
    assert AccessLog.objects.get().what == "confirmations"


def test_one_click_confirms_and_leads_on_to_the_next(as_desk):
    first, second = make_coming(), make_coming(27)

    answer = note(as_desk, first, "confirm", "days=2")

    assert answer.url == f"{reverse(LIST)}?days=2#visit-{second.pk}"
    first.refresh_from_db()
    assert first.status == AppointmentStatus.CONFIRMED
    lines = as_desk.get(reverse(LIST)).context["lines"]
    assert [line.visit for line in lines] == [second]


def test_htmx_swaps_the_list_alone_and_the_focus_goes_to_the_next(as_desk):
    first, second, third = make_coming(), make_coming(27), make_coming(28)

    answer = note(as_desk, second, "no-answer", **{"HX-Request": "true"})

    page = answer.content.decode()
    assert "<!doctype html>" not in page
    assert 'id="board"' in page
    assert page.count("data-cd-focus") == 1
    assert answer.context["following"] == third.pk
    assert "No answer" in page
    assert first.pk != third.pk


def test_after_the_last_row_one_goes_on_with_the_first(as_desk):
    first, last = make_coming(), make_coming(27)

    answer = note(as_desk, last, "confirm", **{"HX-Request": "true"})

    assert answer.context["following"] == first.pk


def test_after_the_only_row_the_focus_goes_to_the_title(as_desk):
    answer = note(as_desk, make_coming(), "confirm", **{"HX-Request": "true"})

    page = answer.content.decode()
    assert "Everybody has confirmed." in page
    assert '<h2 id="board-title" tabindex="-1" data-cd-focus>' in page


def test_what_a_colleague_has_confirmed_is_told_and_the_list_is_fresh(as_desk):
    visit = make_coming()
    Appointment.objects.update(status=AppointmentStatus.CONFIRMED)

    answer = note(as_desk, visit, "confirm")

    assert answer.status_code == 422
    assert answer.context["lines"] == []
    assert "Ada Lovelace:" in answer.context["refusal"]


def test_a_word_that_is_no_step_is_no_page(as_desk):
    assert note(as_desk, make_coming(), "delete").status_code == 404


@pytest.mark.parametrize(
    ("query", "days"), [("", 3), ("7", 7), ("1", 1), ("4", 3), ("x", 3), ("-1", 3)]
)
def test_the_address_says_how_many_days(as_desk, query, days):
    assert as_desk.get(reverse(LIST), {"days": query}).context["days"] == days


def test_a_clinician_looks_and_does_not_call(as_clinician):
    visit = make_coming()

    assert "Confirmed</button>" not in as_clinician.get(reverse(LIST)).content.decode()
    assert note(as_clinician, visit, "confirm").status_code == 403


def test_the_list_costs_the_same_for_one_and_three(as_desk, count_queries):
    reminder(make_coming(plan=make_plan()), dedupe_key="a")
    as_desk.get(reverse(LIST))
    one = count_queries(as_desk, reverse(LIST))
    for number in range(2):
        reminder(make_coming(27 + number, plan=make_plan()), dedupe_key=str(number))

    assert count_queries(as_desk, reverse(LIST)) == one
    assert len(as_desk.get(reverse(LIST)).context["lines"]) == 3
