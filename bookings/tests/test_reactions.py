"""Reactions: the first word, what a clinician does about it, and that it is never lost."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.db import transaction

from bookings import tasks
from bookings.models import (
    AppointmentStatus,
    HealingState,
    Reaction,
    ReactionNote,
    Severity,
    Task,
    TaskKind,
)
from bookings.services import alerts, todo
from bookings.services.portal import checkins, doorbell
from bookings.services.reacting import (
    board,
    following,
    reporting,
    signs,
    telling,
    trail,
)
from bookings.services.refusals import BookingRefused
from bookings.tests.checks import make_sessions, make_treated
from bookings.tests.factories import NOW, make_appointment, make_user
from bookings.tests.reacting import (
    DAY,
    in_days,
    make_done,
    make_reaction,
    make_unrated,
    make_worry,
)
from bookings.tests.threads import at_once
from clinic.roles import CLINICIAN, FRONT_DESK

MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


def report(session=None, actor=None, now=NOW, **facts):
    facts = {"severity": "mild", "words": "A red cheek."} | facts
    return reporting.report(
        session or make_done(),
        reporting.Seen(**facts),
        actor=actor or make_user(FRONT_DESK),
        now=now,
    )


def rate(reaction, actor=None, now=NOW, **facts):
    defaults = {
        "version": reaction.version,
        "severity": "mild",
        "advice": "Cool it.",
        "follow_up_on": in_days(2),
    }
    following.rate(
        reaction, **defaults | facts, actor=actor or make_user(CLINICIAN), now=now
    )
    reaction.refresh_from_db()


def look_again(reaction, now=NOW, **facts):
    defaults = {
        "version": reaction.version,
        "words": "Paler.",
        "follow_up_on": in_days(5),
    }
    following.look_again(reaction, **defaults | facts, actor=make_user(), now=now)
    reaction.refresh_from_db()


def close(reaction, now=NOW, **facts):
    defaults = {
        "version": reaction.version,
        "severity": "mild",
        "outcome": "Healed.",
    }
    following.close(reaction, **defaults | facts, actor=make_user(), now=now)
    reaction.refresh_from_db()


def sweep(now=NOW):
    following.reconcile(now=now)
    return list(Task.objects.open().filter(kind=TaskKind.REACTION))


# --- The first word: staff ------------------------------------------------------------


def test_what_the_desk_reports_waits_for_a_clinician():
    said = report(words=" Her cheek is hot. ", signs_seen=["swelling", "fever", "x"])

    task = Task.objects.get()
    assert (said.words, said.signs) == ("Her cheek is hot.", ["fever", "swelling"])
    assert (task.kind, task.appointment) == (TaskKind.REACTION, said.appointment)
    assert "Rate it." in task.words
    assert board.rows_of([said], now=NOW)[0].is_to_rate


def test_a_clinician_who_advises_at_once_leaves_nothing_to_rate():
    said = report(
        actor=make_user(CLINICIAN), advice="Cool it.", follow_up_on=in_days(3)
    )

    assert said.follow_up_on == in_days(3)
    assert not Task.objects.exists()


def test_advice_is_a_clinicians():
    with pytest.raises(BookingRefused, match="A clinician gives the advice"):
        report(advice="Cool it.", follow_up_on=in_days(3))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"words": "  "}, "Say what happened"),
        ({"words": "x" * 1001}, "up to 1000 characters"),
        ({"severity": "awful"}, "Say how bad it is"),
    ],
)
def test_a_report_says_what_happened_and_how_bad_it_is(facts, words):
    with pytest.raises(BookingRefused, match=words):
        report(**facts)

    assert not Reaction.objects.exists()


def test_words_of_a_thousand_letters_are_kept():
    assert len(report(words="x" * 1000).words) == 1000


def test_a_session_still_to_come_has_no_reaction():
    [session, _later] = make_sessions(make_treated())

    with pytest.raises(BookingRefused, match="has begun"):
        report(session)


def test_a_session_under_way_may_have_one():
    session = make_appointment(
        plan=make_treated(), starts_at=NOW, status=AppointmentStatus.IN_SESSION
    )

    assert report(session).pk


def test_a_talk_has_none():
    assert not reporting.may_report(
        make_appointment(status=AppointmentStatus.DONE, completed_at=NOW)
    )


@pytest.mark.parametrize(("later", "kept"), [(9 * MINUTE, 1), (10 * MINUTE, 2)])
def test_the_same_said_twice_within_ten_minutes_is_kept_once(later, kept):
    session, actor = make_done(), make_user(FRONT_DESK)

    for at in (NOW, NOW + later):
        report(session, actor, now=at)

    assert Reaction.objects.count() == kept


def test_a_report_without_its_task_is_not_kept(monkeypatch):
    def fail(*_args, **_facts):
        raise RuntimeError("stopped after the write")

    session = make_done()
    monkeypatch.setattr(reporting.todo, "open_task", fail)
    with pytest.raises(RuntimeError):
        report(session)

    assert not Reaction.objects.exists()


# --- The first word: a patient --------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "severity"),
    [([], Severity.MODERATE), (["fever"], Severity.SEVERE)],
)
def test_a_worry_becomes_a_reaction_that_is_taken_for_rather_worse(said, severity):
    worry = make_worry(signs=said, words="It is hot")

    row = worry.reaction
    assert (row.severity, row.signs, row.words) == (severity, said, "It is hot")
    assert Task.objects.get().kind == TaskKind.HEALING  # one alert, not two


@pytest.mark.parametrize("state", [HealingState.WELL, HealingState.EXPECTED])
def test_a_good_answer_is_no_reaction(state):
    checkins.say(make_done(), moment="48h", state=state, now=NOW)

    assert not Reaction.objects.exists()


def test_another_worry_joins_the_open_reaction_and_overtakes_who_is_writing():
    session = make_done()
    row = make_worry(session, words="Red").reaction
    seen = row.version
    make_worry(session, signs=["pus"], words="Pus now", now=NOW + DAY)

    row.refresh_from_db()
    assert row.signs == ["pus"]
    assert row.notes.get().words == "Worried again.\nPus\nPus now"
    with pytest.raises(BookingRefused, match="meanwhile"):
        rate(row, version=seen)


def test_a_worry_after_it_was_closed_is_a_new_reaction():
    session = make_done()
    close(make_worry(session).reaction)

    make_worry(session, now=NOW + DAY)

    assert Reaction.objects.count() == 2
    assert Reaction.objects.open().count() == 1


def test_signs_of_patients_are_known_to_staff():
    assert set(checkins.SIGNS) <= set(signs.KNOWN)
    assert set(checkins.SIGNS) == signs.ALARMING


# --- Rating, looking again, closing -----------------------------------------------------


def test_rating_settles_every_alert_about_it():
    session = make_done()
    row = make_worry(session).reaction
    make_worry(session, now=NOW + DAY)
    row.refresh_from_db()

    rate(row, severity="severe", advice="Come in today.", now=NOW + DAY)

    assert (row.severity, row.advice) == ("severe", "Come in today.")
    assert not Task.objects.open().exists()
    assert "it was taken for moderate" in row.notes.last().words


@pytest.mark.parametrize(
    ("days", "is_fine"), [(-1, False), (0, True), (365, True), (366, False)]
)
def test_the_day_to_look_again_is_today_or_within_a_year(days, is_fine):
    row = make_unrated()

    if is_fine:
        rate(row, follow_up_on=in_days(days))
    else:
        with pytest.raises(BookingRefused):
            rate(row, follow_up_on=in_days(days))

    assert bool(row.follow_up_on) == is_fine


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"follow_up_on": None}, "Say when to look again"),
        ({"advice": " "}, "Say what you advised"),
        ({"severity": ""}, "Say how bad"),
    ],
)
def test_rating_wants_all_three(facts, words):
    with pytest.raises(BookingRefused, match=words):
        rate(make_unrated(), **facts)


def test_looking_again_leaves_a_note_and_another_day():
    row = make_reaction()

    look_again(row)

    assert row.notes.get().words == "Paler."
    assert row.follow_up_on == in_days(5)


def test_what_nobody_rated_is_rated_first():
    with pytest.raises(BookingRefused, match="Rate it first"):
        look_again(make_unrated())


def test_closing_keeps_who_when_and_how_it_ended():
    row = make_reaction()

    close(row, severity="severe", outcome=" Healed. ")

    assert (row.outcome, row.closed_at, row.follow_up_on) == ("Healed.", NOW, None)
    assert (row.severity, row.is_open) == ("severe", False)


def test_closing_says_how_it_ended():
    with pytest.raises(BookingRefused, match="how it ended"):
        close(make_reaction(), outcome="")


def test_what_is_closed_takes_nothing_more():
    row = make_reaction()
    close(row)

    for act in (rate, look_again, close):
        with pytest.raises(BookingRefused, match="closed it already"):
            act(row)


@pytest.mark.parametrize("act", [rate, look_again, close])
def test_the_second_of_two_is_told_and_changes_nothing(act):
    row = make_reaction()
    look_again(row)
    notes = ReactionNote.objects.count()

    with pytest.raises(BookingRefused, match="meanwhile"):
        act(row, version=1)

    assert ReactionNote.objects.count() == notes


@pytest.mark.django_db(transaction=True)
def test_of_two_who_close_at_once_one_wins():
    row, doctor = make_reaction(), make_user(CLINICIAN)

    def end(outcome):
        following.close(
            row,
            version=1,
            severity="mild",
            outcome=outcome,
            actor=doctor,
            now=NOW,
        )

    outcomes = at_once(lambda: end("one"), lambda: end("two"))

    assert sum(isinstance(one, BookingRefused) for one in outcomes) == 1


def test_the_trail_goes_from_the_first_word_to_the_last():
    session = make_done()
    reaction = make_worry(session).reaction
    make_worry(session, words="Worse", now=NOW + MINUTE)
    reaction.refresh_from_db()
    rate(reaction, now=NOW + 2 * MINUTE)
    close(reaction, now=NOW + DAY)

    [row] = board.rows_of(board.with_people(Reaction.objects.all()), now=NOW)
    steps = trail.of(row)

    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert [step.who for step in steps][:2] == ["the patient", "the patient"]
    assert (steps[0].title, steps[-1].title) == ("Reported", "Closed")


# --- It comes back on its day -------------------------------------------------------------


@pytest.mark.parametrize(("days", "asked"), [(-1, 1), (0, 1), (1, 0)])
def test_a_clinician_is_asked_on_the_day_and_not_before(days, asked):
    make_reaction(follow_up_on=in_days(days))

    assert len(sweep()) == asked
    assert len(sweep()) == asked  # once


def test_looking_again_settles_it_and_the_next_day_asks_anew():
    row = make_reaction(follow_up_on=in_days(0))
    sweep()

    look_again(row, follow_up_on=in_days(1))

    assert sweep() == []
    assert len(sweep(NOW + DAY)) == 1


def test_looking_again_the_same_day_asks_again_the_same_day():
    row = make_reaction(follow_up_on=in_days(0))
    sweep()

    look_again(row, follow_up_on=in_days(0))

    assert len(sweep()) == 1


def test_what_is_closed_asks_no_more():
    row = make_reaction(follow_up_on=in_days(0))
    sweep()
    close(row)

    assert sweep(NOW + DAY) == []


def test_beat_knows_the_sweep():
    make_reaction(follow_up_on=in_days(-400))
    names = {row["task"] for row in settings.CELERY_BEAT_SCHEDULE.values()}

    tasks.look_after_reactions()

    assert "bookings.tasks.look_after_reactions" in names
    assert Task.objects.get().kind == TaskKind.REACTION


# --- Alerts -------------------------------------------------------------------------------


def test_a_note_that_closes_an_alert_closes_what_nobody_rated(clinician):
    row = make_worry().reaction

    alerts.answer(Task.objects.get(), note="All well", actor=clinician, now=NOW)

    row.refresh_from_db()
    assert (row.outcome, row.closed_by) == ("All well", clinician)


def test_a_note_leaves_what_is_followed_up(clinician):
    session = make_done()
    row = make_worry(session).reaction
    rate(row)
    make_worry(session, words="Again", now=NOW + MINUTE)

    alerts.answer(
        Task.objects.open().get(), note="Called", actor=clinician, now=NOW + DAY
    )

    row.refresh_from_db()
    assert row.is_open
    assert (row.notes.last().words, row.follow_up_on) == ("Called", in_days(2))


def test_a_note_leaves_a_reaction_of_which_another_worry_waits(clinician):
    session = make_done()
    row = make_worry(session).reaction
    make_worry(session, words="Again", now=NOW + DAY)
    first, second = Task.objects.open()

    alerts.answer(first, note="Called", actor=clinician, now=NOW + DAY)
    row.refresh_from_db()
    assert row.is_open

    alerts.answer(second, note="Well now", actor=clinician, now=NOW + DAY)
    row.refresh_from_db()
    assert row.outcome == "Well now"


def test_a_reaction_is_answered_on_its_own_page(clinician):
    report()

    with pytest.raises(BookingRefused, match="Open the reaction"):
        alerts.answer(Task.objects.get(), note="x", actor=clinician, now=NOW)
    with pytest.raises(BookingRefused, match="A clinician closes this one"):
        todo.done(Task.objects.get(), actor=clinician, now=NOW)


def test_a_severe_report_comes_before_an_older_worry():
    make_worry(make_done(name="Older"), now=NOW - DAY)
    report(make_done(name="Mild"), now=NOW - 2 * DAY)
    report(make_done(name="Severe"), severity="severe")
    report(make_done(name="Pus"), signs_seen=["pus"], now=NOW + MINUTE)

    rows = alerts.open_alerts(now=NOW)

    names = [row.patient.first_name for row in rows]
    assert names == ["Severe", "Pus", "Mild", "Older"]


# --- A word to the clinicians' mailbox ------------------------------------------------------


def test_the_letter_to_the_clinicians_says_nothing_of_health():
    telling.send()

    [letter] = mail.outbox
    assert letter.to == [settings.CLINIC_EMAIL]
    assert "/review/alerts/" in letter.body
    assert "Ada" not in letter.subject + letter.body


@pytest.mark.parametrize(
    ("facts", "rings"),
    [
        ({}, 0),
        ({"severity": "moderate"}, 0),
        ({"severity": "severe"}, 1),
        ({"signs_seen": ["fever"]}, 1),
    ],
)
def test_the_mailbox_is_rung_for_what_cannot_wait(
    facts, rings, monkeypatch, django_capture_on_commit_callbacks
):
    rung = []
    monkeypatch.setattr(doorbell, "ring", rung.append)
    with django_capture_on_commit_callbacks(execute=True):
        report(**facts)

    assert rung == ["tell_clinicians"] * rings


def test_a_worry_rings_and_a_silent_broker_stops_nothing(
    monkeypatch, django_capture_on_commit_callbacks
):
    def silent(_name):
        raise doorbell.NobodyThere

    monkeypatch.setattr(doorbell, "ring", silent)
    with django_capture_on_commit_callbacks(execute=True):
        make_worry()

    assert Reaction.objects.get().is_open


def test_nothing_is_rung_for_what_is_not_kept(
    monkeypatch, django_capture_on_commit_callbacks
):
    rung = []
    monkeypatch.setattr(doorbell, "ring", rung.append)
    session = make_done()

    def stopped():
        with transaction.atomic():
            report(session, severity="severe")
            raise RuntimeError

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(RuntimeError):
        stopped()

    assert rung == []
