"""One session's record: typed on a tablet, kept as it comes, signed, amended, co-signed."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bookings.forms.record_values import areas_in, page_of, typed_in
from bookings.forms.recording import AmendForm, RecordForm
from bookings.models import Appointment, SessionRecord, TreatmentPlan
from bookings.services import patients
from bookings.services.recording import (
    cosigning,
    drafts,
    limits,
    reading,
    signing,
    starting,
    trail,
)
from bookings.services.refusals import BookingRefused
from bookings.views.review.today import ADD, VIEW, session_or_404
from clinic.views import current_user

EITHER = require_http_methods(["GET", "HEAD", "POST"])


@EITHER
@permission_required(VIEW, raise_exception=True)
def record(request: HttpRequest, code: str) -> HttpResponse:
    """Show the signed record; or the form of it, and sign or keep what was typed."""
    session = session_or_404(code)
    signed = reading.current(session)
    if request.method == "POST" and request.user.has_perm(ADD):
        return _post(request, session, signed)
    patients.log_access(current_user(request), session.patient, "session record")
    if signed:
        return _shown(request, session, signed)
    if session.status not in reading.RECORDABLE:
        return render(request, "review/record_none.html", {"session": session})
    return _form_page(request, session, None)


@EITHER
@permission_required(ADD, raise_exception=True)
def record_amend(request: HttpRequest, code: str) -> HttpResponse:
    """Change a signed record: another version, with the reason."""
    session = session_or_404(code)
    signed = reading.current(session)
    if signed is None:
        return redirect("review:record", session.code)
    if request.method == "POST":
        return _post(request, session, signed)
    patients.log_access(current_user(request), session.patient, "session record")
    return _form_page(request, session, signed)


@require_POST
@permission_required(ADD, raise_exception=True)
def record_draft(request: HttpRequest, code: str) -> HttpResponse:
    """Keep what is typed so far; say what of it lies outside the plan."""
    session = session_or_404(code)
    draft, refusal = _keep(request, session)
    form = _form(request, session, reading.current(session))
    form.is_valid()
    context = _outside(session, form) | {
        "draft": draft,
        "seen": drafts.stamp(draft) if draft else request.POST.get("seen", ""),
        "session": session,
        "refusal": refusal,
        "form": form,
    }
    status = 422 if refusal else 200
    return render(request, "review/_record_kept.html", context, status=status)


@require_POST
@permission_required("bookings.cosign_sessionrecord", raise_exception=True)
def record_cosign(request: HttpRequest, record_id: int) -> HttpResponse:
    """Sign under a colleague's record as the supervising doctor."""
    signed = get_object_or_404(reading.records(), pk=record_id)
    session = signed.appointment
    try:
        cosigning.cosign(signed, actor=current_user(request), now=timezone.now())
    except BookingRefused as refused:
        newest = reading.current(session) or signed
        return _shown(request, session, newest, refusal=str(refused))
    messages.success(request, _("Co-signed. The record is complete."))
    return redirect("review:record", session.code)


# --- What a post asks for: keep, add an area, throw the draft away, or sign -------------


def _post(
    request: HttpRequest, session: Appointment, signed: SessionRecord | None
) -> HttpResponse:
    here = "review:record-amend" if signed else "review:record"
    if "discard" in request.POST:
        drafts.drop(session)
        return redirect(here, session.code)
    if "keep" in request.POST or "add" in request.POST:
        _draft, refusal = _keep(request, session)
        if refusal:
            return _form_page(request, session, signed, refusal=refusal)
        if "keep" in request.POST:
            messages.success(request, _("Kept as a draft. Nothing is signed yet."))
            return redirect("review:today")
        return redirect(here, session.code)
    return _sign(request, session, signed)


def _keep(request: HttpRequest, session: Appointment) -> tuple[Any, str]:
    """The draft as kept, or why it was not."""
    actor, now = current_user(request), timezone.now()
    typed, page = typed_in(request.POST), page_of(request.POST)
    try:
        return drafts.keep(session, typed, page, actor=actor, now=now), ""
    except BookingRefused as refused:
        return None, str(refused)


