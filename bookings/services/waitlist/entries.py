"""Putting somebody on the waiting list, and taking them off it."""

from datetime import date, datetime, time
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import OfferStatus, TreatmentPlan, WaitingEntry
from bookings.services import patients, series
from bookings.services.refusals import BookingRefused
from bookings.services.waitlist import fitting, matching, offers
from bookings.services.waitlist.fitting import Case
from clinic.models import User


class Wish(TypedDict, total=False):
    """Local days and times at the plan's location; both ends are included."""

    first_day: date
    last_day: date
    weekdays: list[int]
    arrive_from: time
    arrive_until: time
    note: str


@transaction.atomic
def add(
    plan: TreatmentPlan,
    *,
    actor: User,
    now: datetime,
    number: int | None = None,
    **wish: Unpack[Wish],
) -> WaitingEntry:
    """Let `plan` wait: for an earlier time of session `number`, or for its series.

    `first_day` and `last_day` are needed; without the rest, any weekday and time will
    do. A session that has no time yet waits for the soonest. Refuses what can never
    come true, and what waits already.
    """
    plan = series.lock(plan)
    about = {"patient": plan.patient, "plan": plan, "number": number}
    entry = WaitingEntry(added_by=actor, added_at=now, **about, **wish)
    _judge_plan(plan, number)
    _judge_rows(entry)
    _judge_days(fitting.case_of(entry, plan, now=now))
    entry.save(force_insert=True)
    patients.log_access(actor, plan.patient, "waiting list")
    return entry


@transaction.atomic
def close(entry: WaitingEntry, reason: str, *, actor: User, now: datetime) -> None:
    """Take an entry off the list, with the reason; an offer that is open is taken back.

    Closing twice is closing once: the first reason stays.
    """
    if not reason.strip():
        raise BookingRefused(_("Say why: the reason is kept with the entry."))
    plan = series.lock(entry.plan)
    if offer := offers.lock_open(entry):
        offers.end(offer, OfferStatus.WITHDRAWN, actor=actor, now=now)
        matching.slot_freed([offer.during], location=plan.location, now=now)
    settle(entry, reason.strip(), now=now)
    patients.log_access(actor, entry.patient, "waiting list")


def settle(entry: WaitingEntry, reason: str, *, now: datetime) -> None:
    """Close an entry that is still open."""
    still_open = WaitingEntry.objects.open().filter(pk=entry.pk)
    still_open.update(closed_at=now, close_reason=reason[:200])


def close_settled(*, now: datetime) -> int:
    """Close what has nothing left to wait for; say how many entries that were.

    An offer that is still open is answered first.
    """
    rows = (
        WaitingEntry.objects.open()
        .exclude(offers__status=OfferStatus.OFFERED)
        .select_related("plan__location", "plan__protocol")
    )
    closed = 0
    for row in rows:
        if reason := _settled(fitting.case_of(row, row.plan, now=now)):
            settle(row, reason, now=now)
            closed += 1
    return closed


def _settled(case: Case) -> str:
    """Why the entry need not wait any more; empty while it does."""
    present = case.present
    if not case.plan.is_going_on:
        return _("The plan has ended.")
    if case.entry.last_day < case.today:
        return _("The days have passed.")
    if case.number is None and not any(row.is_held for row in case.standing.values()):
        return _("Every session is booked.")
    if present and not (present.can_be_moved or present.is_held):
        return _("The session has begun or is over.")
    if case.entry.number and case.entry.number > case.plan.session_count:
        return _("The plan has no such session any more.")
    return ""


def _judge_plan(plan: TreatmentPlan, number: int | None) -> None:
    if not plan.is_approved:
        raise BookingRefused(
            _("No clinician has signed this plan yet. Send it for review first.")
        )
    if number is not None and not 1 <= number <= plan.session_count:
        raise BookingRefused(
            _("This plan has no session %(number)s.") % {"number": number}
        )


def _judge_rows(entry: WaitingEntry) -> None:
    """Refuse in the words of the table's own rules; the plan's lock makes it last."""
    if not entry.weekdays:
        raise BookingRefused(_("Choose at least one day of the week."))
    try:
        entry.clean_fields()
        entry.validate_constraints()
    except ValidationError as error:
        raise BookingRefused(" ".join(error.messages)) from error


def _judge_days(case: Case) -> None:
    entry, number = case.entry, case.number
    if entry.last_day < case.today:
        raise BookingRefused(_("These days have passed. Choose later ones."))
    if number is None:
        raise BookingRefused(
            _("Every session is booked. Choose the one that should be earlier.")
        )
    if case.breaks_up:
        raise BookingRefused(
            _("No session of this series has a time. Let the whole series wait.")
        )
    if number > 1 and number - 1 not in case.standing:
        raise BookingRefused(
            _("Book session %(number)s first: the one after it counts from its day.")
            % {"number": number - 1}
        )
    _judge_present(case)


def _judge_present(case: Case) -> None:
    present = case.present
    if present is None:
        return
    facts: dict[str, Any] = {
        "number": present.number,
        "day": date_format(present.local_date, "D j M Y"),
    }
    if not present.can_be_moved:
        raise BookingRefused(
            _("Session %(number)s of %(day)s cannot be moved any more.") % facts
        )
    if present.local_date <= case.first_day:
        raise BookingRefused(
            _("Session %(number)s is on %(day)s. Choose days before that.") % facts
        )
