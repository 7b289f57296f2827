"""Finding a patient, adding one, and the patient's page."""

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from bookings.forms.patients import NewPatientForm, PatientForm
from bookings.models import Appointment, Patient, TreatmentPlan
from bookings.services import patients, screening, waiting
from bookings.services.refusals import BookingRefused
from clinic.views import current_user

PER_PAGE = 20


@require_safe
@permission_required("bookings.view_patient", raise_exception=True)
def patient_list(request: HttpRequest) -> HttpResponse:
    """Patients who match `q`, or the newest; htmx swaps the results alone."""
    words = request.GET.get("q", "")
    page = Paginator(patients.find(words), PER_PAGE).get_page(request.GET.get("page"))
    context = {"words": words, "page": page, "form": NewPatientForm()}
    alone = request.headers.get("HX-Target") == "results"
    template = "desk/_patient_results.html" if alone else "desk/patient_list.html"
    return render(request, template, context)


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
    """Show one patient: plans, appointments, answers."""
    person = get_object_or_404(
        Patient.objects.select_related("location"), pk=patient_id
    )
    patients.log_access(current_user(request), person, "patient page")
    today = timezone.localdate()
    context = {
        "patient": person,
        "age": person.age_on(today),
        "away_dates": person.away_dates.filter(last_day__gte=today),
        "plans": TreatmentPlan.objects.with_people().filter(patient=person),
        "appointments": Appointment.objects.with_people().filter(patient=person),
        "answers": screening.answered(person, now=timezone.now()),
        "waiting_lines": waiting.of_patient(person, now=timezone.now()),
    }
    return render(request, "desk/patient_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("bookings.change_patient", raise_exception=True)
def patient_edit(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Change how a patient is known and reached."""
    person = get_object_or_404(Patient, pk=patient_id)
    form = PatientForm(request.POST or None, instance=person)
    if form.is_valid():
        patients.change(person, actor=current_user(request), **form.facts())
        return redirect("desk:patient", person.pk)
    patients.log_access(current_user(request), person, "patient form")
    status = 422 if form.is_bound else 200
    context = {"form": form, "patient": person}
    return render(request, "desk/patient_form.html", context, status=status)


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
