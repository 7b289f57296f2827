"""Requests as the desk reads them: each with its age, its verdict and its flags."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from bookings.models import (
    AppointmentStatus,
    ConsultationRequest,
    Patient,
    RequestStatus,
)
from bookings.services.triage import ageing, verdicts
from bookings.services.triage import flags as flagging
from bookings.services.triage.ageing import Age
from bookings.services.triage.flags import Flag
from bookings.services.triage.verdicts import Judged

OPEN = (RequestStatus.NEW, RequestStatus.CONTACTED)
FELL_THROUGH = {
    AppointmentStatus.CANCELLED: _l("The consultation on %(when)s was cancelled."),
    AppointmentStatus.LATE_CANCELLED: _l("The consultation on %(when)s was cancelled."),
    AppointmentStatus.NO_SHOW: _l("The consultation on %(when)s was missed."),
    AppointmentStatus.RELEASED: _l("The booking for %(when)s was taken back."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One request with what there is to know of it before it is opened."""

    request: ConsultationRequest
    age: Age
    judged: Judged
    flags: tuple[Flag, ...]
    twins: tuple[Patient, ...]
    proposed: int = 0
    still_open: int = 0

    @property
    def waits(self) -> bool:
        return self.request.status in OPEN

    @property
    def is_new(self) -> bool:
        return self.request.status == RequestStatus.NEW

    @property
    def is_overdue(self) -> bool:
        """Whether nobody has answered in time."""
        return self.is_new and self.age.is_overdue

    @property
    def fell_through(self) -> str:
        """What became of the consultation that would have answered it; empty if none."""
        talk = self.request.appointment
        if talk is None or not self.waits or talk.status not in FELL_THROUGH:
            return ""
        when = date_format(talk.local_start, "D j M, H:i")
        return FELL_THROUGH[AppointmentStatus(talk.status)] % {"when": when}

    @property
    def times_words(self) -> str:
        """What became of the times proposed, while the request is open."""
        if not self.waits or not self.proposed:
            return ""
        if self.still_open:
            return _("Times are proposed; none is chosen yet.")
        return _("No proposed time is left to choose.")


def sized_up(rows: Iterable[ConsultationRequest], *, now: datetime) -> list[Line]:
    """The lines of `rows`, which come from `requests.listed`, in a few queries for all."""
    requests = list(rows)
    calendars = ageing.calendars(requests, now=now)
    judged = verdicts.judge_each(requests, now=now)
    twins = flagging.twins(requests)
    return [
        Line(
            row,
            ageing.age(row.asked_at, calendars[row.location_id], now=now),
            judged[row.pk],
            tuple(flagging.flags(row, judged[row.pk], twins[row.patient_id])),
            tuple(twins[row.patient_id]),
            getattr(row, "proposed", 0),
            getattr(row, "still_open", 0),
        )
        for row in requests
    ]
