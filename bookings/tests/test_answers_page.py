"""Health questions on screen: what is asked, kept, and said when a date is wrong."""

from datetime import date

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from bookings.models import HealthAnswer
from bookings.tests.factories import (
    ISOTRETINOIN,
    KELOID,
    PREGNANCY,
    make_answer,
    make_answers,
    make_patient,
    make_plan,
    make_protocol,
)

pytestmark = pytest.mark.django_db

NO = {"isotretinoin": "no", "keloid": "no"}
YES = {
    "isotretinoin": "yes",
    "isotretinoin-date_day": "3",
    "isotretinoin-date_month": "11",
    "isotretinoin-date_year": "2025",
    "keloid": "no",
}


@pytest.fixture
def ada():
    return make_patient()


@pytest.fixture
def treatment():
    return make_protocol(rules=[ISOTRETINOIN, KELOID]).treatment


def page(patient, treatment=None) -> str:
    address = reverse("desk:answers-record", args=[patient.pk])
    return f"{address}?treatment={treatment.code}" if treatment else address


def test_without_a_plan_the_treatment_is_asked_first(as_desk, ada, treatment):
    response = as_desk.get(page(ada))

    assertContains(response, "Which treatment is planned?")
    assertNotContains(response, "Have you taken isotretinoin?")


def test_only_the_questions_of_that_treatment_are_asked(as_desk, ada, treatment):
    make_protocol(rules=[PREGNANCY])

    response = as_desk.get(page(ada, treatment))

    assertContains(response, "Have you taken isotretinoin?")
    assertContains(response, "When was your last capsule?")
    assertNotContains(response, "Are you pregnant")


def test_an_open_plan_says_which_questions_to_ask(as_desk):
    plan = make_plan(protocol=make_protocol(rules=[PREGNANCY]))

    assertContains(as_desk.get(page(plan.patient)), "Are you pregnant")


def test_answers_are_written_and_the_plan_comes_next(as_desk, ada, treatment, desk):
    response = as_desk.post(page(ada, treatment), YES)

    assertRedirects(
        response,
        reverse("desk:plan-draft", args=[ada.pk]) + f"?treatment={treatment.code}",
    )
    rows = HealthAnswer.objects.order_by("question")
    assert [(row.question, row.value, row.on_date) for row in rows] == [
        ("isotretinoin", "yes", date(2025, 11, 3)),
        ("keloid", "no", None),
    ]
    assert {row.answered_by for row in rows} == {desk}


def test_a_plan_in_hand_is_where_the_answers_lead(as_desk):
    plan = make_plan(protocol=make_protocol(rules=[KELOID]))

    response = as_desk.post(page(plan.patient), {"keloid": "no"})

    assertRedirects(response, reverse("desk:plan", args=[plan.pk]))


@pytest.mark.parametrize("typed", ["31", "thirty", "", "9" * 30])
def test_a_date_that_is_none_is_refused_and_stays_as_typed(
    as_desk, ada, treatment, typed
):
    bad = YES | {"isotretinoin-date_day": typed, "isotretinoin-date_month": "2"}

    response = as_desk.post(page(ada, treatment), bad)

    assertContains(response, "That is no date.", status_code=422)
    assertContains(response, 'value="2025"', status_code=422)
    assert not typed or f'value="{typed}"' in response.content.decode()
    assert not HealthAnswer.objects.exists()


def test_a_yes_without_its_date_is_sent_back_with_a_way_out(as_desk, ada, treatment):
    blank = {"isotretinoin": "yes", "keloid": "no"}

    response = as_desk.post(page(ada, treatment), blank)

    assertContains(response, "If nobody knows it, choose", status_code=422)


def test_a_future_date_is_refused_in_words(as_desk, ada, treatment):
    late = YES | {"isotretinoin-date_year": "2190"}

    response = as_desk.post(page(ada, treatment), late)

    assertContains(response, "cannot lie in the future", status_code=422)


def test_a_date_left_behind_by_another_answer_is_dropped(as_desk, ada, treatment):
    as_desk.post(page(ada, treatment), YES | {"isotretinoin": "no"})

    assert HealthAnswer.objects.get(question="isotretinoin").on_date is None


def test_a_question_left_out_is_asked_again(as_desk, ada, treatment):
    response = as_desk.post(page(ada, treatment), {"keloid": "no"})

    assertContains(response, "Choose an answer.", status_code=422)
    assert not HealthAnswer.objects.exists()


def test_known_answers_are_filled_in_and_written_again_only_when_confirmed(
    as_desk, ada, treatment
):
    make_answer(patient=ada, question="isotretinoin")
    make_answer(patient=ada, question="keloid")

    assertContains(as_desk.get(page(ada, treatment)), 'value="no" checked', count=2)
    as_desk.post(page(ada, treatment), NO)
    assert HealthAnswer.objects.count() == 2

    as_desk.post(page(ada, treatment), NO | {"keloid-fresh": "on"})
    assert HealthAnswer.objects.filter(question="keloid").count() == 2


def test_an_old_answer_that_booking_needs_afresh_is_marked(as_desk):
    plan = make_plan(protocol=make_protocol(rules=[PREGNANCY, KELOID]))
    make_answers(plan)

    response = as_desk.get(page(plan.patient))

    assertContains(response, "Ask this again before any booking.", count=1)


def test_a_stranger_asks_nothing(as_stranger, ada, treatment):
    assert as_stranger.post(page(ada, treatment), YES).status_code == 403
    assert not HealthAnswer.objects.exists()
