"""A patient who comes late: the session shifts if it fits, or the desk is asked."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg2.extras import DateTimeTZRange

from bookings.models import Appointment, AppointmentKind, AppointmentStatus, TaskKind
from bookings.services import claims, shapes, todo
from bookings.services.holding import lapses
from bookings.services.moves import placing, standing, windows
from bookings.services.moves.standing import Scene
from bookings.services.refusals import BookingRefused
from clinic.models import Resource, User


@transaction.atomic
def arrive_late(
    appointment: Appointment,
    *,
    minutes: int,
    actor: User,
    now: datetime,
    version: int | None = None,
    seen: str | None = None,
) -> Appointment:
    """Note that the patient came `minutes` after the planned start, and shift it.

    The same people, room and device have to be free for all of it, up to closing
    time. Where they are not, nothing shifts and a task asks to find another time.
    """
    row = standing.lock(appointment, standing.AWAITED, version, seen)
    if row.plan is None or row.kind != AppointmentKind.SESSION:
        return _just_here(row)
    scene = standing.of(row.plan, now=now, target=row.number)
    start = row.starts_at + timedelta(minutes=minutes)
    if _fits(scene, row, start) and _shift(scene, row, start):
        windows.settle(scene.plan, actor=actor, now=now)
    else:
        _ask(scene, row, start, minutes)
    return row


def _just_here(row: Appointment) -> Appointment:
    row.status = AppointmentStatus.ARRIVED
    row.save(update_fields=["status"])
    return row


def _fits(scene: Scene, row: Appointment, start: datetime) -> bool:
    """Whether everyone and everything the session has is free from `start` on."""
    session = scene.twice_a_day.place(row.number or 0, start)
    if session is None or session.end.date() != session.start.date():
        return False
    before = standing.roles_of(row)
    return all(session.roles.get(role) == who for role, who in before.items())


def _shift(scene: Scene, row: Appointment, start: datetime) -> bool:
    """Shift the row and its claims; false where somebody was faster."""
    roles = {role: int(who) for role, who in standing.roles_of(row).items()}
    asked = claims.needs(scene.plan, roles, start)
    needs = [(who, during) for _role, who, during in asked]
    end = start + timedelta(minutes=shapes.minutes_of(scene.plan))
    try:
        with transaction.atomic():
            lapses.make_way(needs, now=scene.now)
            Appointment.objects.filter(pk=row.pk).update(
                during=DateTimeTZRange(start, end), status=AppointmentStatus.ARRIVED
            )
            row.refresh_from_db(fields=["during", "status"])
            wanted = claims.for_appointment(row, scene.plan, roles)
            placing.take_instead([row], wanted)
    except BookingRefused:
        row.refresh_from_db(fields=["during", "status"])
        return False
    return True


def _ask(scene: Scene, row: Appointment, start: datetime, minutes: int) -> None:
    """Put it on the desk's list; the session stays where it stands, and can be moved."""
    end = start + (row.ends_at - row.starts_at)
    late = ngettext(
        "%(patient)s comes %(minutes)s minute late.",
        "%(patient)s comes %(minutes)s minutes late.",
        minutes,
    )
    until = _("Session %(number)s would last until %(end)s.")
    told = {
        "patient": row.patient,
        "minutes": minutes,
        "number": row.number,
        "end": date_format(end.astimezone(row.location.zone), "H:i"),
    }
    words = [late, until, _missing(scene, row, start), _("Find another time.")]
    todo.open_task(
        TaskKind.LATE,
        windows.late_key(row),
        " ".join(filter(None, words)) % told,
        now=scene.now,
        plan=scene.plan,
        patient=row.patient,
        appointment=row,
    )


def _missing(scene: Scene, row: Appointment, start: datetime) -> str:
    """Who is not free for all of the shifted session."""
    lost = scene.twice_a_day.lost(row.number or 0, start)
    roles = standing.roles_of(row)
    keys = {int(roles[name]) for name in lost if name in roles}
    names = [str(one) for one in Resource.objects.filter(pk__in=keys).order_by("pk")]
    if not names:
        return ""
    return ngettext(
        "%(who)s is not free for all of it.",
        "%(who)s are not free for all of it.",
        len(names),
    ).replace("%(who)s", get_text_list(names, _("and")).replace("%", "%%"))
