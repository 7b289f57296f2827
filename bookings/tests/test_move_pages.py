"""Moving a session at the desk: choose, see what follows, accept or leave it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from bookings.models import AccessLog, AppointmentStatus, RuleOverride
from bookings.tests.test_series_book import FIRST, book, make_approved

pytestmark = pytest.mark.django_db


@pytest.fixture
def visits():
    """Three sessions, on 8 December, 26 January and 16 March, each at 10:00."""
    return list(book(make_approved()).appointments.order_by("number"))


def address(visit, days: int | None = None, time: str = "10:00", **more: str) -> str:
    """Where `visit` moves to another day, so many days after the first session."""
    place = reverse("desk:appointment-move", args=[visit.pk])
    if days is None:
        return place
    day = FIRST + timedelta(days=days)
    query = {"day": day.isoformat(), "time": time} | more
    return f"{place}?{'&'.join(f'{name}={value}' for name, value in query.items())}"


def dates(visits) -> list[int]:
    for visit in visits:
        visit.refresh_from_db()
    return [(visit.local_date - FIRST).days for visit in visits]


def accept(client, place, **typed):
    shown = client.get(place)
    return client.post(place, {"proposal": shown.context["signed"]} | typed)


def words(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_days_of_the_window_are_offered_with_their_times(as_desk, visits):
    shown = as_desk.get(address(visits[1]))

    offered = [(option.day - FIRST).days for option in shown.context["options"]]
    assert (min(offered), max(offered)) == (42, 56)
    assert "Nothing else moves" in words(shown)


def test_the_page_says_what_follows_and_changes_nothing(as_desk, visits):
    shown = as_desk.get(address(visits[1], 42))

    assert "Session 3 has to move too" not in words(shown)
    assert "Nothing changes until you accept." in words(shown)
    assert dates(visits) == [0, 49, 98]


def test_a_session_that_would_come_too_late_is_taken_along(as_desk, visits):
    shown = as_desk.get(address(visits[0], 10))

    assert "Session 2 has to move too" in words(shown)
    assert [change.number for change in shown.context["proposal"].changed] == [1, 2]


def test_accepting_moves_all_that_was_shown(as_desk, visits):
    answer = accept(as_desk, address(visits[0], 10), why="She asked")

    assert answer.url == reverse("desk:appointment", args=[visits[0].pk])
    assert dates(visits)[0] == 10
    assert dates(visits)[1] >= 52
    assert visits[0].reason == "She asked"


def test_another_place_can_be_picked_for_what_follows(as_desk, visits):
    place = address(visits[0], 10)
    shown = as_desk.get(place)
    ((_change, others),) = shown.context["follows"]
    other, picked = others[0]

    accept(as_desk, picked)

    visits[1].refresh_from_db()
    assert visits[1].local_start == other.place.starts_at


def test_a_proposal_that_is_out_of_date_is_refused_and_shown_anew(as_desk, visits):
    place = address(visits[1], 42)
    signed = as_desk.get(place).context["signed"]
    accept(as_desk, address(visits[1], 43))

    answer = as_desk.post(place, {"proposal": signed, "why": "She asked"})

    assert answer.status_code == 422
    assert 'value="She asked"' in words(answer)
    assert dates(visits) == [0, 43, 98]


@pytest.mark.parametrize("forged", ["nonsense", ""])
def test_a_forged_proposal_moves_nothing(as_desk, visits, forged):
    answer = as_desk.post(address(visits[1], 42), {"proposal": forged})

    assert answer.status_code == 422
    assert dates(visits) == [0, 49, 98]


@pytest.mark.parametrize(
    "query", ["day=soon&time=10:00", "day=2027-01-20", "day=&time=", "time=25:00"]
)
def test_a_day_or_time_that_cannot_be_read_is_asked_for_again(as_desk, visits, query):
    answer = as_desk.get(f"{address(visits[1])}?{query}")

    assert answer.status_code == 422
    assert answer.context["form"].errors


def test_a_place_that_is_taken_says_so_above_the_other_days(as_desk, visits):
    answer = as_desk.get(address(visits[1], 49, time="06:00"))

    assert answer.status_code == 422
    assert answer.context["refusal"]
    assert answer.context["options"]


def test_the_desk_cannot_move_a_session_against_the_window(as_desk, visits):
    shown = as_desk.get(address(visits[1], 41))

    assert "A clinician or a manager may allow it, with a reason." in words(shown)
    assert "Accept and move" not in words(shown)
    assert "Every session lies in its window" not in words(shown)
    accept(as_desk, address(visits[1], 41), allowed="I would like to")
    assert dates(visits) == [0, 49, 98]


def test_a_manager_moves_against_the_window_with_a_reason(as_manager, visits):
    refused = accept(as_manager, address(visits[1], 41), allowed="")
    done = accept(as_manager, address(visits[1], 41), allowed="Leaves the country")

    assert (refused.status_code, done.status_code) == (422, 302)
    assert dates(visits)[1] == 41
    assert RuleOverride.objects.get(number=2).reason == "Leaves the country"


def test_a_session_that_is_over_is_not_moved(as_desk, visits):
    visits[0].status = AppointmentStatus.DONE
    visits[0].completed_at = visits[0].ends_at
    visits[0].save()

    assert as_desk.get(address(visits[0])).status_code == 422


def test_a_series_that_is_right_needs_no_repair(as_desk, visits):
    shown = as_desk.get(reverse("desk:plan-repair", args=[visits[0].plan_id]))

    assert "Nothing has to change" in words(shown)


def test_a_cancelled_session_gets_a_new_place(as_desk, visits):
    cancel = reverse("desk:appointment-change", args=[visits[1].pk, "cancel"])
    as_desk.post(cancel, {"cancel-reason": "Ill", "version": visits[1].version})
    repair = reverse("desk:plan-repair", args=[visits[1].plan_id])

    answer = accept(as_desk, repair)

    assert answer.url == reverse("desk:plan", args=[visits[1].plan_id])
    live = visits[0].plan.appointments.live().order_by("number")
    assert [visit.number for visit in live] == [1, 2, 3]


def test_cancelling_needs_a_reason_and_keeps_the_page(as_desk, visits):
    place = reverse("desk:appointment-change", args=[visits[1].pk, "cancel"])

    answer = as_desk.post(place, {"version": visits[1].version})

    assert answer.status_code == 422
    assert "Say why: the reason is kept in the history." in words(answer)
    visits[1].refresh_from_db()
    assert visits[1].status == AppointmentStatus.BOOKED


def test_nothing_unknown_happens_to_an_appointment(as_desk, visits):
    place = reverse("desk:appointment-change", args=[visits[1].pk, "explode"])

    assert as_desk.post(place).status_code == 404


def test_looking_at_a_move_is_logged(as_desk, visits):
    as_desk.get(address(visits[1]))

    assert AccessLog.objects.filter(what="move").exists()
