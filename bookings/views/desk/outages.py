"""Outages: declaring one, whom it touches, re-planning in bulk."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from bookings.forms.moves import sign
from bookings.forms.outages import BulkForm, OutageForm
from bookings.models import Outage
from bookings.services import patients
from bookings.services.missing import outage_plans, outages
from bookings.services.missing.outage_plans import Applied
from bookings.services.refusals import BookingRefused
from bookings.views.desk import exports
from clinic import sheets
from clinic.views import current_user


@require_safe
@permission_required("bookings.view_outage", raise_exception=True)
def outage_list(request: HttpRequest) -> HttpResponse:
    """Outages that stand or are to come, and those that are over."""
    now = timezone.now()
    if sheets.is_wanted(request):
        return exports.outage_list(**outages.listed(now=now, most=None))
    return render(request, "desk/outage_list.html", outages.listed(now=now))


@permission_required("bookings.add_outage", raise_exception=True)
def outage_add(request: HttpRequest) -> HttpResponse:
    """Declare who or what is missing; look first whom that touches, or go on to them."""
    now = timezone.now()
    if request.method != "POST":
        form = OutageForm(initial=_usual(request, now))
        return render(request, "desk/outage_form.html", {"form": form})
    form = OutageForm(request.POST)
    if form.is_valid():
        try:
            if "look" in request.POST:
                return _looked(request, form, now)
            outage = _declare(request, form, now)
        except BookingRefused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("desk:outage", outage.pk)
    return render(request, "desk/outage_form.html", {"form": form}, status=422)


@require_safe
@permission_required("bookings.view_outage", raise_exception=True)
def outage(request: HttpRequest, outage_id: int) -> HttpResponse:
    """Whom an outage touches, the least slack first, and how each could go on."""
    return _page(request, _outage(outage_id))


@require_POST
@permission_required("bookings.change_outage", raise_exception=True)
def outage_apply(request: HttpRequest, outage_id: int) -> HttpResponse:
    """Re-plan the series that were ticked; say which of them have to be looked at again."""
    row = _outage(outage_id)
    form = BulkForm(request.POST)
    try:
        chosen = form.sealed()
    except signing.BadSignature:
        return _page(request, row, refusal=_("Those proposals are out of date."))
    if not chosen:
        return _page(request, row, refusal=_("Tick at least one series."), ticked=set())
    applied = outage_plans.apply(
        row, chosen, actor=current_user(request), now=timezone.now()
    )
    _say(request, applied)
    lost = [one for one in applied if one.refusal]
    if lost:
        return _page(request, row, lost=lost, ticked={one.plan.pk for one in lost})
    return redirect("desk:outage", row.pk)


@require_POST
@permission_required("bookings.change_outage", raise_exception=True)
def outage_lift(request: HttpRequest, outage_id: int) -> HttpResponse:
    """Give back what was missing."""
    row = _outage(outage_id)
    try:
        outages.lift(row, actor=current_user(request), now=timezone.now())
    except BookingRefused as refused:
        return _page(request, _outage(outage_id), refusal=str(refused))
    return redirect("desk:outage", row.pk)


def _outage(outage_id: int) -> Outage:
    rows = Outage.objects.select_related(
        "resource__location", "declared_by", "lifted_by"
    )
    return get_object_or_404(rows, pk=outage_id)


def _usual(request: HttpRequest, now: datetime) -> dict[str, str]:
    today = timezone.localtime(now).date().isoformat()
    return {"first": today, "last": today, "resource": request.GET.get("resource", "")}


def _declare(request: HttpRequest, form: OutageForm, now: datetime) -> Outage:
    return outages.declare(
        form.cleaned_data["resource"],
        *form.moments(),
        kind=form.kind,
        reason=form.cleaned_data["reason"],
        actor=current_user(request),
        now=now,
    )


def _looked(request: HttpRequest, form: OutageForm, now: datetime) -> HttpResponse:
    """The form as typed, with whom it would touch: nothing is saved."""
    resource, actor = form.cleaned_data["resource"], current_user(request)
    touched = outages.preview(resource, *form.moments(), actor=actor, now=now)
    seen = {one.appointment.patient_id: one.appointment.patient for one in touched}
    patients.log_accesses(actor, seen.values(), "outage")
    context = {"form": form, "touched": touched, "resource": resource}
    return render(request, "desk/outage_form.html", context)


def _number(text: str) -> int:
    """How many series to pass over, as the address says; none where it is no number."""
    return int(text) if text.isdecimal() and len(text) < 6 else 0


def _say(request: HttpRequest, applied: Iterable[Applied]) -> None:
    """How many series were re-planned."""
    done = sum(not one.refusal for one in applied)
    words = ngettext(
        "%(count)s series is re-planned.", "%(count)s series are re-planned.", done
    )
    if done:
        messages.success(request, words % {"count": done})


def _page(
    request: HttpRequest,
    row: Outage,
    *,
    refusal: str = "",
    lost: Sequence[Applied] = (),
    ticked: Collection[int] | None = None,
) -> HttpResponse:
    """The outage with fresh proposals; all are ticked unless `ticked` names some."""
    skip = _number(request.GET.get("skip", ""))
    bulk = outage_plans.proposals(row, now=timezone.now(), skip=skip)
    patients.log_accesses(current_user(request), bulk.patients, "outage")
    for one in bulk.possible:
        one.signed = sign(one.proposal.sealed())
    possible = [(one, ticked is None or one.plan.pk in ticked) for one in bulk.possible]
    context = {
        "outage": row,
        "bulk": bulk,
        "possible": possible,
        "refusal": refusal,
        "lost": lost,
        "following": skip + outage_plans.MOST if bulk.later else 0,
    }
    status = 422 if refusal or lost else 200
    return render(request, "desk/outage_detail.html", context, status=status)
