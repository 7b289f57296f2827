"""The list of patients, and all of one person's record on one page."""

import csv
from datetime import date, timedelta
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from bookings.models import (
    AccessLog,
    Appointment,
    AppointmentStatus,
    Consent,
    HealthAnswer,
    MessageStatus,
    Patient,
    PlanStatus,
    RequestStatus,
)
from bookings.services import merging
from bookings.services.people import changes, consents, record
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_answer,
    make_answers,
    make_appointment,
    make_file,
    make_location,
    make_patient,
    make_plan,
    make_protocol,
    make_task,
)
from bookings.tests.letterbox import make_message

pytestmark = pytest.mark.django_db

LIST = reverse("desk:patients")
FAR = NOW.replace(year=2096)


def page(patient):
    return reverse("desk:patient", args=[patient.pk])


def names(response):
    return [person.patient.first_name for person in response.context["people"]]


# --- The list ----------------------------------------------------------------------------


def make_three():
    """Ann: a plan and a visit at Westboro; Bea: a plan; Cyd: neither."""
    place = make_location(slug="westboro", name="Westboro")
    ann = make_patient(first_name="Ann", location=place)
    make_appointment(plan=make_plan(patient=ann), starts_at=FAR)
    make_plan(patient=make_patient(first_name="Bea"))
    make_plan(patient=make_patient(first_name="Cyd"), status=PlanStatus.WITHDRAWN)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Cyd", "Bea", "Ann"]),
        ({"location": "westboro"}, ["Ann"]),
        ({"plan": "on"}, ["Bea", "Ann"]),
        ({"unbooked": "on"}, ["Cyd", "Bea"]),
        ({"plan": "on", "unbooked": "on"}, ["Bea"]),
        ({"q": "lovelace"}, ["Ann", "Bea", "Cyd"]),
        ({"q": "bea", "plan": "on"}, ["Bea"]),
        ({"location": "nowhere", "page": "x"}, ["Cyd", "Bea", "Ann"]),
    ],
)
def test_the_list_is_narrowed_by_place_plan_and_what_is_booked(as_desk, query, found):
    make_three()

    assert names(as_desk.get(LIST, query)) == found


def test_a_visit_given_up_or_over_is_not_something_booked(as_desk):
    ann = make_patient(first_name="Ann")
    make_appointment(patient=ann, starts_at=FAR, status=AppointmentStatus.CANCELLED)
    make_appointment(patient=ann, starts_at=NOW.replace(year=2020))

    assert names(as_desk.get(LIST, {"unbooked": "on"})) == ["Ann"]


def test_the_filtered_list_is_saved_as_a_sheet_and_each_record_logged(as_desk, desk):
    make_three()

    response = as_desk.get(LIST, {"plan": "on", "format": "csv"})

    rows = list(csv.DictReader(StringIO(response.content.decode("utf-8-sig"))))
    assert [row["First name"] for row in rows] == ["Bea", "Ann"]
    assert rows[1]["Next appointment"] == "2096-11-24 10:00"
    assert "attachment" in response["Content-Disposition"]
    assert AccessLog.objects.filter(user=desk, what="patient list saved").count() == 2


def test_the_link_to_the_sheet_keeps_the_filters(as_desk):
    make_three()

    response = as_desk.get(LIST, {"plan": "on", "location": "westboro"})

    assertContains(response, "?plan=on&amp;location=westboro&amp;format=csv")


# --- One record -----------------------------------------------------------------------------


