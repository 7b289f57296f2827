"""The inbox at a glance: ages, tasks, verdicts, flags."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from bookings.models import (
    ConsultationRequest,
    RequestStatus,
    Task,
)
from bookings.services import requests
from bookings.services.triage import ageing, lines, unanswered
from bookings.services.triage.ageing import OpenDays
from bookings.templatetags.boards import answer_words, waiting_words
from bookings.tests.factories import (
    COLD_SORES,
    ISOTRETINOIN,
    KELOID,
    NOW,
    make_answer,
    make_doctor,
    make_hours,
    make_location,
    make_patient,
    make_protocol,
    make_request,
    make_user,
)
from clinic.models import Closure

OTTAWA = ZoneInfo("America/Toronto")
WEEK = OpenDays(OTTAWA, frozenset(range(5)))
A_DAY = timedelta(hours=24)

pytestmark = pytest.mark.django_db


def at(day, hour, minute=0, month=11):
    """A moment of 2026 by Ottawa's clocks."""
    return datetime(2026, month, day, hour, minute, tzinfo=OTTAWA)


def address(name, *args):
    return reverse(f"desk:{name}", args=args)


def line_of(row, now=NOW):
    found = requests.with_times(ConsultationRequest.objects.all(), now=now)
    (line,) = lines.sized_up([found.get(pk=row.pk)], now=now)
    return line


# --- Ages -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        (at(24, 10), at(25, 10)),  # Tuesday to Wednesday
        (at(20, 15), at(23, 15)),  # Friday to Monday
        (at(21, 15), at(24, 0)),  # on Saturday: Monday counts as a whole
        (at(22, 23, 59), at(24, 0)),
        (at(23, 0), at(24, 0)),
        (at(30, 15, month=10), at(2, 15)),  # the clocks go back on 1 November
        (at(6, 15, month=3), at(9, 15, month=3)),  # and forward on 8 March
    ],
)
def test_a_working_day_is_counted_by_the_clock_on_the_wall(asked, due):
    assert ageing.answer_by(asked.astimezone(UTC), WEEK, A_DAY) == due


def test_days_on_which_the_clinic_is_closed_do_not_count():
    closed = OpenDays(OTTAWA, frozenset(range(5)), ((date(2026, 11, 25),) * 2,))

    assert ageing.answer_by(at(24, 10), closed, A_DAY) == at(26, 10)


def test_more_than_a_day_may_be_allowed():
    assert ageing.answer_by(at(20, 15), WEEK, timedelta(hours=36)) == at(24, 3)


def test_where_nobody_ever_works_the_reckoning_ends():
    never = OpenDays(OTTAWA, frozenset())

    assert ageing.answer_by(at(20, 15), never, A_DAY) > at(20, 15)


@pytest.mark.parametrize(
    ("asked", "now", "said", "is_overdue"),
    [
        (at(24, 10), at(24, 10, 1), "waits 1 minute", False),
        (at(24, 10), at(24, 10, 59), "waits 59 minutes", False),
        (at(24, 10), at(24, 11), "waits 1 hour", False),
        (at(24, 10), at(25, 9, 59), "waits 23 hours", False),
        (at(24, 10), at(25, 10), "waits 1 working day", True),
        (at(20, 15), at(22, 16), "waits over days off", False),
        (at(20, 15), at(23, 14, 59), "waits over days off", False),
        (at(20, 15), at(23, 15), "waits 1 working day", True),
        (at(30, 15, month=10), at(2, 14, 59), "waits over days off", False),
        (at(30, 15, month=10), at(2, 15), "waits 1 working day", True),
        (at(6, 15, month=3), at(9, 15, month=3), "waits 1 working day", True),
        (at(20, 15), at(27, 15), "waits 5 working days", True),
    ],
)
def test_its_age_is_told_in_hours_and_working_days(asked, now, said, is_overdue):
    line = line_of(make_request(asked_at=asked), now=now)

    assert (waiting_words(line), line.is_overdue) == (said, is_overdue)


