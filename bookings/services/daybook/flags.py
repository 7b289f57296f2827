"""What to mind about a visit: each an icon with its words."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from bookings.models import AppointmentKind, AppointmentStatus
from bookings.services import screening
from bookings.services.daybook.reading import Rows
from bookings.services.moves.standing import PRESENT

OPEN = (AppointmentStatus.HELD, *PRESENT)


class Flag(NamedTuple):
    """`name` is new, note, consent or answers; `icon` one of Bootstrap Icons."""

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
    if not row.consented:
        yield Flag("consent", "pen", _("Treatment consent missing"))
    if unanswered(row, rows):
        yield Flag("answers", "question-circle", _("Health questions not answered"))


def unanswered(row: Any, rows: Rows) -> list[str]:
    """The codes of questions of the session's protocol that have no answer at all."""
    known = {answer.question for answer in rows.answers.get(row.patient_id, ())}
    asked = screening.questions_for(row.plan.protocol)
    return [question.code for question in asked if question.code not in known]


def _note(row: Any, rows: Rows) -> str:
    """The note itself, unless others can see the screen."""
    return _("Note for the desk") if rows.asked.initials else row.note
