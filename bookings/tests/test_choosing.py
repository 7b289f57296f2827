"""A requester chooses a time by the link of the letter: once, safely, in words."""

import re
from datetime import datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from bookings.models import (
    Appointment,
    AppointmentKind,
    ConsultationRequest,
    Message,
    MessageStatus,
    ProposedTime,
    RequestStatus,
)
from bookings.services import chosen_times, inviting, links, requests
from bookings.services.appointing import talks
from bookings.services.appointing.rules import Talk
from bookings.services.chosen_times import TimeLost
from bookings.services.inviting import Slot
from bookings.services.links import Purpose
from bookings.services.messages import letters, outbox
from bookings.services.portal import accounts
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_hours,
    make_patient,
    make_place_with_people,
    make_request,
    make_room,
    make_user,
)
from bookings.tests.threads import at_once
from clinic.models import Practitioner

OTTAWA = ZoneInfo("America/Toronto")
FIRST = datetime(2026, 11, 30, 10, 0, tzinfo=OTTAWA)
SECOND = FIRST + timedelta(days=1, hours=4)
GRACE_OVER = timedelta(minutes=10)

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return make_place_with_people()


def doctor_of(place):
    return Practitioner.objects.get(location=place)


def slots(place, *starts):
    return [Slot(place, doctor_of(place), start) for start in starts]


def invite(place, *starts, now=NOW, **person):
    """Somebody to whom these times were proposed."""
    patient = make_patient(**person)
    row = make_request(patient=patient, location=place, asked_at=now)
    wanted = slots(place, *(starts or (FIRST, SECOND)))
    inviting.propose(row, wanted, actor=make_user(), now=now)
    row.refresh_from_db()
    return row


def choice_of(row, number=0):
    return chosen_times.choices(row, now=NOW)[number]


def choose(row, choice=None, now=NOW):
    return chosen_times.choose(row, choice or choice_of(row), now=now)


def book_at(place, start, actor=None):
    """The desk books that time for somebody else."""
    room = place.resources.filter(kind="room").order_by("pk")[0]
    other = make_patient(first_name="Bo", last_name="Ek", email="bo@example.org")
    talk = Talk("consultation", other, place, start, doctor_of(place).pk, room.pk)
    return talks.book(talk, key=uuid4(), actor=actor or make_user(), now=NOW)


# --- Choosing ---------------------------------------------------------------------------


def test_choosing_books_confirms_answers_and_ends_the_other_offers(place):
    row = invite(place)

    talk = choose(row)

    row.refresh_from_db()
    assert (talk.starts_at, talk.patient, talk.location) == (FIRST, row.patient, place)
    assert (row.status, row.appointment) == (RequestStatus.BOOKED, talk)
    assert {claim.role for claim in talk.claims.all()} == {"operator", "room"}
    assert not ProposedTime.objects.filter(is_withdrawn=False).exists()
    told = Message.objects.filter(appointment=talk, rule="confirmation")
    assert [one.status for one in told] == [MessageStatus.PLANNED]
    unsent = Message.objects.get(rule="request-times")
    assert unsent.status == MessageStatus.SUPERSEDED


def test_the_patients_own_account_is_the_actor(place):
    row = invite(place)

    talk = choose(row)

    row.patient.refresh_from_db()
    context = talk.events.order_by("pgh_id").first().pgh_context
    assert context.metadata["user"] == row.patient.user_id
    assert accounts.account_of(row.patient).pk == row.patient.user_id


def test_choosing_twice_is_choosing_once(place):
    row = invite(place)
    choice = choice_of(row)

    assert choose(row, choice) == choose(row, choice)
    assert Appointment.objects.count() == 1


def test_who_has_chosen_cannot_choose_another(place):
    row = invite(place)
    first, second = chosen_times.choices(row, now=NOW)
    choose(row, first)

    with pytest.raises(
        BookingRefused, match="is booked already: Mon 30 November, 10:00"
    ):
        choose(row, second)

    assert Appointment.objects.count() == 1


