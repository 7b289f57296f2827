"""The waiting list as the desk reads it: who waits for what, and what is offered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch

from bookings.models import (
    Appointment,
    AppointmentKind,
    HealthAnswer,
    Patient,
    TreatmentPlan,
    WaitingEntry,
    WaitingOffer,
)
from bookings.models.waiting import WaitingQuerySet
from bookings.services import screening
from clinic.models import Resource
from treatments.care import precare_begins

OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class OfferLine:
    """An open offer in the time of its location; `local_*` are aware.

    `followers` are the other sessions of a series that is offered, in order.
    """

    offer: WaitingOffer
    with_whom: str
    local_start: datetime
    local_until: datetime
    followers: list[Appointment]
    minutes_left: int
    is_over: bool
    to_ask: int
    care_days: int
    care_days_left: int

    @property
    def care_is_short(self) -> bool:
        """Whether getting ready should have begun before today."""
        return self.care_days_left < self.care_days


@dataclass(frozen=True, slots=True)
class Line:
    """One entry that waits, the session it waits for as it stands, and its offer."""

    entry: WaitingEntry
    days_waiting: int
    present: Appointment | None
    offer: OfferLine | None


def lines(*, now: datetime) -> list[Line]:
    """Everybody who waits, the longest first; the same few queries for any number."""
    return _lines(WaitingEntry.objects.open(), now)


def of_plan(plan: TreatmentPlan, *, now: datetime) -> list[Line]:
    """What waits for `plan`."""
    return _lines(WaitingEntry.objects.open().filter(plan=plan), now)


def of_patient(patient: Patient, *, now: datetime) -> list[Line]:
    """What waits for `patient`."""
    return _lines(WaitingEntry.objects.open().filter(patient=patient), now)


@dataclass(frozen=True, slots=True)
class Waitable:
    """What of a plan can wait: sessions by number, as they stand; and all that lack a time.

    A session that stands waits for an earlier day, one without a time (None) for any.
    """

    sessions: dict[int, Appointment | None]
    has_series: bool

    def __bool__(self) -> bool:
        return bool(self.sessions) or self.has_series


def can_wait(plan: TreatmentPlan, *, now: datetime) -> Waitable:
    """What the waiting list would take of `plan` as it stands at `now`."""
    rows = plan.appointments.live().filter(kind=AppointmentKind.SESSION)
    standing = {row.number or 0: row for row in rows.select_related("location")}
    every = range(1, plan.session_count + 1)
    found: dict[int, Appointment | None] = {
        number: row
        for number in every
        if (row := standing.get(number)) and row.can_be_moved and row.starts_at > now
    }
    missing = [number for number in every if number not in standing]
    if standing or plan.session_count == 1:  # else one alone would break the series up
        found |= {n: None for n in missing if n == 1 or n - 1 in standing}
    return Waitable(dict(sorted(found.items())), bool(missing))


def _lines(entries: WaitingQuerySet, now: datetime) -> list[Line]:
    sessions = Appointment.objects.live().filter(kind=AppointmentKind.SESSION)
    rows = list(
        entries.select_related(
            "patient", "plan__location", "plan__protocol__treatment"
        ).prefetch_related(
            Prefetch("offers", WaitingOffer.objects.open()),
            Prefetch("plan__appointments", sessions.select_related("location")),
            "plan__protocol__rules",
            "plan__protocol__care_instructions",
        )
    )
    known = _Known(rows, now)
    return [_line(row, known, now) for row in rows]


class _Known:
    """What the lines need besides their rows, read once for all: two queries."""

    def __init__(self, rows: Sequence[WaitingEntry], now: datetime) -> None:
        self.answers: dict[int, list[HealthAnswer]] = {}
        patients = [row.patient_id for row in rows]
        for answer in HealthAnswer.objects.filter(patient__in=patients).latest_by(now):
            self.answers.setdefault(answer.patient_id, []).append(answer)
        offers = [offer for row in rows for offer in row.offers.all()]
        operators = {offer.roles.get(OPERATOR) for offer in offers} - {None}
        self._names = dict(
            Resource.objects.filter(pk__in=operators).values_list("pk", "name")
        )

    def operator(self, offer: WaitingOffer) -> str:
        """Who would give the session, or nothing where nobody is named."""
        name: str = self._names.get(offer.roles.get(OPERATOR, 0), "")
        return name


def _line(entry: WaitingEntry, known: _Known, now: datetime) -> Line:
    today = now.astimezone(entry.plan.location.zone).date()
    added = entry.added_at.astimezone(entry.plan.location.zone).date()
    present = next(
        (row for row in entry.plan.appointments.all() if row.number == entry.number),
        None,
    )
    offers = [_offer(entry, row, known, today, now) for row in entry.offers.all()]
    return Line(entry, (today - added).days, present, offers[0] if offers else None)


def _offer(
    entry: WaitingEntry,
    offer: WaitingOffer,
    known: _Known,
    today: date,
    now: datetime,
) -> OfferLine:
    protocol, zone = entry.plan.protocol, entry.plan.location.zone
    local_start = offer.starts_at.astimezone(zone)
    day = local_start.date()
    answers = known.answers.get(entry.patient_id, [])
    left = offer.expires_at - now
    return OfferLine(
        offer=offer,
        with_whom=known.operator(offer),
        local_start=local_start,
        followers=_followers(entry, offer),
        local_until=offer.expires_at.astimezone(zone),
        minutes_left=max(0, -(-int(left.total_seconds()) // 60)),
        is_over=not offer.lasts_at(now),
        to_ask=len(screening.to_ask_again(protocol, answers, today=today)),
        care_days=(day - precare_begins(protocol.care(), day)).days,
        care_days_left=(day - today).days,
    )


def _followers(entry: WaitingEntry, offer: WaitingOffer) -> list[Appointment]:
    held = [row for row in entry.plan.appointments.all() if row.hold_id]
    return sorted(
        (row for row in held if offer.hold_id and row.during != offer.during),
        key=lambda row: row.starts_at,
    )
