"""Whatever is sent to a door: an answer in words or a refusal, never a crash."""

from datetime import timedelta
from itertools import product

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import (
    Appointment,
    Outage,
    Patient,
    SeriesBooking,
    SeriesHold,
)
from bookings.tests.factories import make_outage, make_place_with_people, make_protocol
from bookings.tests.series_desk import hidden, make_signed, propose, submit
from bookings.tests.waiting import make_entry, make_offer
from clinic.models import Device

pytestmark = pytest.mark.django_db

DAYS = ["0001-01-01", "9999-12-31", "2026-02-30", "yesterday", "", "\x00"]
HUGE = "9" * 5000


@pytest.fixture(params=["America/Toronto", "Pacific/Auckland"])
def plan(request, db):
    """A signed plan, west or east of Greenwich."""
    place = make_place_with_people()
    place.timezone = request.param
    place.save()
    return make_signed(place)


@pytest.fixture
def visit(plan, as_desk):
    submit(as_desk, plan, propose(as_desk, plan))
    return plan.appointments.order_by("number").first()


def answers(client, place, *bodies):
    return [client.post(place, body).status_code for body in bodies]


def test_days_out_of_the_calendar_move_nothing(as_manager, visit):
    place = reverse("desk:appointment-move", args=[visit.pk])
    before = visit.during
    for day, at in (
        *product(DAYS, ["00:00"]),
        ("2099-12-31", "23:59"),
        ("2027-01-04", "25:00"),
        ("2027-01-04", "\x00"),
    ):
        shown = as_manager.get(place, {"day": day, "time": at})
        assert shown.status_code in (200, 422)
    visit.refresh_from_db()
    assert visit.during == before


