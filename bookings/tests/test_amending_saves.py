"""Saving an amendment: exactly what was previewed, once, fresh, all or nothing."""

from contextlib import suppress
from datetime import time, timedelta
from itertools import pairwise, product

import pytest
from django.db import InternalError, transaction

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Claim,
    Message,
    MessageStatus,
    OverriddenRule,
    PlanAmendment,
    SeriesHold,
)
from bookings.services.amendments import amending
from bookings.services.amendments.amend_diff import Fate
from bookings.services.holding import holds
from bookings.services.messages import reminders
from bookings.services.overrides import Override
from bookings.services.refusals import BookingRefused
from bookings.tests.factories import (
    make_place_with_people,
    make_protocol,
    make_user,
)
from bookings.tests.test_amending import (
    diary_of,
    fates,
    make_booked,
    make_done,
    preview,
    save,
)
from bookings.tests.test_overrides import make_visit
from bookings.tests.test_series_book import (
    FIRST,
    book,
    local,
    make_approved,
    make_sessions,
)

pytestmark = pytest.mark.django_db


def everything():
    """All that an amendment may touch, as values."""
    return (
        list(Appointment.objects.order_by("pk").values_list("pk", "status", "version")),
        list(Claim.objects.order_by("pk").values_list("pk", "resource", "during")),
        list(Message.objects.order_by("pk").values_list("pk", "status", "due_at")),
        PlanAmendment.objects.count(),
        SeriesHold.objects.count(),
        list(Appointment.objects.values_list("plan__status", "plan__version")),
    )


CHANGES = {
    "fewer": {"session_count": 2},
    "more": {"session_count": 5},
    "longer": {"gap_days": (56, 70)},
    "fewer-and-longer": {"session_count": 2, "gap_days": (56, 70)},
    "more-and-longer": {"session_count": 4, "gap_days": (60, 80)},
}


def expected_of(diff, standing):
    """The diary as the preview says it will be."""
    status = "held" if diff.is_medical else "booked"
    for line in diff.lines:
        if line.fate is Fate.KEPT:
            yield (line.number, *standing[line.number])
        elif line.after:
            roles = sorted(line.after.roles.items())
            yield (line.number, status, line.after.starts_at, roles)


@pytest.mark.parametrize("name", CHANGES)
def test_saving_does_exactly_what_the_preview_says(name):
    plan = make_booked()
    standing = {number: row for number, *row in diary_of(plan)}

    diff = preview(plan, **CHANGES[name])
    save(plan, diff)

    assert diary_of(plan) == list(expected_of(diff, standing))
    gone = {m.number for m in diff.messages if m.old_due}
    superseded = Message.objects.filter(status=MessageStatus.SUPERSEDED)
    assert set(superseded.values_list("appointment__number", flat=True)) == gone


class Undo(Exception):
    """Take back what one round of a test wrote."""


@pytest.mark.parametrize("done", [0, 1, 2])
def test_every_mix_of_changes_is_refused_at_once_or_saved_as_previewed(done, desk):
    plan = make_booked((0, 45, 94, 149))
    for number in range(1, done + 1):
        make_done(plan, number)
    standing = {number: row for number, *row in diary_of(plan)}
    mixes = product((1, 3, 4, 6), (None, (42, 63), (49, 56), (60, 80)), (False, True))
    other = make_protocol(gap_min_days=45, gap_max_days=60)
    saved = 0
    for count, gap, is_other in mixes:
        protocol = other if is_other else plan.protocol
        diff = preview(plan, session_count=count, gap_days=gap, protocol=protocol)
        with suppress(Undo), transaction.atomic():
            if diff.refusal:
                raise Undo
            save(plan, diff, actor=desk)
            saved += 1
            assert diary_of(plan) == list(expected_of(diff, standing))
            assert within_gaps(plan)
            raise Undo
        plan.refresh_from_db()
    assert saved >= 12


def within_gaps(plan):
    """Whether all that is to come keeps the plan's own gaps."""
    plan.refresh_from_db()
    fewest, most = plan.gap_days
    rows = list(plan.appointments.live().order_by("number"))
    return all(
        fewest <= (after.anchor_date - before.anchor_date).days <= most
        for before, after in pairwise(rows)
        if after.status != AppointmentStatus.DONE
    )


@pytest.mark.parametrize("gap", [37, 59])
def test_a_gap_that_was_allowed_stays_when_a_session_is_added(gap, manager):
    plan = make_approved(session_count=2)
    given = [Override(OverriddenRule.GAP, 2, "Leaves for the winter")]
    book(plan, make_sessions(plan, (0, gap)), actor=manager, overrides=given)

    diff = preview(plan, session_count=3)
    save(plan, diff)

    assert fates(diff) == {1: "kept", 2: "kept", 3: "added"}


def test_a_second_visit_that_was_allowed_stays_when_a_session_is_added(manager):
    plan = make_approved(session_count=2)
    make_visit(plan, FIRST)
    given = [Override(OverriddenRule.SAME_DAY, 1, "Lives far away")]
    book(plan, make_sessions(plan, (0, 49)), actor=manager, overrides=given)

    diff = preview(plan, session_count=3)

    assert fates(diff) == {1: "kept", 2: "kept", 3: "added"}