def fill(patient, protocol, days=0):
    """One of everything that a record shows."""
    plan = make_plan(patient=patient, protocol=protocol, status=PlanStatus.SUBMITTED)
    visit = make_appointment(plan=plan, starts_at=FAR + timedelta(days=days))
    make_appointment(patient=patient, starts_at=NOW - timedelta(days=days + 1))
    make_message(visit, dedupe_key=f"m{visit.pk}")
    sent = {"status": MessageStatus.SENT, "sent_at": NOW}
    make_message(visit, dedupe_key=f"s{visit.pk}", **sent)
    make_answers(plan, answered_at=NOW - timedelta(days=days))
    make_task(patient=patient)
    make_file(patient=patient)
    patient.requests.create(
        asked_at=NOW, words="Softer scars", status=RequestStatus.NEW
    )
    patient.consents.create(
        kind="photos", is_given=True, words="Yes.", source="desk", at=NOW
    )
    patient.away_dates.create(
        first_day=date(2096, 11, 24) + timedelta(days=days), last_day=date(2097, 12, 31)
    )
    make_patient(email=patient.email, first_name="Adah")
    Patient.objects.filter(pk=patient.pk).update(pronouns=f"she/{days}")
    return plan


def test_the_record_says_who_this_is_and_how_to_reach_the_person(as_desk):
    ada = make_patient(phone="+16135550142", pronouns="she/her", language="fr")

    response = as_desk.get(page(ada))

    for words in ("she/her", "tel:+16135550142", "mailto:ada@example.org", "French"):
        assertContains(response, words)


def test_the_record_shows_all_that_is_kept_and_is_logged(as_desk, desk):
    ada = make_patient()
    fill(ada, make_protocol())

    response = as_desk.get(page(ada))

    for words in (
        "Medical microneedling",
        "cd-ribbon-compact",
        "24 Nov 2096, 10:00",
        "Have you ever had raised scars?",
        "Softer scars",
        "letter.pdf",
        "Call Ada about her session.",
        "Looks like the same person as",
        "same e-mail address",
        "Record added",
    ):
        assertContains(response, words)
    assert AccessLog.objects.filter(user=desk, patient=ada).count() == 1


def test_it_costs_the_same_for_one_of_everything_and_three(as_manager, count_queries):
    ada, protocol = make_patient(), make_protocol()
    as_manager.get(page(ada))  # from now on the history knows who is at work
    fill(ada, protocol)
    one = count_queries(as_manager, page(ada))
    fill(ada, protocol, days=60)
    fill(ada, make_protocol(), days=120)

    assert count_queries(as_manager, page(ada)) == one


def test_visits_to_come_stand_apart_from_those_that_were(as_desk):
    ada = make_patient()
    late = make_appointment(patient=ada, starts_at=FAR)
    soon = make_appointment(patient=ada, starts_at=FAR - timedelta(days=1))
    off = make_appointment(
        patient=ada, starts_at=FAR, status=AppointmentStatus.CANCELLED
    )
    over = make_appointment(patient=ada, starts_at=NOW.replace(year=2020))

    context = as_desk.get(page(ada)).context

    assert context["to_come"] == [soon, late]
    assert context["past"] == [off, over]


def test_answers_are_shown_over_time_and_a_change_is_marked():
    ada = make_patient()
    for days, value in ((9, "no"), (6, "no"), (3, "yes")):
        make_answer(
            patient=ada,
            question="keloid",
            value=value,
            answered_at=NOW - timedelta(days=days),
        )

    (question,) = record.asked(list(HealthAnswer.objects.all()))

    said = [(one.answer.value, one.is_change) for one in question.given]
    assert said == [("yes", True), ("no", False), ("no", False)]


def test_questions_due_before_booking_are_said_once_for_a_treatment(as_desk):
    ada, protocol = make_patient(), make_protocol()
    make_plan(patient=ada, protocol=protocol)
    make_plan(patient=ada, protocol=protocol)

    response = as_desk.get(page(ada))
    assert [count for _plan, count in response.context["due"]] == [4]

    make_answers(make_plan(patient=ada, protocol=protocol), answered_at=timezone.now())
    assert as_desk.get(page(ada)).context["due"] == []


