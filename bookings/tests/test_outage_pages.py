"""The pages of outages: declaring one keeps what was typed, its page lists who is hit."""

import re
from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import AccessLog, Claim, Outage, OutageKind, Task
from bookings.services.missing import outage_plans
from bookings.tests.factories import (
    make_device,
    make_doctor,
    make_hours,
    make_location,
    make_outage,
    make_place_with_people,
    make_protocol,
)
from bookings.tests.test_outages import device_of
from bookings.tests.test_series_book import book, make_approved, make_sessions
from clinic.models import Location

pytestmark = pytest.mark.django_db

ADD = "/desk/outages/add/"
TICKED = re.compile(r'name="apply"[^>]* checked')


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


def typed(resource, day, **changes):
    defaults = {"resource": resource.pk, "first": day, "last": day, "reason": "Pump"}
    return {"opens": "", "closes": ""} | defaults | changes


def test_declaring_leads_to_whom_it_touches(as_desk, desk, plan, monday):
    device = device_of(plan.location)

    answer = as_desk.post(ADD, typed(device, monday), follow=True)

    outage = Outage.objects.get()
    assert answer.redirect_chain == [(f"/desk/outages/{outage.pk}/", 302)]
    assert (outage.kind, outage.reason) == (OutageKind.OUT_OF_SERVICE, "Pump")
    assert outage.declared_by == desk
    page = answer.content.decode()
    assert "Pen 1 is out of service" in page
    assert "Ada Lovelace" in page
    assert "1 series can go on" in page
    assert "Session 1" in page


def test_a_person_is_absent(as_desk, monday):
    as_desk.post(ADD, typed(make_doctor(), monday))

    assert Outage.objects.get().kind == OutageKind.ABSENCE


def test_times_are_read_at_the_place_of_what_is_missing(as_desk, monday):
    device = make_device(make_location(timezone="America/Vancouver"))

    as_desk.post(ADD, typed(device, monday, opens="09:00", closes="12:30"))

    start = Outage.objects.get().starts_at.astimezone(device.location.zone)
    assert (start.date(), f"{start:%H:%M}") == (monday, "09:00")


def test_the_page_shows_the_times_of_the_place(as_desk, plan, monday):
    Location.objects.filter(pk=plan.location_id).update(timezone="America/Vancouver")
    device = device_of(plan.location)

    answer = as_desk.post(ADD, typed(device, monday, opens="06:00"), follow=True)

    page = answer.content.decode()
    assert f"{monday:%a} {monday.day} {monday:%b %Y}, 06:00" in page
    assert f"{monday:%a} {monday.day} {monday:%b}, 07:00" in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"resource": ""}, "This field is required."),
        ({"last": "2020-01-01"}, "The last day is before the first."),
        ({"opens": "10:00", "closes": "09:00"}, "The end has to come after the start."),
        ({"first": "2020-01-01"}, "An outage starts today or later, not in the past."),
    ],
)
def test_a_refused_form_says_why_and_keeps_what_was_typed(
    as_desk, monday, changes, words
):
    answer = as_desk.post(ADD, typed(make_device(), monday) | changes)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert 'value="Pump"' in page
    assert not Outage.objects.exists()


def test_what_is_missing_can_be_named_in_the_address(as_desk):
    device = make_device()

    page = as_desk.get(ADD, {"resource": device.pk}).content.decode()

    assert f'<option value="{device.pk}" selected>Pen 1, Centretown</option>' in page


def test_the_page_says_how_many_days_are_left(as_desk, plan, monday):
    second = monday + timedelta(days=49)

    answer = as_desk.post(ADD, typed(device_of(plan.location), second), follow=True)

    assert "7 days left" in answer.content.decode()


def test_a_look_at_the_page_is_a_look_at_records(as_desk, plan, monday):
    as_desk.post(ADD, typed(device_of(plan.location), monday))
    AccessLog.objects.all().delete()

    as_desk.get(reverse("desk:outage", args=[Outage.objects.get().pk]))

    assert AccessLog.objects.values_list("patient", "what").get() == (
        plan.patient_id,
        "outage",
    )


