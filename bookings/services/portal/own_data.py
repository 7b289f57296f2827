"""What patients change about themselves: facts, dates they are away, what may be sent."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from bookings.models import Appointment, AwayDates, ConsentKind, Patient
from bookings.services import patients, series
from bookings.services.people import consents, joining
from bookings.services.portal import accounts
from bookings.services.refusals import BookingRefused

MOST_AWAY = 40
AHEAD = timedelta(days=730)
SPOKEN_FOR = (ConsentKind.CARE_MESSAGES, ConsentKind.MARKETING)


@transaction.atomic
def change(patient: Patient, *, now: datetime, **facts: Any) -> None:
    """Write what the patient changed, or refuse; letters to come follow the language."""
    patients.hold(patient.pk)
    if not (facts.get("phone", patient.phone) or patient.email):
        raise BookingRefused(_("Keep a phone number, so that we can reach you."))
    patients.change(patient, actor=accounts.account_of(patient), now=now, **facts)
    if "language" in facts:
        joining.readdress(patient)


@transaction.atomic
def move_to(patient: Patient, email: str, *, now: datetime) -> str:
    """Write to the patient at `email` from now on; give the address of before."""
    actor = accounts.account_of(patient)
    was = Patient.objects.values_list("email", flat=True).get(pk=patient.pk)
    patients.change(patient, actor=actor, now=now, email=email)
    return was


def away(patient: Patient, *, now: datetime) -> list[AwayDates]:
    """Dates on which the patient cannot come, as far as they are not over."""
    return list(patient.away_dates.filter(last_day__gte=localdate(now)))


@transaction.atomic
def add_away(
    patient: Patient, first: date, last: date, label: str, *, now: datetime
) -> list[Appointment]:
    """Keep dates the patient cannot come; give the visits that stand on them."""
    held = patients.hold(patient.pk)
    today = localdate(now)
    if last < first:
        raise BookingRefused(_("The last day is before the first."))
    if last < today or last > today + AHEAD:
        raise BookingRefused(_("Give days within the next two years."))
    if len(away(held, now=now)) >= MOST_AWAY:
        raise BookingRefused(_("These are many dates. Remove some, or call us."))
    series.keep(held, [(first, last, label)])
    patients.log_access(accounts.account_of(patient), held, "dates away added")
    return [one for one in _visits(held) if first <= one.local_date <= last]


@transaction.atomic
def remove_away(row: AwayDates) -> None:
    """Forget dates: the patient can come after all."""
    held = patients.hold(row.patient_id)
    row.delete()
    patients.log_access(accounts.account_of(held), held, "dates away removed")


def _visits(patient: Patient) -> list[Appointment]:
    rows = Appointment.objects.firm().filter(patient=patient, completed_at=None)
    return list(rows.select_related("location"))


def agreements(patient: Patient) -> list[consents.Agreement]:
    """What may be sent to the patient, and how that stands."""
    said = consents.agreements(patient)
    return [one for one in said if one.kind in SPOKEN_FOR]


@transaction.atomic
def agree(patient: Patient, kind: str, *, is_given: bool, now: datetime) -> None:
    """Append what the patient says about what may be sent, or refuse."""
    if kind not in SPOKEN_FOR:
        raise BookingRefused(_("This cannot be changed here. Call us."))
    consents.record(
        patient,
        kind,
        is_given=is_given,
        source=consents.PORTAL,
        actor=accounts.account_of(patient),
        now=now,
    )
