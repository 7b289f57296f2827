"""The rules that every door obeys before a series is written."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import (
    AppointmentKind,
    AppointmentStatus,
    Claim,
    SeriesHold,
    TreatmentPlan,
)
from bookings.scheduling import Span, instant
from bookings.services import claims, hours, screening, shapes, unavailable
from bookings.services import overrides as overriding
from bookings.services.overrides import Override
from bookings.services.refusals import BookingRefused
from bookings.services.supervising import able
from clinic.models import Resource, User
from treatments.models import ProtocolRole
from treatments.suitability import Outcome


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """One session to book: its number, [starts_at, ends_at) and who fills each role."""

    number: int
    starts_at: datetime
    ends_at: datetime
    roles: Mapping[str, int]


def judge_series(
    plan: TreatmentPlan,
    sessions: Sequence[PlannedSession],
    *,
    now: datetime,
    overrides: Iterable[Override] = (),
    actor: User | None = None,
) -> None:
    """Refuse a series that breaks a rule; say which session and what to do.

    The caller holds the plan's row lock. Windows count local calendar days at the
    plan's location (source: S1, S2). Spacing that `overrides` of an `actor` with
    permission allow is recorded at once, so call it in the transaction that books.
    """
    judge_signature(plan)
    judge_whole(plan, sessions)
    claims.judge_free(claims.wanted(plan, sessions))
    judge_sessions(plan, sessions, now=now, overrides=overrides, actor=actor)


def judge_pencil(
    plan: TreatmentPlan,
    sessions: Sequence[PlannedSession],
    *,
    now: datetime,
    overrides: Iterable[Override] = (),
    actor: User | None = None,
) -> None:
    """As `judge_series`, for a plan that waits for its signature.

    What only a clinician can decide is left to the review. A wait with a known end,
    and an answer that rules the treatment out, refuse at once.
    """
    if not plan.is_waiting:
        raise BookingRefused(
            _("Only a plan that waits for its review can be pencilled. Look again.")
        )
    judge_whole(plan, sessions)
    left_open = (Outcome.NEEDS_CLINICIAN,)
    judge_sessions(
        plan, sessions, now=now, overrides=overrides, actor=actor, left_open=left_open
    )


def judge_held(
    plan: TreatmentPlan,
    sessions: Sequence[PlannedSession],
    *,
    hold: SeriesHold,
    now: datetime,
) -> None:
    """Refuse to book what `hold` keeps where something else has changed meanwhile.

    Plan, answers and hours may have; that nobody else has the times is what the
    claims of the hold guard. Shared roles claim nothing and are not looked at.
    """
    judge_signature(plan)
    judge_whole(plan, sessions, besides=hold)
    for session in sessions:
        _judge_time(session, plan, now)
    overriding.judge(plan, sessions, now=now)
    judge_suitability(plan, sessions, now)
    judge_fit(plan, sessions)
    _judge_kept(plan, sessions, hold)


def _judge_kept(
    plan: TreatmentPlan, sessions: Sequence[PlannedSession], hold: SeriesHold
) -> None:
    """Refuse where a session takes its people and things at other times by now."""
    rows = Claim.objects.filter(appointment__hold=hold)
    kept = {(claim.resource_id, claim.during) for claim in rows}
    if kept != set(claims.wanted(plan, sessions)):
        raise BookingRefused(
            _("The plan has changed since these dates were proposed. Look again.")
        )


def judge_signature(plan: TreatmentPlan) -> None:
    """Refuse a plan that no clinician has signed."""
    if not plan.is_approved:
        raise BookingRefused(
            _("No clinician has signed this plan yet. Send it for review first.")
        )


def judge_sessions(
    plan: TreatmentPlan,
    sessions: Sequence[PlannedSession],
    *,
    now: datetime,
    overrides: Iterable[Override] = (),
    actor: User | None = None,
    left_open: Collection[Outcome] = (),
) -> None:
    """As `judge_series`, for any sessions of the plan, signed or not, old or new.

    One that stands already counts as moved to where it is placed now.
    """
    for session in sessions:
        _judge_time(session, plan, now)
    allowed = overriding.judge(
        plan, sessions, overrides=overrides, actor=actor, now=now
    )
    judge_suitability(plan, sessions, now, left_open)
    judge_resources(plan, sessions)
    overriding.record(allowed)


def judge_whole(
    plan: TreatmentPlan,
    sessions: Sequence[PlannedSession],
    *,
    besides: SeriesHold | None = None,
) -> None:
    """Refuse any but exactly the sessions that the plan still lacks.

    Those that the hold `besides` keeps count as lacking.
    """
    live = plan.appointments.live().filter(kind=AppointmentKind.SESSION)
    if besides is not None:
        live = live.exclude(hold=besides, status=AppointmentStatus.HELD)
    kept = set(live.values_list("number", flat=True))
    missing = [n for n in range(1, plan.session_count + 1) if n not in kept]
    if not missing:
        raise BookingRefused(_("Every session of this plan is booked already."))
    if [session.number for session in sessions] != missing:
        raise BookingRefused(
            _("The plan has changed since these dates were proposed. Look again.")
        )


def _judge_time(session: PlannedSession, plan: TreatmentPlan, now: datetime) -> None:
    if session.starts_at <= now:
        raise BookingRefused(
            _("Session %(number)s would start in the past. Choose a later day.")
            % {"number": session.number}
        )
    minutes = shapes.minutes_of(plan)
    if session.ends_at - session.starts_at != timedelta(minutes=minutes):
        raise BookingRefused(
            ngettext(
                "Session %(number)s has to last %(minutes)s minute.",
                "Session %(number)s has to last %(minutes)s minutes.",
                minutes,
            )
            % {"number": session.number, "minutes": minutes}
        )


def judge_suitability(
    plan: TreatmentPlan,
    sessions: Sequence[PlannedSession],
    now: datetime,
    left_open: Collection[Outcome] = (),
) -> None:
    """Refuse a session on a day that does not suit, but for what is left open."""
    fine = {Outcome.SUITABLE, *left_open}
    zone = plan.location.zone
    days = [session.starts_at.astimezone(zone).date() for session in sessions]
    verdicts = screening.verdicts_on(plan, days, now=now)
    for session, day in zip(sessions, days, strict=True):
        findings = verdicts[day].findings
        against = [found.text for found in findings if found.outcome not in fine]
        if not against:
            continue
        raise BookingRefused(
            _("Session %(number)s cannot be on %(day)s. %(reasons)s")
            % {
                "number": session.number,
                "day": date_format(day, "D j M Y"),
                "reasons": " ".join(against),
            }
        )


def judge_resources(plan: TreatmentPlan, sessions: Sequence[PlannedSession]) -> None:
    """Refuse people, rooms or devices that cannot do what the plan's protocol asks."""
    roles = {role.name: role for role in shapes.roles_of(plan)}
    for session in sessions:
        if set(session.roles) != set(roles):
            raise BookingRefused(
                _("Session %(number)s lacks a person, a room or a device.")
                % {"number": session.number}
            )
        _judge_sharing(session, roles)
    judge_fit(plan, sessions)


