"""What stands of a plan's series, and the diary read as if it could all move."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    TreatmentPlan,
)
from bookings.scheduling import Allowance, Problem, Replanner, Session, Standing
from bookings.services import diary, overrides, patients, screening, steps
from bookings.services.judging import PlannedSession
from bookings.services.refusals import BookingRefused
from clinic.models import User

EVERY_DAY = frozenset(range(7))
ANY_TIME = (time(0), time(23, 59))

AWAITED = (AppointmentStatus.BOOKED, AppointmentStatus.CONFIRMED)
PRESENT = (*AWAITED, AppointmentStatus.ARRIVED)
UNDER_WAY = (*PRESENT, AppointmentStatus.IN_SESSION)


@dataclass(frozen=True)
class Scene:
    """A plan with its sessions by number, at `now`; `movable` are those still to come.

    Where a `target` moves, the sessions before it stay. It may have begun already, as
    far as the clock goes: a patient who is late.
    """

    plan: TreatmentPlan
    sessions: dict[int, Appointment]
    now: datetime
    target: int | None = None
    most: int = 1

    @property
    def today(self) -> date:
        """The local day at the plan's location."""
        return self.now.astimezone(self.plan.location.zone).date()

    @cached_property
    def movable(self) -> dict[int, Appointment]:
        return {
            number: row
            for number, row in self.sessions.items()
            if row.can_be_moved
            and number >= (self.target or 0)
            and (row.starts_at > self.now or number == self.target)
        }

    @cached_property
    def not_before(self) -> date | None:
        """The first local day that suits, as far as one is known."""
        return screening.first_suitable_date(self.plan, today=self.today, now=self.now)

    @cached_property
    def allowed(self) -> dict[int, Allowance]:
        """The gaps out of their window that somebody allowed as the series stands."""
        dates = {number: row.anchor_date for number, row in self.sessions.items()}
        return {
            row.number: Allowance(row.day, row.days)
            for row in overrides.standing(self.plan, dates)
            if row.is_gap and row.days
        }

    @cached_property
    def read(self) -> diary.Diary:
        """The diary without the sessions that may move, one visit a day."""
        return self._read(second_visits=False)

    @property
    def problem(self) -> Problem:
        """The planning problem: `most` plans are wanted."""
        return replace(self.read.problem, proposals=self.most)

    @cached_property
    def replanner(self) -> Replanner:
        return Replanner(self.problem, self.standing, allowed=self.allowed)

    @cached_property
    def twice_a_day(self) -> Replanner:
        """The same for a patient who may come twice on one day."""
        read = self._read(second_visits=True)
        problem = replace(read.problem, proposals=self.most)
        return Replanner(problem, self.standing, allowed=self.allowed)

    @property
    def standing(self) -> dict[int, Standing]:
        """The movable sessions as the planner wants them."""
        return {
            number: Standing(row.starts_at, roles_of(row))
            for number, row in self.movable.items()
        }

    def request(self, *, second_visits: bool = False) -> diary.Request:
        """Nothing new is placed today: what is left of it is asked for by its time."""
        away = self.plan.patient.away_dates.all()
        avoid = [(row.first_day, row.last_day) for row in away]
        days = [row.local_date for row in self.movable.values()]
        reach = timedelta(days=self.plan.gap_days[1])
        return diary.Request(
            earliest=self.today,
            weekdays=EVERY_DAY,
            arrive_between=ANY_TIME,
            avoid=((self.today, self.today), *avoid),
            not_before=self.not_before,
            second_visits=second_visits,
            shared_days=frozenset(days),
            moving=frozenset(self.movable),
            until=max(days, default=self.today) + reach,
        )

    def _read(self, *, second_visits: bool) -> diary.Diary:
        request = self.request(second_visits=second_visits)
        return diary.read(self.plan, request, now=self.now)


def of(
    plan: TreatmentPlan, *, now: datetime, target: int | None = None, most: int = 1
) -> Scene:
    """Read `plan` and its sessions, with all that re-planning looks at."""
    plan = (
        TreatmentPlan.objects.with_people()
        .prefetch_related(
            "overrides",
            "protocol__phases",
            "protocol__roles",
            "protocol__care_instructions",
        )
        .get(pk=plan.pk)
    )
    return Scene(plan, sessions_of(plan), now, target, most)


def sessions_of(plan: TreatmentPlan) -> dict[int, Appointment]:
    """The plan's sessions that are held, stand or were kept, with their claims."""
    rows = (
        plan.appointments.live()
        .filter(kind=AppointmentKind.SESSION)
        .with_people()
        .order_by("number")
    )
    return {row.number or 0: row for row in rows}


def roles_of(appointment: Appointment) -> dict[str, str]:
    """Who has claimed each role, as the planner names them; a shared one claims none."""
    return {claim.role: str(claim.resource_id) for claim in appointment.claims.all()}


def planned(session: Session) -> PlannedSession:
    """A planner's session as the services want it."""
    roles = {
        role: int(resource)
        for role, resource in session.roles.items()
        if role != diary.PATIENT
    }
    return PlannedSession(session.number, session.start, session.end, roles)


def lock(
    appointment: Appointment,
    statuses: Collection[AppointmentStatus],
    version: int | None,
    seen: str | None = None,
) -> Appointment:
    """Hold patient and plan, in this order; the row as it is now, or a refusal.

    It is refused in another state than `statuses` or than the page had `seen`, and in
    another version; the refusal says how it stands now, and who did that when.
    """
    if appointment.plan:
        hold(appointment.plan)
    else:
        patients.hold(appointment.patient_id)
    row: Appointment = Appointment.objects.with_people().get(pk=appointment.pk)
    if row.status not in statuses or (seen and seen != row.status):
        raise BookingRefused(_marked(row))
    if version is not None and version != row.version:
        raise BookingRefused(_moved_on(row))
    return row


def _marked(row: Appointment) -> str:
    status = row.get_status_display()
    words = _("Nothing was changed: this appointment is marked “%(status)s” by now.")
    return f"{words % {'status': status}} {_who_when(row)}".strip()


def _moved_on(row: Appointment) -> str:
    words = _(
        "Somebody has changed this appointment in the meantime: it is on %(when)s. "
        "Look again."
    ) % {"when": date_format(row.local_start, "D j M, H:i")}
    return f"{words} {_who_when(row)}".strip()


def _last_change(row: Appointment) -> Any:
    """The line of the history that made it what it is; a note makes no difference."""
    lines = steps.history(row)
    while len(lines) > 1 and _gist(lines[-2]) == _gist(lines[-1]):
        lines.pop()
    return lines[-1]


def _gist(line: Any) -> tuple[Any, ...]:
    return line.status, line.during, line.version, line.completed_at


def _who_when(row: Appointment) -> str:
    """Who changed it last, and when; nothing where the history names nobody."""
    last = _last_change(row)
    key = steps.user_of(last)
    user = User.objects.filter(pk=key).first() if key else None
    if user is None:
        return ""
    at = last.pgh_created_at.astimezone(row.location.zone)
    return _("%(who)s did that on %(day)s at %(time)s.") % {
        "who": _("The patient") if steps.is_own(last) else user,
        "day": date_format(at, "D j M"),
        "time": date_format(at, "H:i"),
    }


def hold(plan: TreatmentPlan) -> None:
    """Hold patient and plan, always in this order, until the transaction ends."""
    patients.hold(plan.patient_id)
    TreatmentPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