def test_a_plan_that_is_booked_whole_asks_for_nothing(as_desk):
    ada = make_patient()
    plan = make_plan(patient=ada, session_count=1)
    make_appointment(plan=plan, starts_at=FAR)

    assert as_desk.get(page(ada)).context["due"] == []


def test_tasks_about_a_visit_or_a_plan_stand_on_the_record_too():
    plan = make_plan()
    of_plan = make_task(plan=plan)
    of_visit = make_task(appointment=make_appointment(plan=plan))
    make_task(patient=plan.patient, closed_at=NOW)
    make_task()

    assert record.tasks_of(plan.patient) == [of_plan, of_visit]


# --- What became of it ------------------------------------------------------------------------


def test_history_says_who_changed_what_from_what_to_what(as_desk, desk):
    ada = make_patient(phone="+16135550142", location=make_location(name="Centretown"))
    westboro = make_location(name="Westboro")
    seen = as_desk.get(reverse("desk:patient-edit", args=[ada.pk]))
    as_desk.post(
        reverse("desk:patient-edit", args=[ada.pk]),
        {
            "first_name": "Adah",
            "last_name": "Lovelace",
            "phone": "613-555-0199",
            "email": "",
            "birth_date": "1992-05-04",
            "pronouns": "",
            "language": "fr",
            "location": westboro.pk,
            "seen": seen.context["form"].initial["seen"],
        },
    )

    change = changes.history(ada)[0]

    assert change.who == str(desk)
    assert [(turn.label, turn.before, turn.after) for turn in change.turns] == [
        ("First name", "Ada", "Adah"),
        ("Phone", "(613) 555-0142", "(613) 555-0199"),
        ("E-mail address", "ada@example.org", ""),
        ("Language", "English", "French"),
        ("Usual location", "Centretown", "Westboro"),
    ]


def test_history_tells_of_a_merge_and_of_what_was_changed_in_the_other_record(desk):
    kept, gone = make_patient(), make_patient()
    Patient.objects.filter(pk=gone.pk).update(first_name="Adah")
    make_appointment(patient=gone)
    merging.merge(kept, gone, actor=desk, now=NOW)

    told = [change.words for change in changes.history(kept)]

    assert "Changed in the record that was merged" in told
    assert "Merged with the record of Adah Lovelace: 1 entries moved" in told


def test_the_address_of_a_merged_record_leads_to_the_kept_one_and_says_so(
    as_desk, desk
):
    kept, gone = make_patient(), make_patient(first_name="Adah")
    merging.merge(kept, gone, actor=desk, now=NOW)

    response = as_desk.get(page(gone), follow=True)

    assertRedirects(response, page(kept))
    assertContains(response, "The record of Adah Lovelace is part of this one now.")
    for name in ("patient-edit", "patient-consent", "patient-file-add"):
        assert as_desk.get(reverse(f"desk:{name}", args=[gone.pk])).status_code == 404


def test_only_a_manager_sees_who_looked(as_desk, as_manager):
    ada = make_patient()
    as_desk.get(page(ada))

    assertNotContains(as_desk.get(page(ada)), "Who opened this record")
    assertContains(as_manager.get(page(ada)), "Camille Bouchard")


# --- Consents ------------------------------------------------------------------------------------

SAID = {"kind": "photos", "is_given": "yes", "source": "phone"}


def test_a_consent_is_kept_with_its_words_in_the_patients_language(as_desk, desk):
    ada = make_patient()

    response = as_desk.post(reverse("desk:patient-consent", args=[ada.pk]), SAID)

    assertRedirects(response, page(ada))
    row = Consent.objects.get()
    assert (row.kind, row.is_given, row.source) == ("photos", True, "phone")
    assert row.words.startswith("The clinic may take photos")
    assert row.recorded_by == desk


def test_what_was_taken_back_stays_beside_what_was_given(desk):
    ada = make_patient()
    say = {"source": "desk", "actor": desk}
    consents.record(ada, "photos", is_given=True, now=NOW, **say)
    later = NOW + timedelta(minutes=1)
    consents.record(ada, "photos", is_given=False, now=later, **say)

    (photos,) = (one for one in consents.agreements(ada) if one.last)
    assert not photos.is_given
    assert Consent.objects.count() == 2


