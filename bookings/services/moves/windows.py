"""Windows that broke and sessions without a time: tasks that open and close by rule."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    OverriddenRule,
    Task,
    TaskKind,
    TreatmentPlan,
)
from bookings.services import overrides, todo
from bookings.services.missing import displaced, outages
from bookings.services.moves import standing
from bookings.services.outcomes import following
from bookings.services.spacing import Breach
from clinic.models import User

LOST = [
    AppointmentStatus.CANCELLED,
    AppointmentStatus.LATE_CANCELLED,
    AppointmentStatus.NO_SHOW,
]


def settle(plan: TreatmentPlan, *, actor: User | None, now: datetime) -> None:
    """Open a task for every window that is broken and every session that lost its time.

    What is in order again closes. Call it under the plan's lock, after every change:
    time that became free while something is missing is claimed as its absence.
    """
    sessions = standing.sessions_of(plan)
    found = {
        **_broken(plan, sessions, now),
        **_lost(plan, sessions),
    }
    _close_settled(plan, sessions, found, actor, now)
    for (kind, number), words in found.items():
        key = _key(plan, number)
        about = {
            "plan": plan,
            "patient": plan.patient,
            "appointment": sessions.get(number),
        }
        todo.open_task(kind, key, words, now=now, **about)
        Task.objects.open().filter(key=f"{kind}:{key}").update(words=words)
    outages.follow(plan, actor=actor, now=now)
    displaced.follow(plan, actor=actor, now=now)
    following.settle(plan, actor=actor, now=now)


def settle_around(row: Appointment, *, actor: User | None, now: datetime) -> None:
    """Settle the series that `row` is a session of, or whose result it looks at."""
    if row.plan and row.kind == AppointmentKind.SESSION:
        settle(row.plan, actor=actor, now=now)
    following.settle_around(row, actor=actor, now=now)


def _key(plan: TreatmentPlan, number: int) -> str:
    return f"plan:{plan.pk}:{number}"


def late_key(row: Appointment) -> str:
    """What a task about a late arrival is known by: it is over once the time changes."""
    return f"{row.pk}:{row.starts_at.timestamp():.0f}"


def _broken(
    plan: TreatmentPlan, sessions: Mapping[int, Appointment], now: datetime
) -> dict[tuple[TaskKind, int], str]:
    """Gaps that nobody allowed, by the session that would have to move."""
    to_come = [row for row in sessions.values() if row.can_be_moved]
    placed = [_Placed(row.number or 0, row.starts_at) for row in to_come]
    return {
        (TaskKind.WINDOW, breach.number): _broken_words(plan, breach)
        for breach in overrides.needed(plan, placed, now=now)
        if breach.rule == OverriddenRule.GAP
    }


class _Placed:
    """A session where it stands."""

    def __init__(self, number: int, starts_at: datetime) -> None:
        self.number = number
        self.starts_at = starts_at


def _broken_words(plan: TreatmentPlan, breach: Breach) -> str:
    fewest, most = plan.gap_days
    before = breach.day - timedelta(days=breach.days or 0)
    return _(
        "%(patient)s: session %(number)s comes %(days)s days after session %(before)s. "
        "It has to lie between %(opens)s and %(closes)s."
    ) % {
        "patient": plan.patient,
        "number": breach.number,
        "before": breach.number - 1,
        "days": breach.days,
        "opens": date_format(before + timedelta(days=fewest), "D j M Y"),
        "closes": date_format(before + timedelta(days=most), "D j M Y"),
    }


def _lost(
    plan: TreatmentPlan, sessions: Mapping[int, Appointment]
) -> dict[tuple[TaskKind, int], str]:
    """Sessions that were cancelled or missed and have no new time."""
    if not plan.is_approved:
        return {}
    rows = plan.appointments.filter(
        kind=AppointmentKind.SESSION, status__in=LOST, number__lte=plan.session_count
    )
    numbers = set(rows.values_list("number", flat=True)) - set(sessions)
    return {
        (TaskKind.PLACE, number): _lost_words(plan, number, sessions)
        for number in sorted(number or 0 for number in numbers)
    }


def _lost_words(
    plan: TreatmentPlan, number: int, sessions: Mapping[int, Appointment]
) -> str:
    told = {"patient": plan.patient, "number": number}
    before = sessions.get(number - 1)
    if before is None:
        return _("%(patient)s: session %(number)s needs a new time.") % told
    fewest, most = plan.gap_days
    day: date = before.anchor_date
    return _(
        "%(patient)s: session %(number)s needs a new time, between %(opens)s and "
        "%(closes)s."
    ) % {
        **told,
        "opens": date_format(day + timedelta(days=fewest), "D j M Y"),
        "closes": date_format(day + timedelta(days=most), "D j M Y"),
    }


def _close_settled(
    plan: TreatmentPlan,
    sessions: Mapping[int, Appointment],
    found: Iterable[tuple[TaskKind, int]],
    actor: User | None,
    now: datetime,
) -> None:
    keep = [f"{kind}:{_key(plan, number)}" for kind, number in found]
    keep += [
        f"{TaskKind.LATE}:{late_key(row)}"
        for row in sessions.values()
        if row.can_be_moved
    ]
    mine = Task.objects.filter(
        plan=plan, kind__in=[TaskKind.WINDOW, TaskKind.PLACE, TaskKind.LATE]
    )
    todo.close(mine.exclude(key__in=keep), actor=actor, now=now)
