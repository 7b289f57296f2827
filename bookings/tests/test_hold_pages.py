"""The pages of a hold: from the series screen to a booking, or back."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import (
    Appointment,
    AppointmentStatus,
    HoldKind,
    HoldOutcome,
    PlanStatus,
    SeriesBooking,
    SeriesHold,
)
from bookings.services.holding import holds
from bookings.tests.factories import make_place_with_people, make_protocol
from bookings.tests.series_desk import hidden, make_signed, propose, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(db):
    return make_signed()


def take(client, plan, *, query="", **changes):
    """Choose the earliest finish and press the button that holds, or pencils."""
    shown = propose(client, plan)
    strategy = "earliest-finish"
    data = {
        "strategy": strategy,
        "key": hidden(shown, "key"),
        f"plan-{strategy}": hidden(shown, f"plan-{strategy}"),
    }
    address = reverse("desk:series-hold", args=[plan.pk])
    return client.post(f"{address}?{query}", data | changes)


def make_waiting(plan):
    type(plan).objects.filter(pk=plan.pk).update(
        status=PlanStatus.SUBMITTED, submitted_at=timezone.now()
    )
    plan.refresh_from_db()
    return plan


def at(name, held):
    return reverse(f"desk:{name}", args=[held.key])


def run_out(held):
    """As if the time had passed; nobody has swept yet."""
    past = timezone.now() - timedelta(minutes=1)
    SeriesHold.objects.filter(pk=held.pk).update(expires_at=past)
    for row in held.appointments.all():
        row.claims.update(expires_at=past)


# --- From the series screen -----------------------------------------------------------


def test_the_series_screen_offers_to_hold_beside_booking(as_desk, plan):
    page = propose(as_desk, plan).content.decode()

    assert "Hold for 15 minutes" in page
    assert "Book all 3 sessions" in page
    assert "Pencil these dates" not in page


def test_holding_leads_to_the_page_of_the_hold(as_desk, desk, plan):
    response = take(as_desk, plan)

    held = SeriesHold.objects.get()
    assert response.url == at("hold", held)
    assert (held.kind, held.held_by) == (HoldKind.DESK, desk)
    page = as_desk.get(response.url).content.decode()
    assert "Held until" in page
    assert "15 min" in page


def test_the_wishes_are_kept_with_the_hold(as_desk, plan):
    first = (timezone.now().date() + timedelta(days=2)).isoformat()
    query = f"earliest={first}&days=1&arrive_from=09:00&arrive_until=11:00&policy=one"

    take(as_desk, plan, query=query)

    wishes = SeriesHold.objects.get().wishes
    assert "policy=one" in wishes
    assert f"earliest={first}" in wishes


def test_a_held_series_leads_from_the_series_screen_to_its_hold(as_desk, plan):
    held_at = take(as_desk, plan).url

    assert propose(as_desk, plan).url == held_at


def test_a_series_held_meanwhile_is_not_booked_and_its_hold_is_shown(as_desk, plan):
    shown = propose(as_desk, plan)
    take(as_desk, plan)

    response = submit(as_desk, plan, shown)

    assert response.url == at("hold", SeriesHold.objects.get())
    page = as_desk.get(response.url).content.decode()
    assert "This series is held until" in page
    assert not SeriesBooking.objects.exists()


def test_a_lost_slot_gives_words_and_fresh_proposals(as_desk):
    place, protocol = make_place_with_people(), make_protocol()
    plan = make_signed(place, protocol=protocol)
    other = make_signed(place, protocol=protocol)
    shown = propose(as_desk, plan)
    take(as_desk, other)

    response = submit(as_desk, plan, shown)

    assert response.status_code == 422
    assert "being held for somebody else" in response.context["refusal"]
    assert response.context["answer"].proposals


# --- The page of a hold ---------------------------------------------------------------


def test_confirming_leads_to_what_is_booked_also_twice(as_desk, plan):
    take(as_desk, plan)
    held = SeriesHold.objects.get()

    first = as_desk.post(at("hold-confirm", held))
    again = as_desk.post(at("hold-confirm", held))

    assert first.url == again.url == reverse("desk:series-booked", args=[held.key])
    assert "All 3 sessions are booked." in as_desk.get(first.url).content.decode()
    assert as_desk.get(at("hold", held)).url == first.url


def test_a_hold_is_extended_once_and_then_says_so(as_desk, plan):
    take(as_desk, plan)
    held = SeriesHold.objects.get()

    as_desk.post(at("hold-extend", held))
    again = as_desk.post(at("hold-extend", held))

    assert again.status_code == 422
    page = again.content.decode()
    assert "extended once already" in page
    assert "Extend by" not in page
    assert SeriesHold.objects.get().expires_at == held.expires_at + holds.usual_span()


def test_letting_go_leads_back_to_the_plan(as_desk, plan):
    take(as_desk, plan)
    held = SeriesHold.objects.get()

    response = as_desk.post(at("hold-release", held))

    assert response.url == reverse("desk:plan", args=[plan.pk])
    assert SeriesHold.objects.get().outcome == HoldOutcome.RELEASED
    assert "Let go" in as_desk.get(response.url).content.decode()
    assert "were let go" in as_desk.get(at("hold", held)).content.decode()


@pytest.mark.parametrize("swept", [True, False])
def test_after_the_end_the_page_says_so_and_shows_the_way_on(as_desk, plan, swept):
    query = "days=1&days=3&earliest=2027-01-04&arrive_from=09:00"
    query += "&arrive_until=16:00&policy=anyone"
    take(as_desk, plan, query=query)
    held = SeriesHold.objects.get()
    run_out(held)
    if swept:
        holds.expire_overdue(now=timezone.now())

    page = as_desk.get(at("hold", held))
    late = as_desk.post(at("hold-confirm", held))

    assert "This hold has ended" in page.content.decode()
    assert "Book all" not in page.content.decode()
    assert "days=1&days=3" in page.context["again"]
    assert late.status_code == 422
    assert "This hold ended at" in late.content.decode()
    assert as_desk.get(page.context["again"]).context["answer"].proposals
    assert not SeriesBooking.objects.exists()


def test_what_ran_out_is_booked_again_with_one_submit_before_the_sweep(as_desk, plan):
    take(as_desk, plan)
    run_out(SeriesHold.objects.get())

    submit(as_desk, plan, propose(as_desk, plan))

    live = Appointment.objects.live()
    assert [row.status for row in live] == [AppointmentStatus.BOOKED] * 3


def test_a_clinician_sees_a_hold_and_cannot_decide_it(as_desk, as_clinician, plan):
    take(as_desk, plan)
    held = SeriesHold.objects.get()

    page = as_clinician.get(at("hold", held))

    assert "Book all" not in page.content.decode()
    assert as_clinician.post(at("hold-confirm", held)).status_code == 403


def test_looking_at_a_hold_is_logged(as_desk, plan):
    url = take(as_desk, plan).url
    before = plan.patient.accesses.count()

    as_desk.get(url)

    assert plan.patient.accesses.count() == before + 1


@pytest.mark.parametrize("verb", ["", "-confirm", "-extend", "-release"])
def test_an_unknown_hold_is_not_found(as_desk, verb):
    address = reverse(f"desk:hold{verb}", args=[uuid4()])

    call = as_desk.post if verb else as_desk.get
    assert call(address).status_code == 404


# --- Pencils --------------------------------------------------------------------------


def test_a_plan_that_waits_is_pencilled_from_the_series_screen(as_desk, plan):
    make_waiting(plan)

    page = propose(as_desk, plan).content.decode()
    response = take(as_desk, plan)

    assert "Pencil these dates until the review" in page
    assert "Hold for" not in page
    assert "Book all" not in page
    held = SeriesHold.objects.get()
    assert held.kind == HoldKind.PENCIL
    shown = as_desk.get(response.url).content.decode()
    assert "Pencilled until the review" in shown
    assert "Let these dates go" in shown
    assert "Extend by" not in shown


def test_the_plan_page_offers_to_pencil_and_then_shows_the_pencil(as_desk, plan):
    make_waiting(plan)
    address = reverse("desk:plan", args=[plan.pk])

    before = as_desk.get(address).content.decode()
    take(as_desk, plan)
    after = as_desk.get(address).content.decode()

    assert "Pencil dates until the review" in before
    assert "Open the pencilled series" in after
    assert "Signing it books the pencilled dates" in after


def test_the_plan_page_shows_a_hold(as_desk, plan):
    take(as_desk, plan)

    page = as_desk.get(reverse("desk:plan", args=[plan.pk])).content.decode()

    assert "Open the held series" in page
    assert "Book the series" not in page


def test_the_clinician_sees_what_is_pencilled_and_signs_it_into_the_diary(
    as_desk, as_clinician, plan
):
    make_waiting(plan)
    take(as_desk, plan)

    page = as_clinician.get(reverse("review:plan", args=[plan.pk]))
    done = sign(as_clinician, plan, page)

    assert "Pencilled series" in page.content.decode()
    assert "Signing books these dates" in page.content.decode()
    assert "pencilled sessions are booked" in done.content.decode()
    booking = SeriesBooking.objects.get()
    assert booking.appointments.count() == 3


def test_the_clinician_is_told_that_pencilled_dates_no_longer_fit(
    as_desk, as_clinician, plan
):
    make_waiting(plan)
    take(as_desk, plan)
    page = as_clinician.get(reverse("review:plan", args=[plan.pk]))
    type(plan).objects.filter(pk=plan.pk).update(gap_min_days=90, gap_max_days=99)

    done = sign(as_clinician, plan, page)

    assert "no longer fit: the desk books anew" in done.content.decode()
    plan_page = as_desk.get(reverse("desk:plan", args=[plan.pk]))
    assert plan_page.context["pencilled_before"].wishes == ""


def sign(client, plan, page):
    data = {"version": plan.version, "note": ""}
    for area in plan.areas.all():
        data |= {f"depth-{area.pk}": "1.5", f"passes-{area.pk}": "4"}
    address = reverse("review:plan-approve", args=[plan.pk])
    return client.post(address, data, follow=True)


# --- The list of series ---------------------------------------------------------------


def test_the_list_shows_what_is_to_book_held_and_pencilled(as_desk):
    place, protocol = make_place_with_people(), make_protocol()
    plans = [make_signed(place, protocol=protocol) for _ in range(3)]
    take(as_desk, plans[1])
    take(as_desk, make_waiting(plans[2]))

    page = as_desk.get(reverse("desk:series-list"))

    rows = [row for row, _words in page.context["rows"]]
    assert [(row.plan, bool(row.hold)) for row in rows] == [
        (plans[0], False),
        (plans[1], True),
    ]
    assert [row.hold.plan for row in page.context["held"]] == [plans[1]]
    assert [row.hold.plan for row in page.context["pencilled"]] == [plans[2]]
    assert "15 min left" in page.content.decode()


def test_what_ran_out_is_to_book_again_before_the_sweep(as_desk, plan):
    take(as_desk, plan)
    run_out(SeriesHold.objects.get())

    page = as_desk.get(reverse("desk:series-list"))

    assert [row.hold for row, _words in page.context["rows"]] == [None]
    assert page.context["held"] == []


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    as_desk, count, django_assert_num_queries
):
    place, protocol = make_place_with_people(), make_protocol()
    for _number in range(count):
        take(as_desk, make_signed(place, protocol=protocol))
        take(as_desk, make_waiting(make_signed(place, protocol=protocol)))
        make_signed(place, protocol=protocol)
    address = reverse("desk:series-list")
    as_desk.get(address)

    with django_assert_num_queries(19):
        page = as_desk.get(address)

    lists = [page.context[name] for name in ("rows", "held", "pencilled")]
    assert [len(rows) for rows in lists] == [count * 2, count, count]
