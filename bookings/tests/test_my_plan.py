"""My plan: every state a patient may find it in, and ticking off care."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pghistory
import pytest
from django.test import Client
from django.utils import translation
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    AccessLog,
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    CareTick,
    CheckIn,
    ConsultationRequest,
    HoldKind,
    PlanStatus,
    Recheck,
    RequestStatus,
    RuleOverride,
    SeriesHold,
)
from bookings.services.portal import courses_shown, next_visit, overview, policy, stages
from bookings.services.portal.stages import Course, Sitting, Stage, progress
from bookings.tests.conftest import signed_in
from bookings.tests.factories import (
    NOW,
    TODAY,
    make_answer,
    make_appointment,
    make_location,
    make_patient,
    make_plan,
    make_protocol,
    make_request,
    make_treatment,
    make_user,
)
from clinic.models import Closure

DAY = timedelta(days=1)
RETINOL = {
    "code": "active-products",
    "phase": "pre",
    "kind": "stop",
    "text": "Stop using retinol.",
    "starts": "days",
    "starts_offset": -7,
    "ends": "session",
}
SUN = RETINOL | {
    "code": "sun-before",
    "kind": "protect",
    "text": "Keep the sun off the area: wear sunscreen.",
}
CHECKED = {
    "code": "suitability",
    "phase": "pre",
    "kind": "confirm",
    "text": "A clinician checks the plan.",
    "starts": "plan",
    "ends": "session",
}
MAKE_UP = {
    "code": "make-up",
    "phase": "post",
    "kind": "avoid",
    "text": "Wear no make-up.",
    "starts": "hours",
    "starts_offset": 0,
    "ends": "hours",
    "ends_offset": 24,
}
RESULT = {
    "code": "follow-up",
    "phase": "post",
    "kind": "follow-up",
    "text": "Come back.",
    "starts": "days",
    "starts_offset": 42,
    "ends": "days",
    "ends_offset": 56,
}
CARE = (RETINOL, SUN, CHECKED, MAKE_UP, RESULT)


@pytest.fixture(autouse=True)
def english():
    """A page in French leaves its language behind it."""
    with translation.override("en"):
        yield


def at(day: date, hour: int = 14, minute: int = 30) -> datetime:
    """14:30 UTC is 9:30 in Ottawa in winter."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def signed_plan(**fields):
    """An approved plan for three sessions of microneedling with the usual care."""
    defaults = {
        "patient": make_patient(user=make_user()),
        "status": PlanStatus.APPROVED,
        "reviewed_by": make_user(),
        "reviewed_at": NOW - 5 * DAY,
    }
    protocol = fields.pop("protocol", None) or make_protocol(
        care=CARE, rules=(), treatment=make_treatment(name="Microneedling")
    )
    return make_plan(protocol=protocol, **defaults | fields)


def session(plan, day, number=1, *, is_done=False, **fields):
    start = at(day)
    if is_done:
        fields |= {
            "status": AppointmentStatus.DONE,
            "completed_at": start + timedelta(minutes=70),
        }
    return make_appointment(plan=plan, number=number, starts_at=start, **fields)


def opened(patient, address="/my/"):
    """The page as its patient reads it, in plain words."""
    answer = signed_in(patient.user).get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.fixture
def clock(monkeypatch):
    """Set what the views take for now: `clock(moment)`."""

    class Fixed:
        now_is = NOW

        @classmethod
        def now(cls):
            return cls.now_is

    for module in ("plan", "care"):
        monkeypatch.setattr(f"bookings.views.portal.{module}.timezone", Fixed)

    def set_to(moment):
        Fixed.now_is = moment

    return set_to


# --- How far a plan has come: dates alone ---------------------------------------------


def course(*sittings, count=3, status=PlanStatus.APPROVED, **fields):
    return Course(status, count, (42, 56), sittings, **fields)


def done(number, day):
    return Sitting(number, day, is_done=True)


