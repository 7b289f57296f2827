"""Offers from the waiting list of which nobody has heard: they make way for an undo."""

from collections.abc import Iterable
from datetime import datetime

from bookings.models import (
    Claim,
    MessageStatus,
    OfferStatus,
    WaitingOffer,
)
from bookings.models import Message as Letter
from bookings.services.messages import offer_letters
from bookings.services.waitlist import offers


def make_way(needs: Iterable[Claim], *, now: datetime) -> None:
    """End the open offers in the way of `needs` (unsaved claims) that were not told.

    An offer of a whole series, which a hold keeps, stays; an offer whose letter has left, or leaves at this moment, stays: its patient counts
    on it. One that somebody is just working on stays too; nobody waits here for it.
    """
    in_the_way: set[int] = set()
    for need in needs:
        taken = Claim.objects.filter(
            resource=need.resource_id, during__overlap=need.during
        )
        offered = taken.filter(offer__isnull=False).values_list("offer", flat=True)
        in_the_way |= {pk for pk in offered if pk}
    rows = WaitingOffer.objects.open().filter(pk__in=in_the_way).order_by("pk")
    locked = rows.select_for_update(of=["self"], no_key=True, skip_locked=True)
    for offer in list(locked):
        if _is_unheard(offer):
            offers.end(offer, OfferStatus.WITHDRAWN, actor=None, now=now)


def _is_unheard(offer: WaitingOffer) -> bool:
    letter = Letter.objects.filter(dedupe_key=offer_letters.key_of(offer)).first()
    return letter is not None and letter.status == MessageStatus.PLANNED
