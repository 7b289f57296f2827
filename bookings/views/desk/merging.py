"""Likely duplicates, and making one record of two."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bookings.models import Patient
from bookings.services import finding, merging, patients
from bookings.services.people import duplicates
from bookings.services.people.facts import FACTS
from bookings.services.refusals import BookingRefused
from clinic.views import current_user

PERMISSION = "bookings.merge_patient"


@require_safe
@permission_required(PERMISSION, raise_exception=True)
def duplicate_list(request: HttpRequest) -> HttpResponse:
    """Pairs of records that are likely of one person, the surest first."""
    return render(
        request, "desk/patient_duplicates.html", {"pairs": duplicates.pairs()}
    )


@require_safe
@permission_required(PERMISSION, raise_exception=True)
def merge_choose(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Choose the record that is of the same person: a likely one, or by `q`."""
    person = _person(patient_id)
    patients.log_access(current_user(request), person, "merge")
    words = request.GET.get("q", "").strip()
    rows = finding.matching(words).exclude(pk=person.pk)[: finding.SHOWN]
    context = {
        "patient": person,
        "words": words,
        "people": finding.with_next(rows if words else [], now=timezone.now()),
        "alike": duplicates.like(person),
    }
    return render(request, "desk/patient_merge_choose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(PERMISSION, raise_exception=True)
def merge(request: HttpRequest, patient_id: int, gone_id: int) -> HttpResponse:
    """Show what making one record of two would do; a POST does it."""
    kept, gone = _person(patient_id), _person(gone_id)
    if request.method == "POST":
        try:
            return _merge(request, kept, gone)
        except BookingRefused as refusal:
            return _preview(request, kept, gone, str(refusal))
    patients.log_accesses(current_user(request), [kept, gone], "merge")
    return _preview(request, kept, gone)


def _merge(request: HttpRequest, kept: Patient, gone: Patient) -> HttpResponse:
    merging.merge(
        kept,
        gone,
        actor=current_user(request),
        now=timezone.now(),
        take=_taken(request),
        seen=request.POST.get("seal", "") or "none",
    )
    told = _("Done. All of %(gone)s’s record is part of this one now.")
    messages.success(request, told % {"gone": gone})
    return redirect("desk:patient", kept.pk)


def _preview(
    request: HttpRequest, kept: Patient, gone: Patient, refusal: str = ""
) -> HttpResponse:
    shown = merging.preview(kept, gone)
    took = _taken(request) if request.method == "POST" else None
    chosen = {
        one.name: one.takes_gone if took is None else one.name in took
        for one in shown.differences
    }
    context = {
        "shown": shown,
        "differences": [(one, chosen[one.name]) for one in shown.differences],
        "refusal": refusal,
    }
    return render(
        request, "desk/patient_merge.html", context, status=422 if refusal else 200
    )


def _taken(request: HttpRequest) -> set[str]:
    """The facts of which the other record's value was chosen."""
    return {name for name in FACTS if request.POST.get(name) == "gone"}


def _person(patient_id: int) -> Patient:
    rows = Patient.objects.current().select_related("location")
    return get_object_or_404(rows, pk=patient_id)
