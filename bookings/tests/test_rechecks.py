"""Health questions again before a session: what is asked, written, held and let go."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings.models import (
    Appointment,
    AppointmentStatus,
    DecisionKind,
    HealthAnswer,
    Message,
    MessageStatus,
    Recheck,
    Task,
    TaskKind,
)
from bookings.services import answering, holding_back, links, plans
from bookings.services.links import Purpose
from bookings.services.messages import outbox
from bookings.services.messages.moments import GRACE
from bookings.services.moves import changes
from bookings.services.plans import Decision
from bookings.services.portal import rechecks
from bookings.services.portal.accounts import account_of
from bookings.services.refusals import BookingRefused
from bookings.services.screening import Given
from bookings.services.visit_checks import recheck_words
from bookings.tests.checks import WEEK, fresh, make_sessions, make_treated, seen
from bookings.tests.conftest import signed_in
from bookings.tests.factories import NOW, TODAY, make_answer, make_patient, make_user
from bookings.tests.threads import at_once

KEPT = ["pre-care", "practical"]
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


def tap(session, *, now=NOW):
    rechecks.nothing_changed(session, seen=seen(session, now), now=now)


def change(session, question, value, on_date=None, *, now=NOW):
    given = Given(question, value, on_date, is_fresh=True)
    return rechecks.change(session, [given], seen=seen(session, now), now=now)


def held(patient):
    return [one.is_held for one in holding_back.stands_of(patient, now=NOW + DAY)]


def states(session):
    rows = Message.objects.filter(appointment=session, rule__in=KEPT)
    return {row.rule: row.status for row in rows}


# --- What is asked ------------------------------------------------------------------


def test_only_what_can_change_is_asked_again():
    [session, _later] = make_sessions(make_treated())

    asked = [one.question.code for one in rechecks.check(session, now=NOW).asked]

    assert asked == ["pregnancy", "open-wound"]


def test_what_was_never_answered_is_asked_too():
    plan = make_treated()
    plan.patient = make_patient()
    plan.save(update_fields=["patient"])
    [session, _later] = make_sessions(plan)

    found = rechecks.check(fresh(session), now=NOW)

    assert len(found.asked) == 4
    assert found.needs_words
    with pytest.raises(BookingRefused, match="new question"):
        tap(session)


@pytest.mark.parametrize(("ahead", "is_due"), [(11, False), (10, True), (0, True)])
def test_questions_are_due_from_ten_local_days_before(ahead, is_due):
    [session] = make_sessions(make_treated(), NOW + ahead * DAY + timedelta(hours=1))

    assert rechecks.check(session, now=NOW).is_due == is_due


def test_the_desk_reads_whether_it_was_answered():
    [session, later] = make_sessions(make_treated())

    assert recheck_words(session, now=NOW) == (False, "Health questions due")
    assert recheck_words(later, now=NOW) is None
    tap(session)

    said = (True, "Checked 24 Nov: nothing has changed")
    assert recheck_words(session, now=NOW) == said


# --- One tap ------------------------------------------------------------------------


def test_one_tap_writes_all_and_only_what_was_asked():
    plan = make_treated()
    [session, _later] = make_sessions(plan)
    before = HealthAnswer.objects.count()

    tap(session)

    fresh_ones = HealthAnswer.objects.filter(answered_at=NOW)
    assert {(row.question, row.value) for row in fresh_ones} == {
        ("pregnancy", "no"),
        ("open-wound", "no"),
    }
    assert HealthAnswer.objects.count() == before + 2
    assert {row.answered_by for row in fresh_ones} == {account_of(plan.patient)}
    assert Recheck.objects.get().has_changed is False
    assert not Task.objects.exists()


def test_a_second_tap_writes_nothing_more():
    [session, _later] = make_sessions(make_treated())
    opened = seen(session)
    rechecks.nothing_changed(session, seen=opened, now=NOW)

    rechecks.nothing_changed(session, seen=opened, now=NOW + timedelta(seconds=2))

    assert Recheck.objects.count() == 1
    assert HealthAnswer.objects.filter(answered_at__gte=NOW).count() == 2


def test_nobody_confirms_answers_that_were_not_on_the_page():
    plan = make_treated()
    [session, _later] = make_sessions(plan)
    opened = seen(session)
    make_answer(
        patient=plan.patient, question="open-wound", value="yes", answered_at=NOW - DAY
    )

    with pytest.raises(BookingRefused, match="changed since you opened"):
        rechecks.nothing_changed(session, seen=opened, now=NOW)

    assert not Recheck.objects.exists()


def test_a_session_that_has_begun_takes_no_answers():
    [session, _later] = make_sessions(make_treated())
    opened = seen(session)
    Appointment.objects.filter(pk=session.pk).update(
        status=AppointmentStatus.IN_SESSION
    )

    with pytest.raises(BookingRefused, match="has begun"):
        rechecks.nothing_changed(session, seen=opened, now=NOW)


# --- A changed answer ---------------------------------------------------------------


def test_a_wait_holds_the_sessions_before_its_end_and_no_others():
    """Three months after 1 November: until 1 February, which itself suits."""
    plan = make_treated(session_count=3)
    ends = date(2027, 2, 1)
    starts = [NOW + WEEK, *(NOW + (ends - TODAY).days * DAY + n * DAY for n in (-1, 0))]
    make_sessions(plan, *starts)

    taken = change(
        plan.appointments.earliest("number"),
        "isotretinoin",
        "yes",
        date(2026, 11, 1),
    )

    assert [one.is_held for one in taken.stands] == [True, True, False]
    assert {one.from_date for one in taken.stands if one.is_held} == {ends}
    assert taken.has_changed
    assert Recheck.objects.get().has_changed


def test_every_open_plan_of_the_patient_is_judged_and_nobody_elses():
    plan, stranger = make_treated(), make_treated(patient=make_patient())
    second = make_treated(patient=plan.patient, protocol=plan.protocol)
    [session, _later] = make_sessions(plan)
    make_sessions(second, NOW + 2 * WEEK)
    make_sessions(stranger)

    change(session, "open-wound", "yes")

    assert held(plan.patient) == [True, True, True]
    assert held(stranger.patient) == [False, False]


def test_sessions_keep_their_time_and_their_state():
    plan = make_treated()
    rows = make_sessions(plan)

    change(rows[0], "open-wound", "yes")

    now = [fresh(row) for row in rows]
    assert [row.during for row in now] == [row.during for row in rows]
    assert {row.status for row in now} == {AppointmentStatus.BOOKED}


def test_what_is_held_cannot_begin_but_may_arrive():
    plan = make_treated()
    [session, _later] = make_sessions(plan, NOW, NOW + 8 * WEEK)
    desk = make_user("Front desk")
    change(session, "open-wound", "yes")

    changes.arrive(session, actor=desk, now=NOW)
    with pytest.raises(BookingRefused, match=r"Held back .* Open wound"):
        changes.begin(session, actor=desk, now=NOW)

    assert fresh(session).status == AppointmentStatus.ARRIVED


def test_messages_are_kept_back_and_promised_again():
    plan = make_treated()
    session, later = make_sessions(plan)
    later_due = Message.objects.get(appointment=later, rule="practical").due_at

    change(session, "open-wound", "yes")
    kept = [states(session), states(later)]
    cleared_at = NOW + WEEK - DAY + timedelta(hours=1)
    change(session, "open-wound", "no", now=cleared_at)

    suppressed = dict.fromkeys(KEPT, MessageStatus.SUPPRESSED)
    planned = dict.fromkeys(KEPT, MessageStatus.PLANNED)
    assert kept == [suppressed, suppressed]
    assert [states(session), states(later)] == [planned, planned]
    assert Message.objects.get(appointment=later, rule="practical").due_at == later_due
    overdue = Message.objects.get(appointment=session, rule="pre-care")
    assert overdue.due_at == cleared_at + GRACE


def test_other_letters_still_leave():
    plan = make_treated()
    [session, _later] = make_sessions(plan)

    change(session, "open-wound", "yes")

    other = Message.objects.filter(appointment=session).exclude(rule__in=KEPT)
    assert {row.status for row in other} == {MessageStatus.PLANNED}


def test_what_a_sender_has_in_hand_is_judged_before_it_leaves(mailoutbox):
    plan = make_treated()
    [session, _later] = make_sessions(plan)
    message = Message.objects.get(appointment=session, rule="pre-care")
    make_answer(
        patient=plan.patient, question="open-wound", value="yes", answered_at=NOW
    )

    Message.objects.exclude(pk=message.pk).update(due_at=NOW + 9 * WEEK)
    Message.objects.filter(pk=message.pk).update(due_at=NOW)
    outbox.send_due(clock=lambda: NOW + DAY)

    message.refresh_from_db()
    assert message.status == MessageStatus.SUPPRESSED
    assert message.problem == holding_back.reason_kept()
    assert not mailoutbox


def test_a_clinician_is_woken_once_with_what_changed():
    plan = make_treated()
    [session, _later] = make_sessions(plan)

    change(session, "open-wound", "yes")

    task = Task.objects.get()
    assert (task.kind, task.appointment, task.plan) == (
        TaskKind.ANSWERS,
        session,
        plan,
    )
    assert "Open wound: no → yes" in task.words
    assert "Held back: session 1 on Tue 1 Dec 2026, session 2" in task.words


def test_the_desks_own_notes_wake_nobody_unless_they_hold_a_session():
    plan = make_treated()
    make_sessions(plan)
    desk = make_user("Front desk")
    facts = {"actor": desk, "now": NOW}

    answering.take_down(plan.patient, [Given("cold-sores", "no", None, "x")], **facts)
    assert not Task.objects.exists()
    answering.take_down(plan.patient, [Given("cold-sores", "yes")], **facts)

    assert Task.objects.get().kind == TaskKind.ANSWERS


def test_all_of_it_or_nothing(monkeypatch):
    plan = make_treated()
    [session, _later] = make_sessions(plan)
    opened, answers = seen(session), HealthAnswer.objects.count()

    def fail(*_args, **_facts):
        raise RuntimeError("stopped after the write")

    monkeypatch.setattr(rechecks.Recheck.objects, "create", fail)
    with pytest.raises(RuntimeError):
        rechecks.change(session, [Given("open-wound", "yes")], seen=opened, now=NOW)

    assert HealthAnswer.objects.count() == answers
    assert not Task.objects.exists()
    assert set(states(session).values()) == {MessageStatus.PLANNED}


def test_a_clinicians_decision_releases(clinician):
    plan = make_treated()
    [session, _later] = make_sessions(plan)
    for area in plan.areas.all():
        plan.areas.filter(pk=area.pk).update(depth_mm="1.0", passes=2)
    change(session, "cold-sores", "yes")
    assert held(plan.patient) == [True, True]

    plans.submit(plan, clinician, NOW + DAY)
    plan.refresh_from_db()
    plans.approve(
        plan,
        version=plan.version,
        actor=clinician,
        now=NOW + DAY,
        decisions=[Decision("cold-sores", DecisionKind.CLEARED, "Antiviral given")],
    )

    assert held(plan.patient) == [False, False]
    assert set(states(session).values()) == {MessageStatus.PLANNED}
    changes.arrive(session, actor=clinician, now=NOW + WEEK)
    changes.begin(session, actor=clinician, now=NOW + WEEK)


def test_a_decision_outlives_a_tap_that_changes_nothing(clinician):
    """What is not asked again keeps its answer, and so its decision."""
    plan = make_treated()
    [session, _later] = make_sessions(plan)
    make_answer(
        patient=plan.patient,
        question="cold-sores",
        value="yes",
        answered_at=NOW - 2 * WEEK,
    )
    plan.decisions.create(
        rule_code="cold-sores",
        kind=DecisionKind.CLEARED,
        reason="Antiviral given",
        by=clinician,
        at=NOW - WEEK,
    )

    tap(session)

    assert held(plan.patient) == [False, False]


@pytest.mark.django_db(transaction=True)
def test_answering_and_beginning_at_once_leave_no_session_begun_against_an_answer():
    for _turn in range(6):
        plan = make_treated(patient=make_patient())
        [session, _later] = make_sessions(plan, NOW, NOW + 8 * WEEK, told=False)
        desk, opened = make_user("Front desk"), seen(session)
        changes.arrive(session, actor=desk, now=NOW)

        answered, begun = at_once(
            lambda s=session, o=opened: rechecks.change(
                s, [Given("open-wound", "yes")], seen=o, now=NOW
            ),
            lambda s=session, d=desk: changes.begin(s, actor=d, now=NOW),
        )

        refused = [isinstance(one, BookingRefused) for one in (answered, begun)]
        assert refused in ([True, False], [False, True])
        has_begun = fresh(session).status == AppointmentStatus.IN_SESSION
        assert has_begun == refused[0]


# --- The page -----------------------------------------------------------------------


def coming(**fields):
    """A plan with a session in three days of the real present, by both doors."""
    now = timezone.now()
    plan = make_treated(**fields)
    return plan, *make_sessions(plan, now + 3 * DAY, now + 60 * DAY)


def by_link(session, purpose=Purpose.ANSWERS, at=None):
    made = links.token(purpose, session, now=at or timezone.now())
    return reverse("portal:answers", args=[made])


def as_patient(patient):
    return signed_in(account_of(patient))


def post(client, place, **data):
    found = client.get(place).context["found"]
    return client.post(place, {"seen": found.seen} | data)


def full(plan, **said):
    """The whole form as answered before, but for what is `said`."""
    answers = dict.fromkeys(("isotretinoin", "cold-sores", "pregnancy"), "no")
    return answers | {"open-wound": "no", "do": "change"} | said


def test_by_link_nothing_has_changed_in_one_tap():
    _plan, session, _later = coming()
    place = by_link(session)

    page = Client().get(place)
    answer = post(Client(), place, do="same")

    assert "Nothing has changed" in page.content.decode()
    assert (answer.status_code, answer.url) == (302, place)
    assert "that nothing has changed" in Client().get(place).content.decode()
    assert Recheck.objects.count() == 1


def test_signed_in_an_answer_is_changed_and_the_page_says_what_it_means():
    plan, session, _later = coming()
    client = as_patient(plan.patient)
    place = reverse("portal:my-answers", args=[session.code])

    post(client, place, **full(plan, **{"open-wound": "yes"}))
    page = client.get(place).content.decode()

    assert "waits" in page
    assert "Open wound: treatment waits until the skin has healed." in page
    assert "is kept for you. Nothing is cancelled." in page
    assert f"tel:{session.location.phone}" in page


def test_a_date_that_is_missing_is_asked_for_with_the_rest_kept():
    plan, session, _later = coming()
    place = by_link(session)

    answer = post(Client(), place, **full(plan, isotretinoin="yes"))

    assert answer.status_code == 422
    assert "Type the date." in answer.content.decode()
    assert answer.context["form"]["isotretinoin"].value() == "yes"
    assert not Recheck.objects.exists()


def test_looking_writes_nothing():
    _plan, session, _later = coming()
    before = HealthAnswer.objects.count()

    Client().get(by_link(session))

    assert HealthAnswer.objects.count() == before


def test_the_page_speaks_french():
    _plan, session, _later = coming(patient=make_patient(language="fr"))
    place = links.address(Purpose.ANSWERS, session, now=timezone.now())

    page = Client().get("/fr/my/" + place.split("/my/")[1]).content.decode()

    assert 'lang="fr"' in page
    assert "Rien n’a changé" in page


@pytest.mark.parametrize("kind", ["wrong", "old", "foreign", "other purpose", "over"])
def test_a_link_that_opens_nothing_says_no_more_than_that(kind):
    plan, session, _later = coming()
    place = {
        "wrong": lambda: by_link(session)[:-2] + "x/",
        "old": lambda: by_link(session, at=timezone.now() - 31 * DAY),
        "foreign": lambda: by_link(session).replace(
            f"/{session.pk}.", f"/{_later.pk}."
        ),
        "other purpose": lambda: by_link(session, Purpose.HEALING),
        "over": lambda: by_link(session),
    }[kind]()
    if kind == "over":
        Appointment.objects.filter(pk=session.pk).update(
            status=AppointmentStatus.CANCELLED
        )

    answers = [Client().get(place), Client().post(place, {"do": "same"})]

    assert [answer.status_code for answer in answers] == [404, 404]
    for answer in answers:
        assert "This link does not work" in answer.content.decode()
        assert plan.patient.first_name not in answer.content.decode()
    assert not Recheck.objects.exists()


def test_another_patients_session_is_not_there():
    _plan, session, _later = coming()
    stranger = make_patient(email="other@example.org")
    place = reverse("portal:my-answers", args=[session.code])

    assert as_patient(stranger).get(place).status_code == 404
    assert Client().get(place).status_code == 302


def test_the_page_costs_the_same_for_three_sessions_as_for_one(count_queries):
    now = timezone.now()
    one, many = make_treated(), make_treated(patient=make_patient())
    [single] = make_sessions(one, now + 3 * DAY)
    first, *_rest = make_sessions(many, *(now + n * DAY for n in (3, 50, 100)))

    costs = [count_queries(Client(), by_link(row)) for row in (single, first)]

    assert costs[0] == costs[1]