def test_the_working_days_are_those_of_its_place():
    place = make_location()
    make_hours(make_doctor(place))
    Closure.objects.create(
        kind="holiday",
        name="Retreat",
        first_day=date(2026, 11, 25),
        last_day=date(2026, 11, 25),
        location=place,
    )
    here = make_request(location=place, asked_at=at(24, 10))
    anywhere = make_request(asked_at=at(24, 10))

    assert answer_words(line_of(here)) == "answer by Thu 26 Nov, 10:00"
    assert answer_words(line_of(anywhere)) == "answer by Wed 25 Nov, 10:00"


def test_a_saturday_on_which_somebody_works_counts():
    place = make_location()
    doctor = make_doctor(place)
    make_hours(doctor)
    doctor.hours.create(weekday=5, opens=time(9), closes=time(12))
    row = make_request(location=place, asked_at=at(20, 15))

    assert line_of(row).age.answer_by == at(21, 15)


# --- Nothing gets lost ------------------------------------------------------------------


def test_a_task_is_opened_once_for_who_waits_too_long_and_closed_by_an_answer(desk):
    row = make_request(asked_at=at(20, 15))
    before, after = at(23, 14, 59), at(23, 15)

    unanswered.reconcile(now=before)
    assert not Task.objects.exists()
    for _again in range(2):
        unanswered.reconcile(now=after)
    task = Task.objects.get()
    assert (task.request, task.is_open) == (row, True)
    assert task.words == (
        "Ada Lovelace asked for a consultation on Fri 20 Nov: no answer yet."
    )

    requests.move(row, RequestStatus.CONTACTED, seen="new", actor=desk, now=after)
    task.refresh_from_db()
    assert (task.is_open, task.closed_by) == (False, desk)
    unanswered.reconcile(now=after)
    assert Task.objects.open().count() == 0


def test_a_task_ticked_off_by_hand_stays_so(desk):
    make_request(asked_at=at(20, 15))
    unanswered.reconcile(now=at(23, 15))
    Task.objects.update(closed_at=at(23, 16), closed_by=desk)

    unanswered.reconcile(now=at(24, 15))

    assert Task.objects.count() == 1


def test_what_was_answered_elsewhere_closes_by_itself():
    row = make_request(asked_at=at(20, 15))
    unanswered.reconcile(now=at(23, 15))
    ConsultationRequest.objects.filter(pk=row.pk).update(status="booked")

    unanswered.reconcile(now=at(23, 16))

    assert not Task.objects.get().is_open


def test_the_list_of_tasks_leads_to_the_request(as_desk):
    row = make_request(asked_at=at(20, 15))
    unanswered.reconcile(now=at(23, 15))

    page = as_desk.get(address("tasks")).content.decode()

    assert f'href="{address("request", row.pk)}"' in page


# --- Verdicts and flags -----------------------------------------------------------------


def answers(patient, **said):
    for question in ("isotretinoin", "cold-sores", "keloid"):
        value = said.get(question.replace("-", "_"), "no")
        about = {"on_date": said.get("on_date")} if value == "yes" else {}
        make_answer(patient=patient, question=question, value=value, **about)


def treatment(*rules):
    return make_protocol(rules=rules).treatment


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Suitable"),
        (
            {"isotretinoin": "yes", "on_date": date(2026, 11, 1)},
            "Suitable from 1 Feb 2027",
        ),
        ({"cold_sores": "yes"}, "Needs a clinician"),
        ({"keloid": "unsure"}, "Needs a clinician"),
        ({"keloid": "yes"}, "Not suitable as it stands"),
    ],
)
def test_the_answers_are_judged_by_the_treatment_asked_for(said, words):
    asked = treatment(ISOTRETINOIN, COLD_SORES, KELOID)
    treatment()  # another one that always suits
    row = make_request(treatment=asked)
    answers(row.patient, **said)

    judged = line_of(row).judged

    assert [suit.treatment for suit in judged.suits] == [asked]
    assert judged.best.words == words


def test_without_a_treatment_the_best_of_all_counts_and_each_says_what_is_against_it():
    no, later = treatment(KELOID), treatment(ISOTRETINOIN)
    row = make_request()
    day = date(2026, 11, 1)
    answers(row.patient, keloid="yes", isotretinoin="yes", on_date=day)

    judged = line_of(row).judged

    assert [suit.treatment for suit in judged.suits] == [later, no]
    assert judged.best.words == "Suitable from 1 Feb 2027"
    assert judged.suits[1].verdict.reasons == ("Raised scars: not suitable.",)


