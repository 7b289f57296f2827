"""A patient's own place on the waiting list: joining, leaving, answering an offer."""

from datetime import datetime

from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    OfferStatus,
    Patient,
    WaitingEntry,
    WaitingOffer,
)
from bookings.services import screening, waiting
from bookings.services.portal import policy
from bookings.services.portal.policy import Bar, NotAlone
from bookings.services.portal.proposed import is_session
from bookings.services.portal.selfservice import Changed, Lost, acting
from bookings.services.refusals import BookingRefused
from bookings.services.waiting import Wish


def entry_of(visit: Appointment) -> WaitingEntry | None:
    """What waits for an earlier time of `visit`, if anything does."""
    if not is_session(visit):
        return None
    rows = WaitingEntry.objects.open().filter(plan=visit.plan, number=visit.number)
    return rows.first()


def open_offers(patient: Patient, *, now: datetime) -> list[WaitingOffer]:
    """What is offered to `patient` and can still be taken, the newest first."""
    rows = WaitingOffer.objects.open().filter(
        entry__patient=patient, expires_at__gt=now
    )
    return list(rows.select_related("entry__plan__location"))


def may_join(visit: Appointment, *, now: datetime) -> bool:
    """Whether an earlier day than that of `visit` could be waited for."""
    plan = visit.plan
    if plan is None or not (is_session(visit) and policy.is_ahead(visit, now=now)):
        return False
    today = now.astimezone(visit.location.zone).date()
    return plan.is_approved and (visit.local_date - today).days > 1


def join(visit: Appointment, wish: Wish, *, now: datetime) -> None:
    """Let `visit` wait for an earlier time; twice is once. Raises Changed."""
    try:
        with acting(visit.patient) as actor:
            if visit.plan is None or entry_of(visit):
                return
            number = visit.number
            waiting.add(visit.plan, actor=actor, now=now, number=number, **wish)
    except BookingRefused as refused:
        raise Changed(
            _("That could not be noted. Look at the dates again, or call us.")
        ) from refused


def leave(visit: Appointment, *, now: datetime) -> None:
    """Take `visit` off the waiting list; twice is once."""
    with acting(visit.patient) as actor:
        if entry := entry_of(visit):
            why = _("The patient does not wait any more.")
            waiting.close(entry, why, actor=actor, now=now)


def against_taking(offer: WaitingOffer, *, now: datetime) -> Bar | None:
    """Why the patient cannot take an open offer alone; None where that is fine."""
    plan = offer.entry.plan
    if policy.is_looked_at(plan.patient_id):
        return Bar.CLINICIAN
    today = now.astimezone(plan.location.zone).date()
    due = screening.due_again(plan.protocol, plan.patient, today=today, now=now)
    return Bar.HEALTH if due else None


def take(offer: WaitingOffer, *, now: datetime) -> None:
    """Take the time offered. Twice is once; raises Lost or NotAlone."""
    try:
        with acting(offer.entry.patient) as actor:
            fresh = WaitingOffer.objects.get(pk=offer.pk)
            bar = against_taking(offer, now=now)
            if bar and not fresh.is_accepted:
                raise NotAlone(bar)
            waiting.accept(offer, actor=actor, now=now)
    except NotAlone as refused:
        raise NotAlone(refused.bar) from refused
    except BookingRefused as refused:
        raise Lost(_("This time is no longer kept for you.")) from refused


def turn_down(offer: WaitingOffer, *, now: datetime) -> None:
    """Leave the time to the next in line. Twice is once; raises Changed once taken."""
    try:
        with acting(offer.entry.patient) as actor:
            waiting.decline(offer, actor=actor, now=now)
    except BookingRefused as refused:
        raise Changed(_("You have taken this time already.")) from refused


def state(offer: WaitingOffer, *, now: datetime) -> str:
    """How an offer stands: open, taken, left, or over."""
    if offer.lasts_at(now):
        return "open"
    if offer.is_accepted or offer.is_booked:
        return "taken"
    return "left" if offer.status == OfferStatus.DECLINED else "over"
