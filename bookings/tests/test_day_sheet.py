"""The day on paper: a page for each practitioner, with what is needed to treat."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from bookings.models import AccessLog, AppointmentStatus
from bookings.tests.daybook import Clinic, local_today
from bookings.tests.factories import make_answers, make_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic():
    return Clinic()


@pytest.fixture
def day(clinic):
    today = local_today(clinic)
    return today + timedelta(days=8 - today.weekday())


def sheet(client, **query):
    return client.get(reverse("desk:day-sheet"), query)


def test_each_practitioner_has_a_page_of_their_own(as_desk, clinic, day):
    nurse = clinic.nurse()
    clinic.nurse(name="M. Carrow")
    clinic.session(11, day=day)
    clinic.talk(9, day=day, who=nurse)

    pages = sheet(as_desk, date=day).context["pages"]

    assert [(one.title, one.visits) for one in pages] == [
        ("Dr Okafor", 1),
        ("S. Lachance", 1),
    ]


def test_one_practitioner_can_be_asked_for(as_desk, clinic, day):
    nurse = clinic.nurse()
    clinic.session(11, day=day)

    [page] = sheet(as_desk, date=day, who=nurse.pk).context["pages"]

    assert (page.title, page.visits) == ("S. Lachance", 0)


def test_a_line_has_what_is_needed_to_treat(as_desk, clinic, day):
    patient = make_patient(
        first_name="Maya",
        last_name="Tremblay",
        birth_date=date(day.year - 41, 1, 1),
        pronouns="she/her",
        phone="+16135550142",
    )
    clinic.session(11, day=day, patient=patient, note="Comes with her sister")

    text = " ".join(sheet(as_desk, date=day).content.decode().split())

    for words in (
        "11:00–12:10",
        "Maya Tremblay",
        "41, she/her",
        "(613) 555-0142",
        "Session 1 of 3",
        "Room 1",
        "Pen 1",
        "Comes with her sister",
        "Treatment consent missing",
    ):
        assert words in text


def test_what_to_ask_is_written_once_and_named_by_letter(as_desk, clinic, day):
    row = clinic.session(9, day=day)
    make_answers(row.plan)
    clinic.session(11, day=day, patient=make_patient())

    [page] = sheet(as_desk, date=day).context["pages"]

    answered, unanswered = [line.to_ask for line in page.lines if line.entry]
    assert page.questions[0] == "Are you pregnant or breastfeeding?"
    assert answered == ("A",)
    assert set(unanswered) == {"A", "B", "C", "D"}


def test_breaks_and_blocked_time_are_on_it_and_what_was_given_up_is_not(
    as_desk, clinic, day
):
    clinic.talk(9, day=day)
    clinic.talk(10, day=day, status=AppointmentStatus.CANCELLED)
    start = clinic.at(16, day=day)
    clinic.block(clinic.doctor, start, start + timedelta(hours=1), "Plan reviews")

    [page] = sheet(as_desk, date=day).context["pages"]

    assert [line.words for line in page.lines] == ["", "Plan reviews"]
    assert page.visits == 1


def test_paper_has_names_and_every_treatment_whatever_the_screen_shows(
    as_desk, clinic, day
):
    patient = make_patient(first_name="Maya", last_name="Tremblay")
    clinic.session(11, day=day, patient=patient)
    as_desk.get(reverse("desk:day"), {"names": "initials", "treatment": "x"})

    assert "Maya Tremblay" in sheet(as_desk, date=day).content.decode()


def test_a_sheet_is_remembered_for_each_patient_on_it(as_desk, clinic, day):
    row = clinic.talk(9, day=day)

    sheet(as_desk, date=day)

    [seen] = AccessLog.objects.all()
    assert (seen.patient, seen.what) == (row.patient, "day sheet")


def test_an_empty_day_has_nothing_to_print(as_desk, clinic, day):
    assert "nothing to print" in sheet(as_desk, date=day).content.decode()


def test_a_fuller_day_costs_no_more_queries(as_desk, count_queries):
    counts = []
    for more in (0, 3):
        clinic = Clinic(slug=f"place-of-{more}")
        today = local_today(clinic)
        clinic.session(8, day=today)
        for hour in range(10, 10 + more):
            clinic.talk(hour, day=today)
        address = f"{reverse('desk:day-sheet')}?location={clinic.place.slug}"
        as_desk.get(address)
        counts.append(count_queries(as_desk, address))

    assert counts[0] == counts[1]
