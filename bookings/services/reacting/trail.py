"""A reaction from the first word to the last, each line with its moment and its voice."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from bookings.models import Reaction
from bookings.services.reacting.board import Row


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the trail: `title` says what it is, `words` are as they were put."""

    at: datetime
    who: str
    title: str
    words: str
    is_end: bool = False


def of(row: Row) -> list[Step]:
    """What was said and done, the first word first; one query."""
    steps = [_first(row), *_notes(row)]
    if row.reaction.closed_at:
        steps.append(_last(row.reaction, row.reaction.closed_at))
    return steps


def _first(row: Row) -> Step:
    who = _("the patient") if row.is_from_patient else str(row.reaction.reported_by)
    return Step(row.reaction.reported_at, who, _("Reported"), "")


def _notes(row: Row) -> list[Step]:
    own = row.patient.user_id
    return [
        Step(
            note.at,
            _("the patient") if own and note.by_id == own else str(note.by),
            "",
            note.words,
        )
        for note in row.reaction.notes.select_related("by")
    ]


def _last(reaction: Reaction, at: datetime) -> Step:
    return Step(at, str(reaction.closed_by), _("Closed"), reaction.outcome, is_end=True)
