"""What is added to a record: words on consent, and files."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bookings.forms.patients import ConsentForm, FileForm
from bookings.models import Patient, PatientFile
from bookings.services import patients
from bookings.services.people import consents, documents
from bookings.services.refusals import BookingRefused
from clinic.views import current_user


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("bookings.add_consent", raise_exception=True)
def consent_add(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Take down what a patient agrees to or takes back, with the words to read out."""
    person = get_object_or_404(Patient.objects.current(), pk=patient_id)
    form = ConsentForm(
        request.POST or None, initial={"kind": request.GET.get("kind", "")}
    )
    if form.is_valid() and _record(request, person, form):
        messages.success(request, _("Noted, with the words and the time."))
        return redirect("desk:patient", person.pk)
    patients.log_access(current_user(request), person, "consent")
    context = {
        "patient": person,
        "form": form,
        "agreements": consents.agreements(person),
    }
    status = 422 if form.is_bound else 200
    return render(request, "desk/patient_consent.html", context, status=status)


def _record(request: HttpRequest, person: Patient, form: ConsentForm) -> bool:
    try:
        consents.record(
            person,
            **form.cleaned_data,
            actor=current_user(request),
            now=timezone.now(),
        )
    except BookingRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("bookings.add_patientfile", raise_exception=True)
def file_add(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Keep a file with the record."""
    person = get_object_or_404(Patient.objects.current(), pk=patient_id)
    is_sent = request.method == "POST"
    form = FileForm(request.POST, request.FILES) if is_sent else FileForm()
    if form.is_valid() and _keep(request, person, form):
        messages.success(request, _("The file is kept with the record."))
        return redirect("desk:patient", person.pk)
    context = {"patient": person, "form": form}
    status = 422 if is_sent else 200
    return render(request, "desk/patient_file.html", context, status=status)


def _keep(request: HttpRequest, person: Patient, form: FileForm) -> bool:
    try:
        documents.keep(
            person,
            form.cleaned_data["file"],
            actor=current_user(request),
            now=timezone.now(),
        )
    except BookingRefused as refusal:
        form.add_error("file", str(refusal))
        return False
    return True


@require_safe
@permission_required("bookings.view_patientfile", raise_exception=True)
def file(request: HttpRequest, file_id: int) -> FileResponse:
    """Hand out a file to be saved, never to be shown by the browser; it is logged."""
    row = get_object_or_404(PatientFile.objects.select_related("patient"), pk=file_id)
    try:
        opened = documents.hand_out(row, actor=current_user(request))
    except FileNotFoundError as lost:
        raise Http404 from lost
    return FileResponse(
        opened,
        as_attachment=True,
        filename=row.name,
        content_type=row.kind,
        headers={
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
