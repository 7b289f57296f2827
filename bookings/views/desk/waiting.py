"""The waiting list at the desk: who waits, what they are offered, what they say."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from bookings.forms.waiting import CloseForm, WaitingForm
from bookings.models import TreatmentPlan, WaitingEntry, WaitingOffer
from bookings.services import patients, waiting
from bookings.services.refusals import BookingRefused
from bookings.views.desk import exports
from clinic import sheets
from clinic.views import current_user


@require_safe
@permission_required("bookings.view_waitingentry", raise_exception=True)
def waiting_list(request: HttpRequest) -> HttpResponse:
    """Everybody who waits: what for, how long, and what is offered to them."""
    if sheets.is_wanted(request):
        return exports.waiting(request, waiting.lines(now=timezone.now()))
    return _page(request)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("bookings.add_waitingentry", raise_exception=True)
def waiting_add(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Put a session of a plan, or all that lack a time, on the waiting list."""
    plan = get_object_or_404(TreatmentPlan.objects.with_people(), pk=plan_id)
    patients.log_access(current_user(request), plan.patient, "waiting-list form")
    form = _form(request, plan)
    if form.is_valid():
        try:
            waiting.add(
                plan,
                number=form.number(),
                actor=current_user(request),
                now=timezone.now(),
                **form.wish(),
            )
        except BookingRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("On the list. Free time is offered by itself."))
            return redirect("desk:waiting")
    context = {"plan": plan, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "desk/waiting_form.html", context, status=status)


@require_POST
@permission_required("bookings.change_waitingentry", raise_exception=True)
def waiting_close(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Take an entry off the list; an open offer ends with it."""
    entry = get_object_or_404(
        WaitingEntry.objects.select_related("plan", "patient"), pk=entry_id
    )
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _page(request, closing=entry, form=form)
    waiting.close(
        entry,
        form.cleaned_data["reason"],
        actor=current_user(request),
        now=timezone.now(),
    )
    messages.success(request, _("Taken off the list."))
    return redirect("desk:waiting")


@require_POST
@permission_required("bookings.change_waitingentry", raise_exception=True)
def offer_accept(request: HttpRequest, offer_id: int) -> HttpResponse:
    """The patient takes the time: book or move, all of it or nothing."""
    return _answer(
        request, offer_id, waiting.accept, _("Booked. The messages are planned anew.")
    )


@require_POST
@permission_required("bookings.change_waitingentry", raise_exception=True)
def offer_decline(request: HttpRequest, offer_id: int) -> HttpResponse:
    """The patient does not take the time: it goes to the next in line."""
    return _answer(
        request, offer_id, waiting.decline, _("Declined. The next in line is asked.")
    )


def _answer(
    request: HttpRequest, offer_id: int, act: Callable[..., WaitingOffer], done: str
) -> HttpResponse:
    offer = get_object_or_404(
        WaitingOffer.objects.select_related("entry__plan", "entry__patient"),
        pk=offer_id,
    )
    try:
        answered = act(offer, actor=current_user(request), now=timezone.now())
    except BookingRefused as refused:
        words = {"patient": offer.entry.patient, "refusal": refused}
        return _page(request, refusal=_("%(patient)s: %(refusal)s") % words)
    messages.success(request, done)
    if answered.is_accepted:
        return redirect("desk:plan", offer.entry.plan_id)
    return redirect("desk:waiting")


def _form(request: HttpRequest, plan: TreatmentPlan) -> WaitingForm:
    now = timezone.now()
    asked = request.GET.get("number", "")
    return WaitingForm(
        request.POST or None,
        waitable=waiting.can_wait(plan, now=now),
        number=int(asked) if asked.isdecimal() and len(asked) < 4 else None,
        today=now.astimezone(plan.location.zone).date(),
    )


def _page(request: HttpRequest, **context: Any) -> HttpResponse:
    """The list; 422 where it has to say no, with what was typed."""
    lines = waiting.lines(now=timezone.now())
    seen = {line.entry.patient_id: line.entry.patient for line in lines}
    patients.log_accesses(current_user(request), seen.values(), "waiting list")
    context |= {
        "offered": [line for line in lines if line.offer],
        "lines": [line for line in lines if not line.offer],
    }
    status = 422 if "refusal" in context or "form" in context else 200
    return render(request, "desk/waiting_list.html", context, status=status)