def test_a_lost_time_answers_with_the_nearest_three_and_one_can_be_chosen(place):
    row = invite(place)
    choice = choice_of(row)
    book_at(place, FIRST)

    with pytest.raises(TimeLost, match="taken this time meanwhile") as lost:
        choose(row, choice)

    near = [one.local_start.time() for one in lost.value.nearest]
    assert near == [time(9, 30), time(10, 30), time(10, 45)]
    row.refresh_from_db()
    assert row.status == RequestStatus.CONTACTED
    named = chosen_times.named(row, chosen_times.name_of(row, lost.value.nearest[1]))
    talk = choose(row, named)
    assert talk.starts_at == FIRST + timedelta(minutes=30)


def test_another_free_room_is_as_good(place):
    make_hours(make_room(place, name="Room 2"))
    row = invite(place)
    room = place.resources.filter(kind="room").order_by("pk")[0]
    doctor = make_doctor_beside(place)
    other = make_patient(first_name="Bo", last_name="Ek", email="bo@example.org")
    talk = Talk("consultation", other, place, FIRST, doctor.pk, room.pk)
    talks.book(talk, key=uuid4(), actor=make_user(), now=NOW)

    chosen = choose(row, chosen_times.choices(row, now=NOW)[0])

    assert chosen.claims.get(role="room").resource.name == "Room 2"


def make_doctor_beside(place):
    known = doctor_of(place)
    beside = Practitioner.objects.create(
        code="beside", name="Dr Beside", skills=known.skills, location=place
    )
    make_hours(beside)
    return beside


def test_a_time_that_has_passed_is_refused_with_others(place):
    row = invite(place)
    choice = choice_of(row)

    with pytest.raises(TimeLost, match="This time has passed") as lost:
        choose(row, choice, now=FIRST)

    assert all(one.starts_at > FIRST for one in lost.value.nearest)
    assert not Appointment.objects.exists()


def test_a_time_taken_back_is_refused_with_others(place, desk):
    row = invite(place)
    choice = choice_of(row)
    inviting.take_back(row, actor=desk)

    with pytest.raises(TimeLost, match="taken this time back") as lost:
        choose(row, choice)

    assert len(lost.value.nearest) == 3


@pytest.mark.parametrize("end", ["withdrawn", "closed"])
def test_an_ended_request_books_nothing(place, desk, end):
    row = invite(place)
    choice = choice_of(row)
    about = {"actor": desk, "now": NOW, "reason": "Moved away"}
    requests.move(row, RequestStatus(end), seen="contacted", **about)

    with pytest.raises(BookingRefused, match="This request is closed"):
        choose(row, choice)


def test_what_cannot_be_confirmed_is_not_booked(place, monkeypatch):
    row = invite(place)
    choice = choice_of(row)
    monkeypatch.setattr(talks.reminders, "promise_new", boom)

    with pytest.raises(RuntimeError):
        choose(row, choice)

    row.refresh_from_db()
    assert row.status == RequestStatus.CONTACTED
    assert not Appointment.objects.exists()
    assert ProposedTime.objects.filter(is_withdrawn=False).count() == 2
    row.patient.refresh_from_db()
    assert row.patient.user is None


def boom(*_args, **_kwargs):
    raise RuntimeError


def test_a_second_visit_of_one_day_is_what_the_patient_chose(place):
    row = invite(place)
    book = Talk(
        AppointmentKind.RESULT_REVIEW,
        row.patient,
        place,
        FIRST + timedelta(hours=3),
        doctor_of(place).pk,
        place.resources.filter(kind="room")[0].pk,
    )
    talks.book(book, key=uuid4(), actor=make_user(), now=NOW)

    assert choose(row).reason == "Chosen by the patient."


def test_a_choice_of_one_request_is_none_of_another(place):
    mine = invite(place)
    other = invite(place, SECOND, email="bo@example.org", first_name="Bo")
    signed = chosen_times.name_of(other, chosen_times.Choice(doctor_of(place), SECOND))

    assert chosen_times.named(mine, signed) is None
    assert chosen_times.named(mine, str(choice_of(other).proposed.pk)) is None
    for rubbish in ("", "0", "x", "9" * 30, "²", signed[:-1], "1.2.3"):
        assert chosen_times.named(mine, rubbish) is None


# --- The letter -------------------------------------------------------------------------


def letter_of(row, now=NOW):
    return letters.write(row.messages.get(rule="request-times"), now=now)


