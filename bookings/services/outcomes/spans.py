"""When the result of a series is looked at, counted from its last session.

Six to eight weeks after the last session that took place (source: S0, S2): 42 to 56
local days, or whatever the plan's protocol says of its follow-up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from bookings.models import Appointment, AppointmentKind, TreatmentPlan
from bookings.services.portal.stages import RESULT_DAYS
from treatments.care import CareKind, Edge
from treatments.services import sealed


@dataclass(frozen=True, slots=True)
class Window:
    """The local days on which a result is looked at, both ends included."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Whether `day` is one of them."""
        return self.first <= day <= self.last


def result_days(plan: TreatmentPlan) -> tuple[int, int]:
    """How many days after the last session the result is looked at, by the protocol."""
    for one in sealed.care(plan.protocol):
        if one.kind == CareKind.FOLLOW_UP and one.starts == one.ends == Edge.DAYS:
            return one.starts_offset or 0, one.ends_offset or 0
    return RESULT_DAYS


def window_after(plan: TreatmentPlan, day: date) -> Window:
    """When the result is looked at if the last session is on the local `day`."""
    fewest, most = result_days(plan)
    return Window(day + timedelta(days=fewest), day + timedelta(days=most))


def last_session(plan: TreatmentPlan) -> Appointment | None:
    """The session that ends the series, if it stands or took place."""
    rows = plan.appointments.firm().select_related("location")
    found = rows.filter(kind=AppointmentKind.SESSION, number=plan.session_count)
    return found.first()


def review_after(rows: Iterable[Appointment], day: date) -> Appointment | None:
    """The look at the result among `rows`: the latest after the local `day`."""
    after = [
        row
        for row in rows
        if row.kind == AppointmentKind.RESULT_REVIEW and row.local_date > day
    ]
    return max(after, key=lambda row: row.starts_at, default=None)
