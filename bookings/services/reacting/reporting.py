"""The first word of a reaction: from staff who saw it, or from a patient who worries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import override

from bookings.models import (
    Appointment,
    AppointmentKind,
    CheckIn,
    Reaction,
    ReactionNote,
    ReactionSource,
    Severity,
    TaskKind,
)
from bookings.services import patients, todo
from bookings.services.holding_back import DESK, TOOK_PLACE, session_words
from bookings.services.portal.accounts import account_of
from bookings.services.reacting import signs, telling
from bookings.services.refusals import BookingRefused
from clinic.models import User

RATES = "bookings.change_reaction"
LONGEST = 1000  # characters of words, of advice and of a note
SAME_TAP = timedelta(minutes=10)
FURTHEST = timedelta(days=365)


def may_report(session: Appointment) -> bool:
    """Whether `session` has begun or took place, so that something can follow it."""
    return session.kind == AppointmentKind.SESSION and session.status in TOOK_PLACE


@dataclass(frozen=True, slots=True)
class Seen:
    """What staff saw or heard; advice and a day to look again from who may rate."""

    severity: str
    words: str
    signs_seen: Sequence[str] = ()
    advice: str = ""
    follow_up_on: date | None = None


@transaction.atomic
def report(session: Appointment, seen: Seen, *, actor: User, now: datetime) -> Reaction:
    """Keep what was seen after `session`; unless it is rated, a clinician is asked.

    The same said again by the same person within ten minutes is kept once. Raises
    BookingRefused.
    """
    patients.hold(session.patient_id)
    said = Reaction(
        appointment=Appointment.objects.with_people().get(pk=session.pk),
        severity=seen.severity,
        signs=signs.in_order(seen.signs_seen),
        words=worded(seen.words, _("Say what happened.")),
        advice=seen.advice.strip(),
        follow_up_on=seen.follow_up_on,
        reported_by=actor,
        reported_at=now,
    )
    _judge(said, actor, now)
    return _same_tap(said) or _keep(said, actor, now)


def from_check_in(said: CheckIn, *, now: datetime) -> Reaction:
    """Take up a patient's worry: a new reaction, or more about the one still open.

    Call it where the patient is held and a clinician is woken by an alert of its own.
    """
    found = said.appointment.reactions.open().first()
    if found is None:
        return _first_word(said, now)
    _said_again(found, said, now)
    return found


def worded(text: str, refusal: str) -> str:
    """`text` without the blanks around it; refuse where nothing or too much is left."""
    text = text.strip()
    if not text:
        raise BookingRefused(refusal)
    if len(text) > LONGEST:
        raise BookingRefused(
            _("Use up to %(count)d characters.") % {"count": LONGEST},
        )
    return text


def judged_day(day: date | None, now: datetime) -> date:
    """The day to look again; refuse one that is missing, over, or beyond a year."""
    today = localdate(now)
    if day is None:
        raise BookingRefused(_("Say when to look again, or close the reaction."))
    if day < today:
        raise BookingRefused(_("The day to look again lies in the past."))
    if day > today + FURTHEST:
        raise BookingRefused(_("Look again within a year."))
    return day


def judge_severity(severity: str) -> None:
    """Refuse what is no severity."""
    if severity not in Severity.values:
        raise BookingRefused(_("Say how bad it is."))


def _judge(said: Reaction, actor: User, now: datetime) -> None:
    if not may_report(said.appointment):
        raise BookingRefused(
            _("A reaction follows a session that has begun. This one has not.")
        )
    judge_severity(said.severity)
    if not (said.advice or said.follow_up_on):
        return
    if not actor.has_perm(RATES):
        raise BookingRefused(_("A clinician gives the advice. Leave it to them."))
    said.advice = worded(said.advice, _("Say what you advised."))
    said.follow_up_on = judged_day(said.follow_up_on, now)


def _same_tap(said: Reaction) -> Reaction | None:
    return said.appointment.reactions.filter(
        reported_by=said.reported_by,
        reported_at__gt=said.reported_at - SAME_TAP,
        severity=said.severity,
        words=said.words,
    ).first()


def _keep(said: Reaction, actor: User, now: datetime) -> Reaction:
    said.save(force_insert=True)
    patients.log_access(actor, said.appointment.patient, "reaction reported")
    if not said.advice:
        _ask_to_rate(said, now)
    if signs.cannot_wait(said.severity, said.signs):
        telling.tell()
    return said


def _ask_to_rate(said: Reaction, now: datetime) -> None:
    session = said.appointment
    with override(DESK):
        words = _("%(patient)s: %(severity)s reaction after %(session)s. Rate it.") % {
            "patient": session.patient,
            "severity": Severity(said.severity).label.lower(),
            "session": session_words(session),
        }
    todo.open_task(
        TaskKind.REACTION,
        f"{said.pk}:rate",
        words,
        now=now,
        patient=session.patient,
        plan=session.plan,
        appointment=session,
    )


def _first_word(said: CheckIn, now: datetime) -> Reaction:
    telling.tell()
    return Reaction.objects.create(
        appointment=said.appointment,
        source=ReactionSource.PATIENT,
        check_in=said,
        severity=signs.first_guess(said.signs),
        signs=signs.in_order(said.signs),
        words=said.words,
        reported_at=now,
    )


def _said_again(found: Reaction, said: CheckIn, now: datetime) -> None:
    """Add to the trail, so that whoever has the page open is told of it on saving."""
    with override(DESK):
        told = [_("Worried again."), *signs.named(said.signs), said.words]
    ReactionNote.objects.create(
        reaction=found,
        words="\n".join(one for one in told if one),
        by=account_of(said.patient),
        at=now,
    )
    found.signs = signs.in_order([*found.signs, *said.signs])
    found.version += 1
    found.save(update_fields=["signs", "version"])
    telling.tell()
