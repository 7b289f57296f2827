"""Moving on the diary: the dialog, whom and where was wished, and the strip."""

import re
from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import (
    AccessLog,
    AppointmentKind,
    AppointmentStatus,
    Claim,
    ClaimReason,
)
from bookings.services import claims
from bookings.services.appointing import talks
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_doctor,
    make_hours,
    make_place_with_people,
    make_practitioner,
    make_room,
    make_user,
)
from bookings.tests.test_series_book import FIRST, book, local, make_approved
from bookings.tests.test_talks import talk_at
from clinic.models import Practitioner, Room

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Target": "move-dialog"}


@pytest.fixture
def visits():
    """Three sessions, on 8 December, 26 January and 16 March, each at 10:00."""
    return list(book(make_approved()).appointments.order_by("number"))


def address(visit, days=None, at="10:00", **more):
    place = reverse("desk:appointment-move", args=[visit.pk])
    if days is None:
        return place
    query = {"day": (FIRST + timedelta(days=days)).isoformat(), "time": at} | more
    return f"{place}?{'&'.join(f'{name}={value}' for name, value in query.items())}"


def look(client, *where, **more):
    return client.get(address(*where, **more), headers=HTMX)


def words(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def reason(response) -> str:
    found = re.search(r"data-cd-reason>(.*?)</p>", words(response))
    return found[1] if found else ""


def at_work(made):
    make_hours(made)
    return made


def make_booked_talk():
    """A consultation on 8 December at 10:00."""
    talk = talk_at(make_place_with_people(), local(FIRST))
    return talks.book(talk, key=uuid4(), actor=make_user(), now=NOW)


def operator(visit) -> str:
    return str(visit.claims.get(role="operator").resource)


# --- The dialog -----------------------------------------------------------------------


def test_it_is_a_part_that_says_what_follows(as_desk, visits):
    shown = look(as_desk, visits[0], 10)

    assert "<html" not in words(shown)
    assert shown["HX-Push-Url"] == "false"
    assert "Session 2 has to move too" in words(shown)
    assert "Nothing changes until you accept." in words(shown)


def test_its_alternatives_lead_back_to_the_same_door(as_desk, visits):
    ((_change, others),) = look(as_desk, visits[0], 10).context["follows"]

    assert others[0][1].startswith(f"{address(visits[0])}?")


def test_accepting_moves_closes_and_tells_the_diary(as_desk, visits):
    signed = look(as_desk, visits[1], 42).context["signed"]

    answer = as_desk.post(
        address(visits[1], 42), {"proposal": signed, "notify": "on"}, headers=HTMX
    )

    visits[1].refresh_from_db()
    assert (visits[1].local_date - FIRST).days == 42
    assert answer["HX-Trigger"] == "diary-changed, move-done"
    assert "1 session moved." in words(answer)


def test_a_refusal_is_one_sentence_that_the_diary_can_say(as_desk, visits):
    answer = look(as_desk, visits[1], 49, "06:00")

    assert answer.status_code == 422
    assert reason(answer).startswith("For session 2 no practitioner, room")


def test_a_move_against_the_window_is_refused_to_the_desk(as_desk, visits):
    answer = look(as_desk, visits[1], 41)

    assert answer.status_code == 422
    assert "41 days" in reason(answer)


def test_a_manager_may_allow_it_in_the_dialog(as_manager, visits):
    answer = look(as_manager, visits[1], 41)

    assert answer.status_code == 200
    assert "Why the rule may be broken" in words(answer)


def test_where_it_stands_is_no_move(as_desk, visits):
    assert reason(look(as_desk, visits[1], 49)) == "It is there already."


def test_a_session_that_is_over_says_so(as_desk, visits):
    visits[0].status = AppointmentStatus.DONE
    visits[0].completed_at = visits[0].ends_at
    visits[0].save()

    answer = look(as_desk, visits[0])

    assert answer.status_code == 422
    assert "has begun or is over" in reason(answer)


# --- Whom and where -----------------------------------------------------------------------


def test_another_practitioner_at_the_same_time_takes_over(as_desk, visits):
    other = at_work(make_doctor(visits[1].location, name="Dr Beaulieu"))
    place = address(visits[1], 49, practitioner=other.pk)
    signed = as_desk.get(place, headers=HTMX).context["signed"]

    as_desk.post(place, {"proposal": signed, "notify": "on"}, headers=HTMX)

    visits[1].refresh_from_db()
    assert (visits[1].local_date - FIRST).days == 49
    assert operator(visits[1]) == "Dr Beaulieu"


def test_the_room_that_was_wished_for_is_taken(as_desk, visits):
    other = at_work(make_room(visits[1].location, name="Room 7"))

    shown = look(as_desk, visits[1], 50, room=other.pk)

    (change,) = shown.context["proposal"].changed
    assert "Room 7" in change.after.names


def test_who_is_not_qualified_is_refused_with_who_is(as_desk, visits):
    novice = at_work(
        make_practitioner(visits[1].location, name="M. Carrow", skills=["consult"])
    )

    answer = look(as_desk, visits[1], 50, practitioner=novice.pk)

    assert reason(answer) == (
        "M. Carrow cannot be booked for this treatment. "
        "At that time it fits with Dr Okafor and Room 1."
    )


def test_who_is_off_is_refused_with_when(as_desk, visits):
    early = make_doctor(visits[1].location, name="Dr Beaulieu")
    make_hours(early, closes=time(9, 30))

    answer = look(as_desk, visits[1], 50, practitioner=early.pk)

    assert reason(answer) == (
        "Dr Beaulieu is not there on Wed 27 Jan from 10:30 to 11:00. "
        "At that time it fits with Dr Okafor and Room 1. "
        "With Dr Beaulieu it fits on that day at 08:00, 08:15 and 08:30."
    )


def test_who_is_busy_is_refused_with_the_nearest_times(as_desk, visits):
    other = at_work(make_doctor(visits[1].location, name="Dr Beaulieu"))
    busy = visits[1].during.lower + timedelta(days=1)
    Claim.objects.create(
        resource=other,
        why=ClaimReason.ABSENCE,
        during=(busy, busy + timedelta(hours=2)),
    )

    answer = look(as_desk, visits[1], 50, practitioner=other.pk)

    assert "Dr Beaulieu is busy on Wed 27 Jan between 10:30 and 11:00." in reason(
        answer
    )
    assert "With Dr Beaulieu it fits on that day at" in reason(answer)


def test_somebody_from_elsewhere_is_asked_for_again(as_desk, visits):
    answer = look(as_desk, visits[1], 50, practitioner=999_999)

    assert answer.status_code == 422
    assert answer.context["form"].errors


# --- Consultations and result reviews -------------------------------------------------------


def test_a_talk_moves_through_the_same_door(as_desk):
    talk = make_booked_talk()
    later = (talk.local_date - FIRST).days + 1
    place = address(talk, later, "11:00")
    shown = as_desk.get(place, headers=HTMX)

    answer = as_desk.post(
        place, {"version": talk.version, "why": "Ill", "notify": "on"}, headers=HTMX
    )

    assert "Move this consultation" in words(shown)
    assert answer["HX-Trigger"] == "diary-changed, move-done"
    talk.refresh_from_db()
    assert (talk.local_date - FIRST).days == later
    assert talk.reason == "Ill"


def test_a_talk_that_cannot_be_there_says_why(as_desk):
    talk = make_booked_talk()
    days = (talk.local_date - FIRST).days

    answer = look(as_desk, talk, days, "03:00")

    assert answer.status_code == 422
    assert reason(answer)


def test_a_stale_talk_keeps_what_was_typed(as_desk):
    talk = make_booked_talk()
    later = (talk.local_date - FIRST).days + 1

    answer = as_desk.post(
        address(talk, later, "11:00"),
        {"version": talk.version + 1, "why": "Ill"},
        headers=HTMX,
    )

    assert answer.status_code == 422
    assert 'value="Ill"' in words(answer)


# --- The strip ------------------------------------------------------------------------------


def strip(client, moving, **more):
    query = {"date": FIRST.isoformat(), "moving": moving} | more
    shown = client.get(reverse("desk:day"), query)
    return shown.context["moving"], words(shown)


def test_the_strip_says_what_is_moved_and_survives_a_change_of_day(as_desk, visits):
    moving, shown = strip(as_desk, visits[1].pk, location=visits[1].location.slug)

    assert "Moving Ada Lovelace" in shown
    assert "session 2 of 3" in shown
    assert f"moving={visits[1].pk}" in shown
    assert "moving" not in moving["without"]
    assert AccessLog.objects.filter(what="move").exists()


@pytest.mark.parametrize("nonsense", ["", "x", "-1", "99999999999", "0"])
def test_a_strip_of_nothing_is_not_there(as_desk, visits, nonsense):
    assert strip(as_desk, nonsense)[0] is None


def test_who_may_only_look_moves_nothing(as_clinician, visits):
    assert strip(as_clinician, visits[1].pk)[0] is None


def test_what_is_over_is_not_moved(as_desk, visits):
    visits[0].status = AppointmentStatus.ARRIVED
    visits[0].save()

    assert strip(as_desk, visits[0].pk)[0] is None


# --- From a list, without the diary -----------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (AppointmentKind.CONSULTATION, "Move this consultation"),
        (AppointmentKind.RESULT_REVIEW, "Move this result review"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_talk_to_confirm_is_moved_from_its_row(as_desk, kind, title, headers):
    place, today = make_place_with_people(), timezone.localdate()
    start = datetime.combine(today + timedelta(days=3), time(23, 50), tzinfo=place.zone)
    talk = make_appointment(kind=kind, location=place, starts_at=start)
    who, room = Practitioner.objects.get(), Room.objects.get()
    facts = {"during": talk.during, "why": ClaimReason.APPOINTMENT}
    for role, resource in (("operator", who), ("room", room)):
        claims.take([Claim(appointment=talk, role=role, resource=resource, **facts)])
    board = as_desk.get(reverse("desk:confirmations")).content.decode()
    link = f"/desk/appointments/{talk.pk}/move/"

    chosen = as_desk.get(link, headers=headers)
    day = next(one.day for one in chosen.context["options"])
    there = f"{link}?day={day}&time=11:00"
    shown = as_desk.get(there, headers=headers)
    data = {"version": talk.version, "why": "", "notify": "on"}
    answer = as_desk.post(there, data, headers=headers)

    assert f'href="{link}"' in board
    assert title in words(chosen) + words(shown)
    assert answer.status_code == (200 if headers else 302)
    talk.refresh_from_db()
    assert (talk.local_date, f"{talk.local_start:%H:%M}") == (day, "11:00")
    assert {str(one.resource) for one in talk.claims.all()} == {str(who), str(room)}