@pytest.mark.parametrize(
    ("status", "is_held", "stage"),
    [
        (PlanStatus.DRAFT, False, Stage.DRAFTED),
        (PlanStatus.RETURNED, False, Stage.DRAFTED),
        (PlanStatus.SUBMITTED, False, Stage.IN_REVIEW),
        (PlanStatus.SUBMITTED, True, Stage.PENCILLED),
        (PlanStatus.DECLINED, False, Stage.DECLINED),
        (PlanStatus.WITHDRAWN, False, Stage.WITHDRAWN),
        (PlanStatus.APPROVED, False, Stage.UNBOOKED),
        (PlanStatus.APPROVED, True, Stage.HELD),
        (PlanStatus.COMPLETED, False, Stage.MAINTENANCE),
    ],
)
def test_without_dates_the_status_says_how_far_a_plan_is(status, is_held, stage):
    assert progress(course(status=status, is_held=is_held), TODAY).stage is stage


@pytest.mark.parametrize(("days", "stage"), [(0, Stage.TODAY), (1, Stage.ON_TRACK)])
def test_the_day_of_a_session_is_its_own_stage(days, stage):
    one = course(Sitting(1, TODAY + days * DAY), count=1)

    assert progress(one, TODAY).stage is stage


@pytest.mark.parametrize(
    ("ago", "stage"),
    [
        (0, Stage.JUST_DONE),
        (7, Stage.JUST_DONE),
        (8, Stage.RESULT_SOON),
        (41, Stage.RESULT_SOON),
        (42, Stage.RESULT_DUE),
        (56, Stage.RESULT_DUE),
        (57, Stage.MAINTENANCE),
    ],
)
def test_after_the_last_session_skin_settles_then_the_result_shows(ago, stage):
    assert progress(course(done(1, TODAY - ago * DAY), count=1), TODAY).stage is stage


def test_a_session_without_a_time_has_the_window_after_the_one_before_it():
    found = progress(course(done(1, TODAY - 20 * DAY)), TODAY)

    assert found.stage is Stage.PARTLY
    assert found.missing == (2, 3)
    assert found.window == stages.Span(TODAY + 22 * DAY, TODAY + 36 * DAY)


# --- Words about a day -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "words"), [(0, "today"), (1, "tomorrow"), (2, "in 2 days")]
)
def test_days_ahead_are_said_as_people_say_them(days, words):
    assert next_visit.days_ahead(TODAY + days * DAY, TODAY) == words


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2027, 1, 10), "Your window opens Mon 11 January and closes"),
        (date(2027, 1, 11), "Your window is open until Mon 25 January."),
        (date(2027, 1, 25), "Your window is open until Mon 25 January."),
        (date(2027, 1, 26), "Your window closed on Mon 25 January."),
    ],
)
def test_a_window_is_told_by_whether_it_has_opened(db, today, words):
    plan = signed_plan()
    first = date(2026, 11, 30)
    found = progress(course(done(1, first)), today)

    title, text = courses_shown.words(plan, found, None, today)

    assert title == "Session 2 has no time yet"
    assert text.startswith(words)


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("America/Toronto", None), ("America/Vancouver", 6), ("Europe/London", 14)],
)
def test_another_clock_is_shown_where_it_shows_another_time(zone, hour):
    starts = at(date(2026, 11, 30)).astimezone(ZoneInfo("America/Toronto"))

    own = next_visit.elsewhere(starts, zone)

    assert (own.hour if own else None) == hour


# --- The page --------------------------------------------------------------------------


def test_a_stranger_is_led_to_signing_in(db):
    answer = Client().get("/my/")

    assert answer.status_code == 302
    assert "/my/sign-in/?next=" in answer["Location"]


def test_who_has_nothing_planned_may_ask_for_a_consultation(db, clock):
    page = opened(make_patient(user=make_user()))

    assert "Nothing is planned yet" in page
    assert "/request/" in page


def test_a_request_says_when_it_was_asked_and_that_we_answer(db, clock):
    patient = make_patient(user=make_user())
    make_request(patient=patient)

    page = opened(patient)

    assert "We are looking for a time for you" in page
    assert "You asked for a consultation on Sun 22 November" in page


def test_a_withdrawn_request_waits_for_nothing(db, clock):
    patient = make_patient(user=make_user())
    make_request(patient=patient, status=RequestStatus.WITHDRAWN)

    assert "Nothing is planned yet" in opened(patient)
    assert ConsultationRequest.objects.count() == 1


def test_a_consultation_that_is_booked_is_the_next_visit(db, clock):
    patient = make_patient(user=make_user())
    make_appointment(patient=patient, starts_at=at(TODAY + 6 * DAY), minutes=30)

    page = opened(patient)

    assert "Next, consultation" in page
    assert "in 6 days" in page
    assert "Mon 30 November, 9:30" in page
    assert "Done by 10:00." in page
    assert "To do now" not in page


