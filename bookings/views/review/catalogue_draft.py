"""A draft of the catalogue's next version: changing it, its effect, and signing it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from bookings.forms.catalogue import FORMS, FiguresForm, form_of, new_row
from bookings.forms.catalogue_draft import DraftForm, PublishForm
from bookings.services import patients
from bookings.services.vouching import comparing, effect, overview, shown
from clinic.views import current_user
from treatments.models import Protocol, ProtocolPart, Treatment
from treatments.services import editing, publishing, trail
from treatments.services.editing import CatalogueRefused

EDIT = editing.PERMISSION
SIGN = publishing.PERMISSION
METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(METHODS)
@permission_required(EDIT, raise_exception=True)
def catalogue_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Show the draft and what differs in it; a POST begins one where there is none."""
    treatment = get_object_or_404(Treatment, code=code)
    if request.method == "POST":
        try:
            editing.begin(treatment, actor=current_user(request), now=timezone.now())
        except CatalogueRefused as refused:
            messages.error(request, str(refused))
            return redirect("review:catalogue")
        return redirect("review:catalogue-edit", code)
    draft = editing.draft_of(treatment)
    return _draft_page(request, draft) if draft else _no_draft(request, code)


@require_http_methods(METHODS)
@permission_required(EDIT, raise_exception=True)
@transaction.atomic
def catalogue_figures(request: HttpRequest, code: str) -> HttpResponse:
    """Change the figures of the draft."""
    treatment = _in_turn(request, code)
    draft = editing.draft_of(treatment)
    if draft is None:
        draft = treatment.current_protocol()
    if draft is None:
        raise Http404
    form = FiguresForm(request.POST or None, instance=draft)
    return _edit(request, publishing.FIGURES, form)


@require_http_methods(METHODS)
@permission_required(EDIT, raise_exception=True)
@transaction.atomic
def catalogue_line(
    request: HttpRequest, code: str, part: str, row_id: int
) -> HttpResponse:
    """Change one line of the draft."""
    row = _row(_in_turn(request, code), part, row_id)
    if row is None:
        messages.warning(request, _("That line is no longer in the draft."))
        return redirect("review:catalogue-edit", code)
    return _edit(request, part, form_of(part, row, request.POST or None))


@require_http_methods(METHODS)
@permission_required(EDIT, raise_exception=True)
@transaction.atomic
def catalogue_add(request: HttpRequest, code: str, part: str) -> HttpResponse:
    """Add a line to the draft."""
    treatment = _in_turn(request, code)
    _judge_part(part)
    draft = editing.draft_of(treatment)
    if draft is None:
        return _no_draft(request, code)
    form = form_of(part, new_row(part, draft), request.POST or None)
    return _edit(request, part, form)


@require_POST
@permission_required(EDIT, raise_exception=True)
@transaction.atomic
def catalogue_remove(
    request: HttpRequest, code: str, part: str, row_id: int
) -> HttpResponse:
    """Leave a line out of the next version."""
    row = _row(_in_turn(request, code), part, row_id)
    try:
        if row is not None:
            editing.remove(row, actor=current_user(request), now=timezone.now())
    except CatalogueRefused as refused:
        messages.error(request, str(refused))
        return redirect("review:catalogue-treatment", code)
    messages.success(request, _("Left out of the draft."))
    return redirect("review:catalogue-edit", code)


@require_POST
@permission_required(EDIT, raise_exception=True)
def catalogue_discard(request: HttpRequest, code: str) -> HttpResponse:
    """Throw the draft away, unless somebody has changed it since it was shown."""
    treatment = get_object_or_404(Treatment, code=code)
    draft = editing.draft_of(treatment)
    if draft is None:
        return _no_draft(request, code)
    seen, actor = request.POST.get("seen", ""), current_user(request)
    try:
        editing.discard(draft, seen=seen, actor=actor, now=timezone.now())
    except CatalogueRefused as refused:
        return _draft_page(request, draft, refusal=str(refused))
    messages.success(request, _("The draft is thrown away. What is published stays."))
    return redirect("review:catalogue-treatment", code)


@require_safe
@permission_required(EDIT, raise_exception=True)
def catalogue_effect(request: HttpRequest, code: str) -> HttpResponse:
    """Which running plans keep which version, and what lies outside the new limits."""
    treatment = get_object_or_404(Treatment, code=code)
    draft = editing.draft_of(treatment)
    if draft is None:
        return _no_draft(request, code)
    context = _about(draft) | {"effect": _effect(request, draft)}
    return render(request, "review/catalogue_effect.html", context)


@require_http_methods(METHODS)
@permission_required(SIGN, raise_exception=True)
def catalogue_publish(request: HttpRequest, code: str) -> HttpResponse:
    """Read every change once more, say why, and sign the new version."""
    treatment = get_object_or_404(Treatment, code=code)
    draft = editing.draft_of(treatment)
    if draft is None:
        return _no_draft(request, code)
    form = PublishForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _sign_page(request, draft, form)
    try:
        version = publishing.publish(
            draft,
            seen=form.cleaned_data["seen"],
            reason=form.cleaned_data["reason"],
            actor=current_user(request),
            now=timezone.now(),
        )
    except CatalogueRefused as refused:
        return _sign_page(request, draft, form, refusal=str(refused))
    said = _("Version %(number)s is signed. New plans follow it from now on.")
    messages.success(request, said % {"number": version.version})
    return redirect("review:catalogue-treatment", code)