def test_lifting_gives_the_time_back(as_desk, plan, monday):
    as_desk.post(ADD, typed(device_of(plan.location), monday))
    outage = Outage.objects.get()

    answer = as_desk.post(reverse("desk:outage-lift", args=[outage.pk]), follow=True)

    assert "Lifted" in answer.content.decode()
    assert not Claim.objects.filter(outage=outage).exists()
    assert not Task.objects.open().exists()


def test_lifting_twice_is_refused_in_words(as_desk):
    outage = make_outage(lifted_at=timezone.now())

    answer = as_desk.post(reverse("desk:outage-lift", args=[outage.pk]))

    assert answer.status_code == 422
    assert "Someone has lifted this outage already." in answer.content.decode()


def test_the_list_shows_what_is_ahead_and_how_much_is_to_do(as_desk, plan, monday):
    make_outage(reason="Long ago", lifted_at=timezone.now())
    as_desk.post(ADD, typed(device_of(plan.location), monday))

    page = as_desk.get(reverse("desk:outages")).content.decode()

    assert "1 to re-plan" in page
    assert page.index("Pump") < page.index("Over or lifted") < page.index("Long ago")


def test_the_list_costs_the_same_for_one_and_many(as_desk, django_assert_num_queries):
    make_outage()
    as_desk.get(reverse("desk:outages"))
    for _number in range(3):
        make_outage()

    with django_assert_num_queries(6):
        as_desk.get(reverse("desk:outages"))


def test_series_at_one_place_are_listed_by_slack(as_desk, monday):
    place, protocol = make_place_with_people(), make_protocol()
    second = monday + timedelta(days=49)
    for name, first in (("Late", 7), ("Early", 0)):
        plan = make_approved(place, protocol=protocol)
        plan.patient.first_name = name
        plan.patient.save(update_fields=["first_name"])
        days = (first, 49, 98)
        hour = make_sessions(plan, days, first=monday)
        book(plan, [later(one, first) for one in hour])

    answer = as_desk.post(ADD, typed(device_of(place), second), follow=True)

    page = answer.content.decode()
    assert page.index("Early") < page.index("Late")


def later(session, hours):
    shift = timedelta(minutes=30 * hours)
    return type(session)(
        session.number,
        session.starts_at + shift,
        session.ends_at + shift,
        session.roles,
    )


# --- Re-planning in bulk ----------------------------------------------------------------


@pytest.fixture
def broken(as_desk, monday):
    """A device out of service that two series use that Monday; another one is there."""
    place, protocol = make_place_with_people(), make_protocol()
    device = device_of(place)
    for hour in (9, 12):
        plan = make_approved(place, protocol=protocol)
        book(plan, make_sessions(plan, at=time(hour), first=monday))
    make_hours(make_device(place, name="Pen 2"))
    as_desk.post(ADD, typed(device, monday))
    return Outage.objects.get()


def ticked(client, outage, *plans):
    """What a browser sends: every proposal, and the series that were ticked."""
    shown = client.get(reverse("desk:outage", args=[outage.pk])).context["possible"]
    data = {f"plan-{one.plan.pk}": one.signed for one, _is_ticked in shown}
    return data | {"apply": [str(plan.pk) for plan in plans]}


def submit(client, outage, data, **options):
    return client.post(reverse("desk:outage-apply", args=[outage.pk]), data, **options)


def plans_of(outage):
    return [task.plan for task in Task.objects.filter(outage=outage).order_by("pk")]


def test_all_are_ticked_and_one_submit_re_plans_them(as_desk, broken):
    page = as_desk.get(reverse("desk:outage", args=[broken.pk])).content.decode()
    data = ticked(as_desk, broken, *plans_of(broken))

    answer = submit(as_desk, broken, data, follow=True)

    assert len(TICKED.findall(page)) == 2
    assert "2 series are re-planned." in answer.content.decode()
    assert "Nobody is left to re-plan." in answer.content.decode()
    assert not Task.objects.open().exists()


