"""One step back on the path of a visit, and a visit that was given up taken up again.

Both put right what was said too soon. The row, its claims, its messages and the tasks
of its series change in one transaction, or nothing does.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Claim,
)
from bookings.services import claims, judging, requests, series, steps
from bookings.services.appointing import rules
from bookings.services.holding import lapses
from bookings.services.judging import PlannedSession
from bookings.services.messages import cancelled, reminders
from bookings.services.moves import given_up, placing, standing, windows
from bookings.services.recording import kept
from bookings.services.refusals import BookingRefused
from bookings.services.steps import LOST
from clinic.models import User

BEHIND = {
    AppointmentStatus.CONFIRMED: AppointmentStatus.BOOKED,
    AppointmentStatus.IN_SESSION: AppointmentStatus.ARRIVED,
    AppointmentStatus.DONE: AppointmentStatus.IN_SESSION,
}


@transaction.atomic
def back(
    appointment: Appointment,
    *,
    actor: User,
    now: datetime,
    version: int | None = None,
    seen: str | None = None,
) -> Appointment:
    """Take the last step back; from arrived to what it was before, with its time kept.

    What was done is in session again: its end is forgotten, and after-care that has
    not left is taken back. Refused where a later session took place since, or where
    its time was given back.
    """
    row = standing.lock(appointment, steps.PATH[1:], version, seen)
    was = row.status
    if was == AppointmentStatus.DONE:
        _judge_undone(row)
    row.status, row.completed_at = _status_behind(row), None
    row.save(update_fields=["status", "completed_at"])
    requests.follow(row, was=was)
    if was == AppointmentStatus.DONE:
        _promise_afresh(row, now)
    windows.settle_around(row, actor=actor, now=now)
    return row


def _promise_afresh(row: Appointment, now: datetime) -> None:
    reminders.withdraw([row], now=now)
    reminders.promise([row], now=now)


def _status_behind(row: Appointment) -> AppointmentStatus:
    if row.status != AppointmentStatus.ARRIVED:
        return BEHIND[AppointmentStatus(row.status)]
    awaited = [
        line.status
        for line in steps.history(row)
        if line.status in (AppointmentStatus.BOOKED, AppointmentStatus.CONFIRMED)
    ]
    return AppointmentStatus(awaited[-1]) if awaited else AppointmentStatus.BOOKED


def _judge_undone(row: Appointment) -> None:
    """Refuse to take back what others were counted from, what has no time, a record."""
    kept.judge_unrecorded([row])
    if row.plan and row.kind == AppointmentKind.SESSION:
        _judge_last_done(row, standing.sessions_of(row.plan).values())
    before = given_up.before(row)
    moved = before is not None and before.during != row.during
    if moved or (row.number and not row.claims.all()):
        raise BookingRefused(
            _(
                "Its time was given back when it was marked as done. It stays done; "
                "add what went wrong as a note."
            )
        )


def _judge_last_done(row: Appointment, sessions: Iterable[Appointment]) -> None:
    later = [
        one.number
        for one in sessions
        if (one.number or 0) > (row.number or 0)
        and one.status == AppointmentStatus.DONE
    ]
    if later:
        raise BookingRefused(
            _("Session %(later)s has taken place since. Take that one back first.")
            % {"later": min(number or 0 for number in later)}
        )


@transaction.atomic
def reopen(
    appointment: Appointment,
    *,
    actor: User,
    now: datetime,
    version: int | None = None,
    seen: str | None = None,
) -> Appointment:
    """Take up again what was cancelled or missed, as it stood before.

    Refused, with what to do next, where patient, time, people or things are not free,
    or where it has another time. Who read that it is off is told that it stands.
    """
    row = standing.lock(appointment, LOST, version, seen)
    before, wanted = _remembered(row)
    judge_return(row, wanted, now=now)
    _judge_day(row)
    make_room(wanted, now=now)
    is_news = cancelled.has_left(row)
    _stand_again(row, before, is_news=is_news)
    claims.take(wanted)
    reminders.withdraw([row], now=now)
    reminders.promise_again(row, confirmed=not is_news, now=now)
    windows.settle_around(row, actor=actor, now=now)
    return row


def _remembered(row: Appointment) -> tuple[Any, list[Claim]]:
    """How it stood before it was given up, and who and what it had; or a refusal."""
    before, wanted = given_up.before(row), given_up.claims_of(row)
    if before is None or wanted is None or before.status not in steps.PATH:
        raise BookingRefused(
            _("Nobody knows any more who was to give it. Book it as a new one.")
        )
    return before, wanted


def _next(row: Appointment) -> int:
    if row.plan and row.kind == AppointmentKind.SESSION:
        return placing.next_version(row.plan)
    return row.version + 1


def _stand_again(row: Appointment, before: Any, *, is_news: bool) -> None:
    was = row.status
    row.status, row.reason = before.status, ""
    row.version = _next(row) if is_news else row.version
    try:
        row.save(update_fields=["status", "version", "reason"])
    except IntegrityError as error:
        raise series.refusal(error) from error
    requests.follow(row, was=was)


def make_room(wanted: Iterable[Claim], *, now: datetime) -> None:
    """Refuse where any of `wanted` is somebody else's by now; end holds that are over."""
    needs = [(claim.resource_id, claim.during) for claim in wanted]
    try:
        lapses.make_way(needs, now=now)
        claims.judge_free(needs)
    except BookingRefused:
        raise BookingRefused(_taken(wanted)) from None


