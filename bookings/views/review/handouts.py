"""The plan on paper for the patient, from the clinic's side of the desk."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from bookings.models import TreatmentPlan
from bookings.services import patients
from bookings.services.consenting import papers
from clinic import paper
from clinic.views import current_user


@require_safe
@permission_required("bookings.view_treatmentplan", raise_exception=True)
def plan_handout(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The plan with its ribbon, in the patient's language: a page, print and PDF.

    One that nobody has signed says so, in place of the signature.
    """
    plan = get_object_or_404(TreatmentPlan.objects.with_people(), pk=plan_id)
    patients.log_access(current_user(request), plan.patient, "plan on paper")
    context = papers.of_plan(plan, now=timezone.now()) | {
        "patient": plan.patient,
        "is_handout": True,
        "is_signed": plan.status in papers.SIGNED_PLANS,
    }
    with translation.override(plan.patient.language):
        return paper.answer(request, "print/handout.html", context, f"plan-{plan.pk}")