def test_an_old_protocol_judges_nobody():
    old = make_protocol(rules=[KELOID])
    make_protocol(treatment=old.treatment, rules=[])
    row = make_request(treatment=old.treatment)
    answers(row.patient, keloid="yes")

    assert line_of(row).judged.best.words == "Suitable"


def test_silence_is_no_verdict(as_desk):
    treatment(KELOID)
    row = make_request()

    assert line_of(row).judged.best is None
    assert (
        "Health questions not asked yet"
        in as_desk.get(address("requests")).content.decode()
    )


def labels(row):
    return [flag.label for flag in line_of(row).flags]


def test_flags_say_who_travels_who_wants_to_talk_and_whom_we_may_know():
    known = make_patient(first_name="Ada", last_name="Lovelace", phone="613-555-0101")
    twin = make_patient(
        first_name="Ada", last_name="Lovelace-King", phone="613-555-0101", email=""
    )
    row = make_request(
        patient=twin,
        comes_from="Halifax",
        in_town_from=date(2026, 12, 1),
        in_town_until=date(2026, 12, 9),
    )
    make_answer(patient=twin, question="keloid", value="unsure")

    assert labels(row) == [
        "Possible duplicate",
        "From Halifax, here 1 Dec – 9 Dec",
        "Would rather talk about it",
    ]
    assert line_of(row).twins == (known,)


def test_somebody_in_another_zone_is_told_apart_from_one_nearby():
    away = make_patient(email="a@example.org", timezone="America/Vancouver")
    near = make_patient(
        email="b@example.org", birth_date=None, timezone="America/Montreal"
    )

    assert labels(make_request(patient=away)) == ["Lives in another time zone"]
    assert labels(make_request(patient=near)) == []


def test_a_record_joined_to_another_is_no_twin():
    kept = make_patient()
    make_patient(merged_into=kept)

    assert labels(make_request(patient=kept)) == []


def test_the_inbox_costs_the_same_for_one_and_three(as_desk, count_queries):
    asked = treatment(ISOTRETINOIN, KELOID)
    treatment(COLD_SORES)

    def ask():
        place = make_location()
        row = make_request(
            patient=make_patient(phone="613-555-0199"),
            location=place,
            treatment=asked,
            doctor=make_doctor(place),
            clinician=make_doctor(place),
        )
        answers(row.patient, keloid="unsure")
        row.proposed_times.create(
            location=place,
            practitioner=make_doctor(place),
            starts_at=NOW,
            proposed_at=NOW,
            proposed_by=make_user(),
        )

    ask()
    as_desk.get(address("requests"))
    for query in ("", "?format=csv", "?state=new"):
        count_queries(as_desk, address("requests") + query)
    one = [count_queries(as_desk, address("requests") + q) for q in ("", "?format=csv")]
    ask(), ask()

    three = [
        count_queries(as_desk, address("requests") + q) for q in ("", "?format=csv")
    ]
    assert three == one


def test_the_file_says_what_the_list_says(as_desk):
    asked = treatment(KELOID)
    row = make_request(treatment=asked, source="web", comes_from="Halifax")
    answers(row.patient, keloid="yes")

    sheet = as_desk.get(address("requests"), {"format": "csv"}).content.decode()

    for words in ("On the site", "Not suitable as it stands", "From Halifax"):
        assert words in sheet


def test_a_page_shows_verdict_answers_and_whom_we_may_know(as_manager):
    make_patient(phone="613-555-0101")
    asked = treatment(KELOID)
    row = make_request(
        patient=make_patient(phone="613-555-0101"), treatment=asked, weekdays=[2, 4]
    )
    make_answer(patient=row.patient, question="keloid", value="yes", detail="An <ear>")

    page = as_manager.get(address("request", row.pk)).content.decode()

    assert "Not suitable as it stands" in page
    assert "Raised scars: not suitable." in page
    assert "An &lt;ear&gt;" in page
    assert "We may know this person already" in page
    assert "Tue, Thu" in page
