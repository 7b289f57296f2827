"""What patients may change of their visits alone: the clinic's limits, and medicine's.

The same limits hold on the page that offers a change and under the locks of the change
itself. Whatever they forbid can still be asked for: then the desk decides.
"""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import Appointment, AppointmentKind, Task, TaskKind
from bookings.services import screening
from bookings.services.messages.reminders import care_of
from bookings.services.refusals import BookingRefused
from treatments.care import precare_begins

MOVED = "moved_by_patient"  # under which the history keeps which visit was moved


class Bar(StrEnum):
    """Why a patient cannot do something alone."""

    OVER = "over"  # begun, past or given up: nothing of it can change
    LATE = "late"
    OFTEN = "often"
    CLINICIAN = "clinician"
    HEALTH = "health"  # questions are due; once answered, it can be done


class NotAlone(BookingRefused):
    """The clinic's policy leaves this to the desk, for the reason in `bar`."""

    def __init__(self, bar: Bar) -> None:
        self.bar = bar
        super().__init__(words(bar))


def notice() -> timedelta:
    """How long before a visit its patient may still change it alone."""
    return timedelta(hours=settings.SELF_SERVICE_HOURS)


def alone_until(visit: Appointment) -> datetime:
    """The last moment for changes, in the zone of the visit's location."""
    start = visit.starts_at.astimezone(UTC)  # hours that pass, not hours of the clock
    return (start - notice()).astimezone(visit.location.zone)


def is_ahead(visit: Appointment, *, now: datetime) -> bool:
    """Whether the visit stands and has not begun."""
    return visit.can_be_moved and visit.starts_at > now


def against_confirming(visit: Appointment, *, now: datetime) -> Bar | None:
    """Why the patient cannot say to come; None where it is fine until it begins."""
    return None if is_ahead(visit, now=now) else Bar.OVER


def against_cancelling(visit: Appointment, *, now: datetime) -> Bar | None:
    """Why the patient cannot give the time back alone; None where that is fine."""
    if not is_ahead(visit, now=now):
        return Bar.OVER
    return Bar.LATE if now > alone_until(visit) else None


def against_moving(visit: Appointment, *, now: datetime) -> Bar | None:
    """Why the patient cannot move it alone; None where that is fine.

    What only the patient can put right (health questions) is said last.
    """
    if bar := against_cancelling(visit, now=now):
        return bar
    if times_moved(visit) >= settings.SELF_SERVICE_MOVES:
        return Bar.OFTEN
    return _against_treating(visit, now)


def _against_treating(visit: Appointment, now: datetime) -> Bar | None:
    """What health says of another day for a session; a talk may always be held."""
    if visit.plan is None or visit.kind != AppointmentKind.SESSION:
        return None
    if is_looked_at(visit.patient_id):
        return Bar.CLINICIAN
    today = now.astimezone(visit.location.zone).date()
    due = screening.due_again(visit.plan.protocol, visit.patient, today=today, now=now)
    return Bar.HEALTH if due else None


def is_looked_at(patient_id: int) -> bool:
    """Whether a clinician has still to look at a health answer of the patient."""
    tasks = Task.objects.open().filter(kind=TaskKind.ANSWERS, patient=patient_id)
    return tasks.exists()


def times_moved(visit: Appointment) -> int:
    """How often the patient moved this very visit; what follows another is not counted."""
    moves = {f"pgh_context__metadata__{MOVED}": visit.pk}
    rows = visit.events.filter(**moves)  # type: ignore[attr-defined]
    count: int = rows.values("pgh_context").distinct().count()
    return count


def is_time_to_get_ready(visit: Appointment, day: date, *, today: date) -> bool:
    """Whether getting ready for the local `day` need not have begun before `today`.

    A later day is always fine: it only lengthens what has begun for the present one.
    """
    if day >= visit.local_date:
        return True
    return precare_begins(care_of(visit), day) >= today


def words(bar: Bar) -> str:
    """The reason as the patient reads it, in the language now spoken."""
    return {
        Bar.OVER: _("This visit cannot be changed any more."),
        Bar.LATE: _late(),
        Bar.OFTEN: _often(),
        Bar.CLINICIAN: _(
            "You told us something new about your health, and a clinician looks at it "
            "first. Until then this visit stays where it is."
        ),
        Bar.HEALTH: _(
            "Before you choose a new time, we ask a few questions about your health "
            "again."
        ),
    }[bar]


def _late() -> str:
    hours: int = settings.SELF_SERVICE_HOURS
    return ngettext(
        "There is less than %(hours)s hour to go. That is late, so our desk looks "
        "after it with you.",
        "There are less than %(hours)s hours to go. That is late, so our desk looks "
        "after it with you.",
        hours,
    ) % {"hours": hours}


def _often() -> str:
    most: int = settings.SELF_SERVICE_MOVES
    return ngettext(
        "You have moved this visit already. Our desk finds the next time with you.",
        "You have moved this visit %(most)s times already. Our desk finds the next "
        "time with you.",
        most,
    ) % {"most": most}
