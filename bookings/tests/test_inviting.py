"""Answering a request: who looks after it, and times proposed by e-mail."""

from datetime import date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from bookings.models import (
    ConsultationRequest,
    Message,
    MessageStatus,
    ProposedTime,
    RequestStatus,
    Task,
)
from bookings.services import inviting, requests
from bookings.services.appointing import talks
from bookings.services.inviting import Slot
from bookings.services.refusals import BookingRefused
from bookings.services.triage import lines, unanswered
from bookings.services.triage.ageing import OpenDays
from bookings.tests.factories import (
    NOW,
    make_doctor,
    make_location,
    make_patient,
    make_place_with_people,
    make_request,
)
from clinic.models import Practitioner

OTTAWA = ZoneInfo("America/Toronto")
WEEK = OpenDays(OTTAWA, frozenset(range(5)))
A_DAY = timedelta(hours=24)

pytestmark = pytest.mark.django_db


def at(day, hour, minute=0, month=11):
    """A moment of 2026 by Ottawa's clocks."""
    return datetime(2026, month, day, hour, minute, tzinfo=OTTAWA)


def address(name, *args):
    return reverse(f"desk:{name}", args=args)


def line_of(row, now=NOW):
    found = requests.with_times(ConsultationRequest.objects.all(), now=now)
    (line,) = lines.sized_up([found.get(pk=row.pk)], now=now)
    return line


# --- Assigning --------------------------------------------------------------------------


def test_a_request_is_assigned_on_its_page_and_found_by_who_has_it(as_desk, desk):
    place = make_location()
    doctor = make_doctor(place)
    mine = make_doctor(place, name="Camille Bouchard", user=desk)
    rows = [make_request() for _ in range(3)]
    for row, who in zip(rows, (doctor, mine), strict=False):
        seen = as_desk.get(address("request", row.pk)).context["assign"].initial["seen"]
        answer = as_desk.post(
            address("request-assign", row.pk), {"clinician": who.pk, "seen": seen}
        )
        assert answer.url == address("request", row.pk)

    row = ConsultationRequest.objects.get(pk=rows[0].pk)
    assert (row.clinician, row.location) == (doctor, place)
    for query, found in (
        (str(doctor.pk), rows[:1]),
        ("mine", rows[1:2]),
        ("none", rows[2:]),
        ("x", rows),
    ):
        page = as_desk.get(address("requests"), {"clinician": query})
        assert [line.request for line in page.context["lines"]] == found


def test_somebody_of_another_place_is_refused_and_what_was_chosen_is_kept(as_desk):
    place, elsewhere = make_location(), make_location(name="Westboro")
    doctor, row = make_doctor(elsewhere), make_request()
    seen = as_desk.get(address("request", row.pk)).context["assign"].initial["seen"]

    answer = as_desk.post(
        address("request-assign", row.pk),
        {"location": place.pk, "clinician": doctor.pk, "seen": seen},
    )

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "is not at Centretown" in page
    assert f'<option value="{doctor.pk}" selected>' in page
    assert ConsultationRequest.objects.get().clinician is None


def test_who_assigns_from_an_old_page_sees_both_versions(as_desk):
    place = make_location()
    first, second = make_doctor(place, name="Dr A"), make_doctor(place, name="Dr B")
    row = make_request()
    seen = as_desk.get(address("request", row.pk)).context["assign"].initial["seen"]
    ConsultationRequest.objects.update(clinician=first)

    answer = as_desk.post(
        address("request-assign", row.pk), {"clinician": second.pk, "seen": seen}
    )

    assert answer.status_code == 422
    assert "Somebody else saved this meanwhile" in answer.content.decode()
    assert ConsultationRequest.objects.get().clinician == first


# --- Free times -------------------------------------------------------------------------


def invited(**wishes):
    """A place where consultations are free, and somebody who asks for one there."""
    place = make_place_with_people()
    return place, make_request(location=place, **wishes)


def slots(place, *starts):
    doctor = Practitioner.objects.get(location=place)
    return [Slot(place, doctor, start) for start in starts]


def propose(row, wanted, actor, now=NOW):
    return inviting.propose(row, wanted, actor=actor, now=now)


def test_what_is_offered_fits_days_hours_and_dates_in_town():
    _place, row = invited(
        weekdays=[2],
        arrive_from=time(15),
        arrive_until=time(16),
        in_town_from=date(2026, 12, 1),
        in_town_until=date(2026, 12, 10),
    )

    offered = inviting.offered(row, now=NOW)

    assert offered.left_out == ""
    assert {day for day, _slots in offered.days} == {date(2026, 12, d) for d in (1, 8)}
    assert {f"{slot.local_start:%H:%M}" for slot in offered.slots} == {
        "15:00",
        "15:15",
        "15:30",
        "15:45",
        "16:00",
    }


def test_nothing_is_offered_that_a_letter_could_not_reach_in_time():
    _place, row = invited()

    first = inviting.offered(row, now=NOW).slots[0]

    assert first.starts_at >= NOW + timedelta(hours=24)


def test_the_doctor_wished_for_comes_first_and_others_where_that_one_cannot():
    place, row = invited()
    busy = make_doctor(place, name="Dr Busy")  # works at no time at all
    row.doctor = busy

    offered = inviting.offered(row, now=NOW)

    assert offered.left_out.startswith("With Dr Busy nothing of this fits.")
    assert {slot.practitioner.name for slot in offered.slots} == {"Dr Okafor"}


def test_hours_that_never_fit_are_left_out_with_a_word():
    _place, row = invited(weekdays=[6], arrive_from=time(20))

    offered = inviting.offered(row, now=NOW)

    assert offered.left_out.startswith("No time fits the days and hours")
    assert offered.slots


