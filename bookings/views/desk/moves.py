"""Moving a session, and putting a series right: first what would follow, then doing it.

Asked for by htmx, each answer is the part that goes into the dialog on the diary; a
refusal there is a 422 with one sentence marked `data-cd-reason`.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from bookings.forms.moves import PICK, AcceptForm, WhereToForm, picks, sign
from bookings.models import Appointment, AppointmentKind, TreatmentPlan
from bookings.services import overrides, patients, ribbons, visits
from bookings.services.moves import moving, undo
from bookings.services.moves.move_proposal import (
    Alternative,
    MoveProposal,
    SessionChange,
)
from bookings.services.outcomes import reviews
from bookings.services.refusals import BookingRefused
from bookings.views.desk import move_parts as parts
from bookings.views.desk import talk_moves
from clinic.views import current_user

MOST_PICKS = 3
METHODS = ["GET", "HEAD", "POST"]
Proposes = Callable[[], MoveProposal]


@require_http_methods(METHODS)
@permission_required("bookings.change_appointment", raise_exception=True)
def move(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """Choose where a session goes, see what follows, accept it; the address says where."""
    shown = get_object_or_404(visits.rows(), pk=appointment_id)
    patients.log_access(current_user(request), shown.patient, "move")
    if shown.kind != AppointmentKind.SESSION:
        return talk_moves.move(request, shown)
    asked = "day" in request.GET or "time" in request.GET
    form = WhereToForm(request.GET if asked else None, place=shown.location)
    if not form.is_valid():
        return _choose(request, shown, form)
    start, wish, chosen = form.start(), form.wish(), picks(request.GET)

    def proposes() -> MoveProposal:
        now = timezone.now()
        return moving.propose(shown, start, now=now, chosen=chosen, wish=wish)

    context = {"appointment": shown, "form": form}
    return _propose(request, proposes, context)


@require_http_methods(METHODS)
@permission_required("bookings.change_appointment", raise_exception=True)
def repair(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Propose the least change that makes a plan's series whole and right; accept it."""
    plan = get_object_or_404(TreatmentPlan.objects.with_people(), pk=plan_id)
    patients.log_access(current_user(request), plan.patient, "repair")
    chosen = picks(request.GET)

    def proposes() -> MoveProposal:
        return moving.repair(plan, now=timezone.now(), chosen=chosen)

    return _propose(request, proposes, {"plan": plan})


def strip(request: HttpRequest, day: date) -> dict[str, Any] | None:
    """What is being moved by choosing a place on the local `day`; the address names it.

    None where nothing is, or it can no longer be moved, or the person may not.
    """
    key = request.GET.get("moving", "")
    may_move = current_user(request).has_perm("bookings.change_appointment")
    if not (may_move and key.isdecimal() and len(key) < 10):
        return None
    shown = visits.rows().filter(pk=key).first()
    if shown is None or not shown.can_be_moved:
        return None
    patients.log_access(current_user(request), shown.patient, "move")
    query = request.GET.copy()
    del query["moving"]
    form = WhereToForm(place=shown.location, auto_id="moving-%s", initial={"day": day})
    return {"appointment": shown, "form": form, "without": f"?{query.urlencode()}"}


def _choose(
    request: HttpRequest, shown: Appointment, form: WhereToForm, refusal: str = ""
) -> HttpResponse:
    """The days to which the session could move, and a way to name any other."""
    now = timezone.now()
    try:
        options = moving.options(shown, now=now)
    except BookingRefused as refused:
        options, refusal = [], refusal or str(refused)
    context = {
        "appointment": shown,
        "form": form,
        "options": options,
        "refusal": refusal,
        "series": ribbons.of_plan(shown.plan, now=now) if shown.plan else None,
    }
    status = 422 if refusal or form.errors else 200
    return parts.shown(request, "move_choose", context, status)


def _propose(
    request: HttpRequest, proposes: Proposes, context: dict[str, Any]
) -> HttpResponse:
    """Show what would follow, or do it where it was accepted."""
    accept = AcceptForm(request.POST or None)
    refusal = ""
    try:
        if request.method == "POST" and accept.is_valid():
            return _accept(request, accept, proposes, context)
    except signing.BadSignature:
        refusal = _("That proposal is no longer on this page. Look at this one.")
    except BookingRefused as refused:
        refusal = str(refused)
    return _page(request, proposes, context | {"accept": accept, "refusal": refusal})


def _accept(
    request: HttpRequest,
    form: AcceptForm,
    proposes: Proposes,
    context: dict[str, Any],
) -> HttpResponse:
    shown = context.get("appointment")
    plan = shown.plan if shown else context["plan"]
    sealed, given = form.sealed(), form.cleaned_data
    about = {"actor": current_user(request), "now": timezone.now()}
    breaches = proposes().breaches if given["allowed"] else ()
    about |= {"overrides": overrides.for_all(breaches, given["allowed"])}
    about |= {"why": given["why"], "notify": given["notify"]}
    said, token = _moved(plan, sealed, about)
    messages.success(request, said, extra_tags=token)
    if request.htmx:  # type: ignore[attr-defined]
        return parts.moved(request)
    if shown:
        return redirect("desk:appointment", shown.pk)
    return redirect("desk:plan", plan.pk)


def _moved(plan: TreatmentPlan, sealed: Any, about: dict[str, Any]) -> tuple[str, str]:
    """What was done, in words, and a token that undoes it."""
    with undo.recording(plan, actor=about["actor"], now=about["now"]) as record:
        moved = reviews.accept(plan, sealed, **about)
    words = ngettext(
        "%(count)s session moved.", "%(count)s sessions moved.", len(moved)
    )
    return words % {"count": len(moved)}, record.token


def _page(
    request: HttpRequest, proposes: Proposes, context: dict[str, Any]
) -> HttpResponse:
    """The proposal as it is now, with every input kept; 422 where it has to say no."""
    try:
        proposal = proposes()
    except BookingRefused as refused:
        context |= {"refusal": context["refusal"] or str(refused)}
        return parts.shown(request, "move_refused", context, 422)
    if "appointment" in context and (no := _no(request, proposal)):
        said = context["refusal"] or no
        return _choose(request, context["appointment"], context["form"], said)
    review = reviews.moved_by(proposal, now=timezone.now())
    context |= {
        "review": review,
        "proposal": proposal,
        "plan": proposal.plan,
        "follows": [_with_addresses(request, one) for one in proposal.follows],
        "signed": sign(proposal.sealed() | (review.sealed if review else {})),
        "may_allow": overrides.may_allow(current_user(request)),
    }
    status = 422 if context["refusal"] or context["accept"].errors else 200
    return parts.shown(request, "move_propose", context, status)


def _no(request: HttpRequest, proposal: MoveProposal) -> str:
    """Why nothing of this can be accepted, in one sentence; nothing where it can.

    On the diary that includes what only others may allow: the block springs back.
    """
    if proposal.refusal:
        return proposal.refusal
    if not proposal.changed:
        return _("It is there already.")
    may_allow = overrides.may_allow(current_user(request)) and proposal.may_be_allowed
    if proposal.breaches and request.htmx and not may_allow:  # type: ignore[attr-defined]
        return proposal.breaches[0].refusal
    return ""


def _with_addresses(
    request: HttpRequest, change: SessionChange
) -> tuple[SessionChange, list[tuple[Alternative, str]]]:
    """A session that follows, and the address that picks each other place for it."""
    found = []
    for other in change.alternatives[:MOST_PICKS]:
        query = request.GET.copy()
        query[f"{PICK}{change.number}"] = other.value
        found.append((other, f"{request.path}?{query.urlencode()}"))
    return change, found
