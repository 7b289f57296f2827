"""What to mind about a visit: each an icon with its words."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from bookings.models import AppointmentKind, AppointmentStatus
from bookings.services import hours
from bookings.services.consenting import standing
from bookings.services.daybook.reading import Rows
from bookings.services.moves.standing import PRESENT
from bookings.services.supervising import premises
from bookings.services.supervising.presence import There

OPEN = (AppointmentStatus.HELD, *PRESENT)


class Flag(NamedTuple):
    """`name` is new, note, held, alone, consent or answers; `icon` one of Bootstrap Icons."""

    name: str
    icon: str
    words: str


def flags_of(row: Any, rows: Rows) -> Iterator[Flag]:
    """New patient, desk note, and before a session what is still missing for it."""
    if not row.has_been and row.is_live:
        yield Flag("new", "person-plus", _("New patient"))
    if row.note:
        yield Flag("note", "sticky", _note(row, rows))
    if row.kind != AppointmentKind.SESSION or row.status not in OPEN:
        return
    if row.pk in rows.kept_back:
        yield Flag("held", "pause-circle", _held(row, rows))
    if premises.is_alone(row, _supervisors(rows)):
        yield Flag("alone", "shield-exclamation", _("Nobody there to supervise"))
    if not standing.is_agreed(row):
        yield Flag("consent", "pen", _("Treatment consent missing"))
    if _has_unanswered(row, rows):
        yield Flag("answers", "question-circle", _("Health questions not answered"))


def _supervisors(rows: Rows) -> list[There]:
    """Who may supervise on the days that are shown, and when they are there."""
    asked = rows.asked
    days = asked.location.zone, asked.first, asked.last
    able = (row for row in rows.resources if row.may_supervise)
    return [(row, hours.spans(row, *days)) for row in able]


def _has_unanswered(row: Any, rows: Rows) -> bool:
    """Whether a question of the session's protocol has no answer at all."""
    known = {answer.question for answer in rows.answers.get(row.patient_id, ())}
    return not rows.questions[row.plan.protocol_id] <= known


def _held(row: Any, rows: Rows) -> str:
    """That it may not begin, and why, unless others can see the screen."""
    if rows.asked.initials:
        return _("Held back: may not begin")
    return _("Held back: %(why)s") % {"why": rows.kept_back[row.pk]}


def _note(row: Any, rows: Rows) -> str:
    """The note itself, unless others can see the screen."""
    return _("Note for the desk") if rows.asked.initials else row.note