def judge_fit(plan: TreatmentPlan, sessions: Sequence[PlannedSession]) -> None:
    """Refuse who or what cannot fill the role it has, or is not there at that time.

    Only the roles that `sessions` name are looked at.
    """
    unavailable.judge_place(plan.location)
    roles = {role.name: role for role in shapes.roles_of(plan)}
    wanted = {pk for session in sessions for pk in session.roles.values()}
    rows = able.with_ticks(Resource.objects.filter(pk__in=wanted))
    known = {row.pk: row for row in rows}
    for session in sessions:
        for name, pk in session.roles.items():
            if name in roles:  # what the plan asks for no more keeps nobody away
                _judge_resource(plan, session, roles[name], known.get(pk))
    _judge_open(plan, sessions, known)


def _judge_sharing(session: PlannedSession, roles: dict[str, ProtocolRole]) -> None:
    alone = [pk for name, pk in session.roles.items() if not roles[name].shared]
    if len(alone) != len(set(alone)):
        raise BookingRefused(
            _("Session %(number)s needs a different person or device for each task.")
            % {"number": session.number}
        )


def _judge_resource(
    plan: TreatmentPlan,
    session: PlannedSession,
    role: ProtocolRole,
    resource: Any,
) -> None:
    if resource is None:
        raise BookingRefused(
            _("Somebody or something in session %(number)s can no longer be booked.")
            % {"number": session.number}
        )
    facts = {"who": resource.name, "number": session.number, "place": plan.location}
    if not resource.is_active:
        raise BookingRefused(
            _("%(who)s can no longer be booked. Choose another for session %(number)s.")
            % facts
        )
    if resource.location_id != plan.location_id:
        raise BookingRefused(
            _("%(who)s is not at %(place)s. Choose someone or something there.") % facts
        )
    if not able.can_fill(role, resource):
        raise BookingRefused(_cannot(role) % facts)


def _cannot(role: ProtocolRole) -> str:
    if role.name == shapes.SUPERVISOR:
        return _("%(who)s may not supervise session %(number)s.")
    return _("%(who)s cannot do this part of session %(number)s.")


def _judge_open(
    plan: TreatmentPlan,
    sessions: Sequence[PlannedSession],
    known: dict[int, Resource],
) -> None:
    zone = plan.location.zone
    days = [session.starts_at.astimezone(zone).date() for session in sessions]
    spans = hours.spans_of_few(known.values(), plan.location, min(days), max(days))
    for session in sessions:
        for role, pk in session.roles.items():
            for start, end in _uses(plan, role, session.starts_at):
                if not _covers(spans.get(pk, ()), instant(start), instant(end)):
                    raise unavailable.refusal(known[pk], start.astimezone(zone), end)


def _uses(
    plan: TreatmentPlan, role: str, start: datetime
) -> Iterable[tuple[datetime, datetime]]:
    for phase in shapes.phases_of(plan):
        end = start + timedelta(minutes=phase.minutes)
        if role in phase.roles:
            yield start, end
        start = end


def _covers(spans: Iterable[Span], start: int, end: int) -> bool:
    """Whether the spans, in order, cover [start, end) without a hole."""
    for opens, closes in spans:
        if opens <= start < closes:
            start = closes
        if start >= end:
            return True
    return False
