"""What a patient said before and after sessions, as the desk and clinicians read it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.models import Appointment, AppointmentKind, CheckIn, Patient, Recheck

OPENS = timedelta(days=settings.RECHECK_DAYS)
SIGNS: dict[str, Promise] = {
    "spreading-redness": gettext_lazy("Redness that spreads"),
    "pus": gettext_lazy("Pus"),
    "fever": gettext_lazy("A fever"),
    "blisters": gettext_lazy("Blisters"),
    "growing-pain": gettext_lazy("Pain that gets worse"),
}
"""Signs that call for a clinician at once (source: S2; clinic default)."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing a patient said about a session, and when: a line of the record."""

    at: datetime
    what: str
    words: str
    session: Appointment
    is_worrying: bool


def due_from(session: Appointment) -> date:
    """The local day from which health questions are put again before `session`."""
    return session.local_date - OPENS


def last_recheck(session: Appointment) -> Recheck | None:
    """When the questions were last answered for `session`, since they were due."""
    zone, first = session.location.zone, due_from(session)
    rows = session.rechecks.order_by("-at", "-pk")[:1]
    return next((r for r in rows if r.at.astimezone(zone).date() >= first), None)


def recheck_words(session: Appointment, *, now: datetime) -> tuple[bool, str] | None:
    """Whether the questions before `session` are answered, and that in words.

    None before they are due, and for what is no session.
    """
    zone = session.location.zone
    is_asked = now.astimezone(zone).date() >= due_from(session)
    if session.kind != AppointmentKind.SESSION or not is_asked:
        return None
    last = last_recheck(session)
    if last is None:
        return False, _("Health questions due")
    day = date_format(last.at.astimezone(zone), "j M")
    said = (
        _("Checked %(day)s: an answer has changed")
        if last.has_changed
        else _("Checked %(day)s: nothing has changed")
    )
    return True, said % {"day": day}


def signs_of(said: CheckIn) -> list[str]:
    """The signs that were named, in words of the language now spoken."""
    return [str(SIGNS[one]) for one in said.signs if one in SIGNS]


def check_ins(session: Appointment) -> list[Said]:
    """How the skin healed after `session`, as it was said, the latest first."""
    return [_healing(row, session) for row in session.check_ins.order_by("-at", "-pk")]


def over_time(patient: Patient) -> list[Said]:
    """What `patient` said before and after every session, the latest first."""
    rechecks = patient.rechecks.select_related("appointment__location")
    healing = patient.check_ins.select_related("appointment__location")
    said = [_recheck(row) for row in rechecks]
    said += [_healing(row, row.appointment) for row in healing]
    return sorted(said, key=lambda one: one.at, reverse=True)


def _recheck(row: Recheck) -> Said:
    what = _("An answer has changed") if row.has_changed else _("Nothing has changed")
    return Said(row.at, what, "", row.appointment, is_worrying=False)


def _healing(row: CheckIn, session: Appointment) -> Said:
    what = str(row.get_state_display())
    named = ", ".join(one.lower() for one in signs_of(row))
    return Said(
        row.at,
        f"{what}: {named}" if named else what,
        row.words,
        session,
        is_worrying=row.is_worrying,
    )
