"""The course board: which series lack a time, and which of them cannot wait."""

from collections.abc import Iterable, Iterator

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings.forms.boards import CourseFilterForm
from bookings.models import TreatmentPlan
from bookings.services import patients
from bookings.services.courses import board, words
from bookings.services.courses.board import Board, Entry
from bookings.services.courses.states import CourseState
from bookings.services.holding import held
from clinic import sheets
from clinic.views import current_user

PER_PAGE = 20
RIBBON_WIDTH = 560  # CSS pixels; all of a page share one scale


@require_safe
@permission_required("bookings.view_treatmentplan", raise_exception=True)
def series_list(request: HttpRequest) -> HttpResponse:
    """Signed plans that are going on, the most urgent first; and what is held."""
    now = timezone.now()
    form = CourseFilterForm(request.GET)
    shown = board.board(form.filters(), now=now)
    if sheets.is_wanted(request):
        return _sheet(request, shown)
    page = Paginator(shown.entries, PER_PAGE).get_page(request.GET.get("page"))
    rows = board.rows(list(page.object_list), now=now)
    seen = {row.plan.patient_id: row.plan.patient for row in rows}
    patients.log_accesses(current_user(request), seen.values(), "course board")
    context = {
        "form": form,
        "chosen": form.chosen("state") or "",
        "board": shown,
        "states": [(state, shown.counts[state]) for state in CourseState],
        "page": page,
        "ruler": board.ruler(rows),
        "ribbon_width": RIBBON_WIDTH,
        "rows": [(row, words.said(row.entry)) for row in rows],
        **held.standing(now=now),
    }
    return render(request, "desk/series_list.html", context)


def _sheet(request: HttpRequest, shown: Board) -> HttpResponse:
    """Every course that fits the filters, as a file."""
    rows = board.named(shown.entries)
    seen = {plan.patient_id: plan.patient for plan, _entry in rows}
    patients.log_accesses(current_user(request), seen.values(), "course board, file")
    head = (
        _("Patient"),
        _("Phone"),
        _("E-mail"),
        _("Treatment"),
        _("Location"),
        _("State"),
        _("In words"),
        _("Sessions"),
        _("With a time"),
        _("Window from"),
        _("Window to"),
    )
    return sheets.csv_response("courses", head, _cells(rows))


def _cells(
    rows: Iterable[tuple[TreatmentPlan, Entry]],
) -> Iterator[tuple[object, ...]]:
    for plan, entry in rows:
        window = entry.standing.window
        yield (
            plan.patient,
            plan.patient.phone.as_national if plan.patient.phone else "",
            plan.patient.email,
            plan.protocol.treatment.name,
            plan.location,
            entry.standing.state.label,
            words.said(entry),
            plan.session_count,
            plan.session_count - len(entry.standing.missing),
            window.first if window else "",
            window.last if window else "",
        )
