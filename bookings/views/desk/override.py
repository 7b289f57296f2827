"""Booking a series against the rules of spacing, with permission and a reason."""

from typing import Any
from uuid import uuid4

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bookings.forms.overrides import AllowForm, WhenForm
from bookings.models import SeriesBooking, TreatmentPlan
from bookings.services import overrides, patients, series
from bookings.services.proposing import by_hand
from bookings.services.proposing.by_hand import Chosen
from bookings.services.refusals import BookingRefused
from clinic.views import current_user

STRATEGY = "by-hand"


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(overrides.PERMISSION, raise_exception=True)
def series_override(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Choose days and times, see which rules they break, and book with a reason.

    The address says what was chosen.
    """
    plan = _plan(plan_id)
    patients.log_access(current_user(request), plan.patient, "series by hand")
    when = _when(request, plan)
    allow = AllowForm(request.POST or None, initial={"key": uuid4()})
    context: dict[str, Any] = {"plan": plan, "when": when, "allow": allow}
    if booked := _booked_before(plan, allow):
        return redirect("desk:series-booked", booked.key)
    if not when.is_valid():
        return _page(request, context, is_refused=bool(when.errors))
    chosen = by_hand.choose(plan, when.starts(), now=timezone.now())
    refusal = chosen.refusal
    if request.method == "POST" and allow.is_valid() and not refusal:
        try:
            return _book(request, plan, chosen, allow)
        except BookingRefused as refused:
            refusal = str(refused)
    context |= {"chosen": chosen, "refusal": refusal}
    return _page(request, context, is_refused=bool(refusal or allow.errors))


def _plan(plan_id: int) -> TreatmentPlan:
    plans = TreatmentPlan.objects.with_people().prefetch_related(
        "protocol__phases", "protocol__roles", "areas__area"
    )
    return get_object_or_404(plans, pk=plan_id)


def _when(request: HttpRequest, plan: TreatmentPlan) -> WhenForm:
    numbers = by_hand.missing(plan, now=timezone.now())
    asked = any(name.startswith("day_") for name in request.GET)
    data = request.GET if asked and numbers else None
    return WhenForm(data, numbers=numbers, zone=plan.location.zone)


def _booked_before(plan: TreatmentPlan, allow: AllowForm) -> SeriesBooking | None:
    """What this very page booked when it was sent before."""
    if not allow.is_valid():
        return None
    return plan.bookings.filter(key=allow.cleaned_data["key"]).first()


def _book(
    request: HttpRequest, plan: TreatmentPlan, chosen: Chosen, allow: AllowForm
) -> HttpResponse:
    booked = series.book(
        plan,
        chosen.sessions,
        key=allow.cleaned_data["key"],
        strategy=STRATEGY,
        actor=current_user(request),
        now=timezone.now(),
        overrides=overrides.for_all(chosen.breaches, allow.cleaned_data["allowed"]),
    )
    return redirect("desk:series-booked", booked.key)


def _page(
    request: HttpRequest, context: dict[str, Any], *, is_refused: bool
) -> HttpResponse:
    status = 422 if is_refused else 200
    return render(request, "desk/series_override.html", context, status=status)