def test_a_stay_without_a_free_day_offers_nothing(as_desk):
    _place, row = invited(
        in_town_from=date(2026, 11, 28), in_town_until=date(2026, 11, 29)
    )

    assert inviting.offered(row, now=NOW).slots == ()
    page = as_desk.get(address("request-times", row.pk)).content.decode()
    assert "Nothing is free while this person is in town." in page


def test_either_place_is_offered_to_who_named_none():
    first, second = make_place_with_people(), make_place_with_people()
    row = make_request()

    found = {slot.location for slot in inviting.offered(row, now=NOW).slots}

    assert found == {first, second}


# --- Proposing --------------------------------------------------------------------------


def test_proposing_writes_times_one_letter_and_the_state(desk):
    place, row = invited()

    propose(row, slots(place, at(30, 10), at(27, 9)), desk)

    row.refresh_from_db()
    times = list(row.proposed_times.all())
    assert row.status == RequestStatus.CONTACTED
    assert [one.starts_at for one in times] == [at(27, 9), at(30, 10)]
    message = Message.objects.get()
    assert (message.rule, message.request, message.status) == (
        "request-times",
        row,
        MessageStatus.PLANNED,
    )


def test_new_times_take_the_place_of_those_before(desk):
    place, row = invited()
    propose(row, slots(place, at(27, 9)), desk)

    propose(row, slots(place, at(30, 10)), desk, now=NOW + timedelta(minutes=1))

    standing = ProposedTime.objects.filter(is_withdrawn=False)
    assert [one.starts_at for one in standing] == [at(30, 10)]
    assert list(Message.objects.order_by("pk").values_list("status", flat=True)) == [
        MessageStatus.SUPERSEDED,
        MessageStatus.PLANNED,
    ]


@pytest.mark.parametrize(
    ("starts", "why"),
    [
        ([], "Choose one, two or three"),
        ([at(27, 9), at(27, 9)], "Choose one, two or three"),
        ([at(27, 9), at(27, 10), at(27, 11), at(27, 12)], "Choose one, two or three"),
        ([NOW], "has passed"),
        ([at(27, 9), at(28, 9)], "Dr Okafor is not free on Sat 28 Nov, 09:00."),
    ],
)
def test_times_that_cannot_be_are_refused_and_nothing_is_written(desk, starts, why):
    place, row = invited()

    with pytest.raises(BookingRefused, match=why):
        propose(row, slots(place, *starts), desk)

    row.refresh_from_db()
    assert row.status == RequestStatus.NEW
    assert not ProposedTime.objects.exists()
    assert not Message.objects.exists()


def test_a_taken_time_is_refused_with_the_next_that_fits(desk):
    place, row = invited()
    take(place, at(27, 9), desk)

    with pytest.raises(BookingRefused, match="The next that fits is Fri 27 Nov, 09:30"):
        propose(row, slots(place, at(27, 9)), desk)


def take(place, start, actor):
    """Somebody else books that time."""
    doctor = Practitioner.objects.get(location=place)
    room = place.resources.get(kind="room")
    other = make_patient(first_name="Bo", last_name="Ek", email="bo@example.org")
    about = talks.Talk("consultation", other, place, start, doctor.pk, room.pk)
    return talks.book(about, key=uuid4(), actor=actor, now=NOW)


def test_without_an_address_somebody_has_to_be_called(desk):
    place = make_place_with_people()
    row = make_request(patient=make_patient(email="", phone="613-555-0101"))

    with pytest.raises(BookingRefused, match="no e-mail address"):
        propose(row, slots(place, at(27, 9)), desk)


def test_what_somebody_else_has_closed_is_not_written_to(desk):
    place, row = invited(status="withdrawn")

    with pytest.raises(BookingRefused, match="it is “Withdrawn” now"):
        propose(row, slots(place, at(27, 9)), desk)


@pytest.mark.parametrize("end", ["withdrawn", "closed"])
def test_an_ended_request_offers_no_time_any_more(desk, end):
    place, row = invited()
    propose(row, slots(place, at(27, 9)), desk)
    row.refresh_from_db()

    about = {"actor": desk, "now": NOW, "reason": "Moved away"}
    requests.move(row, RequestStatus(end), seen="contacted", **about)

    assert inviting.to_choose(row, now=NOW) == []
    assert not ProposedTime.objects.filter(is_withdrawn=False).exists()
    assert Message.objects.get().status == MessageStatus.SUPERSEDED


def test_times_are_taken_back_on_the_page(as_desk, desk):
    place, row = invited()
    propose(row, slots(place, at(27, 9)), desk)

    answer = as_desk.post(address("request-times-back", row.pk), follow=True)

    assert "The times are taken back." in answer.content.decode()
    assert Message.objects.get().status == MessageStatus.SUPERSEDED


def test_a_consultation_booked_by_phone_ends_the_offer(as_desk, desk):
    place, row = invited()
    propose(row, slots(place, at(27, 9)), desk)
    doctor, room = Practitioner.objects.get(), place.resources.get(kind="room")
    about = talks.Talk(
        "consultation", row.patient, place, at(30, 9), doctor.pk, room.pk
    )

    talks.book(about, key=uuid4(), actor=desk, now=NOW, request=row)

    row.refresh_from_db()
    assert row.status == RequestStatus.BOOKED
    assert not ProposedTime.objects.filter(is_withdrawn=False).exists()


def test_who_chose_none_of_the_times_is_called(desk):
    place, row = invited()
    (proposed, *_rest) = propose(row, slots(place, at(30, 10)), desk)
    unanswered.reconcile(now=at(30, 9, 59))
    assert not Task.objects.exists()

    unanswered.reconcile(now=proposed.starts_at)

    task = Task.objects.open().get()
    assert "chose none of the times proposed, the last on Mon 30 Nov." in task.words
