"""The one message about an offer from the waiting list, and when it is taken back.

The message has no appointment, for there may be none yet: its key names the offer.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentStatus,
    Message,
    MessageStatus,
    WaitingOffer,
)
from bookings.services.messages import visit_links
from bookings.services.messages.moments import GRACE
from bookings.services.messages.reminders import OFFER
from treatments.care import precare_begins


def promise(offer: WaitingOffer, *, now: datetime) -> None:
    """Plan the message, in the transaction that makes the offer.

    It waits its grace: who undoes what freed the time takes the offer back unheard.
    """
    patient = offer.entry.patient
    reachable = bool(patient.email)
    Message.objects.create(
        patient=patient,
        rule=OFFER,
        language=patient.language,
        due_at=now + GRACE,
        status=MessageStatus.PLANNED if reachable else MessageStatus.SUPPRESSED,
        problem="" if reachable else _("The patient has no e-mail address."),
        recipient=patient.email,
        dedupe_key=key_of(offer),
    )


def withdraw(offer: WaitingOffer, problem: str) -> None:
    """Take the message back if it has not left; the sender looks once more itself."""
    Message.objects.filter(
        dedupe_key=key_of(offer), status=MessageStatus.PLANNED
    ).update(status=MessageStatus.SUPERSEDED, problem=problem, lease_until=None)


def key_of(offer: WaitingOffer) -> str:
    """The key of the message about `offer`."""
    return f"offer:{offer.pk}"


def offer_of(message: Message) -> WaitingOffer:
    """The offer that `message` is about; DoesNotExist for any other message."""
    key = message.dedupe_key.removeprefix("offer:")
    offers = WaitingOffer.objects.select_related(
        "entry__patient", "entry__plan__location", "entry__plan__protocol", "hold"
    )
    return offers.get(pk=int(key) if key.isdecimal() else 0)


def too_late(message: Message, now: datetime) -> str:
    """Why the message must not leave at `now`; empty where all is well."""
    if offer_of(message).lasts_at(now):
        return ""
    return _("The offer has ended.")


def words(message: Message, now: datetime) -> dict[str, Any]:
    """What the letter says: the time, until when it is kept, what it would change."""
    offer = offer_of(message)
    return facts(offer, now) | visit_links.of_offer(offer, now)


def facts(offer: WaitingOffer, now: datetime) -> dict[str, Any]:
    """The same of `offer` itself, for its page."""
    plan = offer.entry.plan
    zone = plan.location.zone
    day = offer.starts_at.astimezone(zone).date()
    care_days = (day - precare_begins(plan.protocol.care(), day)).days
    days_left = (day - now.astimezone(zone).date()).days
    return {
        "offer": offer,
        "location": plan.location,
        "phone": plan.location.phone,
        "zone": zone,
        "present": plan.appointments.firm().filter(number=offer.entry.number).first(),
        "followers": _followers(offer),
        "care_days": care_days,
        "care_is_short": days_left < care_days,
    }


def _followers(offer: WaitingOffer) -> list[Appointment]:
    """The other sessions that the offer of a series keeps, in order."""
    if offer.hold is None:
        return []
    kept = offer.hold.appointments.filter(status=AppointmentStatus.HELD)
    return list(kept.exclude(during=offer.during).order_by("during"))
