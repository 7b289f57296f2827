"""The demo's people with a story, and the one message that is due."""

from datetime import UTC, datetime, timedelta

from bookings.models import (
    AppointmentStatus,
    ConsultationRequest,
    HealthAnswer,
    Message,
    MessageStatus,
    PlanStatus,
    SeriesHold,
    Task,
    TaskKind,
    TreatmentPlan,
)
from bookings.services import screening
from bookings.services.courses import board
from bookings.services.courses.board import Filters
from bookings.services.courses.states import CourseState
from bookings.services.messages import outbox
from bookings.services.triage import lines
from bookings.tests.demo.rows import EVENING, MORNING, TODAY, plan_of, sessions
from treatments.suitability import Outcome


def test_six_plans_wait_for_review_with_different_flags(demo):
    waiting = TreatmentPlan.objects.waiting().with_people()

    verdicts = {
        plan.patient.last_name: screening.verdict(plan, TODAY, now=MORNING).outcome
        for plan in waiting
    }

    assert verdicts == {
        "Benson-Kaur": Outcome.NOT_SUITABLE,
        "Whitlock": Outcome.NEEDS_CLINICIAN,
        "Hamelin": Outcome.NEEDS_CLINICIAN,
        "Marchetti": Outcome.SUITABLE_FROM,
        "Mowbray": Outcome.SUITABLE,
        "Ramsay": Outcome.NOT_SUITABLE,
    }


def test_one_waiting_plan_is_pencilled_and_nothing_is_promised_for_it(demo):
    hold = SeriesHold.objects.get()

    assert hold.plan.is_waiting
    assert hold.lasts_at(MORNING + timedelta(days=7))
    assert [row.status for row in hold.appointments.all()] == ["held"] * 3
    assert not Message.objects.filter(appointment__hold=hold).exists()


def test_joanna_took_isotretinoin_three_weeks_ago(demo):
    plan = plan_of("Whitlock")

    answers = screening.latest(plan.patient, now=MORNING)

    assert plan.version == 2
    assert answers["isotretinoin"].on_date == TODAY - timedelta(days=21)
    assert plan.patient.age_on(TODAY) == 34


def test_sofia_is_approved_and_not_booked(demo):
    plan = plan_of("Lindgren")

    assert plan.is_approved
    assert plan.session_count == 3
    assert not plan.appointments.exists()


def test_anouk_had_her_first_session_and_has_the_second_in_a_week(demo):
    first, second, third = sessions().filter(plan=plan_of("Desrosiers"))

    assert first.status == AppointmentStatus.DONE
    assert second.local_date == TODAY + timedelta(days=7)
    assert third.status == AppointmentStatus.BOOKED


def test_a_plan_may_be_booked_in_part(demo):
    plan = plan_of("Abara")

    assert plan.session_count == 3
    assert [row.number for row in sessions().filter(plan=plan)] == [1, 2]


def test_four_people_wait_for_an_answer_to_their_request(demo):
    assert ConsultationRequest.objects.filter(status="new").count() == 4


def test_requests_from_the_site_show_all_that_the_inbox_can_say(demo):
    rows = ConsultationRequest.objects.order_by("asked_at").select_related(
        "patient", "location", "treatment", "appointment__location"
    )
    found = lines.sized_up(rows, now=MORNING)

    assert {row.source for row in rows} == {"web"}
    assert [line.request.status for line in found].count("booked") == 1
    assert {line.judged.best.words.split(" from")[0] for line in found} == {
        "Suitable",
        "Needs a clinician",
        "Not suitable as it stands",
    }
    assert any("Suitable from" in line.judged.best.words for line in found)
    said = {flag.label.partition(",")[0] for line in found for flag in line.flags}
    assert {
        "Possible duplicate",
        "From Vancouver",
        "Would rather talk about it",
        "French",
    } <= said
    assert any(line.is_overdue for line in found)
    contacted = next(line for line in found if line.request.status == "contacted")
    assert contacted.request.proposed_times.count() == 3
    assert Task.objects.open().filter(kind="request").exists()


def test_a_draft_without_answers_is_ready_for_the_desk(demo):
    plan = plan_of("Osei")

    assert plan.status == PlanStatus.DRAFT
    assert not HealthAnswer.objects.filter(patient=plan.patient).exists()


def test_one_message_is_due_at_any_hour_of_the_day(demo):
    at_midnight = datetime(2026, 11, 24, 5, 1, tzinfo=UTC)

    for moment in (at_midnight, MORNING, EVENING):
        due = Message.objects.due(moment)
        assert [(row.patient.last_name, row.rule) for row in due] == [
            ("Desrosiers", "pre-care")
        ]


def test_the_worker_sends_it(demo, mailoutbox):
    sent = outbox.send_due(clock=lambda: MORNING)

    assert sent == 1
    assert [mail.to for mail in mailoutbox] == [["anouk.desrosiers@example.org"]]


def test_no_message_was_sent_in_the_future(demo):
    sent = Message.objects.filter(status=MessageStatus.SENT)

    assert sent.count() > 100
    assert not sent.filter(sent_at__gt=MORNING).exists()


def test_the_course_board_has_something_of_everything(demo):
    counts = board.board(Filters(), now=MORNING).counts

    assert counts[CourseState.CLOSING] == 3
    assert counts[CourseState.OVERDUE] == 2
    assert counts[CourseState.UNBOOKED] == 3
    assert counts[CourseState.PARTLY] >= 1
    assert counts[CourseState.ON_TRACK] > 100


def test_a_session_that_lost_its_time_is_on_the_to_do_list(demo):
    assert Task.objects.open().filter(kind=TaskKind.PLACE).count() >= 5
