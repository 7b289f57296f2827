"""The series page's problem as a file: the solver answers it with the page's own plans."""

import json
import re
from html import unescape
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from bookings.models import PlanStatus, SeriesBooking, TreatmentPlan
from bookings.tests.factories import make_doctor, make_hours, make_place_with_people
from bookings.tests.series_desk import make_signed, propose, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(db):
    place = make_place_with_people()
    make_hours(make_doctor(place, name="Dr Roy"))
    return make_signed(place)


def download(client, plan, query=""):
    return client.get(f"{reverse('desk:series-problem', args=[plan.pk])}?{query}")


def replayed(response, folder):
    """What `manage.py solve_series` makes of the file."""
    file = folder / "problem.json"
    file.write_bytes(response.content)
    out = StringIO()
    call_command("solve_series", str(file), stdout=out)
    return json.loads(out.getvalue())


def told(proposal, *, by_hand=False):
    """The sessions of a proposal as the exchange format has them."""
    return [
        (session.number, f"{session.local_start:%Y-%m-%dT%H:%M}", session.roles)
        for session in proposal.sessions
        if by_hand or not session.unpin
    ]


def planned(answer):
    [best] = answer["plans"]
    return [
        (
            session["number"],
            session["start"],
            {role: int(who) for role, who in session["roles"].items()},
        )
        for session in best["sessions"]
    ]


@pytest.mark.parametrize("at", [0, 1, 2])
def test_the_file_is_solved_to_the_proposal_that_is_open(as_desk, plan, tmp_path, at):
    proposal = propose(as_desk, plan).context["answer"].proposals[at]

    answer = replayed(download(as_desk, plan, f"way={proposal.strategy}"), tmp_path)

    assert answer["strategy"] == proposal.strategy
    assert planned(answer) == told(proposal)


@pytest.mark.parametrize("at", [0, 1, 2])
def test_what_is_chosen_by_hand_is_fixed_in_the_file(as_desk, plan, tmp_path, at):
    first = propose(as_desk, plan).context["answer"].proposals[at]
    place = reverse("desk:series-propose", args=[plan.pk])
    query = first.sessions[1].instead[1].query
    shown = as_desk.get(f"{place}?{query}").context["answer"].proposals[at]

    answer = replayed(download(as_desk, plan, query), tmp_path)

    assert planned(answer) == told(shown)
    assert len(told(shown, by_hand=True)) == 3


@pytest.mark.parametrize("policy", ["anyone", "one"])
def test_the_page_links_to_the_problem_of_the_open_proposal(
    as_desk, plan, tmp_path, policy
):
    response = propose(
        as_desk,
        plan,
        earliest="2030-01-07",
        days=["1", "2"],
        arrive_from="09:00",
        arrive_until="15:00",
        policy=policy,
    )
    place = reverse("desk:series-problem", args=[plan.pk])
    [link] = re.findall(f'href="{place}\\?([^"]*)"', response.content.decode())

    answer = replayed(download(as_desk, plan, unescape(link)), tmp_path)

    best = response.context["answer"].proposals[0]
    assert answer["strategy"] == best.strategy
    assert planned(answer) == told(best)


def test_the_file_names_nobody(as_desk, plan):
    text = download(as_desk, plan).content.decode()

    for name in ("Ada", "Lovelace", "Okafor", "Roy", "Room 1", "Pen 1", "Centretown"):
        assert name not in text


def test_the_file_is_one_to_keep(as_desk, plan):
    response = download(as_desk, plan)

    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == (
        f'attachment; filename="series-problem-{plan.pk}.json"'
    )


def test_an_unsolvable_problem_is_handed_out_too(as_desk, plan, tmp_path):
    shown = propose(
        as_desk,
        plan,
        earliest="2030-01-07",
        days=["5"],
        arrive_from="09:00",
        arrive_until="10:00",
        policy="anyone",
    )
    query = shown.context["answer"].query

    assert replayed(download(as_desk, plan, query), tmp_path)["status"] == "infeasible"


def test_wishes_that_make_no_sense_lead_back_to_the_page(as_desk, plan):
    response = download(as_desk, plan, "days=1&earliest=never")

    assert response.url == reverse("desk:series-propose", args=[plan.pk])


# --- where the plan stands --------------------------------------------------------------


def test_a_plan_that_waits_for_review_can_be_looked_at_and_pencilled(as_desk, plan):
    TreatmentPlan.objects.filter(pk=plan.pk).update(status=PlanStatus.SUBMITTED)

    page = propose(as_desk, plan).content.decode()

    assert page.count("<article") == 3
    assert "Pencil these dates until the review" in page
    assert "Book all 3 sessions" not in page


@pytest.mark.parametrize("status", [PlanStatus.DRAFT, PlanStatus.RETURNED])
def test_a_plan_that_nobody_reviews_can_only_be_looked_at(as_desk, plan, status):
    TreatmentPlan.objects.filter(pk=plan.pk).update(status=status)

    page = propose(as_desk, plan).content.decode()

    assert page.count("<article") == 3
    assert "To look at only" in page
    assert "Book all 3 sessions" not in page
    assert "Hold for" not in page


def test_a_plan_that_nobody_signed_is_not_booked(as_desk, plan):
    shown = propose(as_desk, plan)
    TreatmentPlan.objects.filter(pk=plan.pk).update(status=PlanStatus.SUBMITTED)

    response = submit(as_desk, plan, shown)

    assert response.status_code == 422
    assert "No clinician has signed this plan yet." in response.context["refusal"]
    assert not SeriesBooking.objects.exists()


# --- what the page costs -----------------------------------------------------------------


def test_the_page_costs_as_many_queries_for_many_sessions_and_people(
    as_desk, plan, count_queries
):
    address = reverse("desk:series-propose", args=[plan.pk])
    count_queries(as_desk, address)
    few = count_queries(as_desk, address)

    for name in ("Dr Boyer", "Dr Tremblay", "Dr Singh"):
        make_hours(make_doctor(plan.location, name=name))
    TreatmentPlan.objects.filter(pk=plan.pk).update(session_count=6)
    other = make_signed(plan.location)
    submit(as_desk, other, propose(as_desk, other))

    assert count_queries(as_desk, address) == few


def test_pins_cost_no_query_more(as_desk, plan, count_queries):
    address = reverse("desk:series-propose", args=[plan.pk])
    query = propose(as_desk, plan).context["answer"].proposals[0].sessions[1].instead[0]
    few = count_queries(as_desk, address)

    assert count_queries(as_desk, f"{address}?{query.query}") == few