def test_after_the_consultation_a_plan_is_written(db, clock):
    patient = make_patient(user=make_user())
    make_appointment(
        patient=patient, starts_at=NOW - DAY, status=AppointmentStatus.DONE
    )

    assert "We are writing your plan" in opened(patient)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (PlanStatus.DRAFT, "We are writing your plan"),
        (PlanStatus.RETURNED, "We are writing your plan"),
        (PlanStatus.SUBMITTED, "A doctor reads your plan"),
        (PlanStatus.APPROVED, "Your plan is signed"),
    ],
)
def test_a_plan_without_times_says_what_it_waits_for(db, clock, status, words):
    plan = signed_plan(status=status)

    assert words in opened(plan.patient)


def test_a_withdrawn_plan_is_not_shown(db, clock):
    plan = signed_plan(status=PlanStatus.WITHDRAWN)

    assert "Nothing is planned yet" in opened(plan.patient)


def declined_plan(**reviewed):
    plan = signed_plan(protocol=make_protocol(), status=PlanStatus.DECLINED, **reviewed)
    for question in ("isotretinoin", "cold-sores", "pregnancy"):
        make_answer(patient=plan.patient, question=question)
    make_answer(patient=plan.patient, question="keloid", value="yes")
    plan.reviews.create(
        plan_version=1,
        outcome="declined",
        note="Too risky for us.",
        by=make_user(),
        at=NOW,
    )
    return plan


def test_a_declined_plan_says_why_and_leaves_the_door_open(db, clock):
    page = opened(declined_plan().patient)

    assert "This treatment is not the right one for you now" in page
    assert "Raised scars: not suitable." in page
    assert "call us, and we look at it together" in page


def test_the_note_to_the_desk_is_not_shown_to_the_patient(db, clock):
    assert "Too risky" not in opened(declined_plan().patient)


def held_series(plan, kind, **fields):
    hold = SeriesHold.objects.create(
        key="3f0c9a52-5d3e-4c6c-9a55-0f1d5a0f8a11",
        plan=plan,
        kind=kind,
        held_at=NOW,
        **fields,
    )
    make_appointment(
        plan=plan,
        number=1,
        starts_at=at(TODAY + 6 * DAY),
        status=AppointmentStatus.HELD,
        hold=hold,
    )
    return hold


def test_a_pencilled_series_is_shown_as_held_while_a_doctor_reads(db, clock):
    plan = signed_plan(status=PlanStatus.SUBMITTED)
    held_series(plan, HoldKind.PENCIL)

    page = opened(plan.patient)

    assert "Until then we keep these times free for you." in page
    assert "Session 1, held" in page
    assert "Next, session" not in page


@pytest.mark.parametrize(("minutes", "is_kept"), [(-1, True), (0, False), (1, False)])
def test_a_held_series_is_kept_until_its_hold_ends(db, clock, minutes, is_kept):
    plan = signed_plan()
    ends = NOW + timedelta(hours=2)
    held_series(plan, HoldKind.DESK, expires_at=ends)
    clock(ends + timedelta(minutes=minutes))

    page = opened(plan.patient)

    assert ("Until Tue 24 November, 12:00. Call us to book them." in page) is is_kept
    assert ("Session 1, held" in page) is is_kept
    assert ("Your plan is signed" in page) is not is_kept


def test_a_series_on_track_shows_the_next_session_and_the_ribbon(db, clock):
    plan = signed_plan()
    session(plan, date(2026, 10, 15), 1, is_done=True)
    session(plan, date(2026, 11, 30), 2, status=AppointmentStatus.CONFIRMED)
    session(plan, date(2027, 1, 18), 3)

    page = opened(plan.patient)

    assert "Microneedling, 3 sessions, face" in page
    assert "Next, session 2 of 3" in page
    assert "Mon 30 November, 9:30" in page
    assert "Done by 10:30." in page
    assert "1 Elgin Street, Centretown" in page
    assert "6 to 8 weeks apart" in page
    assert "Session 1, done" in page
    assert "46 days apart" in page
    assert "Session 3, booked" in page
    assert "Mon 18 January 2027, 9:30" in page
    assert "has no time yet" not in page