def test_the_letter_has_a_link_for_each_time_and_says_no_treatment(place):
    row = invite(place)

    letter = letter_of(row)

    assert letter.subject == "Choose a time to talk with us"
    found = re.findall(r"http\S+/choose/\?time=(\d+)", letter.text)
    times = ProposedTime.objects.order_by("pk").values_list("pk", flat=True)
    assert found == [str(pk) for pk in times]
    assert "Mon 30 November, 10:00" in letter.text
    assert "Dr Okafor, Centretown, 1 Elgin Street" in letter.html
    assert letter.html.count("?time=") == 2


def test_who_lives_elsewhere_reads_both_clocks(place):
    row = invite(place, FIRST, timezone="America/Vancouver")

    letter = letter_of(row)

    assert "Mon 30 November, 10:00" in letter.text
    assert "7:00 by your clock (Vancouver time)" in letter.text


def test_the_other_clock_names_its_day_where_that_is_another(place):
    row = invite(place, FIRST, timezone="Australia/Sydney")

    assert "Tue 1 December, 2:00 by your clock (Sydney time)" in letter_of(row).text


def test_the_letter_speaks_the_requesters_language(place):
    row = invite(place, language="fr")

    letter = letter_of(row)

    assert letter.subject == "Choisissez un moment pour nous parler"
    assert "30 novembre, 10\N{NO-BREAK SPACE}h" in letter.text
    assert "/fr/requests/" in letter.text


def send(now):
    return outbox.send_due(clock=lambda: now)


def test_the_letter_leaves_after_its_grace(place):
    row = invite(place)
    assert send(NOW) == 0

    assert send(NOW + GRACE_OVER) == 1

    assert mail.outbox[0].to == [row.patient.email]


def test_only_what_still_stands_is_told(place):
    row = invite(place)

    later = FIRST + timedelta(minutes=1)

    assert len(re.findall(r"\?time=", letter_of(row, later).text)) == 1


@pytest.mark.parametrize(
    ("status", "times", "when", "end"),
    [
        ("booked", {}, NOW + GRACE_OVER, MessageStatus.SUPERSEDED),
        ("withdrawn", {}, NOW + GRACE_OVER, MessageStatus.SUPERSEDED),
        (
            "contacted",
            {"is_withdrawn": True},
            NOW + GRACE_OVER,
            MessageStatus.SUPERSEDED,
        ),
        ("contacted", {}, SECOND, MessageStatus.MISSED),
    ],
)
def test_a_letter_that_came_too_late_does_not_leave(place, status, times, when, end):
    row = invite(place)
    ConsultationRequest.objects.filter(pk=row.pk).update(status=status)
    ProposedTime.objects.update(**times or {"is_withdrawn": False})

    assert send(when) == 0

    assert Message.objects.get(rule="request-times").status == end
    assert mail.outbox == []


# --- The page ---------------------------------------------------------------------------


def soon(hour=10):
    """That hour of the second Monday from now, by Ottawa's clocks."""
    today = timezone.now().astimezone(OTTAWA).date()
    monday = today + timedelta(days=14 - today.weekday())
    return datetime.combine(monday, time(hour), OTTAWA)


def token_of(row, **ago):
    made = timezone.now() - timedelta(**ago)
    return links.token(Purpose.REQUEST, row, now=made)


def address(token):
    return reverse("public:request-choose", args=[token])


@pytest.fixture
def row(place):
    """Somebody who may choose between two times, by the clock of today."""
    return invite(place, soon(), soon(14), now=timezone.now())


def test_the_page_shows_the_time_of_the_link_first_and_books_nothing(row):
    second = row.proposed_times.last()

    answer = Client().get(address(token_of(row)), {"time": second.pk})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer.context["shown"][0].name == str(second.pk)
    assert page.count("btn-primary") == 1
    assert not Appointment.objects.exists()
    assert "no-store" in answer["Cache-Control"]


def test_one_click_books_and_the_page_says_so(row):
    here, first = address(token_of(row)), row.proposed_times.first()

    answer = Client().post(here, {"time": first.pk}, follow=True)

    page = answer.content.decode()
    assert "Your consultation is booked" in page
    assert Appointment.objects.get().starts_at == first.starts_at
    again = Client().post(here, {"time": first.pk}, follow=True)
    assert "Your consultation is booked" in again.content.decode()
    assert Appointment.objects.count() == 1


