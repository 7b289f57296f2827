"""Closures: whole days, Ontario's holidays by one click, and nothing past is touched."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from bookings.models import Task
from bookings.services.refusals import BookingRefused
from bookings.services.setup import closures
from bookings.tests.factories import (
    TODAY,
    make_device,
    make_location,
    make_place_with_people,
)
from bookings.tests.test_series_book import book, make_approved, make_sessions
from clinic.models import Closure, ClosureKind

pytestmark = pytest.mark.django_db

LIST, ADD = "/desk/setup/closures/", "/desk/setup/closures/add/"
HOLIDAYS = "/desk/setup/closures/holidays/"


@pytest.fixture
def monday():
    """A Monday to come, whatever today is."""
    today = timezone.localdate()
    return today + timedelta(days=21 - today.weekday())


@pytest.fixture
def plan(monday):
    """A series in the diary whose first session is on that Monday."""
    plan = make_approved(make_place_with_people())
    book(plan, make_sessions(plan, first=monday))
    return plan


def make_closure(first, last=None, **fields):
    defaults = {"kind": ClosureKind.HOLIDAY, "name": "Retreat"}
    return Closure.objects.create(
        first_day=first, last_day=last or first, **defaults | fields
    )


def typed(day, **changes):
    defaults = {"name": "Retreat", "kind": "holiday", "whom": "clinic"}
    return defaults | {"first_day": day, "last_day": day} | changes


# --- Adding ------------------------------------------------------------------------


def test_a_closure_that_touches_nobody_is_saved_at_once(as_manager, plan, monday):
    answer = as_manager.post(ADD, typed(monday + timedelta(days=1)), follow=True)

    assert answer.redirect_chain == [(LIST, 302)]
    assert "Saved. No booking is affected." in answer.content.decode()
    assert Closure.objects.get().first_day == monday + timedelta(days=1)


def test_a_closure_shows_whom_it_touches_first(as_manager, plan, monday):
    answer = as_manager.post(ADD, typed(monday))

    page = answer.content.decode()
    assert "1 booking would no longer stand" in page
    assert "closed for Retreat" in page
    assert not Closure.objects.exists()

    agreed = answer.context["saving"].agreement
    as_manager.post(ADD, typed(monday, agreed=agreed))

    assert Closure.objects.get().name == "Retreat"
    assert Task.objects.open().get().appointment.number == 1


def test_a_place_or_a_resource_may_be_closed_alone(as_manager, monday):
    device = make_device()
    as_manager.post(ADD, typed(monday, whom=f"resource:{device.pk}"))
    as_manager.post(ADD, typed(monday, whom=f"location:{device.location_id}"))

    found = Closure.objects.order_by("pk").values_list("resource", "location")
    assert list(found) == [(device.pk, None), (None, device.location_id)]


def test_a_resource_can_be_named_in_the_address(as_manager):
    device = make_device()

    page = as_manager.get(ADD, {"resource": device.pk}).content.decode()

    assert f'value="resource:{device.pk}" selected' in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"last_day": "2020-01-01"}, "The last day is before the first."),
        ({"first_day": "2020-01-01"}, "366 at most"),
        ({"first_day": "2020-01-01", "last_day": "2020-01-02"}, "What is past stays"),
        ({"name": ""}, "This field is required."),
        ({"whom": "location:999999"}, "Select a valid choice."),
        ({"whom": "resource:x"}, "Select a valid choice."),
        ({"first_day": "soon"}, "Enter a valid date."),
    ],
)
def test_a_refused_closure_says_why_and_keeps_what_was_typed(
    as_manager, monday, changes, words
):
    answer = as_manager.post(ADD, typed(monday) | {"name": "Retreat"} | changes)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert f'value="{changes.get("last_day", monday)}"' in page
    assert not Closure.objects.exists()


def test_a_closure_of_a_thousand_days_is_refused_and_one_of_a_year_is_not():
    with pytest.raises(BookingRefused, match="That is 1000 days"):
        add(TODAY, TODAY + timedelta(days=999))
    with pytest.raises(BookingRefused, match="That is 367 days"):
        add(TODAY, TODAY + timedelta(days=366))

    add(TODAY, TODAY + timedelta(days=365))


def add(first, last):
    return closures.add(
        first_day=first, last_day=last, name="Works", kind="maintenance", today=TODAY
    )


# --- Changing and taking back -------------------------------------------------------


def changed(closure, first, last, today=TODAY):
    before = closure.first_day, closure.last_day
    closure.first_day, closure.last_day = first, last
    closures.change(closure, before=before, today=today)


def test_what_has_begun_may_end_earlier_but_not_before_yesterday():
    closure = make_closure(TODAY - timedelta(days=3), TODAY + timedelta(days=3))

    changed(closure, closure.first_day, TODAY - timedelta(days=1))

    assert Closure.objects.get().last_day == TODAY - timedelta(days=1)
    longer = make_closure(TODAY - timedelta(days=3), TODAY + timedelta(days=3))
    with pytest.raises(BookingRefused, match="closed already"):
        changed(longer, longer.first_day, TODAY - timedelta(days=2))


def test_the_first_day_of_what_has_begun_stays():
    closure = make_closure(TODAY - timedelta(days=1), TODAY + timedelta(days=3))

    with pytest.raises(BookingRefused, match="It has begun"):
        changed(closure, TODAY, TODAY + timedelta(days=3))


def test_what_is_over_stays_as_it_was():
    closure = make_closure(TODAY - timedelta(days=2), TODAY - timedelta(days=1))

    with pytest.raises(BookingRefused, match="It is over"):
        changed(closure, closure.first_day, TODAY)


def test_a_closure_is_changed_on_its_page(as_manager, plan, monday):
    closure = make_closure(monday + timedelta(days=1))
    place = f"{LIST}{closure.pk}/"
    seen = as_manager.get(place).context["form"].initial["seen"]
    data = typed(monday, name="Works", last_day=monday, seen=seen)

    answer = as_manager.post(place, data)
    assert "1 booking would no longer stand" in answer.content.decode()
    closure.refresh_from_db()
    assert closure.first_day == monday + timedelta(days=1)

    agreed = answer.context["saving"].agreement
    as_manager.post(place, data | {"agreed": agreed})

    closure.refresh_from_db()
    assert (closure.name, closure.first_day) == ("Works", monday)


def test_a_closure_that_somebody_else_changed_is_shown_in_both_versions(
    as_manager, monday
):
    closure = make_closure(monday)
    place = f"{LIST}{closure.pk}/"
    seen = as_manager.get(place).context["form"].initial["seen"]
    Closure.objects.update(name="Painting")

    answer = as_manager.post(place, typed(monday, name="Works", seen=seen))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Painting" in page
    assert "Works" in page
    assert Closure.objects.get().name == "Painting"


def test_a_closure_to_come_is_taken_back(as_manager, monday):
    closure = make_closure(monday)

    as_manager.post(f"{LIST}{closure.pk}/remove/")

    assert not Closure.objects.exists()


def test_a_closure_that_has_begun_is_not_taken_back(as_manager):
    closure = make_closure(timezone.localdate() - timedelta(days=1), date(2099, 1, 1))

    answer = as_manager.post(f"{LIST}{closure.pk}/remove/")

    assert answer.status_code == 422
    assert "It has begun, and its days stay in the history." in answer.content.decode()
    assert Closure.objects.exists()


def test_taking_a_closure_back_closes_its_tasks(as_manager, plan, monday):
    agreed = as_manager.post(ADD, typed(monday)).context["saving"].agreement
    as_manager.post(ADD, typed(monday, agreed=agreed))

    as_manager.post(f"{LIST}{Closure.objects.get().pk}/remove/")

    assert not Task.objects.open().exists()


# --- Ontario's holidays --------------------------------------------------------------


def test_holidays_are_those_of_ontario_from_today_to_the_end_of_next_year():
    found = {one.day: one.name for one in closures.suggestions(TODAY)}

    assert min(found) == date(2026, 12, 25)
    assert max(found).year == 2027
    assert found[date(2027, 2, 15)] == "Family Day"
    assert date(2027, 8, 2) not in found  # a civic holiday, and no public one


def test_a_holiday_that_is_today_is_still_suggested():
    assert closures.suggestions(date(2027, 7, 1))[0].name == "Canada Day"


def test_what_the_clinic_is_closed_for_already_is_marked():
    make_closure(date(2026, 12, 24), date(2026, 12, 25))
    make_closure(date(2027, 2, 15), location=make_location())

    marked = [one.day for one in closures.suggestions(TODAY) if one.is_there]

    assert marked == [date(2026, 12, 25)]


def test_several_holidays_are_taken_over_by_one_click(as_manager):
    suggested = closures.suggestions(timezone.localdate())[:2]

    as_manager.post(HOLIDAYS, {"day": [one.day for one in suggested]})
    as_manager.post(HOLIDAYS, {"day": [one.day for one in suggested]})

    found = Closure.objects.order_by("first_day").values_list("first_day", "name")
    assert list(found) == [(one.day, one.name) for one in suggested]


def test_a_holiday_shows_whom_it_touches_first(as_manager):
    day = next(
        one.day
        for one in closures.suggestions(timezone.localdate())
        if one.day.weekday() < 5 and one.day > timezone.localdate()
    )
    plan = make_approved(make_place_with_people(), session_count=1)
    book(plan, make_sessions(plan, (0,), first=day))

    answer = as_manager.post(HOLIDAYS, {"day": [day]})

    page = answer.content.decode()
    assert "1 booking would no longer stand" in page
    assert f'value="{day}" checked' in page
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("days", "words"),
    [([], "Tick at least one day."), (["2020-01-01"], "Select a valid choice.")],
)
def test_days_that_are_no_suggestion_are_refused(as_manager, days, words):
    answer = as_manager.post(HOLIDAYS, {"day": days})

    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_the_list_costs_the_same_for_one_closure_and_for_three(
    as_manager, count_queries, monday
):
    make_closure(monday, resource=make_device())
    one = count_queries(as_manager, LIST)
    make_closure(monday, location=make_location())
    make_closure(monday, resource=make_device())

    assert count_queries(as_manager, LIST) == one