def test_own_dates_and_closures_are_on_the_ribbon(db, clock):
    plan = signed_plan(session_count=2)
    plan.patient.away_dates.create(
        first_day=date(2026, 12, 12), last_day=date(2026, 12, 12), label="A wedding"
    )
    Closure.objects.create(
        kind="holiday",
        name="Closed",
        first_day=date(2026, 12, 25),
        last_day=date(2026, 12, 28),
    )
    session(plan, date(2026, 11, 30), 1)
    session(plan, date(2027, 1, 18), 2)

    page = opened(plan.patient)

    assert "A wedding, 12 Dec" in page
    assert "Closed 25 to 28 Dec" in page


def test_a_closure_of_another_place_is_not_on_the_ribbon(db, clock):
    plan = signed_plan(session_count=2)
    Closure.objects.create(
        kind="holiday",
        name="Elsewhere",
        first_day=date(2026, 12, 25),
        last_day=date(2026, 12, 28),
        location=make_location(),
    )
    session(plan, date(2026, 11, 30), 1)
    session(plan, date(2027, 1, 18), 2)

    assert "Elsewhere" not in opened(plan.patient)


def test_a_session_without_a_time_says_when_its_window_opens(db, clock):
    plan = signed_plan(session_count=2)
    session(plan, date(2026, 11, 30), 1)

    page = opened(plan.patient)

    assert "Session 2 has no time yet" in page
    assert "Your window opens Mon 11 January 2027" in page
    assert "Window opens 11 Jan" in page
    assert 'href="tel:613-555-0100"' in page


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (AppointmentStatus.CANCELLED, "Session 2 on Mon 18 January 2027 was cancelled"),
        (
            AppointmentStatus.LATE_CANCELLED,
            "Session 2 on Mon 18 January 2027 was cancel",
        ),
        (
            AppointmentStatus.NO_SHOW,
            "We missed you at session 2 on Mon 18 January 2027",
        ),
    ],
)
def test_a_session_given_up_is_told_of_until_it_has_another_time(
    db, clock, status, words
):
    plan = signed_plan(session_count=2)
    session(plan, date(2026, 11, 30), 1)
    session(plan, date(2027, 1, 18), 2, status=status)
    assert words in opened(plan.patient)

    session(plan, date(2027, 1, 19), 2)

    assert words not in opened(plan.patient)


def test_what_staff_wrote_about_a_gap_stays_with_staff(db, clock):
    plan = signed_plan(session_count=2)
    session(plan, date(2026, 11, 30), 1)
    session(plan, date(2027, 1, 9), 2)
    RuleOverride.objects.create(
        plan=plan,
        number=2,
        rule="gap",
        day=date(2027, 1, 9),
        days=40,
        reason="She insists, and is rude.",
        by=make_user(),
        at=NOW,
    )

    page = opened(plan.patient)

    assert "rude" not in page
    assert "Agreed with your clinician" in page


def test_on_the_day_of_the_session_the_card_says_today(db, clock):
    plan = signed_plan()
    session(plan, TODAY, 1)
    clock(at(TODAY) - timedelta(hours=1))

    page = opened(plan.patient)

    assert "today" in page
    assert "To do now" in page


def test_while_a_session_runs_it_is_still_the_next_and_nothing_is_ticked(db, clock):
    plan = signed_plan()
    session(plan, TODAY, 1, status=AppointmentStatus.IN_SESSION)
    clock(at(TODAY) + timedelta(minutes=30))

    page = opened(plan.patient)

    assert "Next, session 1 of 3" in page
    assert 'role="checkbox"' not in page


def test_after_a_session_there_is_what_to_do_until_when(db, clock):
    plan = signed_plan()
    session(plan, TODAY, 1, is_done=True)
    clock(at(TODAY) + timedelta(hours=3))

    page = opened(plan.patient)

    assert "after your session on Tue 24 November" in page
    assert "Wear no make-up." in page
    assert "Until Wed 25 November, 10:40" in page


@pytest.mark.parametrize(("minutes", "is_told"), [(-1, True), (0, False)])
def test_care_that_is_over_is_no_longer_told(db, clock, minutes, is_told):
    plan = signed_plan(session_count=1)
    visit = session(plan, TODAY, 1, is_done=True)
    clock(visit.completed_at + timedelta(hours=24, minutes=minutes))

    assert ("Wear no make-up." in opened(plan.patient)) is is_told


