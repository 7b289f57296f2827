"""What the desk can say of an appointment: the words, the form and the service of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bookings.forms.changes import (
    CancelForm,
    DoneForm,
    LateForm,
    NoShowForm,
    NoteForm,
    PlainForm,
)
from bookings.models import Appointment
from bookings.services.moves import backwards, changes


@dataclass(frozen=True, slots=True)
class Verb:
    """Something that may happen to an appointment: its form, its words, its service."""

    form: type[Any]
    title: Promise
    effect: Promise
    button: Promise
    done: Promise
    act: Callable[..., Appointment]
    is_grave: bool = False


VERBS = {
    "confirm": Verb(
        PlainForm,
        _("Confirm"),
        _("The patient says to come."),
        _("Confirm"),
        _("Confirmed."),
        lambda visit, **facts: changes.confirm(visit, **facts),
    ),
    "arrive": Verb(
        PlainForm,
        _("Arrived"),
        _("The patient is here."),
        _("Mark arrived"),
        _("Marked as arrived."),
        lambda visit, **facts: changes.arrive(visit, **facts),
    ),
    "begin": Verb(
        PlainForm,
        _("Begin"),
        _("The visit begins now."),
        _("Begin"),
        _("Marked as in session."),
        lambda visit, **facts: changes.begin(visit, **facts),
    ),
    "done": Verb(
        DoneForm,
        _("Done"),
        _("The next window counts from the day it really was."),
        _("Mark as done"),
        _("Done. The next window counts from that day."),
        lambda visit, **facts: changes.complete(visit, **facts),
    ),
    "late": Verb(
        LateForm,
        _("Arrives late"),
        _("Shifts the session, if it still fits today."),
        _("Note the delay"),
        _("The delay is noted."),
        lambda visit, **facts: changes.arrive_late(visit, **facts),
    ),
    "no-show": Verb(
        NoShowForm,
        _("No-show"),
        _("Frees what is left of the time. The session then needs another place."),
        _("Mark as no-show"),
        _("Marked as a no-show."),
        lambda visit, **facts: changes.no_show(visit, **facts),
    ),
    "cancel": Verb(
        CancelForm,
        _("Cancel"),
        _("Frees the time and withdraws its reminders."),
        _("Cancel the appointment"),
        _("Cancelled. The time is free again."),
        lambda visit, **facts: changes.cancel(visit, **facts),
        is_grave=True,
    ),
    "back": Verb(
        PlainForm,
        _("One step back"),
        _("Takes the last step back."),
        _("One step back"),
        _("The last step was taken back."),
        lambda visit, **facts: backwards.back(visit, **facts),
    ),
    "reopen": Verb(
        PlainForm,
        _("Reopen"),
        _("It stands again as before, if its time is still free."),
        _("Reopen"),
        _("It stands again as before."),
        lambda visit, **facts: backwards.reopen(visit, **facts),
    ),
    "note": Verb(
        NoteForm,
        _("Note"),
        _("Only the clinic reads it."),
        _("Save the note"),
        _("The note is saved."),
        lambda visit, **facts: changes.write_note(visit, **facts),
    ),
}
