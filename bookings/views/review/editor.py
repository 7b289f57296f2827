"""The clinicians' plan editor: change what a plan says, and see what that does."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bookings.forms.editing import EditorForm, PreviewForm, sign
from bookings.models import TreatmentPlan
from bookings.services import patients
from bookings.services.amendments import amending
from bookings.services.editing import effects, saving, suggesting, templates
from bookings.services.refusals import BookingRefused
from clinic.views import current_user

REVIEW = "bookings.review_treatmentplan"
PAGE = "review/editor.html"


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(REVIEW, raise_exception=True)
def plan_edit(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show the editor; a post saves, or does what its button says without saving."""
    plan = plan_of(plan_id)
    if request.method != "POST":
        patients.log_access(current_user(request), plan.patient, "plan editor")
        return _page(request, plan, EditorForm(plan=plan))
    for button, act in _BUTTONS.items():
        if button in request.POST:
            return act(request, plan)
    return _save(request, plan)


@require_POST
@permission_required(REVIEW, raise_exception=True)
def plan_preview(request: HttpRequest, plan_id: int) -> HttpResponse:
    """What the fields as they stand now would do: the part of the page that says so."""
    plan = plan_of(plan_id)
    form = EditorForm(request.POST, plan=plan)
    context = _shown(request, plan, form) | {"is_live": True}
    return render(request, "review/_editor_effect.html", context)


def plan_of(plan_id: int) -> TreatmentPlan:
    """The plan with all that the editor shows of it, or a 404."""
    plans = TreatmentPlan.objects.with_people().prefetch_related(
        "concerns",
        "areas__area",
        "decisions",
        "protocol__rules",
        "protocol__phases",
        "protocol__roles",
        "protocol__session_counts__concern",
        "protocol__care_instructions",
    )
    return get_object_or_404(plans, pk=plan_id)


def _save(request: HttpRequest, plan: TreatmentPlan) -> HttpResponse:
    """A plan that nobody signed is saved; a signed one is previewed first."""
    form = EditorForm(request.POST, plan=plan)
    if not form.is_valid():
        return _page(request, plan, form, status=422)
    if plan.is_approved:
        return _amend(request, plan, form)
    try:
        saved = saving.save(
            plan,
            form.change(),
            version=form.cleaned_data["version"],
            actor=current_user(request),
            now=timezone.now(),
        )
    except BookingRefused as refused:
        return _refused(request, plan, str(refused))
    words = _("Saved as version %(number)s.") % {"number": saved.version}
    messages.success(request, words)
    return redirect("review:plan", plan.pk)


