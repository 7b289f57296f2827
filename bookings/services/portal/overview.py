"""My plan, read in a fixed number of queries: what comes next, what to do, the series."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Prefetch
from django.utils.timezone import localdate

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    CheckInMoment,
    ConsultationRequest,
    Patient,
    PlanStatus,
    RequestStatus,
    SeriesHold,
    TreatmentPlan,
)
from bookings.models.appointments import AppointmentQuerySet
from bookings.models.plans import PlanQuerySet
from bookings.ribbon import RibbonSpan
from bookings.services import visit_checks
from bookings.services.messages.letters import StripDay, week_before
from bookings.services.portal import (
    caring,
    courses_shown,
    next_visit,
    rechecks,
    stages,
)
from bookings.services.portal.caring import Piece, Stretch
from bookings.services.portal.courses_shown import Around, Shown
from bookings.services.portal.next_visit import NextVisit
from bookings.services.portal.stages import Stage
from clinic.models import Closure
from treatments.care import precare_begins

MOMENTS = (
    (CheckInMoment.TWO_DAYS, timedelta(hours=48), timedelta(days=7)),
    (CheckInMoment.WEEK, timedelta(days=7), timedelta(days=14)),
)
"""From when until when a check-in is asked for, in elapsed time after the session."""


@dataclass(frozen=True, slots=True)
class GettingReady:
    """What to do before the next session, from the local day `begins`.

    `week` is the picture of its days, today among them or not.
    """

    visit: Appointment
    begins: date
    is_time: bool
    week: list[StripDay]
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What to do after a session, done or next. `is_now` says that its skin settles."""

    visit: Appointment
    is_now: bool
    stretches: list[Stretch]

    @property
    def still(self) -> list[Stretch]:
        """What still holds."""
        return [one for one in self.stretches if not one.is_over]


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows. `questions` and `healing` are visits that wait for words.

    `healing_moment` is the one of which these words will tell.
    """

    patient: Patient
    plans: list[Shown]
    next: NextVisit | None
    ready: GettingReady | None
    after: Afterwards | None
    questions: Appointment | None
    healing: Appointment | None
    healing_moment: CheckInMoment | None
    request: ConsultationRequest | None
    is_after_talk: bool

    @property
    def asked_on(self) -> date | None:
        """The clinic's day on which a consultation was asked for."""
        return localdate(self.request.asked_at) if self.request else None

    @property
    def plan(self) -> Shown | None:
        """The plan that the page is about: the first of them."""
        return next(iter(self.plans), None)


def page(patient: Patient, *, now: datetime) -> Page:
    """The patient's plan as it is at `now`."""
    visits = _visits(patient)
    plans = _shown(patient, visits, now)
    coming = next_visit.of(visits, now=now)
    session = coming.visit if coming and coming.visit.plan else None
    ready = getting_ready(session, now=now) if session else None
    settling = settling_of(visits, now=now)
    moment = healing_asked(settling, now=now) if settling else None
    return Page(
        patient=patient,
        plans=_in_order(plans, coming),
        next=coming,
        ready=ready,
        after=_afterwards(settling, session, now),
        questions=session if session and asks_again(session, now=now) else None,
        healing=settling if moment else None,
        healing_moment=moment,
        request=_request(patient) if not coming else None,
        is_after_talk=_is_after_talk(visits, plans),
    )


def getting_ready(visit: Appointment, *, now: datetime) -> GettingReady | None:
    """What to do before a session that has not begun; None where there is nothing."""
    if visit.plan is None or visit.kind != AppointmentKind.SESSION:
        return None
    pieces = caring.to_tick(visit)
    if not pieces or visit.starts_at <= now or not visit.can_be_moved:
        return None
    day, today = visit.local_date, now.astimezone(visit.location.zone).date()
    begins = precare_begins(visit.plan.protocol.care(), day)
    care_days = (day - begins).days
    return GettingReady(
        visit=visit,
        begins=begins,
        is_time=today >= begins,
        week=week_before(day, today, care_days) if care_days else [],
        pieces=pieces,
    )


def settling_of(visits: Iterable[Appointment], *, now: datetime) -> Appointment | None:
    """The latest session whose skin settles, or whose healing is still asked after.

    One of today that should be over counts as done, so that its patient is not left
    without words until the desk has noted it.
    """
    found = [one for one in visits if _is_over(one, now) and _is_recent(one, now)]
    return max(found, key=lambda one: one.took_place[1], default=None)


def _is_over(visit: Appointment, now: datetime) -> bool:
    if visit.kind != AppointmentKind.SESSION:
        return False
    if visit.status == AppointmentStatus.DONE:
        return True
    today = now.astimezone(visit.location.zone).date()
    is_todays = visit.local_date == today and visit.ends_at <= now
    return is_todays and visit.is_live and not visit.is_held


