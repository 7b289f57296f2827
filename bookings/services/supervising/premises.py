"""Who looks over a session, in words: for the drawer, the diary and its sheets."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    TreatmentPlan,
)
from bookings.scheduling import Span
from bookings.scheduling.problem import moment
from bookings.services import hours
from bookings.services.moves.standing import PRESENT
from bookings.services.setup import devices
from bookings.services.spoken import listed
from bookings.services.supervising import presence
from bookings.services.supervising.presence import There
from clinic.models import Location
from treatments.services import sealed

CALM, STOP = "person-check", "exclamation-triangle"
AWAITED = (AppointmentStatus.HELD, *PRESENT)


class Note(NamedTuple):
    """An icon and a sentence; what stops a session has the icon STOP."""

    icon: str
    words: str

    @property
    def is_stop(self) -> bool:
        """Whether the session cannot be given as it stands."""
        return self.icon == STOP


def notes(appointment: Appointment) -> list[Note]:
    """Who supervises a session that is still to be given, and what to mind.

    `appointment` is got with_people. Three queries at most.
    """
    plan = appointment.plan
    is_session = appointment.kind == AppointmentKind.SESSION
    if plan is None or not is_session or appointment.status not in AWAITED:
        return []
    warnings = (Note("tools", words) for words in devices.warnings(appointment))
    return [_oversight(appointment, plan), *warnings]


def _oversight(appointment: Appointment, plan: TreatmentPlan) -> Note:
    sealed.open_up(plan.protocol)
    spans = presence.stretches(plan, appointment.starts_at)
    if not spans:
        return Note(CALM, _("Epidermis only: no supervising doctor is needed."))
    place = appointment.location
    there = list(_there(place, appointment.local_date, appointment.local_end.date()))
    found = presence.throughout(spans, presence.supervisors(plan, there))
    facts = {"when": _when(spans, place), "who": listed([one.name for one in found])}
    if found:
        return Note(CALM, _("Supervising from %(when)s: %(who)s") % facts)
    words = _("Nobody who may supervise is there from %(when)s.")
    return Note(STOP, words % facts)


def is_alone(row: Appointment, there: Iterable[There]) -> bool:
    """Whether nobody of those `there` supervises a session that needs it; no query.

    The protocol of its plan comes opened up.
    """
    if row.plan is None:
        return False
    spans = presence.stretches(row.plan, row.starts_at)
    able_ones = presence.supervisors(row.plan, there) if spans else []
    return presence.missing(spans, able_ones) is not None


def _there(place: Location, first: date, last: date) -> Iterator[There]:
    """Yield who may supervise at `place` on these local days, and when: one query."""
    for row in hours.resources_of(place, first, last):
        if row.may_supervise:
            yield row, hours.spans(row, place.zone, first, last)


def _when(spans: Iterable[Span], place: Location) -> str:
    """From the first minute to the last: 10:30 to 11:00."""
    known = list(spans)
    start, end = (moment(at, place.zone) for at in (known[0][0], known[-1][1]))
    facts = {"start": date_format(start, "H:i"), "end": date_format(end, "H:i")}
    return _("%(start)s to %(end)s") % facts