@pytest.mark.parametrize("name", ["appointment-move", "plan-repair"])
def test_picks_that_make_no_sense_are_left_out(as_desk, visit, name):
    key = visit.pk if name == "appointment-move" else visit.plan_id
    where = {"day": visit.local_date + timedelta(days=1), "time": "10:00"}
    place = reverse(f"desk:{name}", args=[key])
    for number, at in product(
        ["2", HUGE, "-1", "²", "999999999999999999999"],
        ["0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "x", "2027-01-01"],
    ):
        shown = as_desk.get(place, where | {f"pick-{number}": at})
        assert shown.status_code in (200, 422)


def test_an_outage_needs_days_within_the_calendar(as_desk, plan):
    device = Device.objects.get(location=plan.location)
    for first, last in product(DAYS, DAYS):
        for clock in ("", "00:00", "23:59"):
            typed = {"first": first, "last": last, "opens": clock, "closes": clock}
            typed |= {"resource": device.pk, "reason": "\x00" if clock else "Pump"}
            assert as_desk.post(reverse("desk:outage-add"), typed).status_code == 422
    for key in ("-1", HUGE, "", "x", "\x00", "99999999999999999999"):
        typed = {"resource": key, "first": "2027-01-04", "last": "2027-01-04"}
        assert as_desk.post(reverse("desk:outage-add"), typed).status_code == 422


def test_the_ends_of_the_calendar_are_not_waited_for(as_desk, plan):
    place = reverse("desk:waiting-add", args=[plan.pk])
    typed = {"weekdays": ["0"], "arrive_from": "08:00", "arrive_until": "17:00"}
    for first, last in product(DAYS, DAYS):
        for what in ("series", "1", "-1", HUGE):
            days = {"first_day": first, "last_day": last, "what": what}
            assert as_desk.post(place, typed | days).status_code in (302, 422)
    for number in (HUGE, "²", "99999999999999999999", "-1"):
        assert as_desk.get(place, {"number": number}).status_code == 200
    assert as_desk.get(reverse("desk:waiting")).status_code == 200


def test_by_hand_takes_only_days_within_the_calendar(as_clinician, plan):
    place = reverse("desk:series-override", args=[plan.pk])
    for day, at in product(DAYS, ["00:00", "23:59", "x"]):
        when = {
            f"{name}_{n}": v
            for n in (1, 2, 3)
            for name, v in (("day", day), ("time", at))
        }
        shown = as_clinician.get(place, when)
        assert shown.status_code in (200, 422)


def test_the_series_page_takes_any_day_and_way(as_desk, plan):
    for day in DAYS:
        query = {
            "earliest": day,
            "days": ["0"],
            "arrive_from": "08:00",
            "arrive_until": "17:00",
            "policy": "anyone",
            "way": "\x00",
            "pin": ["1:0001-01-01T00:00", "2:9999-12-31T23:59", "x"],
            "avoid_1_first": day,
            "avoid_1_last": day,
            "avoid_1_label": "x",
        }
        assert propose(as_desk, plan, **query).status_code in (200, 422)
        for name in ("series-choose", "series-problem"):
            args = [plan.pk, 1] if name == "series-choose" else [plan.pk]
            shown = as_desk.get(reverse(f"desk:{name}", args=args), query)
            assert shown.status_code in (200, 302)


@pytest.mark.parametrize("verb", ["done", "late", "cancel", "no-show"])
def test_a_visit_takes_no_rubbish(as_desk, visit, verb):
    place = f"/desk/appointments/{visit.pk}/{verb}/"
    for value, version in product(["", "x", HUGE, "-1", "\x00"], ["", HUGE, "-1", "²"]):
        typed = {
            f"{verb}-{name}": value for name in ("day", "time", "minutes", "reason")
        }
        code = as_desk.post(place, typed | {"version": version}).status_code
        assert code in (404, 422)
    for day in DAYS:
        typed = {f"{verb}-day": day, f"{verb}-time": "00:00", "version": "1"}
        assert as_desk.post(place, typed).status_code in (404, 422)
    assert Appointment.objects.get(pk=visit.pk).is_live


@pytest.mark.parametrize("name", ["series-book", "series-hold"])
def test_a_strategy_is_one_of_ours(as_desk, plan, name):
    shown = propose(as_desk, plan)
    signed = hidden(shown, "plan-earliest-finish")
    long = "x" * 300
    data = {"strategy": long, f"plan-{long}": signed, "key": hidden(shown, "key")}

    answer = as_desk.post(reverse(f"desk:{name}", args=[plan.pk]), data)

    assert answer.status_code == 422
    assert not SeriesBooking.objects.exists()
    assert not SeriesHold.objects.exists()


@pytest.mark.parametrize("name", ["series-book", "series-hold"])
def test_what_was_proposed_to_one_patient_is_not_taken_by_another(as_desk, name):
    place, protocol = make_place_with_people(), make_protocol()
    ada, bea = (make_signed(place, protocol=protocol) for _ in range(2))
    shown = propose(as_desk, ada)
    data = {
        "strategy": "earliest-finish",
        "plan-earliest-finish": hidden(shown, "plan-earliest-finish"),
        "key": hidden(shown, "key"),
    }

    answer = as_desk.post(reverse(f"desk:{name}", args=[bea.pk]), data)

    assert answer.status_code == 422
    assert "no longer on this page" in answer.content.decode()
    assert not bea.appointments.exists()


def test_a_signature_of_one_page_opens_no_other(as_manager, visit):
    shown = propose(as_manager, make_signed(visit.plan.location))
    series = hidden(shown, "plan-earliest-finish")
    where = f"day={visit.local_date + timedelta(days=1)}&time=10:00"
    move = reverse("desk:appointment-move", args=[visit.pk])
    moved = as_manager.get(f"{move}?{where}").context.get("signed", "x:y:z")
    amend = reverse("desk:plan-amend-save", args=[visit.plan_id])
    outage = reverse("desk:outage-apply", args=[make_outage().pk])
    for signed in (series, moved[:-2], "", "x", "\x00", "a:b:c", HUGE):
        codes = [
            *answers(as_manager, f"{move}?{where}", {"proposal": signed}),
            *answers(as_manager, amend, {"preview": signed, "version": "1"}),
            *answers(as_manager, outage, {"apply": "1", "plan-1": signed}),
        ]
        assert set(codes) == {422}
    assert answers(as_manager, amend, {"preview": moved, "version": HUGE}) == [422]
    assert answers(as_manager, amend, {"preview": moved, "version": "1"}) == [422]


@pytest.mark.parametrize("number", ["99999999999999999999", "0"])
@pytest.mark.parametrize(
    "door",
    [
        "appointments/{}/move/",
        "plans/{}/repair/",
        "plans/{}/amend/",
        "offers/{}/accept/",
        "offers/{}/decline/",
        "waiting/{}/close/",
        "outages/{}/",
        "outages/{}/apply/",
        "outages/{}/lift/",
        "to-do/{}/done/",
        "plans/{}/waiting/add/",
        "plans/{}/series/by-hand/",
        "plans/{}/series/hold/",
    ],
)
def test_a_number_that_nobody_has_is_not_found(as_manager, door, number):
    place = f"/desk/{door.format(number)}"
    assert {as_manager.get(place).status_code, as_manager.post(place).status_code} <= {
        404,
        405,
    }


def test_an_entry_is_not_closed_without_words(as_desk):
    entry = make_entry()
    place = reverse("desk:waiting-close", args=[entry.pk])
    for reason in ("", " ", "\x00", "x" * 500):
        assert as_desk.post(place, {"reason": reason}).status_code == 422


def test_an_offer_answered_twice_is_answered_once(as_desk):
    now = timezone.now()
    offer = make_offer(
        entry=make_entry(added_at=now),
        offered_at=now,
        expires_at=now + timedelta(hours=1),
    )
    place = reverse("desk:offer-decline", args=[offer.pk])
    assert answers(as_desk, place, {}, {}) == [302, 302]


def test_words_that_look_like_markup_are_shown_as_words(as_desk, visit):
    evil = "<script>alert(1)</script>"
    device = Device.objects.get(location=visit.location)
    Device.objects.filter(pk=device.pk).update(name=evil)
    Patient.objects.update(first_name=evil)
    day = visit.local_date.isoformat()
    missing = {"resource": device.pk, "first": day, "last": day, "reason": evil}
    as_desk.post(reverse("desk:outage-add"), missing)
    place = reverse("desk:appointment", args=[visit.pk])
    as_desk.post(f"{place}cancel/", {"cancel-reason": evil, "version": "1"})

    for address in (
        place,
        reverse("desk:outage", args=[Outage.objects.get().pk]),
        reverse("desk:outages"),
        reverse("desk:tasks"),
        reverse("desk:plan", args=[visit.plan_id]),
        reverse("desk:plan-repair", args=[visit.plan_id]),
    ):
        shown = as_desk.get(address).content.decode()
        assert "alert(1)" in shown
        assert "<script>alert" not in shown
