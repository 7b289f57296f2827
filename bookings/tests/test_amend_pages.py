"""Amending a plan at the desk: a form, what it would do, and saving just that."""

import re

import pytest
from django.urls import reverse

from bookings.models import AccessLog, PlanAmendment, PlanStatus
from bookings.services.amendments import amending
from bookings.tests.factories import make_answers, make_protocol
from bookings.tests.test_amending import ask, make_booked
from bookings.tests.test_series_book import NOW, make_approved

pytestmark = pytest.mark.django_db


def typed(plan, **changes):
    fields = {
        "session_count": plan.session_count,
        "treatment": plan.protocol.treatment.code,
        "gaps": "usual",
        "reason": "Her skin answers well",
        "version": plan.version,
    }
    return fields | changes


def amend(client, plan, **changes):
    return client.post(
        reverse("desk:plan-amend", args=[plan.pk]), typed(plan, **changes)
    )


def words(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def signed(response) -> str:
    return response.context["signed"]


def save(client, plan, preview, **changes):
    address = reverse("desk:plan-amend-save", args=[plan.pk])
    return client.post(address, typed(plan, **changes) | {"preview": signed(preview)})


@pytest.fixture
def plan():
    """A plan booked on days that lie ahead of the tests' clock and of today's."""
    return make_booked()


def test_the_form_shows_the_plan_as_it_is(as_desk, plan):
    page = as_desk.get(reverse("desk:plan-amend", args=[plan.pk]))

    form = page.context["form"]
    assert form["session_count"].value() == 3
    assert form["treatment"].value() == plan.protocol.treatment.code
    assert form["gaps"].value() == "usual"


def test_a_signed_plan_leads_to_its_amendment(as_desk, plan):
    address = reverse("desk:plan-amend", args=[plan.pk])

    assert address in as_desk.get(reverse("desk:plan", args=[plan.pk])).content.decode()


def test_looking_at_the_form_is_a_look_at_the_patient(as_desk, plan):
    as_desk.get(reverse("desk:plan-amend", args=[plan.pk]))

    assert AccessLog.objects.filter(
        patient=plan.patient, what="plan amendment"
    ).exists()


def test_the_preview_says_what_becomes_of_bookings_and_writes_nothing(as_desk, plan):
    page = amend(as_desk, plan, session_count=2)

    said = words(page)
    assert page.status_code == 200
    assert "No signature is needed." in said
    assert "Cancelled" in said
    assert "Room 1" in said
    assert "Save the amendment" in said
    assert not PlanAmendment.objects.exists()


def test_a_medical_change_says_who_signs_and_what_holds_meanwhile(as_desk, plan):
    said = words(amend(as_desk, plan, session_count=4))

    assert "A clinician signs this first." in said
    assert "1 session is pencilled" in said
    assert "3 sessions stay as they are." in said
    assert "Save and send to a clinician" in said


def test_saving_what_was_previewed_leads_to_the_amended_plan(as_desk, plan):
    page = amend(as_desk, plan, session_count=4)

    answer = save(as_desk, plan, page, session_count=4)

    assert answer.url == reverse("desk:plan", args=[plan.pk])
    plan.refresh_from_db()
    assert (plan.session_count, plan.status) == (4, PlanStatus.SUBMITTED)
    shown = words(as_desk.get(answer.url))
    assert "Her skin answers well" in shown
    assert "was 3 becomes 4" in shown


def test_the_clinician_reads_what_was_changed_and_why(as_desk, as_clinician, plan):
    save(as_desk, plan, amend(as_desk, plan, session_count=4), session_count=4)

    said = words(as_clinician.get(reverse("review:plan", args=[plan.pk])))

    assert "was 3 becomes 4" in said
    assert "Her skin answers well" in said


def test_a_refused_form_keeps_what_was_typed(as_desk, plan):
    page = amend(
        as_desk, plan, gaps="longer", gap_min=30, gap_max=60, reason="In <winter>"
    )

    assert page.status_code == 422
    assert "longer than the protocol" in words(page)
    assert page.context["form"]["gap_min"].value() == "30"
    assert "In &lt;winter&gt;" in page.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("session_count", "", "Say how many sessions."),
        ("session_count", "13", "less than or equal to 12"),
        ("treatment", "nothing", "valid choice"),
        ("reason", "", "Say why"),
        ("gaps", "longer", "Give a number of days."),
    ],
)
def test_a_field_that_cannot_be_read_says_so(field, value, says, as_desk, plan):
    page = amend(as_desk, plan, **{field: value})

    assert page.status_code == 422
    assert says in words(page)


def test_changing_something_leads_back_with_everything_typed(as_desk, plan):
    page = amend(as_desk, plan, session_count=5, again="1")

    assert page.status_code == 200
    assert page.context["form"]["session_count"].value() == "5"
    assert page.context["form"]["reason"].value() == "Her skin answers well"


def test_an_altered_preview_is_shown_anew_and_saves_nothing(as_desk, plan):
    address = reverse("desk:plan-amend-save", args=[plan.pk])

    page = as_desk.post(address, typed(plan, session_count=2) | {"preview": "forged"})

    assert page.status_code == 422
    assert "no longer on this page" in words(page)
    assert signed(page)
    assert not PlanAmendment.objects.exists()


def test_a_stale_preview_is_shown_anew_with_what_was_typed(as_desk, plan):
    page = amend(as_desk, plan, session_count=2)
    row = plan.appointments.get(number=1)
    row.version = 2
    row.save(update_fields=["version"])

    again = save(as_desk, plan, page, session_count=2)

    assert again.status_code == 422
    assert "have changed since" in words(again)
    assert save(as_desk, plan, again, session_count=2).status_code == 302


def test_the_same_page_sent_twice_saves_once(as_desk, plan):
    page = amend(as_desk, plan, session_count=2)

    answers = [save(as_desk, plan, page, session_count=2) for _turn in range(2)]

    assert [one.status_code for one in answers] == [302, 302]
    assert PlanAmendment.objects.count() == 1


def test_a_plan_nobody_signed_is_not_amended(as_desk):
    plan = make_booked()
    type(plan).objects.filter(pk=plan.pk).update(status=PlanStatus.SUBMITTED)

    page = as_desk.get(reverse("desk:plan-amend", args=[plan.pk]))

    assert "Only a signed plan is amended" in words(page)
    assert amend(as_desk, plan, session_count=2).status_code == 422


def test_another_treatment_can_be_chosen(as_desk, plan):
    other = make_protocol()
    make_answers(plan)

    page = amend(as_desk, plan, treatment=other.treatment.code)

    assert page.context["diff"].amended.protocol == other
    assert "given otherwise" in words(page)


def test_a_plan_without_bookings_is_drawn_at_ideal_gaps(as_desk):
    plan = make_approved()

    page = amend(as_desk, plan, session_count=4)

    assert "No session is booked yet." in words(page)
    assert len(page.context["diff"].after.sessions) == 4


def test_what_was_amended_before_an_earlier_version_is_not_shown(plan, desk):
    diff = amending.preview(plan, ask(plan, session_count=2), now=NOW)
    amending.save(plan, diff.sealed(), version=1, actor=desk, now=NOW)
    plan.refresh_from_db()

    told = amending.latest(plan)
    plan.version = 3

    assert [fact.name for fact in told.facts] == ["Sessions"]
    assert amending.latest(plan) is None
