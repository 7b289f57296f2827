"""Amending a signed plan: what to change, what that would do, and saving it."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bookings.forms.amending import AmendForm, SaveForm, sign
from bookings.models import TreatmentPlan
from bookings.services import patients
from bookings.services.amendments import amending
from bookings.services.amendments.amend_diff import Diff
from bookings.services.refusals import BookingRefused
from clinic.views import current_user

AMEND = "bookings.change_treatmentplan"


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(AMEND, raise_exception=True)
def plan_amend(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Ask what to amend and show what that would do; nothing is written yet."""
    plan = _plan(plan_id)
    patients.log_access(current_user(request), plan.patient, "plan amendment")
    form = AmendForm(request.POST or None, plan=plan)
    if not form.is_valid():
        return _form(request, plan, form)
    if "again" in request.POST:  # back from the preview, with what was typed
        return render(request, "desk/amend_form.html", {"plan": plan, "form": form})
    return _preview(request, plan, form)


@require_POST
@permission_required(AMEND, raise_exception=True)
def plan_amend_save(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Save exactly what was previewed; where that fails, show it as it is now."""
    plan, preview = _plan(plan_id), SaveForm(request.POST)
    try:
        amendment = amending.save(
            plan,
            preview.sealed(),
            version=preview.cleaned_data["version"],
            actor=current_user(request),
            now=timezone.now(),
        )
    except signing.BadSignature:
        refusal = _("That preview is no longer on this page. Look at this one.")
    except BookingRefused as refused:
        refusal = str(refused)
    else:
        messages.success(request, _done(amendment.is_medical))
        return redirect("desk:plan", plan.pk)
    form = AmendForm(request.POST, plan=plan)
    if not form.is_valid():
        return _form(request, plan, form)
    return _preview(request, plan, form, refusal=refusal)


def _plan(plan_id: int) -> TreatmentPlan:
    plans = TreatmentPlan.objects.with_people().prefetch_related(
        "protocol__phases", "protocol__roles", "protocol__care_instructions"
    )
    return get_object_or_404(plans, pk=plan_id)


def _form(request: HttpRequest, plan: TreatmentPlan, form: AmendForm) -> HttpResponse:
    """The form, with all that was typed; 422 where it has to say no."""
    status = 422 if form.is_bound else 200
    context = {"plan": plan, "form": form}
    return render(request, "desk/amend_form.html", context, status=status)


def _preview(
    request: HttpRequest, plan: TreatmentPlan, form: AmendForm, *, refusal: str = ""
) -> HttpResponse:
    """What saving would do, or the form again where it may not be."""
    try:
        diff = amending.preview(plan, form.change(), now=timezone.now())
    except BookingRefused as refused:
        form.add_error(None, str(refused))
        return _form(request, plan, form)
    if diff.refusal:
        form.add_error(None, diff.refusal)
        return _form(request, plan, form)
    context = {"plan": plan, "form": form, "refusal": refusal} | _shown(diff)
    status = 422 if refusal else 200
    return render(request, "desk/amend_preview.html", context, status=status)


def _shown(diff: Diff) -> dict[str, object]:
    return {"diff": diff, "signed": sign(diff.sealed())}


def _done(is_medical: bool) -> str:
    if is_medical:
        return _("Saved. A clinician will look at the amended plan.")
    return _("Saved. The plan is amended.")