def _sign(
    request: HttpRequest, session: Appointment, signed: SessionRecord | None
) -> HttpResponse:
    form = _form(request, session, signed)
    if not form.is_valid():
        return _form_page(request, session, signed, form=form)
    who: dict[str, Any] = {"actor": current_user(request), "now": timezone.now()}
    contents, page = form.contents(), page_of(request.POST)
    try:
        if isinstance(form, AmendForm):
            why = form.cleaned_data["why"]
            signing.amend(session, contents, page, why=why, **who)
        else:
            signing.sign(session, contents, page, **who)
    except BookingRefused as refused:
        newest = reading.current(session)
        return _form_page(request, session, newest, form=form, refusal=str(refused))
    messages.success(request, _("Signed and locked."))
    return redirect("review:record", session.code)


# --- What is drawn ------------------------------------------------------------------------


def _form(
    request: HttpRequest, session: Appointment, signed: SessionRecord | None
) -> RecordForm:
    """The form as it was typed into."""
    kind = AmendForm if signed else RecordForm
    start = _start(request, session, areas_in(request.POST), signed)
    return kind(request.POST, start=start)


def _start(
    request: HttpRequest,
    session: Appointment,
    extra: list[int],
    signed: SessionRecord | None,
) -> starting.Start:
    treated = [one.area_id for one in signed.areas.all()] if signed else []
    user = current_user(request)
    return starting.of(
        session, actor=user, now=timezone.now(), extra=[*treated, *extra]
    )


def _form_page(
    request: HttpRequest,
    session: Appointment,
    signed: SessionRecord | None,
    *,
    form: RecordForm | None = None,
    refusal: str = "",
) -> HttpResponse:
    """The form: as begun, as kept, or as typed and not accepted."""
    draft = drafts.of(session)
    form = form or _begun(request, session, signed, draft)
    context = _outside(session, form) | {
        "session": session,
        "plan": session.plan,
        "form": form,
        "signed": signed,
        "draft": draft,
        "is_old_base": _is_old_base(draft, signed),
        "seen": drafts.stamp(draft),
        "page": request.POST.get("page") or get_random_string(12),
        "version": signed.version if signed else 0,
        "refusal": refusal,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "review/record_form.html", context, status=status)


def _begun(
    request: HttpRequest,
    session: Appointment,
    signed: SessionRecord | None,
    draft: Any,
) -> RecordForm:
    """The form with the plan's values, the signed ones, or those of the draft."""
    if request.method == "POST":
        return _form(request, session, signed)
    typed = draft.typed if draft else {}
    extra = areas_in(typed)
    kind = AmendForm if signed else RecordForm
    start = _start(request, session, extra, signed)
    return kind(start=start, typed=typed, record=signed)


def _is_old_base(draft: Any, signed: SessionRecord | None) -> bool:
    """Whether somebody signed another version since the draft was begun."""
    if draft is None or signed is None:
        return False
    return bool(draft.value("version") != [str(signed.version)])


def _outside(session: Appointment, form: RecordForm) -> dict[str, Any]:
    """What of the typed values lies outside the plan, and what of that is confirmed."""
    plan: TreatmentPlan = session.plan  # type: ignore[assignment]
    planned = {row.area_id: row for row in plan.areas.all()}
    form.is_valid()
    areas = form.areas_done() if form.is_bound else form.areas_begun()
    found = [
        one
        for done in areas
        for one in limits.beyond_of_area(plan, planned.get(done.area.pk), done)
    ]
    if form.is_bound and (named := form.doctor_named()):
        found += limits.beyond_of_doctor(plan, *named)
    return {"outside": [(one, one.code in form.confirmed) for one in found]}


def _shown(
    request: HttpRequest,
    session: Appointment,
    signed: SessionRecord,
    *,
    refusal: str = "",
) -> HttpResponse:
    """The signed record with its trail."""
    user = current_user(request)
    context = {
        "session": session,
        "plan": session.plan,
        "record": signed,
        "trail": trail.of(reading.versions(session)),
        "awaits": reading.awaits_cosignature(signed),
        "may_cosign": cosigning.may(user) and signed.signed_by_id != user.pk,
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    return render(request, "review/record_detail.html", context, status=status)
