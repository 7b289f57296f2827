"""One visit behind two doors: what each opens, what neither tells a stranger."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings.models import Appointment, AppointmentStatus, Task, TaskKind
from bookings.services.links import Purpose
from bookings.tests.factories import make_appointment, make_patient, make_protocol
from bookings.tests.selfhelp import (
    as_patient,
    make_series,
    moment,
    soon,
    token,
    visit_of,
)

pytestmark = pytest.mark.django_db

PAGES = ("", "-confirm", "-move", "-cancel", "-ask", "-wait")


@pytest.fixture
def plan():
    return make_series(first=soon())


@pytest.fixture(params=["link", "signed in"])
def door(request, plan):
    """A browser, and the address of a page of a visit, by either door."""
    if request.param == "link":
        return Client(), lambda visit, page="": reverse(
            f"portal:visit{page}", args=[token(visit)]
        )
    return as_patient(plan.patient), lambda visit, page="": reverse(
        f"portal:my-visit{page}", args=[visit.code]
    )


def words(response) -> str:
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text)


def state(visit) -> str:
    return Appointment.objects.get(pk=visit.pk).status


# --- Both doors ---------------------------------------------------------------------


def test_the_visit_is_shown_with_what_can_be_done(door, plan):
    client, at = door
    visit = visit_of(plan)

    shown = client.get(at(visit))

    assert shown.status_code == 200
    for said in ("Session 1 of 3", "10:00", "I will come", "Move", "I cannot come"):
        assert said in words(shown)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_and_opening_it_changes_nothing(door, plan, page):
    client, at = door
    visit = visit_of(plan)

    assert client.get(at(visit, page)).status_code == 200

    assert state(visit) == AppointmentStatus.BOOKED
    assert not Task.objects.exists()


def test_confirming_twice_is_once(door, plan):
    client, at = door
    visit = visit_of(plan)

    for _time in "ab":
        answer = client.post(at(visit, "-confirm"), {"version": visit.version})
        assert answer.status_code == 302

    assert state(visit) == AppointmentStatus.CONFIRMED
    assert visit.events.filter(status=AppointmentStatus.CONFIRMED).count() == 1
    assert "You told us that you will come." in words(client.get(at(visit)))


def test_a_page_that_is_out_of_date_confirms_nothing(door, plan):
    client, at = door
    visit = visit_of(plan)

    answer = client.post(at(visit, "-confirm"), {"version": visit.version + 1})

    assert answer.status_code == 422
    assert "has changed since this page was opened" in words(answer)
    assert state(visit) == AppointmentStatus.BOOKED


def test_cancelling_says_what_it_means_and_then_does_it(door, plan):
    client, at = door
    visit = visit_of(plan, 2)

    shown = client.get(at(visit, "-cancel"))
    assert "Session 2 then has no time." in words(shown)
    client.post(at(visit, "-cancel"), {"version": visit.version, "why": "I am away"})

    row = Appointment.objects.get(pk=visit.pk)
    assert row.status == AppointmentStatus.CANCELLED
    assert row.reason == "Cancelled by the patient: I am away"
    assert Task.objects.open().filter(kind=TaskKind.PLACE).count() == 1


def test_a_visit_moves_with_what_follows(door, plan):
    client, at = door
    visit = visit_of(plan)
    there = moment(soon() + timedelta(days=10)).isoformat()

    shown = client.get(at(visit, "-move"), {"at": there})
    assert "Session 2 has to move too" in words(shown)
    assert "Your skin needs 6 to 8 weeks between two sessions." in words(shown)
    answer = client.post(at(visit, "-move"), {"proposal": shown.context["signed"]})

    assert answer.status_code == 302
    rows = plan.appointments.order_by("number")
    gaps = [(row.local_date - soon()).days for row in rows]
    assert gaps[0] == 10
    assert 42 <= gaps[1] - gaps[0] <= 56


def test_a_wish_is_told_to_the_desk_once(door, plan):
    client, at = door
    visit = visit_of(plan)
    wish = {"wish": "1", "weekdays": ["0", "3"], "parts": ["late"], "words": "I work."}

    for _time in "ab":
        client.post(at(visit, "-ask"), wish)

    (task,) = Task.objects.filter(kind=TaskKind.ASKS)
    assert "Ada Lovelace asks for another time for session 1" in task.words
    assert "Days: Monday or Thursday. Time: late afternoon. “I work.”" in task.words
    assert task.appointment == visit
    assert "We have your wish. Our desk will call you." in words(client.get(at(visit)))


def test_an_empty_wish_is_not_sent(door, plan):
    client, at = door

    answer = client.post(at(visit_of(plan), "-ask"), {"wish": "1"})

    assert answer.status_code == 422
    assert not Task.objects.exists()


def test_the_waiting_list_is_joined_and_left(door, plan):
    client, at = door
    visit = visit_of(plan)
    tomorrow = timezone.localdate() + timedelta(days=1)
    wish = {
        "first_day": tomorrow.isoformat(),
        "last_day": (soon() - timedelta(days=1)).isoformat(),
        "weekdays": ["0", "1"],
        "half": "morning",
    }

    client.post(at(visit, "-wait"), wish)
    (entry,) = plan.waiting.all()
    assert (entry.number, entry.weekdays) == (1, [0, 1])
    assert "You are on our waiting list" in words(client.get(at(visit)))
    client.post(at(visit, "-leave"))

    entry.refresh_from_db()
    assert entry.closed_at is not None


# --- Who is let in -------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_another_patients_visit_is_not_there(plan, page):
    other = make_patient(email="other@example.org")
    address = reverse(f"portal:my-visit{page}", args=[visit_of(plan).code])

    assert as_patient(other).get(address).status_code == 404
    if page:
        assert as_patient(other).post(address, {"version": 1}).status_code == 404


@pytest.mark.parametrize("code", ["2W1P-X", "nonsense", "0001-0", "1" * 60])
def test_a_code_of_nothing_is_not_there(plan, code):
    address = reverse("portal:my-visit", args=[code])

    assert as_patient(plan.patient).get(address).status_code == 404


def test_without_signing_in_a_code_leads_to_signing_in(plan):
    answer = Client().get(reverse("portal:my-visit", args=[visit_of(plan).code]))

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("portal:sign-in"))


def wrong_tokens(plan):
    visit, now = visit_of(plan), timezone.now()
    good = token(visit)
    yield good[:-1] + ("A" if good[-1] != "A" else "B")
    yield token(visit, Purpose.ANSWERS)
    yield token(visit, now=now - timedelta(days=121))
    yield f"{visit.pk + 1}.{good.partition('.')[2]}"
    yield "nonsense"
    yield f"{10**18}.{good.partition('.')[2]}"


@pytest.mark.parametrize("page", PAGES)
def test_wrong_old_and_foreign_links_all_look_the_same(plan, page):
    found = set()
    for said in wrong_tokens(plan):
        answer = Client().get(reverse(f"portal:visit{page}", args=[said]))
        assert answer.status_code == 404
        found.add(words(answer).replace(said, ""))
    assert len(found) == 1
    assert "Ada" not in found.pop()


def test_a_link_does_not_say_who_the_patient_is_nor_what_she_answered(plan):
    shown = Client().get(reverse("portal:visit", args=[token(visit_of(plan))]))

    assert "Lovelace" not in words(shown)
    assert "ada@example.org" not in words(shown)


def test_what_is_only_held_is_no_visit_yet(plan):
    visit = visit_of(plan)
    Appointment.objects.filter(pk=visit.pk).update(status=AppointmentStatus.RELEASED)

    link = Client().get(reverse("portal:visit", args=[token(visit)]))
    own = as_patient(plan.patient).get(reverse("portal:my-visit", args=[visit.code]))

    assert (link.status_code, own.status_code) == (404, 404)


# --- What is over ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (AppointmentStatus.CANCELLED, "This visit is cancelled"),
        (AppointmentStatus.LATE_CANCELLED, "This visit is cancelled"),
        (AppointmentStatus.NO_SHOW, "We missed you"),
        (AppointmentStatus.ARRIVED, "You are with us"),
        (AppointmentStatus.IN_SESSION, "You are with us"),
        (AppointmentStatus.DONE, "This visit is over"),
    ],
)
@pytest.mark.parametrize("page", PAGES)
def test_what_is_over_says_so_and_offers_nothing_else(plan, page, status, said):
    visit = visit_of(plan)
    Appointment.objects.filter(pk=visit.pk).update(
        status=status,
        completed_at=visit.ends_at if status == AppointmentStatus.DONE else None,
    )

    shown = Client().get(reverse(f"portal:visit{page}", args=[token(visit)]))

    assert shown.status_code == 200
    if page != "-ask" or status in (
        AppointmentStatus.ARRIVED,
        AppointmentStatus.IN_SESSION,
        AppointmentStatus.DONE,
    ):
        assert said in words(shown)
    for name in ("I will come", "Cancel this visit", "Choose a new time"):
        assert name not in words(shown)


def test_a_visit_that_has_begun_cannot_be_confirmed():
    visit = make_appointment(starts_at=timezone.now() - timedelta(minutes=1))
    address = reverse("portal:visit-confirm", args=[token(visit)])

    answer = Client().post(address, {"version": visit.version})

    assert answer.status_code == 422
    assert state(visit) == AppointmentStatus.BOOKED


# --- Health first ---------------------------------------------------------------------


def test_due_questions_are_answered_first_and_then_it_moves():
    plan = make_series(first=soon(), protocol=make_protocol())
    visit, client = visit_of(plan), as_patient(plan.patient)
    move = reverse("portal:my-visit-move", args=[visit.code])
    asked = reverse("portal:my-answers", args=[visit.code])

    shown = client.get(move)
    assert "First, your health" in words(shown)
    assert f"{asked}?change=1" in shown.content.decode()
    form = client.get(f"{asked}?change=1").context["form"]
    told = {question.code: "no" for question in form.questions}
    client.post(asked, {"seen": form_seen(client, asked)} | told)

    assert "Choose a new time" in words(client.get(move))
    assert reverse("portal:my-visit", args=[visit.code]) in (
        client.get(asked).content.decode()
    )


def form_seen(client, asked: str) -> str:
    return client.get(f"{asked}?change=1").context["found"].seen


def test_a_visit_link_opens_no_health_answers():
    plan = make_series(first=soon(), protocol=make_protocol())
    client = Client()
    shown = client.get(reverse("portal:visit-move", args=[token(visit_of(plan))]))

    assert "For your privacy you sign in first" in words(shown)
    asked = reverse("portal:my-answers", args=[visit_of(plan).code])
    assert client.get(asked).status_code == 302
    stolen = reverse("portal:answers", args=[token(visit_of(plan))])
    assert client.get(stolen).status_code == 404
