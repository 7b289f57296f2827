"""The requests inbox as a file."""

from collections.abc import Iterable, Iterator

from django.http import HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.services.triage.lines import Line
from bookings.templatetags.boards import waiting_words
from clinic import sheets


def sheet(lines: Iterable[Line]) -> HttpResponse:
    """Requests as the list shows them, with what its badges say in words."""
    head = (
        _("Asked"),
        _("Waits"),
        _("Answer by"),
        _("State"),
        _("Came in"),
        _("Patient"),
        _("Phone"),
        _("E-mail"),
        _("In their own words"),
        _("Treatment"),
        _("Verdict"),
        _("To know"),
        _("Location"),
        _("Doctor"),
        _("Assigned to"),
        _("Why closed"),
    )
    return sheets.csv_response("requests", head, _cells(lines))


def _cells(lines: Iterable[Line]) -> Iterator[tuple[object, ...]]:
    for line in lines:
        row, best = line.request, line.judged.best
        yield (
            timezone.localtime(row.asked_at).date(),
            waiting_words(line),
            date_format(line.age.answer_by, "Y-m-d H:i") if line.is_new else "",
            row.get_status_display(),
            row.get_source_display(),
            row.patient,
            row.patient.phone.as_national if row.patient.phone else "",
            row.patient.email,
            row.words,
            row.treatment or "",
            best.words if best else "",
            ", ".join(flag.label for flag in line.flags),
            row.location or "",
            row.doctor.name if row.doctor else "",
            row.clinician.name if row.clinician else "",
            row.close_reason,
        )