def _amend(
    request: HttpRequest, plan: TreatmentPlan, form: EditorForm, refusal: str = ""
) -> HttpResponse:
    """What amending the signed plan would do, to be saved exactly so."""
    diff = amending.preview(plan, form.change(), now=timezone.now())
    if diff.refusal:
        return _refused(request, plan, diff.refusal)
    context = {
        "plan": plan,
        "form": form,
        "diff": diff,
        "signed": sign(diff.sealed()),
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    return render(request, "review/editor_amend.html", context, status=status)


def _amend_save(request: HttpRequest, plan: TreatmentPlan) -> HttpResponse:
    """Save exactly what was previewed; where that fails, show it as it is now."""
    form = EditorForm(request.POST, plan=plan)
    if not form.is_valid():
        return _page(request, plan, form, status=422)
    try:
        amendment = amending.save(
            plan,
            PreviewForm(request.POST).sealed(),
            version=form.cleaned_data["version"],
            actor=current_user(request),
            now=timezone.now(),
        )
    except signing.BadSignature:
        refusal = _("That preview is no longer on this page. Look at this one.")
        return _amend(request, plan, form, refusal)
    except BookingRefused as refused:
        return _amend(request, plan_of(plan.pk), form, str(refused))
    messages.success(request, _amended_words(is_medical=amendment.is_medical))
    return redirect("review:plan", plan.pk)


def _amended_words(*, is_medical: bool) -> str:
    if is_medical:
        return _("Saved. It counts once it is signed: sign it here.")
    return _("Saved. The plan is amended.")


def _use(request: HttpRequest, plan: TreatmentPlan) -> HttpResponse:
    """Fill in one suggestion, or all of them; nothing is saved."""
    form = EditorForm(request.POST, plan=plan)
    form.is_valid()
    found, wanted = suggesting.suggestions(form.case()), request.POST["use"]
    chosen = [one for one in found if wanted in ("all", one.key)]
    return _laid(request, plan, suggesting.filled(chosen))


def _apply(request: HttpRequest, plan: TreatmentPlan) -> HttpResponse:
    """Fill in one of the clinician's own templates; nothing is saved."""
    mine, key = templates.of(current_user(request), plan), request.POST["template"]
    template = mine.filter(pk=int(key) if key.isdecimal() else 0).first()
    if template is None:
        return _refused(request, plan, _("Choose one of your templates."))
    areas = EditorForm(plan=plan).areas
    return _laid(request, plan, templates.fields(template, areas))


def _keep(request: HttpRequest, plan: TreatmentPlan) -> HttpResponse:
    """Keep the fields as a template of the clinician's own; the plan is not saved."""
    form = EditorForm(request.POST, plan=plan)
    if not form.is_valid():
        return _page(request, plan, form, status=422)
    name = form.cleaned_data["keep_as"]
    try:
        kept = templates.keep(
            current_user(request), name, plan, form.change(), now=timezone.now()
        )
    except BookingRefused as refused:
        return _refused(request, plan, str(refused))
    done = _("Kept as your template “%(name)s”. The plan is not saved yet.")
    return _laid(request, plan, {"keep_as": ""}, done % {"name": kept.name})


def _look(request: HttpRequest, plan: TreatmentPlan) -> HttpResponse:
    """Show what the fields would do, where the browser does not ask by itself."""
    return _laid(request, plan, {})


def _laid(
    request: HttpRequest, plan: TreatmentPlan, fields: Mapping[str, str], done: str = ""
) -> HttpResponse:
    """The editor with what was typed, and `fields` filled in over it."""
    data = request.POST.copy()
    for name, value in fields.items():
        data[name] = value
    return _page(request, plan, EditorForm(data, plan=plan), done=done)


def _refused(request: HttpRequest, plan: TreatmentPlan, why: str) -> HttpResponse:
    """The editor with what was typed and why it was not done.

    It is the plan as it is now: where its version is another, that is what is saved next.
    """
    data = request.POST.copy()
    data["version"] = str(plan_of(plan.pk).version)
    form = EditorForm(data, plan=plan_of(plan.pk))
    return _page(request, plan_of(plan.pk), form, refusal=why, status=422)


def _page(
    request: HttpRequest,
    plan: TreatmentPlan,
    form: EditorForm,
    *,
    status: int = 200,
    **said: str,
) -> HttpResponse:
    context = _shown(request, plan, form) | said
    return render(request, PAGE, context, status=status)


def _shown(
    request: HttpRequest, plan: TreatmentPlan, form: EditorForm
) -> dict[str, Any]:
    """What stands in and beside the form."""
    now, change = timezone.now(), saving.as_is(plan)
    is_readable = not form.is_bound or form.is_valid()
    if form.is_bound and is_readable:
        change = form.change()
    case = form.case()
    found = suggesting.suggestions(case)
    return {
        "plan": plan,
        "form": form,
        "effect": effects.effect(plan, change, now=now) if is_readable else None,
        "suggestions": found,
        "fill_all": suggesting.as_json(found),
        "note": suggesting.note(case),
        "templates": templates.of(current_user(request), plan),
        "is_editable": plan.is_waiting or plan.can_be_edited or plan.is_approved,
        "age": plan.patient.age_on(now.astimezone(plan.location.zone).date()),
    }


_BUTTONS: dict[str, Callable[[HttpRequest, TreatmentPlan], HttpResponse]] = {
    "preview": _amend_save,
    "use": _use,
    "apply": _apply,
    "keep": _keep,
    "look": _look,
}
