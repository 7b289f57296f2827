"""The series screen as the desk uses it: a plan to book, its page, its submit."""

import re
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from bookings.models import PlanStatus
from bookings.tests.factories import (
    make_answers,
    make_place_with_people,
    make_plan,
    make_user,
)


def make_signed(place=None, **fields):
    """A plan signed today; these pages live in the real present."""
    now = timezone.now()
    plan = make_plan(
        location=place or make_place_with_people(),
        status=PlanStatus.APPROVED,
        reviewed_by=make_user("Clinician"),
        reviewed_at=now,
        drafted_at=now,
        **fields,
    )
    make_answers(plan, answered_at=now - timedelta(days=1))
    return plan


def propose(client, plan, **query):
    return client.get(reverse("desk:series-propose", args=[plan.pk]), query)


def hidden(response, name):
    page = response.content.decode()
    return re.search(rf'name="{name}"\s+value="([^"]*)"', page)[1]


def submit(client, plan, shown, *, strategy="earliest-finish", query="", **changes):
    data = {
        "strategy": strategy,
        "key": hidden(shown, "key"),
        f"plan-{strategy}": hidden(shown, f"plan-{strategy}"),
    }
    address = reverse("desk:series-book", args=[plan.pk])
    return client.post(f"{address}?{query}", data | changes)
