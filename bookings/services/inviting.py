"""Proposing times for a consultation: the diary offers, the desk picks, a letter asks.

Nothing is kept free: whoever chooses first has the time, and who comes second is told
of the nearest others.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import (
    AppointmentKind,
    ConsultationRequest,
    ProposedTime,
    RequestStatus,
)
from bookings.scheduling.problem import EVERY_WEEKDAY
from bookings.services import patients, requests
from bookings.services.appointing import soonest
from bookings.services.appointing.soonest import ANY_TIME, Place, Sought
from bookings.services.messages import time_letters
from bookings.services.refusals import BookingRefused
from bookings.services.triage import unanswered
from bookings.services.triage.lines import OPEN
from clinic.models import Location, Practitioner, User

MOST = 3
NOTICE = timedelta(hours=24)  # a letter has to be read and answered first


@dataclass(frozen=True, slots=True)
class Slot:
    """One time that may be proposed: where, with whom, from when (aware)."""

    location: Location
    practitioner: Practitioner
    starts_at: datetime

    @property
    def local_start(self) -> datetime:
        return self.starts_at.astimezone(self.location.zone)

    @property
    def value(self) -> str:
        """How a form names it: 12|2026-11-30T09:30."""
        return f"{self.practitioner.pk}|{self.local_start:%Y-%m-%dT%H:%M}"


@dataclass(frozen=True, slots=True)
class Offered:
    """What the diary offers, by time; `left_out` says which wish did not fit, if any."""

    slots: tuple[Slot, ...] = ()
    left_out: str = ""

    @property
    def days(self) -> list[tuple[date, list[Slot]]]:
        """The times by local day."""
        rows = groupby(self.slots, key=lambda slot: slot.local_start.date())
        return [(day, list(slots)) for day, slots in rows]


def offered(row: ConsultationRequest, *, now: datetime) -> Offered:
    """The next free times that fit the requester's wishes, at most five days of them.

    Where those leave nothing, the doctor is left out first, then days and times.
    """
    wishes = [_sought(row, place) for place in _places(row)]
    doctor = _with_whom(row)
    attempts = [("", wishes)]
    if doctor:
        words = _("With %(who)s nothing of this fits. These are with somebody else.")
        attempts.append((words % {"who": doctor.name}, _with_anybody(row)))
    words = _(
        "No time fits the days and hours asked for. These are the next free ones."
    )
    attempts.append((words, [_at_any_time(one) for one in _with_anybody(row)]))
    for left_out, several in attempts:
        if slots := list(_free(row, several, now)):
            return Offered(tuple(slots), left_out)
    return Offered()


def slot_at(
    row: ConsultationRequest,
    practitioner: Practitioner,
    start: datetime,
    *,
    now: datetime,
) -> Slot:
    """The time from `start` (aware) with `practitioner`; BookingRefused where not free."""
    place = practitioner.location
    sought = replace(
        _sought(row, place), practitioner=practitioner.pk, second_visits=True
    )
    if soonest.at(sought, start, now=now) is None:
        near = soonest.nearest(sought, start, now=now)
        local = start.astimezone(place.zone)
        raise BookingRefused(
            _("%(who)s is not free on %(when)s. %(next)s")
            % {
                "who": practitioner.name,
                "when": date_format(local, "D j M, H:i"),
                "next": soonest.next_words(near, start),
            }
        )
    return Slot(place, practitioner, start)


@transaction.atomic
def propose(
    row: ConsultationRequest, slots: Sequence[Slot], *, actor: User, now: datetime
) -> list[ProposedTime]:
    """Propose up to three free times by e-mail, or refuse; those before are taken back."""
    patients.hold(row.patient_id)
    row = _hold(row)
    _judge(row, slots, now)
    for slot in slots:
        slot_at(row, slot.practitioner, slot.starts_at, now=now)
    requests.take_back_times(row)
    times = ProposedTime.objects.bulk_create(
        ProposedTime(
            request=row,
            location=slot.location,
            practitioner=slot.practitioner,
            starts_at=slot.starts_at,
            proposed_at=now,
            proposed_by=actor,
        )
        for slot in sorted(slots, key=lambda slot: slot.starts_at)
    )
    _answer(row, actor, now)
    time_letters.promise(row, times[0], now=now)
    return times


@transaction.atomic
def take_back(row: ConsultationRequest, *, actor: User) -> int:
    """Take back the times proposed, and the letter if it has not left; say how many."""
    patients.hold(row.patient_id)
    patients.log_access(actor, row.patient, "times taken back")
    return requests.take_back_times(_hold(row))


def to_choose(row: ConsultationRequest, *, now: datetime) -> list[ProposedTime]:
    """The times that may be chosen at `now`; none once the request is answered."""
    if row.status not in OPEN:
        return []
    times = row.proposed_times.filter(is_withdrawn=False, starts_at__gt=now)
    return list(times.select_related("location", "practitioner__location"))


def sought_by(row: ConsultationRequest, practitioner: Practitioner) -> Sought:
    """A consultation of the requester with `practitioner`, at any time of any day."""
    sought = _at_any_time(_sought(row, practitioner.location))
    return replace(sought, practitioner=practitioner.pk)


def _hold(row: ConsultationRequest) -> ConsultationRequest:
    """The request under its lock; the patient is held before."""
    rows = ConsultationRequest.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("patient", "location", "doctor").get(pk=row.pk)


def _judge(row: ConsultationRequest, slots: Sequence[Slot], now: datetime) -> None:
    if row.status not in OPEN:
        raise BookingRefused(
            _("Somebody else has dealt with this meanwhile: it is “%(status)s” now.")
            % {"status": row.get_status_display()}
        )
    if not row.patient.email:
        raise BookingRefused(_("There is no e-mail address. Call and book by phone."))
    if not 1 <= len({slot.starts_at for slot in slots}) == len(slots) <= MOST:
        raise BookingRefused(_("Choose one, two or three different times."))
    if any(slot.starts_at <= now for slot in slots):
        raise BookingRefused(_("That time has passed. Choose a later one."))


def _answer(row: ConsultationRequest, actor: User, now: datetime) -> None:
    """The requester has been written to."""
    row.status = RequestStatus.CONTACTED
    row.appointment = None
    row.save(update_fields=["status", "appointment"])
    unanswered.settle(row, actor=actor, now=now)
    patients.log_access(actor, row.patient, "times proposed")


def _places(row: ConsultationRequest) -> list[Location]:
    """Where it may be: with the doctor wished for, where asked, else anywhere."""
    if doctor := _with_whom(row):
        return [doctor.location]
    return _anywhere(row)


def _anywhere(row: ConsultationRequest) -> list[Location]:
    if row.location and row.location.is_active:
        return [row.location]
    return list(Location.objects.filter(is_active=True))


def _with_whom(row: ConsultationRequest) -> Practitioner | None:
    """The doctor wished for, or whoever looks after it, if that one does consultations."""
    for one in (row.doctor, row.clinician):
        if one and one.is_active and "consult" in one.skills:
            return one
    return None


def _sought(row: ConsultationRequest, place: Location) -> Sought:
    """A consultation at `place` as the requester wishes it."""
    days = frozenset(day - 1 for day in row.weekdays) & EVERY_WEEKDAY
    doctor = _with_whom(row)
    return Sought(
        location=place,
        kind=AppointmentKind.CONSULTATION,
        patient=row.patient,
        practitioner=doctor.pk if doctor else None,
        weekdays=days or EVERY_WEEKDAY,
        arrive_between=(
            row.arrive_from or ANY_TIME[0],
            row.arrive_until or ANY_TIME[1],
        ),
    )


def _with_anybody(row: ConsultationRequest) -> list[Sought]:
    return [replace(_sought(row, one), practitioner=None) for one in _anywhere(row)]


def _at_any_time(sought: Sought) -> Sought:
    return replace(sought, weekdays=EVERY_WEEKDAY, arrive_between=ANY_TIME)


def _free(
    row: ConsultationRequest, several: Iterable[Sought], now: datetime
) -> Iterator[Slot]:
    """Yield the free times of each search while the requester is in town, by time."""
    found: list[Slot] = []
    for sought in several:
        soon = (now + NOTICE).astimezone(sought.location.zone).date()
        first = max(soon, row.in_town_from or soon)
        found += _slots(sought.location, soonest.free(sought, first, now=now))
    last = row.in_town_until or date.max
    for slot in sorted(found, key=lambda one: (one.starts_at, one.location.pk)):
        if slot.starts_at >= now + NOTICE and slot.local_start.date() <= last:
            yield slot


def _slots(location: Location, places: Iterable[Place]) -> Iterator[Slot]:
    rows = Practitioner.objects.in_bulk([place.practitioner for place in places])
    for place in places:
        if place.practitioner in rows:
            yield Slot(location, rows[place.practitioner], place.local_start)
