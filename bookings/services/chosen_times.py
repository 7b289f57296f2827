"""A requester chooses a time for the consultation: one click books it, once.

The time was never kept free. Whoever comes second reads so, beside the nearest three
times that are: those can be chosen as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentKind,
    ConsultationRequest,
    Patient,
    ProposedTime,
)
from bookings.scheduling.problem import OPERATOR
from bookings.services import inviting, patients, told
from bookings.services.appointing import rules, soonest, talks
from bookings.services.appointing.rules import Talk
from bookings.services.appointing.soonest import Place
from bookings.services.messages import time_letters
from bookings.services.messages.time_letters import Told
from bookings.services.portal import accounts
from bookings.services.refusals import BookingRefused
from bookings.services.triage.lines import OPEN
from clinic.models import Location, Practitioner

SALT = "cadence.free-time"
TRIES = 3  # another room may be free where one was lost this very moment
MOST_BYTES = 300


@dataclass(frozen=True, slots=True)
class Choice:
    """A time that can be chosen: with whom, from when (aware); `proposed` if it was."""

    practitioner: Practitioner
    starts_at: datetime
    proposed: ProposedTime | None = None

    @property
    def location(self) -> Location:
        return self.practitioner.location

    @property
    def local_start(self) -> datetime:
        return self.starts_at.astimezone(self.location.zone)


@dataclass(frozen=True, slots=True)
class Shown:
    """A choice on a page: how its form names it, and how it reads."""

    name: str
    told: Told


class TimeLost(BookingRefused):
    """The time is not free any more; `nearest` are others that are."""

    def __init__(self, words: str, nearest: Sequence[Choice]) -> None:
        super().__init__(words)
        self.nearest = list(nearest)


def choices(row: ConsultationRequest, *, now: datetime) -> list[Choice]:
    """The proposed times that may still be chosen, by time."""
    times = inviting.to_choose(row, now=now)
    return [Choice(one.practitioner, one.starts_at, one) for one in times]


def booked(row: ConsultationRequest) -> Appointment | None:
    """The consultation that answers the request, if it stands."""
    talk = row.appointment
    return talk if talk and talk.is_live else None


def with_all(row: ConsultationRequest) -> ConsultationRequest:
    """The request afresh, with what choosing a time needs to know of it."""
    rows = ConsultationRequest.objects.select_related(
        "patient", "location", "appointment__location"
    )
    return rows.get(pk=row.pk)


def shown(
    row: ConsultationRequest,
    *,
    now: datetime,
    first: Choice | None = None,
    nearest: Sequence[Choice] | None = None,
) -> list[Shown]:
    """The times to choose from, `first` ahead; where one was lost, `nearest` instead."""
    if booked(row):
        return []
    found = list(nearest) if nearest is not None else choices(row, now=now)
    if first:
        found.sort(key=lambda one: one.starts_at != first.starts_at)
    return [
        Shown(
            name_of(row, one),
            time_letters.tell(one.practitioner, one.starts_at, row, now=now),
        )
        for one in found
    ]


def booked_as(row: ConsultationRequest, *, now: datetime) -> Told | None:
    """The consultation that answers the request, in words, if it stands."""
    talk = booked(row)
    if talk is None:
        return None
    claim = talk.claims.filter(role=OPERATOR).select_related("resource").first()
    place, year = talk.location, now.astimezone(talk.location.zone).year
    own = time_letters.own_words(talk.starts_at, place.zone, row.patient.timezone, year)
    return Told(
        when=told.moment(talk.local_start, year),
        own=own,
        where=f"{place.name}, {place.address}",
        who=claim.resource.name if claim else "",
    )


@transaction.atomic
def choose(row: ConsultationRequest, choice: Choice, *, now: datetime) -> Appointment:
    """Book the chosen time for whoever asked, or raise BookingRefused.

    The same choice again answers with what it booked. TimeLost says what is free
    instead. No time is on offer any more then, and the visit is confirmed.
    """
    patient = patients.hold(row.patient_id)
    row = _hold(row)
    if talk := booked(row):
        if talk.starts_at == choice.starts_at:
            return talk
        raise BookingRefused(_booked_words(talk, now))
    _judge(row, choice, now)
    return _book(row, patient, choice, now)


def name_of(row: ConsultationRequest, choice: Choice) -> str:
    """How a form names a choice; only this request can send it back."""
    if choice.proposed:
        return str(choice.proposed.pk)
    start = int(choice.starts_at.timestamp())
    return signing.dumps([row.pk, choice.practitioner.pk, start], salt=SALT)


def named(row: ConsultationRequest, name: str) -> Choice | None:
    """The choice that a form named, open or not; None where it is none of this request."""
    if name.isascii() and name.isdecimal() and len(name) < 19:
        rows = row.proposed_times.select_related("practitioner__location")
        one = rows.filter(pk=int(name)).first()
        return Choice(one.practitioner, one.starts_at, one) if one else None
    return _signed(row, name)


def _signed(row: ConsultationRequest, name: str) -> Choice | None:
    """A choice that was shown as one of the nearest, within the last hours."""
    try:
        request, practitioner, start = signing.loads(
            name[:MOST_BYTES], salt=SALT, max_age=6 * 3600
        )
    except (signing.BadSignature, ValueError):
        return None
    rows = Practitioner.objects.select_related("location").filter(is_active=True)
    who = rows.filter(pk=practitioner).first()
    if who is None or request != row.pk:
        return None
    return Choice(who, datetime.fromtimestamp(start, who.location.zone))


def _hold(row: ConsultationRequest) -> ConsultationRequest:
    rows = ConsultationRequest.objects.select_for_update(of=("self",), no_key=True)
    about = ("patient", "location", "appointment__location")
    return rows.select_related(*about).get(pk=row.pk)


def _judge(row: ConsultationRequest, choice: Choice, now: datetime) -> None:
    if row.status not in OPEN:
        raise BookingRefused(
            _("This request is closed. Call us if you would like to talk after all.")
        )
    offered = row.proposed_times.filter(is_withdrawn=False)
    if choice.starts_at <= now:
        raise TimeLost(_("This time has passed."), _nearest(row, choice, now))
    if choice.proposed and not offered.filter(pk=choice.proposed.pk).exists():
        words = _("We have taken this time back.")
        raise TimeLost(words, _nearest(row, choice, now))


def _book(
    row: ConsultationRequest, patient: Patient, choice: Choice, now: datetime
) -> Appointment:
    """Book the time in whatever room is free; TimeLost where none of it is left."""
    actor = accounts.account_of(patient)
    for _try in range(TRIES):
        place = _place(row, choice, now)
        if place is None:
            break
        talk = _talk(patient, choice, place)
        twice = rules.second_visit(talk, now=now)
        reason = _("Chosen by the patient.") if twice else ""
        about: Any = {"actor": actor, "now": now, "reason": reason}
        try:
            return talks.book(talk, key=uuid4(), request=row, **about)
        except BookingRefused:
            continue  # somebody else was quicker: look again at what is left
    words = _("Somebody else has taken this time meanwhile.")
    raise TimeLost(words, _nearest(row, choice, now))


def _place(row: ConsultationRequest, choice: Choice, now: datetime) -> Place | None:
    sought = inviting.sought_by(row, choice.practitioner)
    return soonest.at(sought, choice.starts_at, now=now)


def _talk(patient: Patient, choice: Choice, place: Place) -> Talk:
    return Talk(
        kind=AppointmentKind.CONSULTATION,
        patient=patient,
        location=choice.location,
        starts_at=choice.starts_at,
        practitioner=choice.practitioner.pk,
        room=place.room or 0,
    )


def _nearest(row: ConsultationRequest, choice: Choice, now: datetime) -> list[Choice]:
    """The three free times nearest to one that is lost, with the same doctor."""
    sought = inviting.sought_by(row, choice.practitioner)
    wanted = max(choice.starts_at, now)
    places = soonest.nearest(sought, wanted, now=now)
    return [Choice(choice.practitioner, place.local_start) for place in places]


def _booked_words(talk: Appointment, now: datetime) -> str:
    year = now.astimezone(talk.location.zone).year
    return _("Your consultation is booked already: %(when)s.") % {
        "when": told.moment(talk.local_start, year)
    }
