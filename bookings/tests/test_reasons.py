"""Why not earlier and why nothing fits, as the desk would say it."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from bookings.ribbon import RibbonSpan
from bookings.scheduling import (
    Away,
    Earliest,
    NotBefore,
    Times,
    Unavailable,
    Weekdays,
    parse,
    solve,
    why_not_earlier,
)
from bookings.services.diary import PATIENT
from bookings.services.proposing.instead import effect_words
from bookings.services.proposing.reasons import Scene, cause_words, why_words
from bookings.services.proposing.waits import Waits
from bookings.services.proposing.wishes import Pin, Wishes
from bookings.services.spoken import span_words
from bookings.tests import exchange
from bookings.tests.exchange import resource
from clinic.models import Device

OTTAWA = ZoneInfo("America/Toronto")
WEDNESDAY = datetime(2027, 5, 5, 16, 15, tzinfo=OTTAWA)
HALIFAX = (date(2027, 3, 13), date(2027, 3, 21), "Halifax")

NAMES = {
    "1": "Dr Okafor",
    "2": "S. Lachance",
    "3": "M. Roy",
    "4": "L. Beaulieu",
    **{f"rf{n}": f"RF device {n}" for n in range(1, 5)},
    **{f"r{n}": f"Room {n}" for n in range(1, 5)},
}
ROLES = {
    "operator": {"kind": "practitioner"},
    "room": {"kind": "room"},
    "device": {"kind": "device", "skills": ["rf"]},
    "pen": {"kind": "device", "skills": ["needling"]},
    "other": {"kind": "device"},
    "centrifuge": {"kind": "device", "skills": ["centrifuge"]},
    "supervisor": {"kind": "practitioner", "skills": ["doctor"]},
}


def make_scene(**changed):
    phases = [{"name": "all", "minutes": 30, "uses": list(ROLES)}]
    problem = parse(exchange.problem(roles=ROLES, phases=phases))
    wishes = Wishes(
        earliest=date(2027, 2, 3),
        weekdays=frozenset({1, 2}),
        arrive_between=(time(15, 30), time(16, 30)),
        avoid=(HALIFAX, (date(2027, 4, 24), date(2027, 4, 24), "")),
    )
    facts = {
        "problem": problem,
        "names": NAMES,
        "wishes": wishes,
        "patient": "Ada",
        "place": "Centretown",
    }
    return Scene(**facts | changed)


def taken(*who, role="device", closed=()):
    return Unavailable(3, WEDNESDAY, role, who, tuple(closed))


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (taken("rf1"), "The only RF device is taken on Wed 5 May at 16:15."),
        (taken("rf1", "rf2"), "Both RF devices are taken on Wed 5 May at 16:15."),
        (
            taken("rf1", "rf2", "rf3"),
            "All three RF devices are taken on Wed 5 May at 16:15.",
        ),
        (
            taken("1", role="operator"),
            "Dr Okafor is taken on Wed 5 May at 16:15.",
        ),
        (
            taken("1", "2", "3", role="operator"),
            "Dr Okafor, S. Lachance and M. Roy are taken on Wed 5 May at 16:15.",
        ),
        (
            taken("1", "2", "3", "4", role="operator"),
            "All four practitioners are taken on Wed 5 May at 16:15.",
        ),
        (
            taken("1", role="operator", closed=["2"]),
            "Dr Okafor is taken on Wed 5 May at 16:15. S. Lachance is not there then.",
        ),
        (
            taken("rf1", closed=["rf2", "rf3", "rf4"]),
            "Every RF device is taken or not there on Wed 5 May at 16:15.",
        ),
        (
            taken(role="room", closed=["r1", "r2"]),
            "Both rooms are not there on Wed 5 May at 16:15.",
        ),
        (
            taken("1", role="supervisor"),
            "Dr Okafor is taken on Wed 5 May at 16:15.",
        ),
        (taken("x", "y", role="pen"), "Both needling devices are taken on "),
        (taken("x", "y", role="other"), "Both devices are taken on "),
        (taken("x", role="centrifuge"), "The only centrifuge is taken on "),
        (taken("patient", role=PATIENT), "Ada has another appointment on Wed 5 May."),
        (
            Away(2, WEDNESDAY, *HALIFAX[:2]),
            "Halifax, 13–21 Mar, is in the way of session 2.",
        ),
        (
            Away(3, WEDNESDAY, date(2027, 4, 24), date(2027, 4, 24)),
            "The dates to avoid, 24 Apr, are in the way of session 3.",
        ),
        (
            Weekdays(2, WEDNESDAY),
            "Session 2 could be on Wed 5 May, but Wednesday was not asked for.",
        ),
        (
            Times(2, WEDNESDAY),
            "Session 2 could be on Wed 5 May at 16:15, outside the times asked.",
        ),
        (
            Earliest(1, WEDNESDAY, date(2027, 2, 3)),
            "It starts from the first day asked for, Wed 3 Feb.",
        ),
        (
            NotBefore(1, WEDNESDAY, date(2027, 2, 3)),
            "The answers given: not before 3 February.",
        ),
    ],
)
def test_a_cause_is_named_as_the_desk_would(cause, words):
    assert cause_words(cause, make_scene()).startswith(words)


def test_a_day_on_which_the_place_is_closed_says_so():
    closed = (RibbonSpan(WEDNESDAY.date(), WEDNESDAY.date(), "Training day"),)
    cause = taken(role="room", closed=["r1", "r2"])

    said = cause_words(cause, make_scene(closed=closed))

    assert said == "Training day: closed on Wed 5 May."


@pytest.mark.parametrize("day", [date(2027, 2, 3), date(2027, 2, 2)])
def test_an_answer_that_waits_is_named_as_the_cause(day):
    waits = Waits(until=date(2027, 2, 3), subjects=("Isotretinoin",))
    scene = make_scene(waits=waits)

    for cause in (NotBefore(1, WEDNESDAY, day), Earliest(1, WEDNESDAY, day)):
        assert cause_words(cause, scene).startswith("Isotretinoin: not before ")


def test_a_first_day_after_the_wait_is_the_patients_own():
    waits = Waits(until=date(2027, 2, 3), subjects=("Isotretinoin",))

    said = cause_words(
        Earliest(1, WEDNESDAY, date(2027, 2, 4)), make_scene(waits=waits)
    )

    assert said == "It starts from the first day asked for, Thu 4 Feb."


def why(**changed):
    """What is said of the best plan of a small problem of June 2027."""
    problem = parse(exchange.problem(**changed))
    plan = solve(problem).plans[0]
    scene = make_scene(problem=problem, names={"ann": "Ann", "r1": "Room 1"})
    return why_words(why_not_earlier(problem, plan), plan, scene)


def test_the_window_is_named_where_the_cause_lies_in_it():
    busy = [["2027-06-02T08:00", "2027-06-02T20:00"]]

    said = why(resources=[resource("ann", busy=busy), resource("r1", "room")])

    assert said.startswith("Session 2’s window opens Wed 2 Jun. Ann is taken on Wed 2 ")


def test_a_cause_outside_the_window_says_what_it_costs():
    busy = [["2027-06-01T08:00", "2027-06-01T20:00"]]

    said = why(resources=[resource("ann", busy=busy), resource("r1", "room")])

    assert said.startswith("Ann is taken on Tue 1 Jun at ")
    assert said.endswith(" But for that it could end Wed 2 Jun.")


def test_another_weekday_is_offered_where_steadiness_costs_days():
    said = why(strategy="steady", gap_days=[6, 8], ideal_gap_days=7)

    assert said.endswith("On other days or at other times it could end Mon 7 Jun.")


def test_at_most_two_sentences_are_said():
    blocked = [
        [f"2027-06-0{day}T08:00", f"2027-06-0{day}T20:00"] for day in (1, 2, 3, 4)
    ]

    said = why(resources=[resource("ann", busy=blocked), resource("r1", "room")])

    assert said.count(". ") <= 1


def test_a_session_chosen_by_hand_is_the_reason():
    fixed = {"2": {"date": "2027-06-10"}}
    problem = parse(exchange.problem(fixed=fixed))
    plan = solve(problem).plans[0]
    pins = (Pin.read("2:2027-06-10T09:00"),)
    wishes = Wishes(
        date(2027, 6, 1), frozenset(range(7)), (time(8), time(17)), pins=pins
    )

    said = why_words(
        why_not_earlier(problem, plan), plan, make_scene(problem=problem, wishes=wishes)
    )

    assert said == "Session 2 was chosen for Thu 10 Jun by hand."


def test_a_session_that_stands_is_the_reason():
    said = why(fixed={"2": {"date": "2027-06-10"}})

    assert said == "Session 2 stands, and each window after it opens no sooner."


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "same finish"),
        (1, "1 day later"),
        (2, "2 days later"),
        (-1, "1 day sooner"),
        (-7, "7 days sooner"),
    ],
)
def test_the_effect_on_the_finish_is_counted_in_days(days, words):
    assert effect_words(days) == words


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2027, 4, 24), date(2027, 4, 24), "24 Apr"),
        (date(2027, 3, 13), date(2027, 3, 21), "13–21 Mar"),
        (date(2027, 3, 29), date(2027, 4, 2), "29 Mar – 2 Apr"),
        (date(2026, 12, 30), date(2027, 1, 2), "30 Dec – 2 Jan"),
        (date(2026, 3, 30), date(2027, 3, 31), "30 Mar – 31 Mar"),
    ],
)
def test_a_span_of_days_is_said_once(first, last, words):
    assert span_words(first, last) == words


def test_words_that_are_not_translated_yet_are_still_said():
    with translation.override("fr"):
        assert "rf" not in cause_words(taken("rf1", "rf2"), make_scene())


def test_a_device_without_a_licence_says_until_when_it_had_one():
    def words(until):
        cause = taken(role="device", closed=("rf1",))
        device = Device(licence_number="100001", licence_expires_on=until)
        device.in_service_from = date(2026, 1, 1)
        return cause_words(cause, make_scene(devices={"rf1": device}))

    missing = "The only RF device is not there on Wed 5 May at 16:15."
    day_before, same_day = date(2027, 5, 4), date(2027, 5, 5)
    assert words(same_day) == missing
    assert words(day_before) == (
        f"{missing} RF device 1 may not be used then: its licence 100001 is valid only "
        "until Tue 4 May 2027."
    )
