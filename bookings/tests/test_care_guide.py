"""The care guide: real dates, both sides of every edge, and what is allowed on a plan."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import translation

from bookings.models import AppointmentStatus, DecisionKind, PlanStatus
from bookings.services.portal import caring, guide
from bookings.tests.conftest import signed_in
from bookings.tests.factories import (
    NOW,
    TODAY,
    make_appointment,
    make_location,
    make_patient,
    make_plan,
    make_protocol,
    make_treatment,
    make_user,
)

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PRE = {"phase": "pre", "ends": "session"}
POST = {"phase": "post", "starts": "hours", "starts_offset": 0}
RETINOL = PRE | {
    "code": "active-products",
    "kind": "stop",
    "text": "Stop using retinol.",
    "starts": "days",
    "starts_offset": -7,
}
CHECKED = PRE | {
    "code": "suitability",
    "kind": "confirm",
    "text": "A clinician checks the plan.",
    "starts": "plan",
    "first_session_only": True,
}
MAKE_UP = POST | {
    "code": "make-up",
    "kind": "avoid",
    "text": "Wear no make-up.",
    "ends": "hours",
    "ends_offset": 24,
    "milder_hours": 12,
    "milder_source": "S2",
    "milder_text": "Wear no make-up. After that, mineral make-up only.",
}
WATER = POST | {
    "code": "tepid-water",
    "kind": "wash",
    "text": "Use lukewarm water only.",
    "ends": "hours",
    "ends_offset": 48,
}
HANDS = POST | {
    "code": "clean-hands",
    "kind": "wash",
    "text": "Wash your hands.",
    "ends": "healed",
}
SUN = POST | {
    "code": "sunscreen",
    "kind": "protect",
    "text": "Wear sunscreen.",
    "ends": "onwards",
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
CARE = (SUN, HANDS, WATER, MAKE_UP, RETINOL, CHECKED, RESULT)
EFFECTS = (
    ("recovery", "Your skin is pink for a day or two."),
    ("possible", "Light flaking."),
    ("rare", "Small scabs."),
    ("very-rare", "An infection."),
    ("urgent", "Pus or fever: tell us at once."),
)


@pytest.fixture(autouse=True)
def english():
    """A page in French leaves its language behind it."""
    with translation.override("en"):
        yield


@pytest.fixture
def clock(monkeypatch):
    """The views take this for now."""

    class Fixed:
        @staticmethod
        def now():
            return NOW

    monkeypatch.setattr("bookings.views.portal.care.timezone", Fixed)


def protocol_with_effects():
    protocol = make_protocol(
        care=CARE,
        rules=(),
        treatment=make_treatment(name="Microneedling"),
    )
    return protocol


def signed_plan(**fields):
    defaults = {
        "patient": make_patient(user=make_user()),
        "status": PlanStatus.APPROVED,
        "reviewed_by": make_user(),
        "reviewed_at": NOW,
    }
    protocol = fields.pop("protocol", None) or protocol_with_effects()
    return make_plan(protocol=protocol, **defaults | fields)


def session(plan, starts_at, number=1, **fields):
    return make_appointment(plan=plan, number=number, starts_at=starts_at, **fields)


def opened(patient, address="/my/care/"):
    answer = signed_in(patient.user).get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def next_week() -> datetime:
    return NOW + 6 * DAY


# --- Values ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "halves"),
    [
        ("Keep off the sun: wear a hat.", ("Keep off the sun", "Wear a hat.")),
        ("Sans soleil\N{NO-BREAK SPACE}: un chapeau.", ("Sans soleil", "Un chapeau.")),
        ("Stop using retinol.", ("Stop using retinol.", "")),
        ("Note: ", ("Note: ", "")),
        ("At 10:30 sharp.", ("At 10:30 sharp.", "")),
    ],
)
def test_a_colon_parts_what_from_how(text, halves):
    assert caring.halves(text) == halves


# --- Dates -------------------------------------------------------------------------------


def stretches(visit, now=NOW):
    return {one.name: one for one in caring.after(visit, now=now)}


def test_care_that_ends_first_comes_first_and_what_never_ends_last(db):
    visit = session(signed_plan(), next_week())

    assert list(stretches(visit)) == [
        "First 24 hours",
        "First 48 hours",
        "Until healed",
        "Every day",
    ]


def test_hours_count_from_the_planned_end(db):
    visit = session(signed_plan(), next_week())  # 10:00 to 11:10 in Ottawa

    assert stretches(visit)["First 24 hours"].until == "Until Tue 1 December, 11:10"
    assert stretches(visit)["First 48 hours"].until == "Until Wed 2 December, 11:10"


def test_hours_count_from_the_real_end_once_it_is_known(db):
    visit = session(
        signed_plan(),
        NOW - 3 * HOUR,
        status=AppointmentStatus.DONE,
        completed_at=NOW - HOUR,
    )

    assert stretches(visit)["First 24 hours"].until == "Until Wed 25 November, 9:00"


@pytest.mark.parametrize(("minutes", "is_over"), [(-1, False), (0, True), (1, True)])
def test_care_is_over_at_its_end(db, minutes, is_over):
    visit = session(signed_plan(), NOW - 2 * HOUR)
    end = visit.ends_at + 24 * HOUR + timedelta(minutes=minutes)

    assert stretches(visit, end)["First 24 hours"].is_over is is_over


@pytest.mark.parametrize(
    ("starts_at", "until"),
    [
        # 13:00 to 14:10 on the day before clocks go forward: an hour is skipped.
        (datetime(2027, 3, 13, 18, tzinfo=UTC), "Until Sun 14 March 2027, 15:10"),
        # and on the day before they go back: an hour comes twice.
        (datetime(2026, 10, 31, 17, tzinfo=UTC), "Until Sun 1 November, 13:10"),
    ],
)
def test_a_night_on_which_the_clocks_change_takes_no_hour_of_care(db, starts_at, until):
    visit = session(signed_plan(), starts_at)

    assert stretches(visit)["First 24 hours"].until == until


def test_dates_are_those_of_the_sessions_own_place(db):
    place = make_location(timezone="America/St_Johns")
    visit = session(signed_plan(location=place), next_week())

    assert stretches(visit)["First 24 hours"].until == "Until Tue 1 December, 12:40"


@pytest.mark.parametrize(("number", "is_told"), [(1, True), (2, False)])
def test_what_is_for_the_first_session_only_is_told_of_it_alone(db, number, is_told):
    visit = session(signed_plan(), next_week(), number)

    told = "suitability" in [piece.code for piece in caring.before(visit)]

    assert told is is_told


def test_what_the_clinic_does_is_never_for_the_patient_to_tick(db):
    visit = session(signed_plan(), next_week())

    assert [piece.code for piece in caring.to_tick(visit)] == ["active-products"]


# --- Exceptions --------------------------------------------------------------------------


def allow(plan, code, kind=DecisionKind.OVERRIDE):
    plan.decisions.create(
        rule_code=code, kind=kind, reason="Mineral only.", by=make_user(), at=NOW
    )


def test_without_a_word_of_a_clinician_the_stricter_end_holds(db):
    plan = signed_plan()
    allow(plan, "make-up", DecisionKind.CLEARED)
    allow(plan, "another-rule")

    assert "First 12 hours" not in stretches(session(plan, next_week()))


def test_the_milder_end_a_clinician_allowed_on_the_plan_holds(db):
    plan = signed_plan()
    allow(plan, "make-up")

    found = stretches(session(plan, next_week()))["First 12 hours"]

    assert found.until == "Until Mon 30 November, 23:10"
    assert found.pieces[0].title.endswith("mineral make-up only.")


def test_what_has_no_milder_end_cannot_be_made_milder(db):
    plan = signed_plan()
    allow(plan, "tepid-water")

    assert "First 48 hours" in stretches(session(plan, next_week()))


# --- Which session -------------------------------------------------------------------------


def test_while_skin_settles_the_guide_is_about_the_session_just_done(db):
    plan = signed_plan()
    done = session(
        plan, NOW - 3 * DAY, status=AppointmentStatus.DONE, completed_at=NOW - 3 * DAY
    )
    session(plan, NOW + 40 * DAY, 2)

    found = guide.guide(plan.patient, now=NOW)

    assert found.visit == done


@pytest.mark.parametrize(("ago", "number"), [(7, 1), (8, 2)])
def test_once_skin_has_settled_the_guide_is_about_the_next(db, ago, number):
    plan = signed_plan()
    then = NOW - ago * DAY
    session(plan, then, status=AppointmentStatus.DONE, completed_at=then)
    session(plan, NOW + 40 * DAY, 2)

    assert guide.guide(plan.patient, now=NOW).visit.number == number


def test_after_the_last_session_the_guide_is_about_it(db):
    plan = signed_plan(session_count=1)
    then = NOW - 30 * DAY
    done = session(plan, then, status=AppointmentStatus.DONE, completed_at=then)

    found = guide.guide(plan.patient, now=NOW)

    assert found.visit == done
    assert found.result == "6 to 20 December"


@pytest.mark.parametrize("status", ["draft", "submitted", "declined", "withdrawn"])
def test_a_plan_nobody_has_signed_gives_no_advice(db, status):
    plan = signed_plan(status=status)

    assert guide.guide(plan.patient, now=NOW) is None


def test_a_cancelled_session_has_no_guide(db):
    plan = signed_plan()
    session(plan, next_week(), status=AppointmentStatus.CANCELLED)

    assert guide.guide(plan.patient, now=NOW).visit is None


# --- The page ------------------------------------------------------------------------------


def test_a_stranger_is_led_to_signing_in(db):
    assert "/my/sign-in/" in Client().get("/my/care/")["Location"]


def test_the_page_has_the_real_dates_of_the_session(db, clock):
    plan = signed_plan()
    session(plan, next_week())

    page = opened(plan.patient)

    assert "until Mon 30 November, 10:00" in page
    assert "23 to 30 Nov" in page
    assert "Stop using retinol." in page
    assert "A clinician checks the plan." in page
    assert "Until Tue 1 December, 11:10" in page
    assert "Call us at once" in page


def test_effects_are_told_by_how_often_they_come(db):
    rows = [type("Row", (), {"kind": kind, "text": text}) for kind, text in EFFECTS]

    found = caring.effects(rows)

    assert found.normal == ("Your skin is pink for a day or two.",)
    assert found.possible == ("Light flaking.",)
    assert found.rare == ("Small scabs.", "An infection.")
    assert found.urgent == ("Pus or fever: tell us at once.",)


def test_any_of_ones_own_sessions_can_be_chosen(db, clock):
    plan = signed_plan()
    session(plan, next_week())
    second = session(plan, NOW + 55 * DAY, 2)

    page = opened(plan.patient, f"/my/care/?visit={second.code}")

    assert "until Mon 18 January 2027, 10:00" in page
    assert page.count('aria-current="true"') == 1


def test_another_patients_session_is_not_there(db, clock):
    visit = session(signed_plan(), next_week())
    other = make_patient(user=make_user(), first_name="Anna")

    for code in (visit.code, "nonsense", "0000-0"):
        answer = signed_in(other.user).get("/my/care/", {"visit": code})
        assert answer.status_code == 404


def test_without_times_the_care_is_told_without_dates(db, clock):
    plan = signed_plan()

    page = opened(plan.patient)

    assert "Your sessions have no times yet." in page
    assert "Stop using retinol." in page
    assert "Until" not in page.split("<h1>")[1]


def test_without_a_signed_plan_the_page_says_when_there_will_be_one(db, clock):
    page = opened(make_patient(user=make_user()))

    assert "Your care guide is here once a doctor has signed your plan" in page


def test_the_guide_costs_as_much_for_three_sessions_as_for_one(
    db, clock, count_queries
):
    one = signed_plan()
    three = signed_plan(patient=make_patient(user=make_user(), first_name="Anna"))
    session(one, next_week())
    for number in (1, 2, 3):
        session(three, TODAY_AT + number * 49 * DAY, number)

    first = count_queries(signed_in(one.patient.user), "/my/care/")
    second = count_queries(signed_in(three.patient.user), "/my/care/")

    assert first == second


TODAY_AT = datetime.combine(TODAY, NOW.time(), UTC)


def test_the_french_guide_speaks_french(db, clock):
    plan = signed_plan()
    session(plan, next_week())

    page = opened(plan.patient, "/fr/my/care/").replace("\N{NO-BREAK SPACE}", " ")

    for words in (
        "Guide de soins",
        "du 23 au 30 nov.",
        "Premières 24 heures",
        "1 décembre, 11 h 10",
        "Jusqu’à la guérison",
        "Appelez-nous tout de suite",
    ):
        assert words in page
    for words in ("Until", "hours", "Before", "After"):
        assert words not in page
