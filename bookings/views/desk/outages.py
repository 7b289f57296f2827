"""Outages: declaring one, whom it touches, re-planning in bulk."""

from datetime import datetime

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bookings.forms.outages import OutageForm
from bookings.models import Outage
from bookings.services import outages, patients
from bookings.services.affected import affected
from bookings.services.refusals import BookingRefused
from clinic.views import current_user


@require_safe
@permission_required("bookings.view_outage", raise_exception=True)
def outage_list(request: HttpRequest) -> HttpResponse:
    """Outages that stand or are to come, and those that are over."""
    return render(request, "desk/outage_list.html", outages.listed(now=timezone.now()))


@permission_required("bookings.add_outage", raise_exception=True)
def outage_add(request: HttpRequest) -> HttpResponse:
    """Declare who or what is missing; go on to whom that touches."""
    now = timezone.now()
    if request.method != "POST":
        form = OutageForm(initial=_usual(request, now))
        return render(request, "desk/outage_form.html", {"form": form})
    form = OutageForm(request.POST)
    if form.is_valid():
        try:
            outage = _declare(request, form, now)
        except BookingRefused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("desk:outage", outage.pk)
    return render(request, "desk/outage_form.html", {"form": form}, status=422)


@require_safe
@permission_required("bookings.view_outage", raise_exception=True)
def outage(request: HttpRequest, outage_id: int) -> HttpResponse:
    """Whom an outage touches, the least slack first."""
    return _page(request, _outage(outage_id))


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


def _page(request: HttpRequest, row: Outage, *, refusal: str = "") -> HttpResponse:
    left = affected(row, now=timezone.now()) if row.is_standing else []
    seen = {one.appointment.patient_id: one.appointment.patient for one in left}
    patients.log_accesses(current_user(request), seen.values(), "outage")
    context = {"outage": row, "affected": left, "refusal": refusal}
    status = 422 if refusal else 200
    return render(request, "desk/outage_detail.html", context, status=status)