def test_a_session_nobody_has_noted_yet_is_over_for_its_patient(db, clock):
    plan = signed_plan()
    session(plan, TODAY, 1)
    clock(at(TODAY) + timedelta(hours=3))

    assert "Wear no make-up." in opened(plan.patient)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (30, "All your sessions are done"),
        (45, "Time to look at your result"),
        (90, "To keep the result, 1 to 3 sessions a year are usual."),
    ],
)
def test_a_finished_series_leads_on(db, clock, ago, words):
    plan = signed_plan(session_count=1)
    session(plan, TODAY - ago * DAY, 1, is_done=True)

    assert words in opened(plan.patient)


def test_a_look_at_the_result_is_a_visit_like_others(db, clock):
    plan = signed_plan(session_count=1)
    session(plan, TODAY - 45 * DAY, 1, is_done=True)
    make_appointment(
        patient=plan.patient,
        location=plan.location,
        starts_at=at(TODAY + DAY),
        kind=AppointmentKind.RESULT_REVIEW,
    )

    page = opened(plan.patient)

    assert "Next, a look at your result" in page
    assert "tomorrow" in page


def test_of_several_plans_that_of_the_next_visit_comes_first(db, clock):
    plan = signed_plan(session_count=1)
    session(plan, TODAY + 6 * DAY, 1)
    other = signed_plan(patient=plan.patient, session_count=2, drafted_at=NOW)
    session(other, TODAY + 16 * DAY, 1)

    page = overview.page(plan.patient, now=NOW)

    assert [one.plan for one in page.plans] == [plan, other]
    assert "Next: session 1, Thu 10 December, 9:30." in opened(plan.patient)


def test_a_patient_elsewhere_reads_both_clocks(db, clock):
    plan = signed_plan(
        patient=make_patient(user=make_user(), timezone="America/Vancouver")
    )
    session(plan, TODAY + 6 * DAY, 1)

    page = opened(plan.patient)

    assert "Mon 30 November, 9:30" in page
    assert "Ottawa time. On a clock in Vancouver: 6:30." in page


def test_a_patient_without_an_address_is_told_that_no_letters_come(db, clock):
    plan = signed_plan(
        patient=make_patient(user=make_user(), email="", phone="+16135550111")
    )
    session(plan, TODAY + 6 * DAY, 1)

    page = opened(plan.patient)

    assert "Next, session 1 of 3" in page
    assert "We have no e-mail address for you" in page


# --- Moved -----------------------------------------------------------------------------


def move(visit, day, **context):
    start = at(day)
    with pghistory.context(**context):
        Appointment.objects.filter(pk=visit.pk).update(
            during=DateTimeTZRange(start, start + timedelta(minutes=70))
        )


def test_a_visit_the_clinic_moved_says_where_it_was(db, clock):
    plan = signed_plan()
    visit = session(plan, date(2026, 12, 9), 1)
    move(visit, date(2026, 11, 30))

    page = opened(plan.patient)

    assert "Moved from Wed 9 December" in page
    assert "as you asked" not in page


def test_a_visit_its_patient_moved_says_so(db, clock):
    plan = signed_plan()
    visit = session(plan, date(2026, 12, 9), 1)
    move(visit, date(2026, 11, 30), **{policy.MOVED: visit.pk})

    assert "Moved from Wed 9 December, as you asked" in opened(plan.patient)


# --- What may change ---------------------------------------------------------------------


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_visit_may_be_changed_alone_until_the_clinics_limit(db, clock, hours):
    plan = signed_plan()
    visit = session(plan, TODAY + 6 * DAY, 1)
    clock(visit.starts_at - policy.notice() + timedelta(hours=hours))

    page = opened(plan.patient)

    assert (f"/visits/{visit.code}/move/" in page) is (hours < 0)
    assert (f"/visits/{visit.code}/cancel/" in page) is (hours < 0)
    assert ("Ask us to change it" in page) is (hours > 0)
    assert ("our desk looks after it with you" in page) is (hours > 0)


# --- What waits for the patient's words --------------------------------------------------


def test_questions_that_are_due_come_first_until_they_are_answered(db, clock):
    plan = signed_plan()
    visit = session(plan, TODAY + DAY, 1)
    assert "First: a few questions about your health" in opened(plan.patient)

    Recheck.objects.create(
        patient=plan.patient, appointment=visit, has_changed=False, at=NOW
    )

    page = opened(plan.patient)
    assert "First: a few questions" not in page
    assert "Has something changed?" in page


