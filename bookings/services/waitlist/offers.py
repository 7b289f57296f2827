"""Making an offer and ending one: a time is kept free exactly while an offer is open."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.utils.translation import gettext as _
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Claim,
    HoldKind,
    HoldOutcome,
    OfferStatus,
    SeriesHold,
    WaitingEntry,
    WaitingOffer,
)
from bookings.scheduling import Strategy
from bookings.services import claims, days
from bookings.services.holding import holds, lapses
from bookings.services.judging import PlannedSession
from bookings.services.messages import moments, offer_letters
from bookings.services.waitlist.fitting import Case
from clinic.models import Location, User

KEPT = timedelta(minutes=settings.OFFER_MINUTES)
NOTICE = timedelta(hours=2)  # from the end of an offer to the visit, to get there


def is_the_hour(location: Location, now: datetime) -> bool:
    """Whether an offer made now is answered by day: it begins and ends 8:00 to 20:00.

    A patient has to call to take it, and nobody answers at night.
    """
    zone = location.zone
    begins, ends = now.astimezone(zone), (now + KEPT).astimezone(zone)
    return (
        begins.date() == ends.date()
        and begins.time() >= moments.QUIET_UNTIL
        and ends.time() <= moments.QUIET_FROM
    )


def may_be_offered(case: Case) -> bool:
    """Whether the patient can be offered something now; the patient's row is locked.

    Nobody has two offers at a time, nor more than the clinic's limit on one local day.
    """
    theirs = WaitingOffer.objects.filter(entry__patient=case.plan.patient_id)
    if theirs.open().exists():
        return False
    start, end = days.bounds(case.plan.location, case.today)
    today = theirs.filter(offered_at__gte=start, offered_at__lt=end).count()
    most: int = settings.OFFERS_A_DAY
    return today < most


def soonest_start(now: datetime) -> datetime:
    """From when on a time can be offered: after the offer's end, with some notice."""
    return now + KEPT + NOTICE


def make(case: Case, sessions: Sequence[PlannedSession]) -> WaitingOffer:
    """Offer these sessions and keep their time free, or refuse if it is taken by now."""
    first = sessions[0]
    offer = WaitingOffer(
        entry=case.entry,
        during=DateTimeTZRange(first.starts_at, first.ends_at),
        roles=dict(first.roles),
        offered_at=case.now,
        expires_at=case.now + KEPT,
    )
    if case.entry.number is None:
        offer.hold = _hold(case, sessions, offer.expires_at)
    offer.save(force_insert=True)
    if offer.hold is None:
        wanted = claims.for_offer(offer, case.plan, first.roles)
        claims.take(wanted)
    offer_letters.promise(offer, now=case.now)
    return offer


def _hold(
    case: Case, sessions: Sequence[PlannedSession], expires_at: datetime
) -> SeriesHold:
    return holds.hold(
        case.plan,
        sessions,
        key=uuid4(),
        kind=HoldKind.OFFER,
        strategy=Strategy.EARLIEST_FINISH,
        until=expires_at,
        actor=case.entry.added_by,
        now=case.now,
    )


def lock_open(entry: WaitingEntry) -> WaitingOffer | None:
    """The entry's open offer, if any, held until the transaction ends."""
    return entry.offers.open().select_for_update(of=["self"], no_key=True).first()


def end(
    offer: WaitingOffer, status: OfferStatus, *, actor: User | None, now: datetime
) -> None:
    """End an offer without taking it, and free its time; its row is locked."""
    mark(offer, status, actor=actor, now=now)
    Claim.objects.filter(offer=offer).delete()
    holds_of_it = SeriesHold.objects.open().filter(offer=offer)
    if kept := holds_of_it.select_for_update(no_key=True).first():
        lapsed = status == OfferStatus.LAPSED
        outcome = HoldOutcome.EXPIRED if lapsed else HoldOutcome.RELEASED
        lapses.let_go(kept, outcome, now=now)
    offer_letters.withdraw(offer, _("The offer has ended."))


def mark(
    offer: WaitingOffer, status: OfferStatus, *, actor: User | None, now: datetime
) -> None:
    """Write down what became of an offer."""
    offer.status, offer.answered_at, offer.answered_by = status, now, actor
    offer.save(update_fields=["status", "answered_at", "answered_by"])