def test_only_what_is_ticked_is_re_planned(as_desk, broken):
    first, second = plans_of(broken)

    submit(as_desk, broken, ticked(as_desk, broken, first))

    assert [task.plan for task in Task.objects.open()] == [second]


def test_what_was_lost_is_said_and_proposed_anew(as_desk, broken):
    first, second = plans_of(broken)
    data = ticked(as_desk, broken, first, second)
    first.appointments.filter(number=2).update(status="confirmed")

    answer = submit(as_desk, broken, data)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "1 series is re-planned." in page
    assert "1 series was left as it is." in page
    assert "The series has changed since this was proposed." in page
    assert [one.plan for one, is_ticked in answer.context["possible"] if is_ticked] == [
        first
    ]


def test_nothing_ticked_is_refused_in_words(as_desk, broken):
    answer = submit(as_desk, broken, ticked(as_desk, broken))

    assert answer.status_code == 422
    assert "Tick at least one series." in answer.content.decode()
    assert not TICKED.search(answer.content.decode())


def test_a_proposal_that_was_altered_is_refused(as_desk, broken):
    first, _second = plans_of(broken)
    data = ticked(as_desk, broken, first)
    data[f"plan-{first.pk}"] += "x"

    answer = submit(as_desk, broken, data)

    assert answer.status_code == 422
    assert "Those proposals are out of date." in answer.content.decode()
    assert Task.objects.open().count() == 2


def test_a_clinician_sees_the_proposals_and_applies_none(as_clinician, broken):
    page = as_clinician.get(reverse("desk:outage", args=[broken.pk])).content.decode()

    assert "2 series can go on" in page
    assert 'name="apply"' not in page
    assert "Re-plan what is ticked" not in page


def test_many_series_come_a_page_at_a_time(as_desk, broken, monkeypatch):
    monkeypatch.setattr(outage_plans, "MOST", 1)
    place = reverse("desk:outage", args=[broken.pk])

    first, second = as_desk.get(place), as_desk.get(place, {"skip": 1})

    shown = [
        [one.plan for one, _ in page.context["possible"]] for page in (first, second)
    ]
    assert shown == [[plan] for plan in plans_of(broken)]
    assert f'href="{place}?skip=1">1 series more</a>' in first.content.decode()
    assert "series more" not in second.content.decode()


@pytest.mark.parametrize("skip", ["-1", "x", "²", "9" * 30])
def test_an_address_without_sense_shows_the_first_series(as_desk, broken, skip):
    answer = as_desk.get(reverse("desk:outage", args=[broken.pk]), {"skip": skip})

    assert len(answer.context["possible"]) == 2


# --- Only looking -----------------------------------------------------------------------


def test_whom_an_absence_would_touch_is_shown_before_it_is_declared(
    as_desk, plan, monday
):
    data = typed(device_of(plan.location), monday, look="1")

    answer = as_desk.post(ADD, data)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "1 booking would have to be re-planned" in page
    assert "It takes Pen 1." in page
    assert "Nothing is saved yet." in page
    assert 'value="Pump"' in page
    assert not Outage.objects.exists()
    assert not Task.objects.exists()
    assert AccessLog.objects.values_list("patient", "what").get() == (
        plan.patient_id,
        "outage",
    )


def test_a_look_at_an_absence_that_touches_nobody_says_so(as_desk, plan, monday):
    data = typed(device_of(plan.location), monday + timedelta(days=1), look="1")

    assert "It would touch no booking" in as_desk.post(ADD, data).content.decode()


def test_a_look_refuses_what_declaring_would(as_desk, plan, monday):
    times = {"opens": "10:00", "closes": "09:00"}
    data = typed(device_of(plan.location), monday, look="1", **times)

    answer = as_desk.post(ADD, data)

    assert answer.status_code == 422
    assert "The end has to come after the start." in answer.content.decode()
