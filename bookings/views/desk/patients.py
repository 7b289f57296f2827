"""Finding a patient, adding one, and the patient's record."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bookings.forms.patients import ListForm, NewPatientForm, PatientForm
from bookings.models import Patient
from bookings.services import finding, patients
from bookings.services.people import listing, record
from bookings.services.people.listing import Wanted
from bookings.services.refusals import BookingRefused
from clinic.sheets import csv_response
from clinic.views import current_user

PER_PAGE = 20


@require_safe
@permission_required("bookings.view_patient", raise_exception=True)
def patient_list(request: HttpRequest) -> HttpResponse:
    """Patients that fit the address, or all; htmx swaps the results alone."""
    form = ListForm(request.GET)
    wanted = form.wanted()
    if request.GET.get("format") == "csv":
        return _sheet(request, wanted)
    now = timezone.now()
    rows = listing.patients(wanted, now=now)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "words": wanted.words,
        "wanted": wanted,
        "filters": form,
        "page": page,
        "people": finding.with_next(page.object_list, now=now),
        "form": NewPatientForm(),
    }
    alone = request.headers.get("HX-Target") == "results"
    template = "desk/_patient_results.html" if alone else "desk/patient_list.html"
    return render(request, template, context)


def _sheet(request: HttpRequest, wanted: Wanted) -> HttpResponse:
    """The whole list as a sheet; each record in it counts as looked at."""
    now = timezone.now()
    people = finding.with_next(listing.patients(wanted, now=now), now=now)
    seen = [person.patient for person in people]
    patients.log_accesses(current_user(request), seen, "patient list saved")
    return csv_response("patients", listing.head(), listing.sheet(people))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("bookings.add_patient", raise_exception=True)
def patient_add(request: HttpRequest) -> HttpResponse:
    """Add somebody new; the health questions of the planned treatment come next."""
    form = NewPatientForm(request.POST or None)
    known: list[Patient] = []
    if form.is_valid():
        known = [] if form.cleaned_data["is_someone_new"] else form.alike()
        if not known and (patient := _add(request, form)):
            return redirect(_questions_for(patient, form))
    context = {"form": form, "known": known}
    status = 422 if form.is_bound else 200
    return render(request, "desk/patient_form.html", context, status=status)


@require_safe
@permission_required("bookings.view_patient", raise_exception=True)
def patient(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Show one patient's record; that of a merged one is the record it is part of."""
    person = get_object_or_404(
        Patient.objects.select_related("location", "merged_into"), pk=patient_id
    )
    if person.merged_into:
        told = _("The record of %(gone)s is part of this one now.") % {"gone": person}
        messages.info(request, told)
        return redirect("desk:patient", person.merged_into.pk)
    user = current_user(request)
    patients.log_access(user, person, "patient page")
    sees_looks = user.has_perm(record.SETTING_UP)
    context = record.page(person, now=timezone.now(), sees_looks=sees_looks)
    return render(request, "desk/patient_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("bookings.change_patient", raise_exception=True)
def patient_edit(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Change how a patient is known and reached; a stale page shows both versions."""
    person = get_object_or_404(Patient.objects.current(), pk=patient_id)
    form = PatientForm(instance=person)
    if request.method == "POST":
        form, is_saved = _save(request, person)
        if is_saved:
            return redirect("desk:patient", person.pk)
    patients.log_access(current_user(request), person, "patient form")
    status = 422 if form.is_bound else 200
    context = {"form": form, "patient": person}
    return render(request, "desk/patient_form.html", context, status=status)


@transaction.atomic
def _save(request: HttpRequest, person: Patient) -> tuple[PatientForm, bool]:
    """Hold the row, compare it with what the page showed, and only then write."""
    form = PatientForm(request.POST, instance=person)
    try:
        form = PatientForm(request.POST, instance=patients.hold(person.pk))
        if not form.is_valid():
            return form, False
        patients.change(
            form.instance,
            actor=current_user(request),
            now=timezone.now(),
            **form.facts(),
        )
    except BookingRefused as refusal:
        form.add_error(None, str(refusal))
        return form, False
    return form, True


def _add(request: HttpRequest, form: NewPatientForm) -> Patient | None:
    try:
        return patients.add(
            **form.facts(), actor=current_user(request), now=timezone.now()
        )
    except BookingRefused as refusal:
        form.add_error(None, str(refusal))
        return None


def _questions_for(patient: Patient, form: NewPatientForm) -> str:
    """Where the health questions of the planned treatment are asked."""
    address = reverse("desk:answers-record", args=[patient.pk])
    if treatment := form.cleaned_data["treatment"]:
        address += "?" + urlencode({"treatment": treatment.code})
    return address
