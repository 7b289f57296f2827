"""The drawer beside the diary: what it says of an appointment, and what it lets one do."""

import re
from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import AccessLog, AppointmentStatus, Consent, ConsentKind
from bookings.services import briefing, ribbons
from bookings.services.consenting import wording
from bookings.tests.factories import (
    NOW,
    make_answers,
    make_appointment,
    make_patient,
    make_plan,
    make_protocol,
)
from bookings.tests.letterbox import make_message, make_talk
from bookings.tests.test_moving import make_series

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Target": "drawer"}
CARE = {
    "code": "no-retinol",
    "phase": "pre",
    "kind": "stop",
    "text": "No retinol.",
    "starts": "days",
    "starts_offset": -7,
    "ends": "session",
}


def words(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def drawer(client, visit):
    return client.get(reverse("desk:drawer", args=[visit.pk]), headers=HTMX)


def change(client, visit, verb, headers=HTMX, **typed):
    place = reverse("desk:appointment-change", args=[visit.pk, verb])
    return client.post(place, {"version": visit.version} | typed, headers=headers)


def today(plan=None, **fields):
    """A visit that began a few minutes ago."""
    start = timezone.now() - timedelta(minutes=5)
    return make_appointment(plan=plan or make_plan(), starts_at=start, **fields)


# --- What it says ---------------------------------------------------------------------


def test_it_says_who_when_and_how_they_are_reached(as_desk):
    patient = make_patient(phone="613-555-0142", pronouns="she/her")
    visit = make_appointment(plan=make_plan(patient=patient), number=2)

    shown = words(drawer(as_desk, visit))

    assert "Ada Lovelace" in shown
    assert "34, she/her" in shown
    assert 'href="tel:+1-613-555-0142"' in shown
    assert "E-mail, English" in shown
    assert "10:00–11:10" in shown
    assert visit.code in shown
    assert "Session 2 of 3" in shown


def test_it_is_a_part_and_not_a_page(as_desk):
    assert "<html" not in words(drawer(as_desk, make_appointment()))


def test_the_patient_is_named_to_the_log(as_desk):
    drawer(as_desk, make_appointment())

    assert [row.what for row in AccessLog.objects.all()] == ["appointment"]


def test_a_talk_has_neither_phases_nor_a_series(as_desk):
    shown = drawer(as_desk, make_talk())

    assert (shown.context["phases"], shown.context["series"]) == ([], None)


def test_the_phases_fill_the_bar_from_end_to_end():
    bar = briefing.phase_bar(make_appointment(plan=make_plan()))

    assert [(part.full, part.look) for part in bar] == [
        ("Numbing", "white"),
        ("Needling", "tint"),
        ("Turnover", "lines"),
    ]
    assert bar[0].at == 0
    assert sum(part.wide for part in bar) == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("she/her", "Before she comes in"),
        ("He/him", "Before he comes in"),
        ("they/them", "Before the visit"),
        ("", "Before the visit"),
    ],
)
def test_the_title_goes_by_the_pronouns(said, title):
    visit = make_appointment(patient=make_patient(pronouns=said))

    assert briefing.of(visit, None, now=NOW)["title_before"] == title


def test_consent_is_said_given_taken_back_or_missing():
    visit = make_appointment(plan=make_plan())
    said = [consent_of(visit)]
    for day, is_given in ((1, True), (2, False)):
        Consent.objects.create(
            patient=visit.patient,
            plan=visit.plan,
            kind=ConsentKind.TREATMENT,
            is_given=is_given,
            words="I agree.",
            text_version=wording.for_plan(visit.plan, "en").version,
            source="desk",
            at=datetime.combine(date(2026, 9, day), time(15), tzinfo=NOW.tzinfo),
        )
        said.append(consent_of(visit))

    assert said == [
        "No consent to treatment on file",
        "Consent signed 1 Sep 2026",
        "Consent taken back 2 Sep 2026",
    ]


def consent_of(visit):
    return briefing.of(visit, None, now=NOW)["consent"].what


def test_care_is_told_once_the_message_has_left():
    plan = make_plan(protocol=make_protocol(care=[CARE], rules=[]))
    visit = make_appointment(plan=plan)
    before = briefing.before(visit, plan, now=NOW)
    make_message(visit, rule="pre-care", status="sent", sent_at=NOW)

    after = briefing.before(visit, plan, now=NOW)

    assert [(line.what, line.state) for line in before] == [
        ("No retinol.", "from 1 Dec, not told yet")
    ]
    assert [line.state for line in after] == ["from 1 Dec, told"]


def test_unanswered_questions_are_counted_and_a_finding_is_said():
    plan = make_plan()
    visit = make_appointment(plan=plan)
    unasked = [line.what for line in briefing.before(visit, plan, now=NOW)]
    make_answers(plan, pregnancy="yes")

    asked = [line.what for line in briefing.before(visit, plan, now=NOW)]

    assert unasked == ["4 health questions are not answered"]
    assert asked == ["Not while pregnant or breastfeeding."]