def _taken(wanted: Iterable[Claim]) -> str:
    """Who or what is somebody else's by now, and what to do."""
    for claim in wanted:
        others = Claim.objects.filter(
            resource=claim.resource_id, during__overlap=claim.during
        ).exclude(appointment=claim.appointment)
        if other := others.select_related("resource__location").first():
            at = claim.during.lower.astimezone(other.resource.location.zone)
            return _(
                "%(who)s is taken by now on %(day)s at %(time)s. Find another time."
            ) % {
                "who": other.resource.name,
                "day": date_format(at, "D j M"),
                "time": date_format(at, "H:i"),
            }
    return _("Its time is taken by now. Find another one.")


def judge_return(row: Appointment, wanted: Iterable[Claim], *, now: datetime) -> None:
    """Refuse a visit that cannot stand as `row` says, and say what to do instead.

    What is yet to come has to suit, and whoever gives it has to be there then. Whether
    the patient has time, and those it had, is not looked at here.
    """
    if not all(claim.resource.is_active for claim in wanted):
        raise BookingRefused(
            _("Somebody or something it had can no longer be booked. Book it anew.")
        )
    roles = {claim.role: claim.resource_id for claim in wanted}
    if row.plan is None or row.kind != AppointmentKind.SESSION:
        if row.starts_at > now:
            _judge_there(row, roles)
        return
    _judge_place(row)
    _judge_shape(row, wanted)
    if row.starts_at > now:
        session = PlannedSession(row.number or 0, row.starts_at, row.ends_at, roles)
        judging.judge_suitability(row.plan, [session], now)
        judging.judge_fit(row.plan, [session])


def _judge_there(row: Appointment, roles: Mapping[str, int]) -> None:
    """Refuse a talk at a time when its people or rooms are not there any more."""
    if set(roles) >= set(rules.KINDS):
        practitioner, room = (roles[role] for role in rules.KINDS)
        rules.judge_resources(rules.moved(row, row.starts_at, practitioner, room))


def _judge_place(row: Appointment) -> None:
    """Refuse a session that the plan does not lack."""
    plan = row.plan
    if plan is None or not plan.is_approved or (row.number or 0) > plan.session_count:
        raise BookingRefused(
            _("The plan is another one by now. Open it to see what it still needs.")
        )
    live = plan.appointments.live().filter(kind=row.kind, number=row.number)
    if other := live.exclude(pk=row.pk).select_related("location").first():
        raise BookingRefused(
            _("Session %(number)s is on %(when)s by now. Move that one instead.")
            % {
                "number": row.number,
                "when": date_format(other.local_start, "D j M, H:i"),
            }
        )


def _judge_shape(row: Appointment, wanted: Iterable[Claim]) -> None:
    """Refuse where the plan asks for other phases, people or things by now."""
    if row.plan is None:
        return
    roles = {claim.role: claim.resource_id for claim in wanted}
    asked = claims.for_appointment(row, row.plan, roles)
    if sorted(_key(one) for one in asked) != sorted(_key(one) for one in wanted):
        raise BookingRefused(
            _("The plan asks for another kind of session by now. Book it anew.")
        )


def _key(claim: Claim) -> tuple[int, datetime, datetime]:
    return claim.resource_id, claim.during.lower, claim.during.upper


def _judge_day(row: Appointment) -> None:
    """Refuse a second visit on one day: whoever books it has to say why."""
    others = Appointment.objects.live().filter(patient=row.patient_id)
    for other in others.exclude(pk=row.pk).select_related("location"):
        if other.local_date == row.local_date:
            raise BookingRefused(
                _("The patient has another visit on that day, at %(time)s. Move it.")
                % {"time": date_format(other.local_start, "H:i")}
            )
