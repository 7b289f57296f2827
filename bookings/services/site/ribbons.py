"""The series in time as an example: weeks, not dates."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from bookings.ribbon import Ribbon, RibbonSession, RibbonSpan, State, Treatment
from treatments.models import Protocol

START = date(2027, 2, 1)  # a Monday; which one never shows
MOST = 5
HOLIDAY = (timedelta(days=21), timedelta(days=30))  # after the second session


def typical(protocol: Protocol, *, holiday: bool = True) -> Ribbon:
    """The usual number of sessions at the ideal distance, with a trip in between."""
    counts = [row for row in protocol.session_counts.all() if row.concern is None]
    number = min(counts[0].usual, MOST) if counts else 3
    apart = timedelta(days=protocol.ideal_gap_days)
    days = [START + apart * at for at in range(number)]
    trip = days[min(1, number - 1)]
    away = RibbonSpan(trip + HOLIDAY[0], trip + HOLIDAY[1], _("Your holiday"), "trip")
    return Ribbon(
        sessions=tuple(
            RibbonSession(at, day, State.BOOKED) for at, day in enumerate(days, 1)
        ),
        treatment=Treatment.of(protocol.treatment.shape),
        gap_days=(protocol.gap_min_days, protocol.gap_max_days),
        away=(away,) if holiday and number > 2 else (),
    )
