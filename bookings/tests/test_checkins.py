"""How is it healing? When it is asked, what is kept, and who hears of a worry."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings.models import (
    Appointment,
    AppointmentStatus,
    CheckIn,
    CheckInMoment,
    HealingState,
    Message,
    MessageStatus,
    Task,
    TaskKind,
)
from bookings.services import links
from bookings.services.links import Purpose
from bookings.services.messages import letters, moments, outbox, reminders
from bookings.services.moves import changes
from bookings.services.portal import checkins
from bookings.services.portal.accounts import account_of
from bookings.services.refusals import BookingRefused
from bookings.tests.checks import WEEK, fresh, make_sessions, make_treated
from bookings.tests.conftest import signed_in
from bookings.tests.factories import NOW, make_patient, make_user

OTTAWA = ZoneInfo("America/Toronto")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def local(*clock):
    return datetime(*clock, tzinfo=OTTAWA)


def visit(*end, is_done=True):
    ends_at = local(*end).astimezone(UTC)
    return moments.Visit(ends_at - 70 * MINUTE, ends_at, OTTAWA, is_done=is_done)


def done(patient=None, ended=NOW - 2 * DAY):
    """A session that took place."""
    plan = make_treated(patient=patient)
    rows = make_sessions(plan, ended - 70 * MINUTE, NOW + 8 * WEEK, told=False)
    Appointment.objects.filter(pk=rows[0].pk).update(
        status=AppointmentStatus.DONE, completed_at=ended
    )
    return fresh(rows[0])


def say(session, state=HealingState.WELL, moment=CheckInMoment.OTHER, now=NOW, **more):
    return checkins.say(session, moment=moment, state=state, now=now, **more)


# --- When it is asked ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "due"),
    [
        ((2026, 11, 24, 11, 10), (2026, 11, 26, 11, 10)),
        ((2026, 10, 31, 11, 10), (2026, 11, 2, 10, 10)),  # an hour more that night
        ((2027, 3, 13, 11, 10), (2027, 3, 15, 12, 10)),  # an hour less
        ((2026, 10, 31, 8, 59), (2026, 11, 2, 8, 0)),  # 7:59 is too early
        ((2027, 3, 13, 18, 59), (2027, 3, 15, 19, 59)),
        ((2027, 3, 13, 19, 0), (2027, 3, 16, 8, 0)),  # 20:00 is too late
    ],
)
def test_two_days_are_48_elapsed_hours_in_waking_hours(end, due):
    asked = visit(*end)

    assert moments.two_days_after(asked, asked.ends_at) == local(*due)


@pytest.mark.parametrize(
    "end", [(2026, 10, 28, 11, 10), (2027, 3, 10, 11, 10), (2026, 12, 1, 11, 10)]
)
def test_a_week_is_seven_local_days_at_the_same_hour(end):
    asked = visit(*end)

    due = moments.a_week_after(asked, asked.ends_at)

    assert due.astimezone(OTTAWA).timetuple()[3:5] == (11, 10)
    assert due.astimezone(OTTAWA).date() == local(*end).date() + WEEK


def test_what_is_noted_late_is_asked_at_once_while_it_helps():
    asked = visit(2026, 11, 24, 11, 10)
    ends = moments.soon_after(asked)

    assert moments.two_days_after(asked, ends - MINUTE) == ends - MINUTE
    assert moments.two_days_after(asked, ends) is None


def test_a_visit_that_should_be_over_promises_nothing_until_it_is_done():
    asked = visit(2026, 11, 24, 11, 10, is_done=False)

    assert moments.a_week_after(asked, asked.ends_at - MINUTE) is not None
    assert moments.a_week_after(asked, asked.ends_at) is None


def test_it_is_promised_again_where_the_session_ends_at_another_time():
    plan = make_treated()
    [session, _later] = make_sessions(plan, NOW + WEEK, NOW + 9 * WEEK)
    end = session.ends_at + 40 * MINUTE

    changes.complete(
        session, performed_at=end, actor=make_user("Front desk"), now=end + MINUTE
    )

    due = dict(
        Message.objects.waiting()
        .filter(appointment=session, rule__in=reminders.HEALING)
        .values_list("rule", "due_at")
    )
    assert due == {"healing-48h": end + 2 * DAY, "healing-7d": end + 7 * DAY}


def test_nobody_is_asked_about_a_session_that_is_not_noted_as_done():
    plan = make_treated()
    [session, _later] = make_sessions(plan, NOW + WEEK, NOW + 9 * WEEK)
    due = session.ends_at + 2 * DAY
    asked = Message.objects.filter(appointment=session, rule="healing-48h")
    Message.objects.exclude(pk__in=asked).update(due_at=due + WEEK)

    outbox.send_due(clock=lambda: due + MINUTE)

    assert asked.get().status == MessageStatus.SUPPRESSED


@pytest.mark.parametrize("rule", sorted(reminders.HEALING))
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_letter_is_discreet_and_leads_to_three_answers(rule, language):
    session = done(make_patient(language=language))
    row = reminders.message_of(session, rule, NOW)
    row.save()

    letter = letters.write(row, now=NOW)

    treatment = session.plan.protocol.treatment.name
    assert treatment not in letter.subject
    for answer in HealingState.values:
        assert f"answer={answer}" in letter.text
        assert f"answer={answer}" in letter.html
    assert ("/fr/my/h/" in letter.text) == (language == "fr")
    assert "{%" not in letter.text


# --- What is kept -------------------------------------------------------------------


@pytest.mark.parametrize("state", [HealingState.WELL, HealingState.EXPECTED])
def test_a_good_answer_is_kept_and_wakes_nobody(state):
    session = done()

    said = say(session, state, signs=["fever"])

    assert (said.state, said.signs) == (state, [])
    assert not Task.objects.exists()


def test_a_worry_wakes_a_clinician_at_once():
    session = done()

    say(session, HealingState.WORRIED, signs=["pus", "fever"], words="It is hot")

    task = Task.objects.get()
    assert (task.kind, task.appointment, task.opened_at) == (
        TaskKind.HEALING,
        session,
        NOW,
    )
    assert "Names pus and a fever. It is hot" in task.words


def test_a_worry_is_a_worry_without_a_sign():
    say(done(), HealingState.WORRIED)

    assert "Names no sign." in Task.objects.get().words


def test_the_longest_words_fit_and_leave_room_for_what_was_done():
    say(done(), HealingState.WORRIED, signs=list(checkins.SIGNS), words="x" * 500)

    assert CheckIn.objects.get().words == "x" * 500
    assert len(Task.objects.get().words) == 240


@pytest.mark.parametrize(("later", "kept"), [(timedelta(minutes=9), 1), (DAY, 2)])
def test_the_same_tap_counts_once(later, kept):
    session = done()

    for at in (NOW, NOW + later):
        say(session, HealingState.WORRIED, now=at)

    assert CheckIn.objects.count() == kept
    assert Task.objects.count() == kept


def test_a_session_still_to_come_has_nothing_to_heal():
    [session, _later] = make_sessions(make_treated())

    with pytest.raises(BookingRefused, match="not noted this session as done"):
        say(session)


def test_a_worry_without_its_task_is_not_kept(monkeypatch):
    session = done()

    def fail(*_args, **_facts):
        raise RuntimeError("stopped after the write")

    monkeypatch.setattr(checkins.todo, "open_task", fail)
    with pytest.raises(RuntimeError):
        say(session, HealingState.WORRIED)

    assert not CheckIn.objects.exists()


def test_the_database_keeps_signs_with_a_worry_alone():
    session = done()
    row = {"patient": session.patient, "appointment": session, "at": NOW}

    with pytest.raises(IntegrityError), transaction.atomic():
        CheckIn.objects.create(state="well", moment="48h", signs=["pus"], **row)


# --- The page -----------------------------------------------------------------------


def by_link(session, purpose=Purpose.HEALING, at=None):
    made = links.token(purpose, session, now=at or timezone.now())
    return reverse("portal:healing", args=[made])


def lately(patient=None):
    return done(patient, timezone.now() - 2 * DAY)


def test_a_link_from_the_letter_records_nothing_until_it_is_sent():
    place = by_link(lately())

    page = Client().get(f"{place}?moment=48h&answer=well").content.decode()
    assert not CheckIn.objects.exists()
    assert "Send my answer" in page
    Client().post(place, {"moment": "48h", "state": "well"})

    said = CheckIn.objects.get()
    assert (said.moment, said.state) == (CheckInMoment.TWO_DAYS, HealingState.WELL)


def test_a_worry_is_told_whom_to_call_before_and_after_it_is_sent():
    session = lately()
    place = by_link(session)
    call = f"tel:{session.location.phone}"

    asked = Client().get(f"{place}?answer=worried").content.decode()
    sent = (
        Client()
        .post(
            place, {"state": "worried", "signs": ["pus"], "words": "Help"}, follow=True
        )
        .content.decode()
    )

    assert call in asked
    assert call in sent
    assert "A clinician has been told" in sent
    assert "Call us at once" in sent


def test_signed_in_one_can_say_it_at_any_time():
    session = lately()
    client = signed_in(account_of(session.patient))
    place = reverse("portal:my-healing", args=[session.code])

    client.post(place, {"state": "expected"})

    assert CheckIn.objects.get().moment == CheckInMoment.OTHER


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"state": "fine"},
        {"state": "worried", "signs": ["horns"]},
        {"state": "worried", "words": "x" * 501},
    ],
)
def test_rubbish_is_refused_with_what_was_typed_kept(data):
    answer = Client().post(by_link(lately()), data)

    assert answer.status_code == 422
    assert data.get("words", "") in answer.content.decode()
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("kind", ["wrong", "old", "foreign", "other purpose", "ahead"])
def test_a_link_that_opens_nothing_says_no_more_than_that(kind):
    session = lately()
    other = session.plan.appointments.get(number=2)
    place = {
        "wrong": lambda: by_link(session)[:-2] + "x/",
        "old": lambda: by_link(session, at=timezone.now() - 31 * DAY),
        "foreign": lambda: by_link(session).replace(f"/{session.pk}.", f"/{other.pk}."),
        "other purpose": lambda: by_link(session, Purpose.ANSWERS),
        "ahead": lambda: by_link(other),
    }[kind]()

    answers = [Client().get(place), Client().post(place, {"state": "well"})]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert all("This link does not work" in one.content.decode() for one in answers)
    assert not CheckIn.objects.exists()


def test_another_patients_session_is_not_there():
    session = lately()
    stranger = signed_in(account_of(make_patient(email="other@example.org")))
    place = reverse("portal:my-healing", args=[session.code])

    assert stranger.get(place).status_code == 404
    assert stranger.post(place, {"state": "well"}).status_code == 404
    assert Client().get(place).status_code == 302


def test_the_page_speaks_french():
    place = by_link(lately())

    page = Client().get(f"/fr{place}").content.decode()

    assert "Quelque chose m’inquiète" in page
    assert "Appelez-nous tout de suite" in page
