"""A patient's papers: the list, and each to print or to save as PDF."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from bookings.models import Consent, Patient, TreatmentPlan
from bookings.services import patients
from bookings.services.consenting import papers
from bookings.views.portal.door import patient_required
from clinic import paper, pdf
from clinic.views import current_user


@require_safe
@patient_required
def documents(request: HttpRequest, patient: Patient) -> HttpResponse:
    """List the plans, and the consents that are due and given."""
    patients.log_access(current_user(request), patient, "documents")
    context = papers.page(patient) | {"has_pdf": pdf.is_available()}
    return render(request, "portal/documents.html", context)


@require_safe
@patient_required
def document_plan(request: HttpRequest, patient: Patient, plan_id: int) -> HttpResponse:
    """The patient's own signed plan on paper."""
    plans = TreatmentPlan.objects.with_people().filter(patient=patient)
    plan = get_object_or_404(plans.filter(status__in=papers.SIGNED_PLANS), pk=plan_id)
    patients.log_access(current_user(request), patient, "plan on paper")
    context = papers.of_plan(plan, now=timezone.now()) | {"patient": patient}
    return paper.answer(request, "print/plan.html", context, f"plan-{plan.pk}")


@require_safe
@patient_required
def document_consent(
    request: HttpRequest, patient: Patient, consent_id: int
) -> HttpResponse:
    """A copy of what the patient agreed to or took back, in the words shown then."""
    rows = Consent.objects.filter(patient=patient, kind__in=papers.KINDS)
    row = get_object_or_404(
        rows.select_related("plan__protocol__treatment", "plan__location"),
        pk=consent_id,
    )
    patients.log_access(current_user(request), patient, "consent on paper")
    context = {
        "paper": papers.paper(row),
        "patient": patient,
        "made": timezone.localtime(),
    }
    with translation.override(row.language):  # a copy speaks as its words do
        return paper.answer(request, "print/consent.html", context, f"consent-{row.pk}")
