"""Health answers: what is written down, and what follows for a plan."""

from datetime import date, timedelta

import pytest

from bookings.models import AnswerValue, HealthAnswer
from bookings.services import screening
from bookings.services.refusals import BookingRefused
from bookings.services.screening import Given
from bookings.tests.factories import (
    NOW,
    TODAY,
    make_answer,
    make_answers,
    make_patient,
    make_plan,
    make_protocol,
)
from treatments.suitability import Outcome

pytestmark = pytest.mark.django_db

NO = AnswerValue.NO
YES = AnswerValue.YES


def record(patient, *given, actor=None):
    return screening.record(patient, given, actor=actor, now=NOW)


def test_questions_come_once_each_in_the_order_of_the_rules():
    asked = screening.questions_for(make_protocol())

    assert [question.code for question in asked] == [
        "isotretinoin",
        "cold-sores",
        "keloid",
        "pregnancy",
    ]


def test_a_first_answer_is_written_with_who_and_when(desk):
    ada = make_patient()

    record(ada, Given("isotretinoin", YES, date(2026, 11, 3), "Accutane"), actor=desk)

    row = HealthAnswer.objects.get()
    assert (row.patient, row.question, row.value) == (ada, "isotretinoin", YES)
    assert (row.on_date, row.detail) == (date(2026, 11, 3), "Accutane")
    assert (row.answered_at, row.answered_by) == (NOW, desk)


def test_an_answer_that_did_not_change_is_not_written_again(desk):
    before = make_answer(value=NO)

    record(before.patient, Given("isotretinoin", NO), actor=desk)

    assert HealthAnswer.objects.get() == before


@pytest.mark.parametrize(
    "given",
    [
        Given("isotretinoin", YES),
        Given("isotretinoin", AnswerValue.UNSURE),
        Given("isotretinoin", NO, detail="years ago"),
        Given("isotretinoin", NO, is_fresh=True),
    ],
)
def test_a_changed_or_fresh_answer_is_added_and_the_old_one_stays(desk, given):
    before = make_answer(value=NO)

    [row] = record(before.patient, given, actor=desk)

    assert set(HealthAnswer.objects.all()) == {before, row}
    assert screening.latest(before.patient, now=NOW) == {"isotretinoin": row}


def test_a_date_may_be_today_but_not_tomorrow(desk):
    ada = make_patient()
    record(ada, Given("isotretinoin", YES, TODAY), actor=desk)

    with pytest.raises(BookingRefused, match="cannot lie in the future"):
        record(ada, Given("isotretinoin", YES, TODAY + timedelta(days=1)), actor=desk)


def test_one_bad_answer_of_several_writes_none(desk):
    ada = make_patient()
    bad = Given("isotretinoin", NO, TODAY)

    with pytest.raises(BookingRefused, match="goes with the answer yes"):
        record(ada, Given("keloid", NO), bad, actor=desk)

    assert not HealthAnswer.objects.exists()


def test_only_an_older_answer_to_a_question_asked_before_booking_is_due_again():
    plan = make_plan()
    make_answers(plan)
    ask = {"today": TODAY, "now": NOW}

    assert screening.due_again(plan.protocol, plan.patient, **ask) == {"pregnancy"}

    make_answer(patient=plan.patient, question="pregnancy", answered_at=NOW)
    assert screening.due_again(plan.protocol, plan.patient, **ask) == set()


def test_a_question_that_was_never_answered_is_named():
    plan = make_plan()
    make_answer(patient=plan.patient, question="keloid")

    missing = screening.unanswered(plan, now=NOW)

    assert [question.code for question in missing] == [
        "isotretinoin",
        "cold-sores",
        "pregnancy",
    ]


def test_no_to_everything_is_suitable_and_silence_is_not():
    plan = make_plan()

    silent = screening.verdict(plan, TODAY, now=NOW)
    make_answers(plan)
    clear = screening.verdict(plan, TODAY, now=NOW)

    assert silent.outcome is Outcome.NEEDS_CLINICIAN
    assert clear.outcome is Outcome.SUITABLE


def test_isotretinoin_until_the_third_of_november_opens_the_third_of_february():
    plan = make_plan()
    make_answers(plan, isotretinoin="yes", on_date=date(2026, 11, 3))

    day_before = screening.verdict(plan, date(2027, 2, 2), now=NOW)
    that_day = screening.verdict(plan, date(2027, 2, 3), now=NOW)
    first = screening.first_suitable_date(plan, today=TODAY, now=NOW)

    assert (day_before.outcome, day_before.from_date) == (
        Outcome.SUITABLE_FROM,
        date(2027, 2, 3),
    )
    assert that_day.outcome is Outcome.SUITABLE
    assert first == date(2027, 2, 3)


def test_an_answer_given_later_is_not_known_yet():
    plan = make_plan()
    make_answers(plan)
    make_answer(
        patient=plan.patient,
        question="keloid",
        value=YES,
        answered_at=NOW + timedelta(seconds=1),
    )

    assert screening.verdict(plan, TODAY, now=NOW).is_suitable


def test_verdicts_of_many_plans_agree_with_each_plans_own():
    plans = [make_plan(), make_plan()]
    make_answers(plans[0])
    make_answers(plans[1], keloid="yes")

    together = screening.verdicts(plans, now=NOW)

    assert together == {
        plan.pk: screening.verdict(plan, TODAY, now=NOW) for plan in plans
    }
    assert len({verdict.outcome for verdict in together.values()}) == 2
