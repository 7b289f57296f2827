"""The care guide: before and after each session, dated, and what the skin may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Patient,
    PlanStatus,
    TreatmentPlan,
)
from bookings.services import told
from bookings.services.messages import care_words
from bookings.services.portal import caring, overview, stages
from bookings.services.portal.caring import Effects, Piece, Stretch
from treatments.care import CareKind, CarePhase


@dataclass(frozen=True, slots=True)
class Choice:
    """A session whose care can be read."""

    visit: Appointment
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Guide:
    """The care around one session, or around none yet: then nothing has a date."""

    plan: TreatmentPlan
    visit: Appointment | None
    when: str
    choices: list[Choice]
    before: list[Piece]
    after: list[Stretch]
    result: str
    effects: Effects


def guide(
    patient: Patient, wanted: int | None = None, *, now: datetime
) -> Guide | None:
    """The guide to session `wanted` (a key), or to the one that matters most at `now`.

    None without a plan to follow; LookupError where `wanted` is no session of theirs.
    """
    sessions = _sessions(patient)
    visit = _chosen(sessions, wanted, now)
    plan = visit.plan if visit else _newest(patient)
    if plan is None:
        return None
    return Guide(
        plan=plan,
        visit=visit,
        when=_when(visit, now) if visit else "",
        choices=[Choice(one, one == visit) for one in sessions],
        before=caring.before(visit) if visit else _undated(plan, CarePhase.PRE),
        after=caring.after(visit, now=now) if visit else _timeless(plan),
        result=_result(visit, now) if visit else "",
        effects=caring.effects(plan.protocol.effects.all()),
    )


def _when(visit: Appointment, now: datetime) -> str:
    this_year = now.astimezone(visit.location.zone).year
    return told.moment(visit.local_start, this_year)


def _sessions(patient: Patient) -> list[Appointment]:
    """Sessions that stand or took place, the first on top."""
    rows = (
        overview.visits_of(patient)
        .firm()
        .filter(kind=AppointmentKind.SESSION)
        .exclude(plan__status__in=[PlanStatus.DECLINED, PlanStatus.WITHDRAWN])
        .select_related("plan__protocol__treatment")
        .prefetch_related("plan__protocol__effects")
    )
    return list(rows.order_by("during"))


def _newest(patient: Patient) -> TreatmentPlan | None:
    """The newest signed plan; one that nobody has signed yet gives no advice."""
    signed = overview.plans_of(patient).filter(status=PlanStatus.APPROVED)
    return signed.prefetch_related("protocol__effects").first()


def _chosen(
    sessions: Sequence[Appointment], wanted: int | None, now: datetime
) -> Appointment | None:
    if wanted is not None:
        by_key = {one.pk: one for one in sessions}
        return by_key[wanted]
    settling = (one for one in sessions if _settles(one, now))
    coming = (one for one in sessions if one.ends_at > now and not _is_done(one))
    return next(settling, None) or next(coming, None) or _last(sessions)


def _last(sessions: Sequence[Appointment]) -> Appointment | None:
    return sessions[-1] if sessions else None


def _is_done(visit: Appointment) -> bool:
    return visit.status == AppointmentStatus.DONE


def _settles(visit: Appointment, now: datetime) -> bool:
    today: date = now.astimezone(visit.location.zone).date()
    return _is_done(visit) and stages.settles_on(visit.anchor_date, today)


def _undated(plan: TreatmentPlan, phase: CarePhase) -> list[Piece]:
    """The plan's care in its order, without a day to count from."""
    rows = [one for one in plan.protocol.care() if one.phase == phase]
    return [
        Piece(one.code, one.kind, *caring.halves_said(one.text))
        for one in sorted(rows, key=lambda one: care_words.ORDER.index(one.kind))
        if one.kind != CareKind.FOLLOW_UP
    ]


def _timeless(plan: TreatmentPlan) -> list[Stretch]:
    pieces = tuple(_undated(plan, CarePhase.POST))
    return [Stretch(_("Afterwards"), "", pieces, is_over=False)] if pieces else []


def _result(visit: Appointment, now: datetime) -> str:
    """The days on which the result is looked at, after the last session only."""
    plan = visit.plan
    if plan is None or visit.number != plan.session_count:
        return ""
    items = care_words.dated(visit)
    found = [one for one in items if one.kind == CareKind.FOLLOW_UP]
    days = [(one.starts, one.ends) for one in found if one.starts and one.ends]
    this_year = now.astimezone(visit.location.zone).year
    return next((told.days(*pair, this_year) for pair in days), "")
