"""Answers to an offer: taken, declined, or none in time."""

from datetime import datetime

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import (
    Claim,
    OfferStatus,
    WaitingOffer,
)
from bookings.services import claims, patients, screening, series
from bookings.services.holding import holds
from bookings.services.judging import PlannedSession
from bookings.services.messages import offer_letters
from bookings.services.moves import placing
from bookings.services.refusals import BookingRefused
from bookings.services.waitlist import entries, fitting, matching, offers
from bookings.services.waitlist.fitting import Case
from clinic.models import User


@transaction.atomic
def accept(offer: WaitingOffer, *, actor: User, now: datetime) -> WaitingOffer:
    """Book or move the session to the time offered, or book the series; or refuse.

    All of it or nothing: what the offer kept becomes the booking's without a moment in
    which others could take it, the old time is free for the next in line, messages are
    planned anew, the entry is closed. Accepting twice is accepting once. Health
    questions that are asked before each booking need an answer of today: an offer can
    be made without the patient, but not taken.
    """
    offer, case = _locked(offer, now)
    if offer.is_accepted:
        return offer
    _judge_open(offer, case)
    _judge_fresh(case)
    if offer.hold:
        holds.confirm(offer.hold, actor=actor, now=now)
    else:
        _place(offer, case, actor)
    offers.mark(offer, OfferStatus.ACCEPTED, actor=actor, now=now)
    entries.settle(offer.entry, _("The offer was taken."), now=now)
    offer_letters.withdraw(offer, _("The offer was taken."))
    patients.log_access(actor, case.plan.patient, "offer taken")
    return offer


@transaction.atomic
def decline(offer: WaitingOffer, *, actor: User, now: datetime) -> WaitingOffer:
    """Write down that the patient does not want this time, and pass it on.

    The entry goes on waiting and is not offered that time again. Declining twice is
    declining once; an offer that was taken cannot be declined any more.
    """
    offer, case = _locked(offer, now)
    if offer.is_accepted or offer.is_booked:
        raise BookingRefused(
            _("This offer was taken already. To undo it, move or cancel the session.")
        )
    if offer.is_open:
        _pass_on(offer, case, OfferStatus.DECLINED, actor=actor, now=now)
        patients.log_access(actor, case.plan.patient, "offer declined")
    return offer


def lapse_overdue(*, now: datetime) -> int:
    """End every offer whose time ran out, each by itself; say how many that were.

    One that is being answered at this moment is left to whoever answers it.
    """
    overdue = WaitingOffer.objects.open().filter(expires_at__lte=now)
    ended = 0
    for pk in list(overdue.values_list("pk", flat=True)):
        with transaction.atomic():
            mine = overdue.select_for_update(of=["self"], skip_locked=True, no_key=True)
            if offer := mine.filter(pk=pk).first():
                ended += _lapse(offer, now)
    return ended


def _lapse(offer: WaitingOffer, now: datetime) -> bool:
    """End it, unless its series was booked on the page of the hold."""
    if offer.is_booked:
        offers.mark(offer, OfferStatus.ACCEPTED, actor=None, now=now)
        return False
    offers.end(offer, OfferStatus.LAPSED, actor=None, now=now)
    return True


def _locked(offer: WaitingOffer, now: datetime) -> tuple[WaitingOffer, Case]:
    """Patient, plan and offer, locked in this order and read afresh."""
    rows = WaitingOffer.objects.select_related("entry__plan", "entry__patient", "hold")
    known = rows.get(pk=offer.pk)
    plan = series.lock(known.entry.plan)
    locked = rows.select_for_update(of=["self"], no_key=True).get(pk=offer.pk)
    return locked, fitting.case_of(locked.entry, plan, now=now)


def _judge_open(offer: WaitingOffer, case: Case) -> None:
    if offer.lasts_at(case.now):
        return
    if offer.status in (OfferStatus.DECLINED, OfferStatus.WITHDRAWN):
        raise BookingRefused(
            _("This offer has ended. The patient still waits for the next free time.")
            if offer.entry.closed_at is None
            else _("This offer has ended. Look for a time on the plan’s page.")
        )
    until = offer.expires_at.astimezone(case.plan.location.zone)
    raise BookingRefused(
        _(
            "This offer ran out at %(time)s on %(day)s and the time may be somebody "
            "else’s by now. The next offer comes by itself; to look for a time now, "
            "open the plan."
        )
        % {"time": date_format(until, "H:i"), "day": date_format(until, "D j M")}
    )


def _judge_fresh(case: Case) -> None:
    due = screening.due_again(
        case.plan.protocol, case.plan.patient, today=case.today, now=case.now
    )
    if due:
        raise BookingRefused(
            ngettext(
                "%(count)s health question is asked again before this time is taken. "
                "Ask it now, then accept.",
                "%(count)s health questions are asked again before this time is taken. "
                "Ask them now, then accept.",
                len(due),
            )
            % {"count": len(due)}
        )


def _place(offer: WaitingOffer, case: Case, actor: User) -> None:
    """Give the session the time offered; its old one is reported as free."""
    _judge_sooner(offer, case)
    session = PlannedSession(
        offer.entry.number or 0, offer.starts_at, offer.ends_at, offer.roles
    )
    freed = [case.present.during] if case.present else []
    held, _rows = Claim.objects.filter(offer=offer).delete()
    if held != len(claims.needs(case.plan, offer.roles, offer.starts_at)):
        raise BookingRefused(
            _("This time is no longer kept free. Decline the offer to look further.")
        )
    placing.place(
        case.plan,
        [session],
        actor=actor,
        now=case.now,
        why=_("Offered from the waiting list"),
    )
    matching.slot_freed(freed, location=case.plan.location, now=case.now)


def _judge_sooner(offer: WaitingOffer, case: Case) -> None:
    present = case.present
    if present is None or offer.starts_at < present.starts_at:
        return
    raise BookingRefused(
        _(
            "Session %(number)s has changed since this was offered: it is on %(day)s "
            "now. Decline the offer to give its time to the next in line."
        )
        % {
            "number": present.number,
            "day": date_format(present.local_start, "D j M Y, H:i"),
        }
    )


def _pass_on(
    offer: WaitingOffer,
    case: Case,
    status: OfferStatus,
    *,
    actor: User | None,
    now: datetime,
) -> None:
    offers.end(offer, status, actor=actor, now=now)
    matching.slot_freed([offer.during], location=case.plan.location, now=now)
