"""Beside the plan editor: the versions of a plan, and a clinician's own templates."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bookings.forms.editing import TemplateForm
from bookings.services import patients
from bookings.services.editing import history, templates
from bookings.services.refusals import BookingRefused
from bookings.views.review.editor import REVIEW, plan_of
from clinic.views import current_user


@require_safe
@permission_required(REVIEW, raise_exception=True)
def plan_versions(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Every version of the plan with what it changed; two of them side by side."""
    plan = plan_of(plan_id)
    patients.log_access(current_user(request), plan.patient, "plan versions")
    rows = history.of(plan)
    old, new = request.GET.get("from", ""), request.GET.get("to", "")
    context = {
        "plan": plan,
        "versions": rows,
        "compared": history.between(rows, old, new),
        "old": old or (str(rows[-1].number) if rows else ""),
        "new": new or str(plan.version),
    }
    return render(request, "review/editor_versions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(REVIEW, raise_exception=True)
def plan_templates(request: HttpRequest) -> HttpResponse:
    """The clinician's own templates: rename one, or delete it."""
    if request.method != "POST":
        return _templates(request)
    form, mine = TemplateForm(request.POST), templates.of(current_user(request))
    key = form.cleaned_data["template"] if form.is_valid() else 0
    template = get_object_or_404(mine, pk=key)
    if "delete" in request.POST:
        templates.delete(template)
        messages.success(request, _("Deleted. Plans made from it stay as they are."))
        return redirect("review:plan-templates")
    name = form.cleaned_data["name"]
    try:
        templates.rename(template, name)
    except BookingRefused as refused:
        return _templates(request, str(refused), template.pk, name)
    messages.success(request, _("Renamed."))
    return redirect("review:plan-templates")


def _templates(
    request: HttpRequest, refusal: str = "", about: int = 0, typed: str = ""
) -> HttpResponse:
    context = {
        "rows": templates.shown(current_user(request)),
        "refusal": refusal,
        "about": about,
        "typed": typed,
    }
    status = 422 if refusal else 200
    return render(request, "review/editor_templates.html", context, status=status)