def test_questions_that_are_not_due_yet_wait_quietly(db, clock):
    plan = signed_plan()
    session(plan, TODAY + 40 * DAY, 1)

    page = opened(plan.patient)

    assert "First: a few questions" not in page
    assert "Has something changed?" in page


@pytest.mark.parametrize(
    ("hours", "is_asked"),
    [
        (47, False),
        (48, True),
        (7 * 24 - 1, True),
        (14 * 24 - 1, True),
        (14 * 24, False),
    ],
)
def test_healing_is_asked_after_two_days_and_after_a_week(db, clock, hours, is_asked):
    plan = signed_plan()
    visit = session(plan, TODAY, 1, is_done=True)
    clock(visit.completed_at + timedelta(hours=hours))

    assert ("How is your skin healing?" in opened(plan.patient)) is is_asked


@pytest.mark.parametrize(("hours", "moment"), [(48, "48h"), (7 * 24, "7d")])
def test_the_plan_asks_about_healing_at_a_moment(db, clock, hours, moment):
    plan = signed_plan()
    visit = session(plan, TODAY, 1, is_done=True)
    clock(visit.completed_at + timedelta(hours=hours))

    assert f"/{visit.code}/healing/?moment={moment}" in opened(plan.patient)


def test_who_said_how_it_heals_is_asked_again_only_after_a_week(db, clock):
    plan = signed_plan()
    visit = session(plan, TODAY, 1, is_done=True)
    CheckIn.objects.create(
        patient=plan.patient,
        appointment=visit,
        moment="48h",
        state="well",
        at=visit.completed_at + timedelta(hours=50),
    )
    clock(visit.completed_at + timedelta(hours=60))
    assert "How is your skin healing?" not in opened(plan.patient)

    clock(visit.completed_at + timedelta(days=7))

    assert "How is your skin healing?" in opened(plan.patient)


# --- Ticking off ---------------------------------------------------------------------------


def tick(patient, visit, code="active-products", *, is_on=True, **headers):
    told = {"visit": visit.code, "care": code, "is": "on" if is_on else "off"}
    return signed_in(patient.user).post("/my/tick/", told, headers=headers)


@pytest.mark.parametrize(("days", "is_time"), [(8, False), (7, True), (6, True)])
def test_getting_ready_begins_with_its_first_day(db, clock, days, is_time):
    plan = signed_plan()
    session(plan, TODAY + days * DAY, 1)

    page = opened(plan.patient)

    assert ("To do now" in page) is is_time
    assert ('role="checkbox"' in page) is is_time


def test_a_tick_is_kept_and_can_be_taken_back(db, clock):
    plan = signed_plan()
    visit = session(plan, TODAY + 6 * DAY, 1)

    answer = tick(plan.patient, visit)

    assert answer["Location"] == "/my/#to-do"
    assert CareTick.objects.get().ticked_at == NOW
    assert "You told us on Tue 24 November that you stopped" in opened(plan.patient)

    tick(plan.patient, visit, is_on=False)

    assert not CareTick.objects.exists()


def test_a_tick_sent_twice_is_one_tick_of_the_first_time(db, clock):
    plan = signed_plan()
    visit = session(plan, TODAY + 6 * DAY, 1)
    tick(plan.patient, visit)
    clock(NOW + timedelta(hours=1))

    tick(plan.patient, visit)

    assert CareTick.objects.get().ticked_at == NOW


def test_htmx_gets_the_list_alone(db, clock):
    plan = signed_plan()
    visit = session(plan, TODAY + 6 * DAY, 1)

    page = tick(plan.patient, visit, hx_request="true").content.decode()

    assert page.strip().startswith('<ul class="cd-plan-ticks"')
    assert page.count('aria-checked="true"') == 1


@pytest.mark.parametrize("code", ["suitability", "make-up", "nothing", ""])
def test_only_what_its_patient_does_before_a_session_can_be_ticked(db, clock, code):
    plan = signed_plan()
    visit = session(plan, TODAY + 6 * DAY, 1)

    assert tick(plan.patient, visit, code).status_code == 404
    assert not CareTick.objects.exists()


