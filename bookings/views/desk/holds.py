"""Holding a series: kept free for a while, then confirmed, extended or let go."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings.models import (
    HoldKind,
    HoldOutcome,
    SeriesBooking,
    SeriesHold,
    TreatmentPlan,
)
from bookings.services import patients
from bookings.services.holding import held, holds
from bookings.services.outcomes import reviews
from bookings.services.refusals import BookingRefused
from bookings.views.desk.series import REVIEW, Chosen, review_too, submitted
from clinic.views import current_user


@require_POST
@permission_required("bookings.add_appointment", raise_exception=True)
def series_hold(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Hold the chosen proposal, or pencil it where the plan waits for its review."""
    return submitted(request, plan_id, _hold)


@require_safe
@permission_required("bookings.view_appointment", raise_exception=True)
def hold(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show one hold and the time it has left; a confirmed one is its booking."""
    shown = _found(key)
    if shown.outcome == HoldOutcome.CONFIRMED:
        return redirect("desk:series-booked", shown.key)
    if shown.is_offered:
        return redirect("desk:waiting")
    return _page(request, shown)


@require_POST
@permission_required("bookings.add_appointment", raise_exception=True)
def hold_confirm(request: HttpRequest, key: UUID) -> HttpResponse:
    """Book what is held."""

    def confirm(shown: SeriesHold) -> HttpResponse:
        user, now = current_user(request), timezone.now()

        def book() -> SeriesBooking:
            return holds.confirm(shown, actor=user, now=now)

        if REVIEW not in request.POST:
            return redirect("desk:series-booked", book().key)
        booked = reviews.with_series(book, actor=user, now=now)
        return redirect("desk:series-booked", booked.key)

    return _act(request, key, confirm)


@require_POST
@permission_required("bookings.add_appointment", raise_exception=True)
def hold_extend(request: HttpRequest, key: UUID) -> HttpResponse:
    """Keep the series free a while longer, once."""

    def extend(shown: SeriesHold) -> HttpResponse:
        holds.extend(shown, current_user(request), timezone.now())
        messages.success(request, _("The series is held longer now."))
        return redirect("desk:hold", shown.key)

    return _act(request, key, extend)


@require_POST
@permission_required("bookings.add_appointment", raise_exception=True)
def hold_release(request: HttpRequest, key: UUID) -> HttpResponse:
    """Give the times back, and lead to the plan."""

    def release(shown: SeriesHold) -> HttpResponse:
        holds.release(shown, current_user(request), timezone.now())
        messages.success(request, _("Let go. The times are free again."))
        return redirect("desk:plan", shown.plan_id)

    return _act(request, key, release)


def _hold(request: HttpRequest, plan: TreatmentPlan, chosen: Chosen) -> HttpResponse:
    kept = holds.hold(
        plan,
        chosen.sessions,
        key=chosen.key,
        strategy=chosen.strategy,
        actor=current_user(request),
        now=timezone.now(),
        kind=HoldKind.PENCIL if plan.is_waiting else HoldKind.DESK,
        wishes=chosen.wishes.query(chosen.strategy) if chosen.wishes else "",
        avoid=chosen.avoid,
    )
    return redirect("desk:hold", kept.key)


def _found(key: UUID) -> SeriesHold:
    holds_with_people = SeriesHold.objects.select_related(*held.WITH_PEOPLE)
    return get_object_or_404(holds_with_people, key=key)


def _act(
    request: HttpRequest, key: UUID, act: Callable[[SeriesHold], HttpResponse]
) -> HttpResponse:
    """Let `act` have the hold; where it refuses, the page says why and what to do."""
    shown = _found(key)
    if shown.is_offered:
        messages.error(request, _("This series is offered. Answer the offer here."))
        return redirect("desk:waiting")
    try:
        return act(shown)
    except BookingRefused as refused:
        return _page(request, _found(key), refusal=str(refused))


def _page(
    request: HttpRequest, shown: SeriesHold, *, refusal: str = ""
) -> HttpResponse:
    patients.log_access(current_user(request), shown.plan.patient, "series")
    context: dict[str, Any] = {
        **held.shown(shown, now=timezone.now()),
        "refusal": refusal,
        **review_too(request, shown.plan),
        "again": _again(shown),
    }
    return render(request, "desk/hold.html", context, status=422 if refusal else 200)


def _again(shown: SeriesHold) -> str:
    """The way to fresh proposals with the same wishes."""
    address = reverse("desk:series-propose", args=[shown.plan_id])
    return f"{address}?{shown.wishes}" if shown.wishes else address
