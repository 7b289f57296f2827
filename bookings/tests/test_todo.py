"""What is to do: opened once, ticked off once, and where it is settled."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings.models import Patient, Task, TaskKind
from bookings.services import todo
from bookings.services.missing import stranded
from bookings.services.moves import changes
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    NOW,
    make_appointment,
    make_outage,
    make_patient,
    make_plan,
    make_task,
    make_user,
)
from bookings.tests.test_series_book import book, make_approved, make_sessions
from clinic.models import Resource

pytestmark = pytest.mark.django_db


def page(client):
    return client.get(reverse("desk:tasks")).content.decode()


def test_a_task_is_opened_once_while_it_is_open():
    for _time in range(2):
        todo.open_task(TaskKind.CALL, "ada", "Call Ada.", now=NOW)
    assert todo.close(Task.objects.all(), actor=None, now=NOW) == 1
    todo.open_task(TaskKind.CALL, "ada", "Call Ada.", now=NOW)

    assert [task.is_open for task in Task.objects.order_by("pk")] == [False, True]


def test_a_task_is_ticked_off_once():
    task, actor = make_task(), make_user()

    todo.done(task, actor=actor, now=NOW)

    task.refresh_from_db()
    assert (task.closed_by, task.closed_at) == (actor, NOW)
    with pytest.raises(BookingRefused, match="done this already"):
        todo.done(task, actor=actor, now=NOW)


def test_a_task_of_an_outage_closes_only_by_itself():
    task = make_task(kind=TaskKind.OUTAGE, outage=make_outage())

    with pytest.raises(BookingRefused, match="closes by itself"):
        todo.done(task, actor=make_user(), now=NOW)


def test_closed_today_counts_from_the_clinics_midnight():
    zone = timezone.get_default_timezone()
    midnight = datetime(2026, 11, 24, tzinfo=zone)
    for closed in (midnight, midnight - timedelta(seconds=1)):
        make_task(closed_at=closed, words=f"{closed:%d}")

    assert [task.words for task in todo.closed_today(now=NOW)] == ["24"]


def test_the_page_lists_what_is_open_by_kind_and_counts_it(as_desk):
    make_task(words="Call Bea.")
    make_task(kind=TaskKind.LATE, words="Cem came late.")

    shown = page(as_desk)

    assert shown.index("Late arrival") < shown.index("Call the patient")
    assert "2 tasks are open" in shown
    assert '<span class="n">2<span class="visually-hidden"> open</span></span>' in shown


def test_an_empty_list_says_so(as_desk):
    shown = page(as_desk)

    assert "Nothing is waiting for you." in shown
    assert 'class="n"' not in shown


def test_each_task_leads_to_where_it_is_settled(as_desk):
    plan, patient, visit = make_plan(), make_patient(), make_appointment()
    broken, outage = make_plan(), make_outage()
    make_task(kind=TaskKind.OUTAGE, outage=outage, plan=plan)
    make_task(kind=TaskKind.WINDOW, plan=broken, appointment=visit)
    make_task(appointment=visit)
    make_task(plan=plan)
    make_task(patient=patient)

    shown = page(as_desk)

    for name, pk in (
        ("desk:outage", outage.pk),
        ("desk:plan-repair", broken.pk),
        ("desk:appointment", visit.pk),
        ("desk:plan", plan.pk),
        ("desk:patient", patient.pk),
    ):
        assert f'href="{reverse(name, args=[pk])}"' in shown


def test_tasks_of_one_outage_are_one_row(as_desk):
    outages = [make_outage(), make_outage()]
    for outage in (*outages, *outages):
        make_task(kind=TaskKind.OUTAGE, outage=outage)

    shown = page(as_desk)

    assert shown.count("2 appointments have to be re-planned") == 2
    assert shown.count(">Re-plan</a>") == 2


def test_done_moves_a_task_below_with_who_did_it(as_desk, desk):
    task = make_task(words="Call Bea.")

    answer = as_desk.post(reverse("desk:task-done", args=[task.pk]), follow=True)

    shown = answer.content.decode()
    assert "Nothing is waiting for you." in shown
    assert shown.index("Done today") < shown.index("Call Bea.")
    assert desk.get_full_name() in shown


def test_done_twice_is_refused_in_words(as_desk):
    task = make_task(closed_at=timezone.now())

    answer = as_desk.post(reverse("desk:task-done", args=[task.pk]))

    assert answer.status_code == 422
    assert "Someone has done this already." in answer.content.decode()


def test_the_list_costs_the_same_for_one_and_many(as_desk, django_assert_num_queries):
    make_task(plan=make_plan(), patient=make_patient())
    as_desk.get(reverse("desk:tasks"))
    for _number in range(3):
        make_task(plan=make_plan(), patient=make_patient())
        make_task(closed_at=timezone.now(), closed_by=make_user())

    with django_assert_num_queries(6):
        as_desk.get(reverse("desk:tasks"))


# --- The longest names ----------------------------------------------------------------


@pytest.fixture
def long_names():
    """A booked series at a place where every name is as long as it may be."""
    plan = make_approved(session_count=2)
    book(plan, make_sessions(plan, (0, 49)))
    Patient.objects.update(first_name="x" * 80, last_name="y" * 80)
    Resource.objects.update(name="z" * 80)
    return plan


def test_the_longest_names_of_what_is_no_longer_in_use_have_room(long_names):
    Resource.objects.update(is_active=False)

    stranded.reconcile(now=NOW)

    assert len(Task.objects.first().words) == todo.LONGEST


def test_the_longest_names_of_who_is_not_free_have_room(long_names):
    visit = long_names.appointments.get(number=1)
    late = {"minutes": 500, "actor": make_user(), "now": visit.starts_at}

    changes.arrive_late(visit, **late)

    assert len(Task.objects.get().words) == todo.LONGEST