# --- Finding ------------------------------------------------------------------------


def _in_turn(request: HttpRequest, code: str) -> Treatment:
    """The treatment; who writes waits until nobody else does."""
    if request.method == "POST":
        trail.wait_for_turn()
    return get_object_or_404(Treatment, code=code)


def _row(treatment: Treatment, part: str, row_id: int) -> ProtocolPart | None:
    _judge_part(part)
    rows: Any = FORMS[part]._meta.model._default_manager
    found: ProtocolPart | None = (
        rows.filter(pk=row_id, protocol__treatment=treatment)
        .select_related("protocol__treatment")
        .first()
    )
    return found


def _judge_part(part: str) -> None:
    if part not in FORMS:
        raise Http404


def _no_draft(request: HttpRequest, code: str) -> HttpResponse:
    messages.warning(request, _("There is no draft of this treatment now."))
    return redirect("review:catalogue-treatment", code)


# --- Saving -------------------------------------------------------------------------


def _edit(request: HttpRequest, part: str, form: DraftForm) -> HttpResponse:
    """The form; or what it changes, saved in the draft."""
    code = form.draft.treatment.code
    if form.draft.is_published:
        if request.method == "POST":
            return _form_page(request, part, form, refusal=str(editing.MEANWHILE))
        return _no_draft(request, code)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, part, form)
    try:
        with transaction.atomic():
            left_alone = _save(request, part, form)
    except CatalogueRefused as refused:
        return _form_page(request, part, form, refusal=str(refused))
    messages.success(request, _said(left_alone))
    return redirect("review:catalogue-edit", code)


def _save(request: HttpRequest, part: str, form: DraftForm) -> list[Treatment]:
    """Keep the line, and the same change in the other treatments that were chosen."""
    actor, now = current_user(request), timezone.now()
    is_new, before = form.instance.pk is None, form.before()
    row: Any = form.save(commit=False)
    if is_new or before:
        editing.keep(row, actor=actor, now=now)
    if part == "phases" and (is_new or "after" in form.changed_data):
        editing.place(row, form.cleaned_data["after"])
    if not (is_new or before):
        return []
    also = form.cleaned_data["also"]
    return editing.spread(row, before, also, actor=actor, now=now)


def _said(left_alone: list[Treatment]) -> str:
    saved = _("Saved in the draft.")
    if not left_alone:
        return saved
    names = ", ".join(one.name for one in left_alone)
    other = _("Left as it is, because it says something else there: %(names)s.")
    return f"{saved} {other % {'names': names}}"


# --- Pages --------------------------------------------------------------------------


def _about(draft: Protocol) -> dict[str, Any]:
    """The draft, what it would replace, and every change in it."""
    current = draft.treatment.current_protocol()
    return {
        "treatment": draft.treatment,
        "draft": draft,
        "current": current,
        "changes": comparing.changes(current, draft) if current else [],
        "note": overview.last_note(draft),
        "seen": editing.digest(draft),
        "problems": publishing.problems(draft),
    }


def _draft_page(
    request: HttpRequest, draft: Protocol, *, refusal: str = ""
) -> HttpResponse:
    context = _about(draft) | {
        "sections": shown.sections(draft),
        "refusal": refusal,
    }
    context["changed"] = {one.pk or one.name for one in context["changes"]}
    status = 422 if refusal else 200
    return render(request, "review/catalogue_edit.html", context, status=status)


def _form_page(
    request: HttpRequest, part: str, form: DraftForm, *, refusal: str = ""
) -> HttpResponse:
    row: Any = form.instance
    context = {
        "treatment": form.draft.treatment,
        "draft": form.draft,
        "part": part,
        "title": shown.titles()[part],
        "form": form,
        "row": row if row.pk and part != publishing.FIGURES else None,
        "refusal": refusal,
    }
    status = 422 if form.is_bound and (form.errors or refusal) else 200
    return render(request, "review/catalogue_form.html", context, status=status)


def _sign_page(
    request: HttpRequest, draft: Protocol, form: PublishForm, *, refusal: str = ""
) -> HttpResponse:
    context = _about(draft) | {
        "form": form,
        "refusal": refusal,
        "effect": effect.of(draft, now=timezone.now()),
    }
    status = 422 if form.is_bound else 200
    return render(request, "review/catalogue_publish.html", context, status=status)


def _effect(request: HttpRequest, draft: Protocol) -> effect.Effect:
    """The effect; whoever is named in it was looked at."""
    found = effect.of(draft, now=timezone.now())
    named = [one.plan.patient for one in found.outside]
    named += [one.appointment.patient for one in found.unspaced]
    each = {patient.pk: patient for patient in named}
    patients.log_accesses(current_user(request), each.values(), "catalogue")
    return found