def test_another_patients_session_is_not_there(db, clock):
    plan = signed_plan()
    visit = session(plan, TODAY + 6 * DAY, 1)
    other = make_patient(user=make_user(), first_name="Anna")

    assert tick(other, visit).status_code == 404
    assert not CareTick.objects.exists()


def test_a_code_that_is_none_is_not_there(db, clock):
    patient = make_patient(user=make_user())
    for code in ("", "nonsense", "0" * 12, "\0"):
        answer = signed_in(patient.user).post("/my/tick/", {"visit": code})
        assert answer.status_code == 404


@pytest.mark.parametrize("status", ["cancelled", "in_session", "done"])
def test_nothing_is_ticked_once_the_session_is_over_or_called_off(db, clock, status):
    plan = signed_plan()
    visit = session(plan, TODAY + 6 * DAY, 1, status=status)

    answer = tick(plan.patient, visit)

    assert answer.status_code == 422
    assert "nothing is left to tick" in answer.content.decode()
    assert not CareTick.objects.exists()


def test_a_stranger_ticks_nothing(db):
    plan = signed_plan()
    visit = session(plan, TODAY + 6 * DAY, 1)

    answer = Client().post("/my/tick/", {"visit": visit.code})

    assert answer.status_code == 302
    assert not CareTick.objects.exists()


def test_a_tick_cannot_be_a_link(db):
    patient = make_patient(user=make_user())

    assert signed_in(patient.user).get("/my/tick/").status_code == 405


# --- What it costs, and who looked -----------------------------------------------------------


def test_the_page_costs_as_much_for_three_sessions_as_for_one(db, clock, count_queries):
    one, three = (
        signed_plan(),
        signed_plan(patient=make_patient(user=make_user(), first_name="Anna")),
    )
    session(one, TODAY + 6 * DAY, 1)
    for number, days in ((1, 6), (2, 55), (3, 104)):
        session(three, TODAY + days * DAY, number)

    first = count_queries(signed_in(one.patient.user), "/my/")
    second = count_queries(signed_in(three.patient.user), "/my/")

    assert first == second


def test_the_page_costs_as_much_for_three_plans_as_for_one(db, clock, count_queries):
    one, three = (
        signed_plan(),
        signed_plan(patient=make_patient(user=make_user(), first_name="Anna")),
    )
    session(one, TODAY + 6 * DAY, 1)
    session(three, TODAY + 6 * DAY, 1)
    for number in (2, 3):
        other = signed_plan(patient=three.patient, protocol=three.protocol)
        session(other, TODAY + (10 + number) * DAY, 1)

    first = count_queries(signed_in(one.patient.user), "/my/")
    second = count_queries(signed_in(three.patient.user), "/my/")

    assert first == second


def test_each_look_is_logged_once_with_the_patients_own_account(db, clock):
    plan = signed_plan()

    opened(plan.patient)

    row = AccessLog.objects.get()
    assert (row.user, row.patient, row.what) == (
        plan.patient.user,
        plan.patient,
        "own plan",
    )


# --- French ------------------------------------------------------------------------------------


def test_the_french_page_speaks_french_to_the_ribbon(db, clock):
    plan = signed_plan()
    session(plan, date(2026, 10, 15), 1, is_done=True)
    session(plan, date(2026, 11, 30), 2)

    page = opened(plan.patient, "/fr/my/").replace("\N{NO-BREAK SPACE}", " ")

    assert 'lang="fr"' in page
    for words in (
        "Mon plan",
        "À venir : séance 2 sur 3",
        "dans 6 jours",
        "30 novembre, 9 h 30",
        "À faire maintenant",
        "6 à 8 semaines d’intervalle",
        "Séance 1, faite",
        "46 jours d’intervalle",
        "Aujourd’hui",
        "Période dès le 11 jan.",
        "Après votre séance",
        "Appelez-nous tout de suite",
    ):
        assert words in page
    for words in ("Session", "Window", "Today", "weeks", "Until"):
        assert words not in page


def test_a_french_tick_leads_back_to_the_french_page(db, clock):
    plan = signed_plan()
    visit = session(plan, TODAY + 6 * DAY, 1)
    told = {"visit": visit.code, "care": "active-products", "is": "on"}

    with translation.override("fr"):
        answer = signed_in(plan.patient.user).post("/fr/my/tick/", told)

    assert answer["Location"] == "/fr/my/#to-do"
