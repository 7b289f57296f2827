"""Consent to treatment at the desk: the exact words, and what was signed on paper."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bookings.forms.consents import TakenBackForm
from bookings.models import Consent, TreatmentPlan
from bookings.services import patients
from bookings.services.consenting import desk, papers, standing, wording
from bookings.services.refusals import BookingRefused
from clinic.views import current_user


@require_safe
@permission_required("bookings.view_patient", raise_exception=True)
def consent(request: HttpRequest, consent_id: int) -> HttpResponse:
    """What a patient agreed to or took back, in the words that were shown."""
    rows = Consent.objects.filter(kind__in=papers.KINDS).select_related(
        "patient", "plan__protocol__treatment", "plan__location", "recorded_by"
    )
    row = get_object_or_404(rows, pk=consent_id)
    patients.log_access(current_user(request), row.patient, "consent")
    return render(request, "desk/consent.html", {"paper": papers.paper(row)})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("bookings.add_consent", raise_exception=True)
def plan_consent(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Print the words of a plan, and note what was signed on paper or taken back."""
    plan = get_object_or_404(TreatmentPlan.objects.with_people(), pk=plan_id)
    form = TakenBackForm(
        request.POST if request.POST.get("do") == "take-back" else None
    )
    refusal = ""
    if request.method == "POST" and (not form.is_bound or form.is_valid()):
        try:
            _note(request, plan, form)
        except BookingRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("Noted, with the words and the time."))
            return redirect("desk:patient", plan.patient_id)
    patients.log_access(current_user(request), plan.patient, "consent")
    context = {
        "plan": plan,
        "standing": standing.of_plan(plan),
        "words": wording.for_plan(plan, plan.patient.language),
        "form": form,
        "refusal": refusal,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/plan_consent.html", context, status=status)


def _note(request: HttpRequest, plan: TreatmentPlan, form: TakenBackForm) -> None:
    """Keep a signature on paper, or that it was taken back."""
    actor, now = current_user(request), timezone.now()
    if form.is_bound:
        source = form.cleaned_data["source"]
        desk.note_taken_back(plan, source=source, actor=actor, now=now)
    else:
        desk.note_signed(plan, actor=actor, now=now)


@require_safe
@permission_required("bookings.add_consent", raise_exception=True)
def plan_consent_print(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The words of a plan to sign on paper, in the patient's language."""
    plan = get_object_or_404(TreatmentPlan.objects.with_people(), pk=plan_id)
    patients.log_access(current_user(request), plan.patient, "consent")
    words = wording.for_plan(plan, plan.patient.language)
    context = {"plan": plan, "patient": plan.patient, "words": words}
    with translation.override(words.language):
        return render(request, "print/consent_blank.html", context)