def test_a_lost_time_is_said_on_the_page_beside_three_that_are_free(place, row):
    here, first = address(token_of(row)), row.proposed_times.first()
    book_at(place, first.starts_at)

    answer = Client().post(here, {"time": first.pk})

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Somebody else has taken this time meanwhile." in page
    near = answer.context["shown"]
    assert len(near) == 3
    chosen = Client().post(here, {"time": near[0].name}, follow=True)
    assert "Your consultation is booked" in chosen.content.decode()


def test_without_a_choice_the_page_asks_for_one(row):
    answer = Client().post(address(token_of(row)), {"time": "rubbish"})

    assert answer.status_code == 422
    assert "Choose one of the times." in answer.content.decode()


def test_when_nothing_is_left_the_page_says_what_to_do(row, desk):
    inviting.take_back(row, actor=desk)

    page = Client().get(address(token_of(row))).content.decode()

    assert "There is no time to choose now" in page


def test_the_page_speaks_french(row):
    with translation.override("fr"):
        here = address(token_of(row))

    page = Client().get(here).content.decode()

    assert "Choisissez un moment" in page
    assert "Choose" not in page


def test_wrong_old_and_foreign_links_look_the_same(row):
    other = make_request(patient=make_patient(email="bo@example.org"))
    good = token_of(row)
    foreign = token_of(other).replace(str(other.pk), str(row.pk), 1)
    purpose = links.token(Purpose.CALENDAR, row.patient, now=timezone.now())
    old = token_of(row, days=91)
    pages = set()
    for token in (good[:-2], "x", "1.2.3", foreign, old, purpose):
        for answer in (Client().get(address(token)), Client().post(address(token))):
            assert answer.status_code == 404
            pages.add(re.sub(r"\d|nonce\S+|href\S+", "", answer.content.decode()))

    assert len(pages) == 1
    assert row.patient.first_name not in pages.pop()
    assert Client().get(address(good)).status_code == 200


def test_a_new_key_ends_the_link(row):
    token = token_of(row)
    accounts.end_links(row.patient)

    assert Client().get(address(token)).status_code == 404


# --- Races ------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_requesters_after_one_time_exactly_one_gets_it(place):
    first = invite(place)
    second = invite(place, first_name="Bo", last_name="Ek", email="bo@example.org")

    outcomes = at_once(lambda: choose(first), lambda: choose(second))

    won = [one for one in outcomes if isinstance(one, Appointment)]
    lost = [one for one in outcomes if isinstance(one, TimeLost)]
    assert (len(won), len(lost)) == (1, 1)
    assert len(lost[0].nearest) == 3
    assert all(one.starts_at != FIRST for one in lost[0].nearest)
    statuses = sorted(ConsultationRequest.objects.values_list("status", flat=True))
    assert statuses == ["booked", "contacted"]


@pytest.mark.django_db(transaction=True)
def test_of_a_requester_and_the_desk_after_one_time_exactly_one_gets_it(place):
    row, actor = invite(place), make_user()

    outcomes = at_once(lambda: choose(row), lambda: book_at(place, FIRST, actor))

    won = [one for one in outcomes if isinstance(one, Appointment)]
    assert len(won) == 1
    assert Appointment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_books_once(place):
    row = invite(place)
    choice = choice_of(row)

    outcomes = at_once(*[lambda: choose(row, choice)] * 4)

    assert len({one.pk for one in outcomes}) == 1
    assert Appointment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_choose_two_times_book_one(place):
    row = invite(place)
    both = chosen_times.choices(row, now=NOW)

    outcomes = at_once(*[lambda one=one: choose(row, one) for one in both])

    assert len([one for one in outcomes if isinstance(one, Appointment)]) == 1
    assert Appointment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_choosing_and_taking_back_at_once_leave_one_of_the_two(place):
    row, actor = invite(place), make_user()
    choice = choice_of(row)

    chosen, _gone = at_once(
        lambda: choose(row, choice), lambda: inviting.take_back(row, actor=actor)
    )

    row.refresh_from_db()
    is_booked = isinstance(chosen, Appointment)
    assert (row.status == RequestStatus.BOOKED) == is_booked
    assert Appointment.objects.count() == is_booked
