"""The diary as data: columns, blocks, what is off, and in how many queries."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    AppointmentKind,
    AppointmentStatus,
    Consent,
    ConsentKind,
    HoldKind,
    OutageKind,
)
from bookings.services import claims
from bookings.services.consenting import standing
from bookings.services.moves import changes
from bookings.tests.daybook import Clinic
from bookings.tests.factories import (
    NOW,
    TODAY,
    make_answers,
    make_location,
    make_outage,
    make_patient,
    make_user,
)
from bookings.tests.waiting import make_entry, make_offer
from clinic.models import Closure, ClosureKind, Device, WeeklyHours

pytestmark = pytest.mark.django_db

QUERIES = 8


@pytest.fixture
def clinic():
    return Clinic()


def titles(shown):
    return [(one["title"], one["lane"]) for one in shown["columns"]]


def lane_of(block, shown):
    [lane] = [c["lane"] for c in shown["columns"] if c["id"] in block["columns"]]
    return lane


def only(shown):
    [block] = shown["blocks"]
    return block


def offs(shown, look):
    return [
        (one["start"][11:16], one["end"][11:16], one["label"])
        for one in shown["off"]
        if one["look"] == look
    ]


# --- Columns --------------------------------------------------------------------------


def test_an_empty_day_has_a_column_for_whoever_works(clinic):
    shown = clinic.look()

    assert titles(shown) == [("Dr Okafor", "")]
    assert shown["columns"][0]["hours"] == "8:00–18:00"
    assert shown["hours"] == {"from": "08:00", "until": "18:00"}
    assert shown["blocks"] == []


def test_a_practitioner_has_a_lane_for_each_room_in_use(clinic):
    clinic.session(11)
    clinic.session(12, room=clinic.second_room)

    shown = clinic.look()

    assert titles(shown) == [("Dr Okafor", "Room 1"), ("Dr Okafor", "Room 2")]
    assert [lane_of(block, shown) for block in shown["blocks"]] == ["Room 1", "Room 2"]
    assert {one["group"] for one in shown["columns"]} == {f"p{clinic.doctor.pk}"}


def test_room_2_comes_before_room_10(clinic):
    clinic.room.name = "Room 10"
    clinic.room.save(update_fields=["name"])
    clinic.session(11)
    clinic.session(12, room=clinic.second_room)

    assert [lane for _who, lane in titles(clinic.look())] == ["Room 2", "Room 10"]


def test_doctors_come_first_and_say_that_they_supervise(clinic):
    clinic.nurse(name="A. Aube")

    shown = clinic.look()

    assert titles(shown) == [("Dr Okafor", ""), ("A. Aube", "")]
    assert [one["supervising"] for one in shown["columns"]] == [True, False]


def test_whoever_does_not_work_that_day_has_no_column(clinic):
    nurse = clinic.nurse()
    WeeklyHours.objects.filter(resource=nurse, weekday=TODAY.weekday()).delete()

    assert titles(clinic.look()) == [("Dr Okafor", "")]


def test_whoever_sees_somebody_outside_the_hours_has_one(clinic):
    nurse = clinic.nurse()
    WeeklyHours.objects.filter(resource=nurse).delete()
    clinic.talk(9, who=nurse)

    assert ("S. Lachance", "Room 2") in titles(clinic.look())


def test_a_practitioner_who_was_set_aside_keeps_the_bookings_in_view(clinic):
    clinic.session(11)
    clinic.doctor.is_active = False
    clinic.doctor.save(update_fields=["is_active"])

    shown = clinic.look()

    assert lane_of(only(shown), shown) == "Room 1"
    assert offs(shown, "closed") == [("00:00", "23:59", "Set aside")]


def test_rooms_come_before_devices_which_are_narrow(clinic):
    shown = clinic.look(by="rooms")

    assert [(one["title"], one["narrow"]) for one in shown["columns"]] == [
        ("Room 1", False),
        ("Room 2", False),
        ("Pen 1", True),
    ]


def test_a_week_has_a_column_for_each_day_of_one_practitioner(clinic):
    nurse = clinic.nurse()
    clinic.session(11, day=TODAY + timedelta(days=1))
    clinic.talk(9, who=nurse)

    shown = clinic.look(span="week")

    assert [one["title"] for one in shown["columns"]] == [
        "Mon 23",
        "Tue 24",
        "Wed 25",
        "Thu 26",
        "Fri 27",
    ]
    assert only(shown)["columns"] == ("d2026-11-25",)


def test_a_week_shows_a_saturday_only_if_somebody_comes(clinic):
    clinic.session(11, day=date(2026, 11, 28))

    shown = clinic.look(span="week", who=clinic.doctor.pk)

    assert shown["columns"][-1]["id"] == "d2026-11-28"


# --- Blocks ---------------------------------------------------------------------------


def test_a_session_is_drawn_in_its_phases(clinic):
    row = clinic.session(11)

    block = only(clinic.look())

    assert (block["id"], block["appointment"]) == (f"a{row.pk}", row.pk)
    assert (block["start"], block["end"]) == (
        "2026-11-24T11:00:00-05:00",
        "2026-11-24T12:10:00-05:00",
    )
    assert [(p["name"], p["start"][11:16], p["look"]) for p in block["phases"]] == [
        ("Numbing", "11:00", "white"),
        ("Needling", "11:30", "tint"),
        ("Turnover", "12:00", "lines"),
    ]
    assert (block["line"], block["modality"]) == ("Session 1 of 3", "mn")


def test_a_talk_has_a_name_and_no_phases(clinic):
    clinic.talk(9, kind=AppointmentKind.RESULT_REVIEW)

    block = only(clinic.look())

    assert (block["kind"], block["label"]) == ("result-review", "Result review")
    assert (block["modality"], block["line"], block["phases"]) == ("talk", "", [])


def test_a_visit_stands_in_its_room_all_the_time_and_in_its_device_while_needed(clinic):
    row = clinic.session(11)

    in_room, in_pen = clinic.look(by="rooms")["blocks"]

    assert in_room["columns"] == (f"r{clinic.room.pk}",)
    assert (in_room["start"][11:16], in_room["end"][11:16]) == ("11:00", "12:10")
    assert in_pen["columns"] == (f"e{clinic.pen.pk}",)
    assert (in_pen["start"][11:16], in_pen["end"][11:16]) == ("11:30", "12:10")
    assert [part["look"] for part in in_pen["phases"]] == ["tint", "lines"]
    assert in_room["movable"]
    assert not in_pen["movable"]
    assert in_pen["appointment"] == row.pk


@pytest.mark.parametrize(
    "status", [AppointmentStatus.CANCELLED, AppointmentStatus.LATE_CANCELLED]
)
def test_what_was_cancelled_is_not_drawn(clinic, status):
    clinic.session(11, status=status)

    assert clinic.look()["blocks"] == []


@pytest.mark.parametrize("by", ["practitioners", "rooms"])
def test_a_no_show_stays_though_its_time_was_given_back(clinic, by):
    clinic.session(9, status=AppointmentStatus.NO_SHOW)

    shown = clinic.look(by=by)

    assert only(shown)["word"] == "No-show"
    assert only(shown)["columns"] == ("nowhere",)
    assert shown["columns"][-1]["title"] == "Given back"


def test_a_no_show_that_kept_its_time_stays_in_its_place(clinic):
    row = clinic.session(9)
    type(row).objects.filter(pk=row.pk).update(status=AppointmentStatus.NO_SHOW)

    shown = clinic.look()

    assert lane_of(only(shown), shown) == "Room 1"


@pytest.mark.parametrize("by", ["practitioners", "rooms"])
def test_a_no_show_is_drawn_where_it_would_have_been(clinic, by):
    row = clinic.session(9)
    changes.no_show(row, actor=make_user(), now=row.starts_at)
    clinic.session(9, room=clinic.second_room)  # somebody else had the time at once

    shown = clinic.look(by=by)

    first = next(b for b in shown["blocks"] if b["appointment"] == row.pk)
    [column] = [c for c in shown["columns"] if c["id"] in first["columns"]]
    assert "Room 1" in (column["lane"], column["title"])
    assert "nowhere" not in [one["id"] for one in shown["columns"]]


def test_time_that_was_given_back_is_free_again(clinic):
    row = clinic.session(11)
    changes.cancel(row, reason="Ill", actor=make_user(), now=NOW)

    shown = clinic.look(treatment="another")

    assert offs(shown, "busy") == []
    [entry] = clinic.book().entries
    assert [one.name for one in entry.who] == ["Dr Okafor"]


def test_what_may_not_be_moved_says_so(clinic):
    clinic.session(11)
    clinic.session(13, status=AppointmentStatus.ARRIVED)

    assert [b["movable"] for b in clinic.look()["blocks"]] == [True, False]
    assert not any(b["movable"] for b in clinic.look(may_move=False)["blocks"])


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, ""),
        (0.9, ""),
        (1, "1 min late"),
        (59, "59 min late"),
        (60, "1 h 00 late"),
        (65, "1 h 05 late"),
    ],
)
def test_a_patient_who_is_awaited_is_late_by_the_minute(clinic, minutes, words):
    row = clinic.session(9)

    shown = clinic.look(now=row.starts_at + timedelta(minutes=minutes))

    assert only(shown)["late"] == words
    assert shown["late"] == bool(words)


@pytest.mark.parametrize("status", [AppointmentStatus.ARRIVED, AppointmentStatus.DONE])
def test_whoever_is_here_is_not_late(clinic, status):
    row = clinic.session(9, status=status)

    assert only(clinic.look(now=row.ends_at))["late"] == ""


def test_yesterday_nobody_is_late_any_more(clinic):
    row = clinic.session(9)

    assert only(clinic.look(now=row.starts_at + timedelta(hours=14)))["late"] != ""
    assert only(clinic.look(now=row.starts_at + timedelta(hours=15)))["late"] == ""


def test_a_hold_says_until_when(clinic):
    clinic.held(NOW + timedelta(minutes=9), 14, 30)

    block = only(clinic.look())

    assert (block["status"], block["held"]) == ("held", "Held to 10:09")
    assert not block["movable"]


def test_a_hold_to_another_day_says_which(clinic):
    clinic.held(NOW + timedelta(days=1), 14)

    assert only(clinic.look())["held"] == "Held to Wed 25 Nov, 10:00"


def test_a_pencilled_visit_waits_for_the_review(clinic):
    clinic.held(NOW + timedelta(days=9), 14, kind=HoldKind.PENCIL)

    assert only(clinic.look())["held"] == "Held until the review"


@pytest.mark.parametrize(("left", "blocks"), [(1, 1), (0, 0)])
def test_a_hold_is_gone_when_its_time_is_up(clinic, left, blocks):
    clinic.held(NOW + timedelta(seconds=left), 14)

    assert len(clinic.look()["blocks"]) == blocks


def make_offered(clinic, hour=15):
    plan = clinic.plan()
    start = clinic.at(hour)
    during = DateTimeTZRange(start, start + timedelta(minutes=70))
    roles = {
        "operator": clinic.doctor.pk,
        "room": clinic.room.pk,
        "device": clinic.pen.pk,
    }
    offer = make_offer(
        entry=make_entry(plan=plan, patient=plan.patient, number=2),
        during=during,
        roles=roles,
        offered_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )
    claims.take(claims.for_offer(offer, plan, roles))
    return offer


@pytest.mark.parametrize(("by", "columns"), [("practitioners", 1), ("rooms", 2)])
def test_an_offered_time_is_drawn_once_and_leads_to_the_waiting_list(
    clinic, by, columns
):
    offer = make_offered(clinic)

    block = only(clinic.look(by=by))

    assert (block["id"], block["kind"]) == (f"o{offer.pk}", "hold")
    assert block["held"] == "Offered to 11:00"
    assert block["line"] == "Session 2 of 3"
    assert block["appointment"] is None
    assert len(block["columns"]) == columns


def test_an_offer_that_ran_out_is_not_drawn(clinic):
    offer = make_offered(clinic)

    assert clinic.look(now=offer.expires_at)["blocks"] == []


# --- Flags ----------------------------------------------------------------------------


def agree(plan, given=True, *, at=NOW):
    Consent.objects.create(
        patient=plan.patient,
        plan=plan,
        kind=ConsentKind.TREATMENT,
        is_given=given,
        words="Yes.",
        text_version=standing.version(
            plan.protocol_id, plan.areas.values_list("area", flat=True)
        ),
        at=at,
    )


def test_a_first_visit_is_marked_until_there_is_an_earlier_one(clinic):
    patient = make_patient()
    clinic.talk(9, patient=patient)
    clinic.talk(10, patient=patient, kind=AppointmentKind.RESULT_REVIEW)

    assert [b["flags"] for b in clinic.look()["blocks"]] == [["new"], []]


def test_a_visit_that_never_took_place_does_not_count_as_the_first(clinic):
    patient = make_patient()
    clinic.talk(9, patient=patient, status=AppointmentStatus.CANCELLED)
    clinic.talk(10, patient=patient)

    assert only(clinic.look())["flags"] == ["new"]


def test_a_session_says_what_is_missing_for_it(clinic):
    row = clinic.session(11)
    assert only(clinic.look())["flags"] == ["new", "consent", "answers"]

    agree(row.plan)
    make_answers(row.plan)
    assert only(clinic.look())["flags"] == ["new"]


def test_a_consent_that_was_taken_back_is_missing(clinic):
    row = clinic.session(11)
    agree(row.plan, at=NOW - timedelta(days=2))
    agree(row.plan, given=False, at=NOW - timedelta(days=1))

    assert "consent" in only(clinic.look())["flags"]


def test_a_note_is_flagged_and_not_read_out_on_a_private_screen(clinic):
    clinic.talk(9, note="Comes with her sister")

    [entry] = clinic.book().entries
    assert "Comes with her sister" in [flag.words for flag in entry.flags]
    [entry] = clinic.book(names="initials").entries
    assert "Comes with her sister" not in [flag.words for flag in entry.flags]


def test_with_initials_no_name_is_in_the_feed(clinic):
    clinic.session(11, patient=make_patient(first_name="Maya", last_name="Tremblay"))
    make_offered(clinic)

    shown = clinic.look(names="initials")

    assert {one["name"] for one in shown["blocks"]} == {"M T", "A L"}
    assert "Tremblay" not in str(shown)


# --- What is off ----------------------------------------------------------------------


def test_before_and_after_the_shift_is_off(clinic):
    assert offs(clinic.look(), "off") == [
        ("00:00", "08:00", ""),
        ("18:00", "23:59", ""),
    ]


@pytest.mark.parametrize(
    ("opens", "closes", "label"),
    [
        (time(12), time(13), "Lunch"),
        (time(11), time(12, 30), "Lunch"),
        (time(11), time(12, 31), "Break"),
        (time(10, 59), time(12), "Break"),
        (time(14), time(14, 30), "Break"),
    ],
)
def test_between_split_shifts_is_a_break(clinic, opens, closes, label):
    clinic.doctor.hours.all().delete()
    for start, end in ((time(8), opens), (closes, time(17))):
        WeeklyHours.objects.create(
            resource=clinic.doctor, weekday=TODAY.weekday(), opens=start, closes=end
        )

    shown = clinic.look()

    assert offs(shown, "break") == [(f"{opens:%H:%M}", f"{closes:%H:%M}", label)]
    assert shown["columns"][0]["hours"] == "8:00–17:00"


def test_an_absence_is_drawn_whole_and_says_why(clinic):
    clinic.session(11)
    make_outage(
        resource=clinic.doctor,
        during=DateTimeTZRange(clinic.at(9), clinic.at(12)),
        kind=OutageKind.ABSENCE,
        reason="device training",
    )

    assert offs(clinic.look(), "absence") == [
        ("09:00", "12:00", "Away: device training")
    ]
    assert offs(clinic.look(names="initials"), "absence") == [
        ("09:00", "12:00", "Away")
    ]


def test_a_room_out_of_service_is_told_in_its_lane(clinic):
    clinic.session(11)
    clinic.session(12, room=clinic.second_room)
    make_outage(
        resource=clinic.room,
        during=DateTimeTZRange(clinic.at(13), clinic.at(15)),
        reason="Leak",
    )

    shown = clinic.look()

    assert offs(shown, "absence") == [
        ("13:00", "15:00", "Room 1: Out of service: Leak")
    ]
    [off] = [one for one in shown["off"] if one["look"] == "absence"]
    assert off["columns"] == (shown["columns"][0]["id"],)


def close(**fields):
    defaults = {"kind": ClosureKind.HOLIDAY, "name": "Founders’ Day"}
    return Closure.objects.create(
        **defaults | {"first_day": TODAY, "last_day": TODAY} | fields
    )


@pytest.mark.parametrize("by", ["practitioners", "rooms"])
def test_a_closure_of_the_clinic_closes_every_column(clinic, by):
    close()

    shown = clinic.look(by=by)

    [closed] = [one for one in shown["off"] if one["look"] == "closed"]
    assert closed["label"] == "Founders’ Day"
    assert len(closed["columns"]) == len(shown["columns"]) > 0


def test_a_closure_elsewhere_or_on_another_day_closes_nothing(clinic):
    close(location=make_location())
    close(first_day=TODAY + timedelta(days=1), last_day=TODAY + timedelta(days=1))

    assert offs(clinic.look(), "closed") == []


def test_leave_is_an_absence_all_day(clinic):
    close(kind=ClosureKind.LEAVE, name="Conference", resource=clinic.doctor)

    shown = clinic.look()

    assert offs(shown, "absence") == [("00:00", "23:59", "Away: Conference")]
    assert shown["columns"][0]["hours"] == ""


@pytest.mark.parametrize(
    ("expires", "said"),
    [(TODAY, []), (TODAY - timedelta(days=1), ["Licence expired 23 Nov 2026"])],
)
def test_a_device_without_a_licence_is_closed(clinic, expires, said):
    Device.objects.update(licence_expires_on=expires)

    closed = offs(clinic.look(by="rooms"), "closed")

    assert [label for _start, _end, label in closed] == said


def test_a_device_that_is_not_in_service_yet_is_closed(clinic):
    Device.objects.update(in_service_from=TODAY + timedelta(days=1))

    [(_start, _end, label)] = offs(clinic.look(by="rooms"), "closed")
    assert label == "Not in service"


def test_time_kept_for_something_else_is_busy(clinic):
    clinic.block(clinic.doctor, clinic.at(16), clinic.at(17), "Plan reviews")

    assert offs(clinic.look(), "busy") == [("16:00", "17:00", "Plan reviews")]


def test_a_filter_never_makes_taken_time_look_free(clinic):
    row = clinic.session(11)

    shown = clinic.look(treatment="something-else")

    assert shown["blocks"] == []
    assert offs(shown, "busy") == [("11:30", "12:00", "Other booking")]
    code = row.plan.protocol.treatment.code
    assert only(clinic.look(treatment=code))["appointment"] == row.pk


def test_one_practitioner_can_be_shown_alone(clinic):
    nurse = clinic.nurse()
    clinic.talk(9)
    clinic.talk(10, who=nurse)

    shown = clinic.look(who=nurse.pk)

    assert titles(shown) == [("S. Lachance", "Room 2")]
    assert len(shown["blocks"]) == 1


def test_somebody_who_does_not_work_here_is_no_filter(clinic):
    clinic.talk(9)

    assert len(clinic.look(who=999_999)["blocks"]) == 1


# --- How long the day is, and when it changed --------------------------------------------


def test_the_day_is_as_long_as_what_is_booked(clinic):
    clinic.talk(7, 10)
    clinic.talk(18, 15)

    assert clinic.look()["hours"] == {"from": "07:00", "until": "19:00"}


def test_a_visit_past_midnight_ends_the_day_at_its_end(clinic):
    clinic.talk(23, 45)

    assert clinic.look()["hours"] == {"from": "08:00", "until": "24:00"}


def test_a_day_without_any_hours_is_shown_in_office_hours(clinic):
    WeeklyHours.objects.all().delete()

    assert clinic.look()["hours"] == {"from": "09:00", "until": "17:00"}


def test_the_version_is_that_of_what_is_shown(clinic):
    row = clinic.session(14)
    first = clinic.look()

    assert clinic.look(now=NOW + timedelta(minutes=30))["version"] == first["version"]
    type(row).objects.update(status=AppointmentStatus.CONFIRMED)
    assert clinic.look()["version"] != first["version"]


def test_the_counts_say_how_the_day_stands(clinic):
    clinic.talk(9, status=AppointmentStatus.IN_SESSION)
    clinic.talk(9, 30, status=AppointmentStatus.ARRIVED)
    clinic.talk(9, 50, room=clinic.room, who=clinic.nurse())

    counts = {one["status"]: one["count"] for one in clinic.look()["counts"]}

    assert counts == {"in_session": 1, "arrived": 1, "late": 1}


# --- Nights, zones, queries -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "offset", "night"),
    [
        (date(2027, 3, 14), "-04:00", 23),
        (date(2027, 11, 7), "-05:00", 25),
    ],
)
def test_a_day_on_which_the_clock_changes_keeps_its_wall_clock(day, offset, night):
    clinic = Clinic()
    for one in (clinic.doctor, clinic.room, clinic.second_room, clinic.pen):
        WeeklyHours.objects.create(
            resource=one, weekday=6, opens=time(8), closes=time(18)
        )
    clinic.session(11, day=day)

    shown = clinic.look(day=day)

    block = only(shown)
    assert block["start"] == f"{day}T11:00:00{offset}"
    assert shown["hours"] == {"from": "08:00", "until": "18:00"}
    first, last = [one for one in shown["off"] if one["look"] == "off"]
    before = datetime.fromisoformat(first["end"]) - datetime.fromisoformat(
        first["start"]
    )
    assert before == timedelta(hours=8 + night - 24)
    assert (first["end"][11:16], last["start"][11:16]) == ("08:00", "18:00")


def test_a_visit_over_the_hour_that_comes_twice_shows_both_offsets():
    clinic = Clinic()
    start = datetime(2027, 11, 7, 5, 30, tzinfo=UTC)  # 1:30, for the first time
    clinic.talk(9, during=DateTimeTZRange(start, start + timedelta(hours=1)))

    block = only(clinic.look(day=date(2027, 11, 7)))

    assert block["start"] == "2027-11-07T01:30:00-04:00"
    assert block["end"] == "2027-11-07T01:30:00-05:00"


def test_another_zone_has_its_own_day():
    clinic = Clinic(timezone="America/Vancouver")
    clinic.talk(17, 30)

    block = only(clinic.look())

    assert block["start"] == "2026-11-24T17:30:00-08:00"
    assert clinic.look(day=TODAY + timedelta(days=1))["blocks"] == []
    assert clinic.look()["now"] == "2026-11-24T07:00:00-08:00"


@pytest.mark.parametrize("query", [{}, {"by": "rooms"}, {"span": "week"}])
def test_a_full_day_costs_as_many_queries_as_one_visit(query):
    counts = []
    for extra in (0, 4):
        clinic = Clinic()
        nurse = clinic.nurse()
        clinic.session(8)
        clinic.talk(16, who=nurse)
        clinic.block(clinic.doctor, clinic.at(17), clinic.at(18), "Plan reviews")
        for hour in range(10, 10 + extra):
            clinic.talk(hour, who=nurse, note="Hello")
        clinic.look(**query)  # reads the protocol for good
        with CaptureQueriesContext(connection) as queries:
            clinic.look(**query)
        counts.append(len(queries))

    assert counts == [QUERIES, QUERIES]
