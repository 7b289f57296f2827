"""What a photo can be of: before the series, one session, the result, or a reaction."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils.formats import date_format
from django.utils.timezone import localdate, make_aware
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentKind,
    Patient,
    PhotoMoment,
    PlanStatus,
    TreatmentPlan,
)

GONE = (PlanStatus.DECLINED, PlanStatus.WITHDRAWN)
NOON = time(12)  # when a photo was taken that only its day is known of


@dataclass(frozen=True, slots=True)
class Occasion:
    """When in a patient's course a photo was taken. `code` names it in a form."""

    moment: PhotoMoment
    plan: TreatmentPlan | None = None
    appointment: Appointment | None = None

    @property
    def code(self) -> str:
        about = self.appointment or self.plan
        return f"{self.moment}-{about.pk}" if about else str(self.moment)

    @property
    def label(self) -> str:
        """In words: "Session 2, Tue 23 Mar"."""
        if self.appointment is None:
            return str(PhotoMoment(self.moment).label)
        said = _("Session %(number)s, %(day)s")
        day = date_format(self.appointment.local_date, "D j M")
        return said % {"number": self.appointment.number, "day": day}


def occasions(patient: Patient, *, now: datetime) -> list[Occasion]:
    """What a photo taken by `now` can be of, the plan written last first; two queries."""
    plans = (
        TreatmentPlan.objects.with_people()
        .filter(patient=patient)
        .exclude(status__in=GONE)
        .prefetch_related("areas__area")
    )
    held = sessions_of(patient, now=now)
    found = [one for plan in plans for one in _of_plan(plan, held, now)]
    return [
        *found,
        Occasion(PhotoMoment.BASELINE),
        Occasion(PhotoMoment.REACTION),
    ]


def sessions_of(patient: Patient, *, now: datetime) -> list[Appointment]:
    """The sessions that stand at `now` or took place, in their order; one query."""
    return list(
        Appointment.objects.standing(now)
        .filter(patient=patient, kind=AppointmentKind.SESSION)
        .select_related("location", "plan")
        .order_by("plan", "number")
    )


def _of_plan(
    plan: TreatmentPlan, held: list[Appointment], now: datetime
) -> Iterator[Occasion]:
    yield Occasion(PhotoMoment.BASELINE, plan)
    begun = [one for one in held if one.plan_id == plan.pk and has_come(one, now)]
    for session in begun:
        yield Occasion(PhotoMoment.SESSION, plan, session)
    if begun:
        yield Occasion(PhotoMoment.RESULT, plan)
        yield Occasion(PhotoMoment.REACTION, plan)


def has_come(session: Appointment, now: datetime) -> bool:
    """Whether the local day of `session` has begun."""
    return session.local_date <= now.astimezone(session.location.zone).date()


def usual(found: list[Occasion], *, now: datetime) -> Occasion:
    """What a photo taken now is most likely of.

    Today's session; else the result where the series is over, the session before
    where it goes on, and the baseline where it has not begun.
    """
    for one in found:
        if one.appointment and one.appointment.local_date == _today(one, now):
            return one
    plan = found[0].plan
    sessions = [one for one in found if one.appointment and one.plan == plan]
    if plan is None or not sessions:
        return found[0]
    if len(sessions) < plan.session_count:
        return sessions[-1]
    return next(
        one for one in found if one.plan == plan and one.moment == PhotoMoment.RESULT
    )


def area_of(occasion: Occasion) -> str:
    """The code of the first area its plan treats; nothing without a plan."""
    if occasion.plan is None:
        return ""
    return next((one.area.code for one in occasion.plan.areas.all()), "")


def _today(occasion: Occasion, now: datetime) -> date | None:
    session = occasion.appointment
    return now.astimezone(session.location.zone).date() if session else None


def taken_at(occasion: Occasion, day: date | None, *, now: datetime) -> datetime:
    """The instant of a photo of `day`, the clinic's local day; today where none is said.

    A photo of a session of an earlier day was taken at that session.
    """
    today = localdate(now)
    session = occasion.appointment
    if day is None and session and session.local_date < today:
        return session.starts_at
    if day is None or day == today:
        return now
    return make_aware(datetime.combine(day, NOON))