def test_answers_that_raise_nothing_speak_for_the_day():
    plan = make_plan()
    make_answers(plan)

    (line,) = briefing.before(make_appointment(plan=plan), plan, now=NOW)

    assert (line.what, line.state) == ("Health answers speak for this day", "17 Nov")


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (0, "Window closes in 70 days, on 2 Feb."),
        (69, "Window closes in 1 day, on 2 Feb."),
        (70, "The window closes today."),
        (71, "The window closed on 2 Feb."),
    ],
)
def test_the_slack_counts_days_from_today(later, said):
    plan = make_series()
    visit = plan.appointments.get(number=2)
    series = briefing_ribbon(plan)
    day = NOW.date() + timedelta(days=later)

    assert briefing.slack(visit, series, today=day) == said


def briefing_ribbon(plan):
    return ribbons.of_plan(plan, now=NOW)


def test_the_first_session_has_no_window():
    plan = make_series()
    first = plan.appointments.get(number=1)

    assert briefing.slack(first, briefing_ribbon(plan), today=NOW.date()) == ""


def test_it_costs_the_same_however_many_messages_and_changes(as_desk, count_queries):
    visit = make_appointment(plan=make_plan())
    place = reverse("desk:drawer", args=[visit.pk])
    make_message(visit)
    drawer(as_desk, visit)
    visit.reason = "a change that somebody is known to have made"
    visit.save()
    one = count_queries(as_desk, place)
    for reason in ("one", "two"):
        make_message(visit)
        visit.reason = reason
        visit.save()

    assert count_queries(as_desk, place) == one


# --- What it lets one do ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "forward"),
    [
        (AppointmentStatus.BOOKED, "arrive"),
        (AppointmentStatus.CONFIRMED, "arrive"),
        (AppointmentStatus.ARRIVED, "begin"),
        (AppointmentStatus.IN_SESSION, "done"),
    ],
)
def test_one_step_leads_on(as_desk, status, forward):
    shown = drawer(as_desk, today(status=status))

    assert shown.context["forward"].verb == forward
    actions = words(shown).split('class="cd-drawer-actions"')[1]
    assert actions.count("btn-primary") == 1


def test_who_may_only_look_is_offered_nothing(as_clinician):
    shown = drawer(as_clinician, today())

    assert "forward" not in shown.context
    assert "cd-drawer-foot" not in words(shown)


def test_a_step_answers_with_the_drawer_and_says_that_the_diary_changed(as_desk):
    visit = today()

    answer = change(as_desk, visit, "arrive")

    visit.refresh_from_db()
    assert visit.status == AppointmentStatus.ARRIVED
    assert answer["HX-Trigger"] == "diary-changed"
    assert "cd-status-arrived" in words(answer)
    assert "<html" not in words(answer)


def test_without_htmx_the_same_step_leads_to_the_page(as_desk):
    visit = today()

    answer = change(as_desk, visit, "arrive", headers={})

    assert answer.url == reverse("desk:appointment", args=[visit.pk])


def test_a_refusal_keeps_what_was_typed_in_its_open_sheet(as_desk):
    visit = today()

    answer = change(
        as_desk, visit, "cancel", version=visit.version + 1, **{"cancel-reason": "Ill"}
    )

    shown = words(answer)
    assert answer.status_code == 422
    assert answer["HX-Trigger"] == "diary-changed"  # somebody else was here
    assert 'value="Ill"' in shown
    assert re.search(r'id="sheet-cancel" aria-labelledby="[\w-]+">', shown)


def test_cancelling_without_a_reason_says_so_at_the_field(as_desk):
    answer = change(as_desk, today(), "cancel")

    assert answer.status_code == 422
    assert "HX-Trigger" not in answer
    assert "Say why: the reason is kept in the history." in words(answer)


def test_a_late_cancellation_is_called_one(as_desk):
    late = words(drawer(as_desk, today()))
    early = words(drawer(as_desk, make_appointment(plan=make_plan())))

    assert "This counts as a late cancellation." in late
    assert "This counts as a late cancellation." not in early


def test_a_note_is_written_and_shown(as_desk):
    visit = today()

    form = drawer(as_desk, visit).context["note"].form
    seen = {field.html_name: field.value() for field in form.hidden_fields()}

    change(as_desk, visit, "note", **seen | {"note-note": "Needs the lift."})

    assert "Needs the lift." in words(drawer(as_desk, visit))


def test_the_code_can_be_copied(as_desk):
    visit = make_appointment()

    assert f'data-cd-copy="{visit.code}"' in words(drawer(as_desk, visit))