def test_times_are_those_of_the_plans_own_zone():
    place = make_place_with_people()
    place.timezone = "America/Vancouver"
    place.save(update_fields=["timezone"])
    plan = make_approved(place)
    book(plan, make_sessions(plan, at=time(13)))

    diff = preview(plan, session_count=4)
    save(plan, diff)

    added = plan.appointments.get(number=4)
    assert added.local_start == diff.lines[3].after.starts_at
    assert 9 <= added.local_start.hour <= 11  # 13:00 in Ottawa is 10:00 there


def test_the_preview_of_a_preview_is_the_same_and_writes_nothing():
    plan = make_booked()
    before = everything()

    one, two = (preview(plan, session_count=5) for _turn in range(2))

    assert one.lines == two.lines
    assert one.messages == two.messages
    assert everything() == before


def test_the_same_submit_counts_once():
    plan, actor = make_booked(), make_user("Front desk")
    diff = preview(plan, session_count=4)

    first, again = (save(plan, diff, actor=actor, version=1) for _turn in range(2))

    assert first == again
    assert PlanAmendment.objects.count() == 1


def test_a_plan_that_changed_meanwhile_is_refused():
    plan = make_booked()
    stale = preview(plan, session_count=2)
    save(plan, preview(plan, session_count=4))
    before = everything()

    with pytest.raises(BookingRefused, match="have changed since"):
        save(plan, stale, version=1)

    assert everything() == before


def test_bookings_that_changed_meanwhile_are_refused():
    plan = make_booked()
    diff = preview(plan, session_count=4)
    row = plan.appointments.get(number=3)
    row.version = 2
    row.save(update_fields=["version"])

    with pytest.raises(BookingRefused, match="have changed since"):
        save(plan, diff)


def test_a_session_that_began_meanwhile_is_not_taken_away():
    plan = make_booked()
    diff = preview(plan, session_count=2)

    with pytest.raises(BookingRefused, match="Session 3 has begun"):
        save(plan, diff, now=local(FIRST + timedelta(days=98)))


def test_a_preview_of_another_plan_is_refused():
    place, protocol = make_place_with_people(), make_protocol()
    plan = make_booked(place=place, protocol=protocol)
    other = make_approved(place, protocol=protocol)

    with pytest.raises(BookingRefused, match="have changed since"):
        save(other, preview(plan, session_count=2))


def test_a_time_that_was_taken_meanwhile_refuses_all_of_it():
    place, protocol = make_place_with_people(), make_protocol()
    plan = make_booked(place=place, protocol=protocol)
    diff = preview(plan, session_count=4)
    added = diff.lines[3].after.starts_at
    rival = make_approved(place, protocol=protocol, session_count=1)
    book(rival, make_sessions(rival, (0,), first=added.date(), at=added.time()))
    before = everything()

    with pytest.raises(BookingRefused, match="just booked"):
        save(plan, diff)

    assert everything() == before


STEPS = {
    "plan": (PlanAmendment.objects, "create"),
    "given up": (amending, "_give_up"),
    "messages": (reminders, "withdraw"),
    "told": (reminders, "promise"),
    "pencilled": (holds, "hold"),
}


@pytest.mark.parametrize("step", STEPS)
def test_failing_after_any_step_leaves_everything_as_it_was(step, monkeypatch):
    plan = make_booked()
    diff = preview(plan, gap_days=(60, 80), session_count=2)
    before = everything()
    owner, name = STEPS[step]
    real = getattr(owner, name)

    def write_and_fail(*args, **kwargs):
        real(*args, **kwargs)
        raise RuntimeError(step)

    monkeypatch.setattr(owner, name, write_and_fail)
    with pytest.raises(RuntimeError, match=step):
        save(plan, diff)

    assert everything() == before


def test_an_amendment_is_never_changed_nor_deleted():
    plan = make_booked()
    save(plan, preview(plan, session_count=2))

    for change in (
        lambda rows: rows.update(reason="Another"),
        lambda rows: rows.delete(),
    ):
        with pytest.raises(InternalError), transaction.atomic():
            change(PlanAmendment.objects.all())


# --- What it shows ---------------------------------------------------------------------


def test_people_and_devices_that_lose_or_gain_a_time_are_named():
    plan = make_booked()
    third = plan.appointments.get(number=3).local_start

    diff = preview(plan, session_count=2)

    freed = {one.name: one.freed for one in diff.resources}
    assert freed == {"Dr Okafor": (third,), "Pen 1": (third,), "Room 1": (third,)}
    assert all(one.taken == () for one in diff.resources)


def test_before_and_after_are_drawn_with_where_it_was():
    diff = preview(make_booked(), session_count=2)

    states = [
        [(s.number, str(s.state)) for s in ribbon.sessions] for ribbon in diff.ribbons
    ]
    assert states == [
        [(1, "booked"), (2, "booked"), (3, "booked")],
        [(1, "booked"), (2, "booked"), (3, "was")],
    ]
