"""Results: scored against the baseline, decided once, and what each decision opens."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import (
    AppointmentStatus,
    Message,
    MessageStatus,
    OutcomeDecision,
    OutcomeReview,
    OutcomeScore,
    PlanStatus,
    ScoreMoment,
    Task,
    TaskKind,
    TreatmentPlan,
)
from bookings.services.outcomes import deciding, listing, scoring, sweeping
from bookings.services.outcomes.deciding import Choice
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_area,
    make_concern,
    make_place_with_people,
    make_plan,
    make_user,
)
from bookings.tests.results import make_done, make_over, make_review, make_signed

BASELINE, RESULT = ScoreMoment.BASELINE, ScoreMoment.RESULT
STOP = Choice(OutcomeDecision.STOP)
KEEP = Choice(OutcomeDecision.MAINTENANCE, per_year=2)

pytestmark = pytest.mark.django_db


def decide(plan, choice=STOP, *, seen=0, now=NOW, **given):
    actor = given.pop("actor", None) or make_user("Clinician")
    return deciding.decide(plan, choice, seen=seen, actor=actor, now=now, **given)


def concern_of(plan):
    return plan.concerns.get()


# --- Scores -----------------------------------------------------------------------------


@pytest.mark.parametrize("points", [0, 10])
def test_a_concern_is_scored_from_0_to_10(points):
    plan = make_signed()

    given = {(BASELINE, concern_of(plan).pk): points}
    scoring.score(plan, given, actor=make_user("Clinician"), now=NOW)

    [row] = scoring.scored(plan)
    assert (row.baseline.score, row.result, row.better) == (points, None, None)


@pytest.mark.parametrize("points", [-1, 11])
def test_a_score_off_the_scale_is_refused(points):
    plan = make_signed()

    with pytest.raises(BookingRefused, match="from 0 to 10"):
        scoring.score(
            plan, {(BASELINE, concern_of(plan).pk): points}, actor=make_user(), now=NOW
        )


def test_a_result_is_scored_against_the_baseline_and_earlier_scores_stay():
    plan = make_over()
    key, actor = concern_of(plan).pk, make_user("Clinician")
    scoring.score(plan, {(BASELINE, key): 8}, actor=actor, now=NOW)
    scoring.score(plan, {(BASELINE, key): 7}, actor=actor, now=NOW + timedelta(hours=1))

    scoring.score(
        plan,
        {(BASELINE, key): 7, (RESULT, key): 3},
        actor=actor,
        now=NOW + timedelta(hours=2),
    )

    [row] = scoring.scored(plan)
    assert (row.baseline.score, row.result.score, row.better) == (7, 3, 4)
    assert [one.score for one in row.earlier] == [8]
    assert OutcomeScore.objects.count() == 3


def test_a_result_that_is_worse_says_by_how_much():
    plan = make_over()
    key = concern_of(plan).pk
    given = {(BASELINE, key): 3, (RESULT, key): 5}

    scoring.score(plan, given, actor=make_user("Clinician"), now=NOW)

    [row] = scoring.scored(plan)
    assert (row.better, row.worse) == (-2, 2)


def test_no_result_is_scored_before_a_session_and_no_concern_of_another_plan():
    plan = make_signed()

    with pytest.raises(BookingRefused, match="No session has taken place yet"):
        scoring.score(
            plan, {(RESULT, concern_of(plan).pk): 3}, actor=make_user(), now=NOW
        )
    with pytest.raises(BookingRefused, match="concerns have changed"):
        scoring.score(
            plan, {(BASELINE, make_concern().pk): 3}, actor=make_user(), now=NOW
        )


# --- The decision -------------------------------------------------------------------------


def test_stopping_ends_the_plan_and_settles_what_was_asked():
    plan = make_over()
    sweeping.reconcile(now=NOW)

    decided = decide(plan)

    plan.refresh_from_db()
    assert plan.status == PlanStatus.COMPLETED
    assert decided.draft is None
    assert not Task.objects.open().filter(kind=TaskKind.OUTCOME).exists()


def test_a_decision_names_the_visit_at_which_it_was_made():
    plan = make_over()
    review = make_review(
        plan, NOW - timedelta(hours=1), status=AppointmentStatus.ARRIVED
    )

    assert decide(plan).outcome.appointment == review


def test_going_on_drafts_so_many_more_sessions_of_the_same_areas():
    plan = make_over(areas=[make_area(name="Cheeks")])
    plan.areas.update(depth_mm="1.5", passes=4)
    more = Choice(OutcomeDecision.CONTINUE, more_sessions=2)

    draft = decide(plan, more).draft

    assert (draft.status, draft.session_count) == (PlanStatus.DRAFT, 2)
    assert list(draft.concerns.all()) == list(plan.concerns.all())
    [area] = draft.areas.all()
    assert (str(area.area), str(area.depth_mm), area.passes) == ("Cheeks", "1.5", 4)


@pytest.mark.parametrize("more", [None, 0, 13])
def test_going_on_says_how_many_from_1_to_12(more):
    with pytest.raises(BookingRefused, match="from 1 to 12"):
        decide(make_over(), Choice(OutcomeDecision.CONTINUE, more_sessions=more))


def test_going_on_is_refused_beside_another_open_plan_of_the_treatment():
    plan = make_over()
    make_plan(patient=plan.patient, protocol=plan.protocol)

    with pytest.raises(BookingRefused, match="another open plan"):
        decide(plan, Choice(OutcomeDecision.CONTINUE, more_sessions=1))

    assert not OutcomeReview.objects.exists()


@pytest.mark.parametrize(("per_year", "days"), [(1, 365), (2, 182), (3, 121)])
def test_maintenance_writes_four_weeks_before_the_next_session_is_due(per_year, days):
    plan = make_over(days_ago=42)
    last = NOW.date() - timedelta(days=42)

    decided = decide(plan, Choice(OutcomeDecision.MAINTENANCE, per_year=per_year))

    assert decided.outcome.recall_on == last + timedelta(days=days - 28)


def test_maintenance_that_is_overdue_is_written_about_tomorrow():
    plan = make_over(days_ago=200)

    assert decide(plan, KEEP).outcome.recall_on == NOW.date() + timedelta(days=1)


@pytest.mark.parametrize("per_year", [None, 0, 4])
def test_maintenance_is_one_to_three_sessions_a_year(per_year):
    with pytest.raises(BookingRefused, match="From one to three"):
        decide(make_over(), Choice(OutcomeDecision.MAINTENANCE, per_year=per_year))


@pytest.mark.parametrize(
    ("days", "is_fine"), [(0, False), (1, True), (730, True), (731, False)]
)
def test_a_day_to_write_on_lies_ahead_and_within_two_years(days, is_fine):
    day = NOW.date() + timedelta(days=days)
    choice = Choice(OutcomeDecision.MAINTENANCE, per_year=1, recall_on=day)
    plan = make_over()

    if is_fine:
        assert decide(plan, choice).outcome.recall_on == day
    else:
        with pytest.raises(BookingRefused, match="within two years"):
            decide(plan, choice)


def test_the_second_of_two_clinicians_is_told_who_decided_what_and_when():
    plan = make_over()
    okafor = make_user("Clinician", first_name="Adaeze", last_name="Okafor")
    decide(plan, actor=okafor)

    with pytest.raises(BookingRefused) as refused:
        decide(plan, KEEP)

    assert str(refused.value) == (
        "Adaeze Okafor decided on this result on Tue 24 Nov at 10:00: Stop here. "
        "Look again."
    )


def test_who_saw_the_last_decision_may_decide_anew():
    plan = make_over()
    first = decide(plan, KEEP).outcome

    decide(plan, STOP, seen=first.pk, now=NOW + timedelta(days=1))

    assert plan.outcomes.count() == 2
    [letter] = Message.objects.filter(rule="recall")
    assert letter.status == MessageStatus.SUPERSEDED


def test_nothing_is_decided_while_a_session_is_still_in_the_diary():
    plan = make_over()
    TreatmentPlan.objects.filter(pk=plan.pk).update(session_count=2)
    make_appointment(plan=plan, number=2)

    with pytest.raises(BookingRefused, match="Session 2 is still in the diary"):
        decide(plan)


def test_nothing_is_decided_before_a_session_nor_on_a_plan_nobody_signed():
    with pytest.raises(BookingRefused, match="No session has taken place"):
        decide(make_signed())
    with pytest.raises(BookingRefused, match="not signed"):
        decide(make_plan())


def test_a_series_given_up_half_way_can_be_stopped():
    plan = make_signed(session_count=3)
    make_done(plan, 1, NOW - timedelta(days=50))

    assert decide(plan).outcome.decision == OutcomeDecision.STOP


def test_a_decision_that_is_refused_keeps_no_score():
    plan = make_over()
    given = {(RESULT, concern_of(plan).pk): 3, (BASELINE, 0): 4}

    with pytest.raises(BookingRefused):
        decide(plan, KEEP, scores=given)

    assert not OutcomeScore.objects.exists()
    assert not OutcomeReview.objects.exists()


# --- Who is due -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days_ago", "when", "words"),
    [
        (27, None, ""),
        (28, "soon", "in 14 days"),
        (41, "soon", "in 1 day"),
        (42, "due", "14 days left"),
        (56, "due", "0 days left"),
        (57, "late", "1 day late"),
    ],
)
def test_a_result_is_due_from_six_to_eight_weeks_after_the_last_session(
    days_ago, when, words
):
    make_over(days_ago=days_ago)

    board = listing.board(now=NOW)

    rows = [*board.due, *board.soon]
    assert [(row.when.value, row.words) for row in rows] == (
        [(when, words)] if when else []
    )


def test_the_longest_wait_comes_first_and_what_is_decided_is_gone():
    place = make_place_with_people()
    later = make_over(days_ago=43, location=place)
    first = make_over(days_ago=60, location=place)
    decide(make_over(days_ago=70, location=place))

    assert [row.plan for row in listing.board(now=NOW).due] == [first, later]


# --- The pages --------------------------------------------------------------------------------


def page_of(plan, name="outcome"):
    return reverse(f"review:{name}", args=[plan.pk])


def test_the_list_costs_as_many_queries_for_three_as_for_one(
    as_clinician, count_queries
):
    now, place = timezone.now(), make_place_with_people()
    address = reverse("review:outcomes")
    make_review(make_over(now=now, location=place), now + timedelta(days=2))
    as_clinician.get(address)
    one = count_queries(as_clinician, address)

    for _plan in range(2):
        decide(make_over(now=now, location=place, days_ago=80), KEEP, now=now)
        make_over(now=now, location=place, days_ago=60)

    as_clinician.get(address)  # the care of each protocol is read once, and kept
    assert count_queries(as_clinician, address) == one


def test_the_page_shows_scores_days_sessions_and_no_decision_too_early(as_clinician):
    plan = make_signed()

    page = as_clinician.get(page_of(plan)).content.decode()

    assert "Fine lines, before the series" in page
    assert "Fine lines, result" not in page
    assert "No session has taken place yet" in page
    assert "Sign the decision" not in page


def test_scores_alone_are_kept(as_clinician):
    plan = make_over(now=timezone.now())
    key = concern_of(plan).pk

    answer = as_clinician.post(
        page_of(plan, "outcome-score"), {f"baseline-{key}": "7", f"result-{key}": ""}
    )

    assert answer.url == page_of(plan)
    assert scoring.scored(plan)[0].baseline.score == 7


def test_signing_keeps_scores_and_decision_together(as_clinician):
    plan = make_over(now=timezone.now())
    key = concern_of(plan).pk

    answer = as_clinician.post(
        page_of(plan, "outcome-decide"),
        {
            "seen": "0",
            f"baseline-{key}": "7",
            f"result-{key}": "2",
            "decision": "maintenance",
            "per_year": "2",
            "more_sessions": "not a number, and it does not count",
            "note": "Good.",
        },
        follow=True,
    )

    page = answer.content.decode()
    assert "5 points better" in page
    assert "Maintenance, 2 sessions a year" in page
    assert "is written to when the next session is due" in page


def test_going_on_leads_to_the_draft(as_clinician):
    plan = make_over(now=timezone.now())

    answer = as_clinician.post(
        page_of(plan, "outcome-decide"),
        {"seen": "0", "decision": "continue", "more_sessions": "2"},
    )

    draft = TreatmentPlan.objects.get(status=PlanStatus.DRAFT)
    assert answer.url == reverse("desk:plan", args=[draft.pk])


def test_a_refusal_keeps_what_was_typed(as_clinician):
    plan = make_over(now=timezone.now())
    decide(plan, now=timezone.now())

    answer = as_clinician.post(
        page_of(plan, "outcome-decide"),
        {"seen": "0", "decision": "stop", "note": "Nothing more to win."},
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "decided on this result" in page
    assert "Nothing more to win." in page


def test_without_a_choice_nothing_is_signed(as_clinician):
    plan = make_over(now=timezone.now())

    answer = as_clinician.post(page_of(plan, "outcome-decide"), {"seen": "0"})

    assert answer.status_code == 422
    assert "Choose what comes next." in answer.content.decode()
    assert not OutcomeReview.objects.exists()


@pytest.mark.parametrize("nonsense", ["11", "-1", "x"])
def test_a_score_that_is_none_is_refused_on_the_page(as_clinician, nonsense):
    plan = make_over(now=timezone.now())

    answer = as_clinician.post(
        page_of(plan, "outcome-score"), {f"baseline-{concern_of(plan).pk}": nonsense}
    )

    assert answer.status_code == 422
    assert not OutcomeScore.objects.exists()


def test_looking_is_remembered(as_clinician, clinician):
    plan = make_over(now=timezone.now())

    as_clinician.get(page_of(plan))

    assert plan.patient.accesses.filter(user=clinician).exists()
