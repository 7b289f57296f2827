"""What clinicians do about a reaction: rate it, look again, close it.

All of it under the patient's lock and against the version that the page showed: the
second of two is told, and nothing typed is lost.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import override

from bookings.models import Reaction, ReactionNote, Severity, Task, TaskKind
from bookings.models.tasks import TaskQuerySet
from bookings.services import patients, todo
from bookings.services.holding_back import DESK, session_words
from bookings.services.reacting.reporting import judge_severity, judged_day, worded
from bookings.services.refusals import BookingRefused
from clinic.models import User


class Overtaken(BookingRefused):
    """Somebody else wrote to the reaction since the page was opened."""


@transaction.atomic
def rate(
    reaction: Reaction,
    *,
    version: int,
    severity: str,
    advice: str,
    follow_up_on: date | None,
    actor: User,
    now: datetime,
) -> None:
    """Say how bad it is, what was advised and when to look again, or refuse.

    Whatever asked a clinician to look is settled by it.
    """
    row = _held(reaction, version)
    judge_severity(severity)
    advice = worded(advice, _("Say what you advised."))
    day = judged_day(follow_up_on, now)
    _note(row, _rating(row, severity, advice, day), actor, now)
    _write(row, severity=severity, advice=advice, follow_up_on=day)
    _settle(row, actor, now)


@transaction.atomic
def look_again(
    reaction: Reaction,
    *,
    version: int,
    words: str,
    follow_up_on: date | None,
    actor: User,
    now: datetime,
) -> None:
    """Note what was seen or said, and when to look again after that, or refuse."""
    row = _held(reaction, version)
    words = worded(words, _("Note what you saw or heard."))
    if not row.advice:
        raise BookingRefused(_("Rate it first: then it is followed up, or closed."))
    day = judged_day(follow_up_on, now)
    _note(row, words, actor, now)
    _write(row, follow_up_on=day)
    _settle(row, actor, now)


@transaction.atomic
def close(
    reaction: Reaction,
    *,
    version: int,
    severity: str,
    outcome: str,
    actor: User,
    now: datetime,
) -> None:
    """Say how it ended, and how bad it was after all; nothing is added after that."""
    row = _held(reaction, version)
    judge_severity(severity)
    outcome = worded(outcome, _("Say how it ended."))
    _close(row, severity, outcome, actor, now)


def answer(reaction: Reaction, note: str, *, actor: User, now: datetime) -> bool:
    """Keep what was done about an alert; say whether that closed the reaction.

    It does where nobody has rated it yet and no other worry about it waits. Call it
    where the patient is held.
    """
    row = Reaction.objects.select_related("appointment__patient").get(pk=reaction.pk)
    if not row.is_open:
        return False
    if row.advice or _asking(row).open().exists():
        _note(row, note, actor, now)
        _write(row)
        return False
    _close(row, row.severity, note, actor, now)
    return True


@transaction.atomic
def reconcile(*, now: datetime) -> None:
    """Ask a clinician to look again at what is due on the clinic's day at `now`."""
    due = Reaction.objects.open().filter(follow_up_on__lte=localdate(now))
    asked = Task.objects.open().filter(kind=TaskKind.REACTION)
    keys = asked.values_list("key", flat=True)
    known = [number for key in keys if (number := reaction_of(key))]
    rows = due.exclude(pk__in=known).order_by("pk")
    for row in rows.select_related("appointment__patient", "appointment__location"):
        _ask_again(row, now)


def reaction_of(key: str) -> int | None:
    """The reaction that the key of a task names; None where it names none."""
    kind, _sep, rest = key.partition(":")
    number = rest.partition(":")[0]
    is_one = kind == TaskKind.REACTION and number.isdecimal()
    return int(number) if is_one else None


def _held(reaction: Reaction, version: int) -> Reaction:
    """The row as it is now, the patient held; refuse where the page is behind."""
    patients.hold(reaction.appointment.patient_id)
    row = Reaction.objects.select_related(
        "appointment__patient", "appointment__location"
    ).get(pk=reaction.pk)
    if not row.is_open:
        raise Overtaken(_("A colleague has closed it already."))
    if row.version != version:
        raise Overtaken(
            _(
                "Somebody wrote to this reaction meanwhile. Read what is new; "
                "what you typed is kept, and nothing of it is saved yet."
            )
        )
    return row


def _rating(row: Reaction, severity: str, advice: str, day: date) -> str:
    """What was said on rating it, as the trail keeps it."""
    before, after = Severity(row.severity).label, Severity(severity).label
    with override(DESK):
        rated = _("Rated %(severity)s.") % {"severity": after.lower()}
        if row.severity != severity:
            words = {"before": before.lower(), "after": after.lower()}
            rated = _("Rated %(after)s; it was taken for %(before)s.") % words
        again = _("Look again on %(day)s.") % {"day": date_format(day, "D j M Y")}
    return f"{rated} {again}\n{advice}"


def _close(
    row: Reaction, severity: str, outcome: str, actor: User, now: datetime
) -> None:
    facts = {"severity": severity, "outcome": outcome, "follow_up_on": None}
    _write(row, **facts, closed_by=actor, closed_at=now)
    patients.log_access(actor, row.appointment.patient, "reaction closed")
    _settle(row, actor, now)


def _note(row: Reaction, words: str, actor: User, now: datetime) -> None:
    ReactionNote.objects.create(reaction=row, words=words, by=actor, at=now)
    patients.log_access(actor, row.appointment.patient, "reaction noted")


def _write(row: Reaction, **facts: Any) -> None:
    facts["version"] = row.version + 1
    for name, value in facts.items():
        setattr(row, name, value)
    row.save(update_fields=list(facts))


def _asking(row: Reaction) -> TaskQuerySet:
    """What asks a clinician to look at this reaction, open or settled."""
    worries = Q(kind=TaskKind.HEALING, appointment=row.appointment_id)
    own = Q(kind=TaskKind.REACTION, key__startswith=f"{TaskKind.REACTION}:{row.pk}:")
    return Task.objects.filter(worries | own)


def _settle(row: Reaction, actor: User, now: datetime) -> None:
    todo.close(_asking(row), actor=actor, now=now)


def _ask_again(row: Reaction, now: datetime) -> None:
    session = row.appointment
    with override(DESK):
        words = _("Look again at %(patient)s: a reaction after %(session)s.") % {
            "patient": session.patient,
            "session": session_words(session),
        }
    todo.open_task(
        TaskKind.REACTION,
        f"{row.pk}:{row.version}",
        words,
        now=now,
        patient=session.patient,
        plan_id=session.plan_id,
        appointment=session,
    )
