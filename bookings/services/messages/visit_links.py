"""The links in letters by which a patient confirms, moves, gives back or asks.

Opening one changes nothing: mail programs open links to look at them. What it leads
to has one button.
"""

from datetime import datetime

from bookings.models import Appointment, Message, WaitingOffer
from bookings.services import links
from bookings.services.links import Purpose
from bookings.services.messages.reminders import CONFIRMATION, confirmed_by

OF_ONE_VISIT = (CONFIRMATION, "practical")


def words(message: Message, now: datetime) -> dict[str, object]:
    """The addresses that the letter `message` about a visit, written at `now`, needs."""
    if message.appointment is None or message.rule not in OF_ONE_VISIT:
        return {}
    found = of_visit(message.appointment, now)
    if message.rule == CONFIRMATION:
        rows = confirmed_by(message)
        found["visit_links"] = [(row, _address(row, now)) for row in rows]
    return found


def of_visit(visit: Appointment, now: datetime) -> dict[str, object]:
    """The visit's own page, and those that confirm it, give it back, or ask."""
    here = _address(visit, now)
    return {
        "visit_url": here,
        "confirm_url": f"{here}confirm/",
        "cannot_url": f"{here}cancel/",
        "ask_url": f"{here}ask/",
    }


def of_offer(offer: WaitingOffer, now: datetime) -> dict[str, object]:
    """The page on which an offer is taken or left."""
    return {"offer_url": links.address(Purpose.OFFER, offer, now=now)}


def _address(visit: Appointment, now: datetime) -> str:
    return links.address(Purpose.VISIT, visit, now=now)