@pytest.mark.parametrize(
    "wrong", [{"kind": "treatment"}, {"kind": ""}, {"source": "x"}]
)
def test_a_consent_without_what_and_where_is_not_kept(as_desk, wrong):
    ada = make_patient()

    response = as_desk.post(
        reverse("desk:patient-consent", args=[ada.pk]), SAID | wrong
    )

    assert response.status_code == 422
    assert not Consent.objects.exists()


def test_the_service_itself_refuses_a_consent_to_treatment(desk):
    with pytest.raises(BookingRefused):
        consents.record(
            make_patient(),
            "treatment",
            is_given=True,
            source="desk",
            actor=desk,
            now=NOW,
        )


# --- Two records on screen ---------------------------------------------------------------------


def test_the_list_of_duplicates_leads_to_the_comparison(as_desk):
    one, two = make_patient(), make_patient(first_name="Adah")

    response = as_desk.get(reverse("desk:patient-duplicates"))

    assertContains(response, "same birth date and a similar name, same e-mail address")
    assertContains(response, reverse("desk:patient-merge", args=[one.pk, two.pk]))


def test_the_list_of_duplicates_costs_the_same_for_one_pair_and_three(
    as_desk, count_queries
):
    address = reverse("desk:patient-duplicates")
    make_patient(), make_patient()
    one = count_queries(as_desk, address)
    make_patient()

    assert count_queries(as_desk, address) == one


def test_a_merge_is_shown_chosen_and_done(as_desk):
    kept = make_patient(phone="")
    gone = make_patient(first_name="Adah", phone="+16135550142")
    make_appointment(patient=gone)
    address = reverse("desk:patient-merge", args=[kept.pk, gone.pk])

    shown = as_desk.get(address)
    assertContains(shown, "(613) 555-0142")
    response = as_desk.post(
        address,
        {
            "seal": shown.context["shown"].seal,
            "first_name": "kept",
            "phone": "gone",
        },
    )

    assertRedirects(response, page(kept))
    kept.refresh_from_db()
    assert (kept.first_name, kept.phone) == ("Ada", "+16135550142")
    assert Appointment.objects.get().patient == kept


def test_a_refused_merge_says_why_and_keeps_what_was_chosen(as_desk):
    kept, gone = make_patient(), make_patient(first_name="Adah")
    address = reverse("desk:patient-merge", args=[kept.pk, gone.pk])

    response = as_desk.post(address, {"seal": "old", "first_name": "gone"})

    assertContains(response, "changed meanwhile", status_code=422)
    assert [takes for _one, takes in response.context["differences"]] == [True]
    assert Patient.objects.current().count() == 2


def test_a_merge_that_cannot_be_done_has_no_button(as_desk):
    kept, gone = make_patient(), make_patient()
    make_appointment(patient=kept)
    make_appointment(patient=gone)

    response = as_desk.get(reverse("desk:patient-merge", args=[kept.pk, gone.pk]))

    assertContains(response, "Both have an appointment on")
    assertNotContains(response, "Merge the two records</button>")


def test_the_other_record_is_chosen_among_the_likely_or_searched_for(as_desk):
    ada = make_patient()
    likely = make_patient(first_name="Adah")
    other = make_patient(
        first_name="Zoé", last_name="Roy", email="z@example.org", birth_date=None
    )
    address = reverse("desk:patient-merge-choose", args=[ada.pk])

    response = as_desk.get(address, {"q": "zoe"})

    for one in (likely, other):
        assertContains(response, reverse("desk:patient-merge", args=[ada.pk, one.pk]))
    assertNotContains(response, reverse("desk:patient-merge", args=[ada.pk, ada.pk]))
