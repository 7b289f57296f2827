"""The words on a diary: names, times and states, short enough for a block."""

from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import Appointment, AppointmentStatus, Patient, SeriesHold

AWAITED = (AppointmentStatus.BOOKED, AppointmentStatus.CONFIRMED)
MINUTE = timedelta(minutes=1)
HOUR = 60


def initials(patient: Patient) -> str:
    """ "M T": a patient as a screen may show them that others can see."""
    names = (patient.first_name, patient.last_name)
    return " ".join(name.strip()[:1].upper() for name in names if name.strip())


def late_by(appointment: Appointment, now: datetime) -> int:
    """Whole minutes by which a patient who is awaited is late at `now`, else 0.

    Counted to the end of the local day: after that nobody is late any more.
    """
    zone = appointment.location.zone
    if appointment.status not in AWAITED or now <= appointment.starts_at:
        return 0
    if now.astimezone(zone).date() > appointment.local_end.date():
        return 0
    return (now - appointment.starts_at) // MINUTE


def late(minutes: int) -> str:
    """ "12 min late", "1 h 05 late", or nothing."""
    if not minutes:
        return ""
    if minutes < HOUR:
        return _("%(count)d min late") % {"count": minutes}
    hours, rest = divmod(minutes, HOUR)
    return _("%(hours)d h %(minutes)s late") % {"hours": hours, "minutes": f"{rest:02}"}


def held(hold: SeriesHold | None, today: date, appointment: Appointment) -> str:
    """ "Held to 10:51", with the day where that is not `today`; a pencil has no end."""
    if hold is None or not appointment.is_held:
        return ""
    if hold.expires_at is None or hold.is_pencilled:
        return _("Held until the review")
    ends = hold.expires_at.astimezone(appointment.location.zone)
    if hold.is_offered:
        return _("Offered to %(time)s") % {"time": moment(ends, today)}
    return _("Held to %(time)s") % {"time": moment(ends, today)}


def moment(at: datetime, today: date) -> str:
    """ "10:51", or "Wed 25 Nov, 10:51" on another day than `today`."""
    return date_format(at, "H:i" if at.date() == today else "D j M, H:i")


def session(number: int | None, count: int) -> str:
    """ "Session 2 of 3"."""
    return _("Session %(number)s of %(count)s") % {"number": number, "count": count}


def span(opens: datetime, closes: datetime) -> str:
    """ "8:30–16:30"."""
    return f"{date_format(opens, 'G:i')}–{date_format(closes, 'G:i')}"