def _is_recent(visit: Appointment, now: datetime) -> bool:
    last = MOMENTS[-1][2]
    return visit.took_place[1] <= now < visit.took_place[1] + last


def asks_again(visit: Appointment, *, now: datetime) -> bool:
    """Whether health questions wait before this session: one query at most."""
    if not rechecks.may_answer(visit):
        return False
    today = now.astimezone(visit.location.zone).date()
    is_time = today >= visit_checks.due_from(visit)
    return is_time and visit_checks.last_recheck(visit) is None


def healing_asked(visit: Appointment, *, now: datetime) -> CheckInMoment | None:
    """The moment at which to say how the skin heals, where nothing was said since."""
    if visit.status != AppointmentStatus.DONE:
        return None
    since = now - visit.took_place[1]
    for moment, start, end in MOMENTS:
        if start <= since < end:
            asked_at = visit.took_place[1] + start
            is_said = any(one.at >= asked_at for one in visit.check_ins.all())
            return None if is_said else moment
    return None


def _afterwards(
    settling: Appointment | None, session: Appointment | None, now: datetime
) -> Afterwards | None:
    """The care after the session just done, else after the next."""
    if settling:
        today = now.astimezone(settling.location.zone).date()
        if stages.settles_on(settling.anchor_date, today):
            stretches = caring.after(settling, now=now)
            return Afterwards(settling, is_now=True, stretches=stretches)
    if session is None:
        return None
    stretches = caring.after(session, now=now)
    return Afterwards(session, False, stretches) if stretches else None


def _shown(
    patient: Patient, visits: Sequence[Appointment], now: datetime
) -> list[Shown]:
    """The plans that still say something, the newest first."""
    rows = list(plans_of(patient))
    by_plan: dict[int | None, list[Appointment]] = defaultdict(list)
    for visit in visits:
        by_plan[visit.plan_id].append(visit)
    around = _around(patient, visits, now)
    return [courses_shown.shown(row, by_plan[row.pk], around) for row in rows]


def _in_order(plans: list[Shown], coming: NextVisit | None) -> list[Shown]:
    """The plan of the next visit, then what goes on, then what is over."""
    wanted = coming.visit.plan_id if coming else None
    over = (Stage.MAINTENANCE, Stage.DECLINED)
    return sorted(plans, key=lambda one: (one.plan.pk != wanted, one.stage in over))


def plans_of(patient: Patient) -> PlanQuerySet:
    """The patient's plans with all that the page and the guide show of them."""
    return (
        TreatmentPlan.objects.filter(patient=patient)
        .exclude(status=PlanStatus.WITHDRAWN)
        .select_related("location", "protocol__treatment")
        .prefetch_related(
            "areas__area",
            "overrides",
            "protocol__care_instructions",
            "decisions",
            "outcomes",
            Prefetch("holds", SeriesHold.objects.open()),
        )
    )


def _visits(patient: Patient) -> list[Appointment]:
    """Every visit of the patient, the first on top."""
    return list(visits_of(patient).order_by("during"))


def visits_of(patient: Patient) -> AppointmentQuerySet:
    """The patient's visits with their people, their care and what was said of it."""
    return (
        Appointment.objects.filter(patient=patient)
        .select_related("patient", "location", "plan__protocol", "plan__location")
        .prefetch_related(
            "claims__resource",
            "care_ticks",
            "check_ins",
            "plan__decisions",
            "plan__protocol__care_instructions",
            "plan__protocol__phases",
        )
    )


def _around(patient: Patient, visits: Iterable[Appointment], now: datetime) -> Around:
    """Own dates, and the closures from the first visit to half a year from now."""
    first = min((one.starts_at for one in visits), default=now).date()
    last = (max((one.ends_at for one in visits), default=now) + AHEAD).date()
    return Around(
        away=tuple(
            RibbonSpan(row.first_day, row.last_day, row.label, "calendar")
            for row in patient.away_dates.all()
        ),
        closures=tuple(
            Closure.objects.filter(resource=None)
            .touching(first - timedelta(days=1), last)
            .order_by("first_day")
        ),
        now=now,
    )


AHEAD = timedelta(days=190)


def _request(patient: Patient) -> ConsultationRequest | None:
    """The request that still waits for a time, the newest."""
    waiting = (RequestStatus.NEW, RequestStatus.CONTACTED)
    return (
        patient.requests.filter(status__in=waiting)
        .prefetch_related("proposed_times")
        .order_by("-asked_at")
        .first()
    )


def _is_after_talk(visits: Iterable[Appointment], plans: Sequence[Shown]) -> bool:
    """Whether a consultation took place, and no plan has come of it yet."""
    return not plans and any(
        one.kind == AppointmentKind.CONSULTATION
        and one.status == AppointmentStatus.DONE
        for one in visits
    )
