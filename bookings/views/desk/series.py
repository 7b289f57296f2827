"""Booking a whole series: preferences, proposals, one submit."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.decorators import permission_required
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings.forms.series import PreferencesForm, ProposalChoiceForm, sign
from bookings.models import SeriesBooking, TreatmentPlan
from bookings.services import patients, proposals, screening, series
from bookings.services.refusals import BookingRefused
from bookings.services.wishes import Avoided
from clinic.views import current_user
from treatments.suitability import Outcome, Verdict


@require_safe
@permission_required("bookings.view_treatmentplan", raise_exception=True)
def series_list(request: HttpRequest) -> HttpResponse:
    """Signed plans whose sessions are not all booked, the oldest signature first."""
    return render(request, "desk/series_list.html", {"plans": proposals.unbooked()})


@require_safe
@permission_required("bookings.add_appointment", raise_exception=True)
def series_propose(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show three ways to book what the plan still lacks; preferences in the address."""
    plan = _plan(plan_id)
    patients.log_access(current_user(request), plan.patient, "series")
    return _page(request, plan)


@require_POST
@permission_required("bookings.add_appointment", raise_exception=True)
def series_book(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Book the chosen proposal; where that fails, keep every input and propose anew."""
    plan = _plan(plan_id)
    form = ProposalChoiceForm(request.POST)
    if not form.is_valid():
        return _page(request, plan, refusal=_("Choose one of these."))
    key, strategy = form.cleaned_data["key"], form.cleaned_data["strategy"]
    try:
        booked = series.book(
            plan,
            [proposals.read_back(row) for row in form.proposal()],
            key=key,
            strategy=strategy,
            actor=current_user(request),
            now=timezone.now(),
            avoid=_avoided(request.GET),
        )
    except signing.BadSignature:
        refusal = _("That proposal is no longer on this page. Choose one of these.")
    except BookingRefused as refused:
        refusal = str(refused)
    else:
        return redirect("desk:series-booked", booked.key)
    return _page(request, plan, refusal=refusal, chosen=strategy)


@require_safe
@permission_required("bookings.view_appointment", raise_exception=True)
def series_booked(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show what one submit booked, and the messages it planned."""
    booking = get_object_or_404(
        SeriesBooking.objects.select_related(
            "plan__patient", "plan__location", "plan__protocol__treatment", "booked_by"
        ),
        key=key,
    )
    patients.log_access(current_user(request), booking.plan.patient, "series")
    context = proposals.booked(booking, now=timezone.now())
    return render(request, "desk/series_booked.html", context)


def _plan(plan_id: int) -> TreatmentPlan:
    plans = TreatmentPlan.objects.with_people().prefetch_related(
        "protocol__phases", "protocol__roles", "areas__area"
    )
    return get_object_or_404(plans, pk=plan_id)


def _page(
    request: HttpRequest, plan: TreatmentPlan, *, refusal: str = "", chosen: str = ""
) -> HttpResponse:
    """The series screen, with a fresh key; 422 where it has to say no."""
    now = timezone.now()
    first = _first_day(plan, now)
    form = PreferencesForm(_asked(request.GET, plan, first), first_allowed=first)
    context: dict[str, Any] = {
        "plan": plan,
        "form": form,
        "key": uuid4(),
        "refusal": refusal,
        "first_allowed": first,
        "waits": _waits(plan, now),
    }
    if form.is_valid():
        answer = proposals.propose(plan, form.wishes(), now=now)
        for proposal in answer.proposals:
            proposal.signed = sign(proposal.sealed())
        context |= {"answer": answer, "chosen": answer.chosen(chosen)}
    status = 422 if refusal or form.errors else 200
    return render(request, "desk/series_propose.html", context, status=status)


def _first_day(plan: TreatmentPlan, now: datetime) -> date:
    """The first local day on which the plan may start: tomorrow, or when answers allow."""
    today = now.astimezone(plan.location.zone).date()
    allowed = screening.first_suitable_date(plan, today=today, now=now)
    return max(today + timedelta(days=1), allowed or today)


def _avoided(query: QueryDict) -> tuple[Avoided, ...]:
    """The dates to avoid in the address; none where they cannot be read."""
    form = PreferencesForm(query, first_allowed=date.min)
    return form.wishes().avoid if form.is_valid() else ()


def _waits(plan: TreatmentPlan, now: datetime) -> Verdict | None:
    """The verdict of today where the patient's answers make the plan wait."""
    today = now.astimezone(plan.location.zone).date()
    verdict = screening.verdict(plan, today, now=now)
    return verdict if verdict.outcome is Outcome.SUITABLE_FROM else None


def _asked(query: QueryDict, plan: TreatmentPlan, first: date) -> Any:
    """What was asked for in the address, or what most people would ask for."""
    if "days" in query or "earliest" in query:
        return query
    usual = {
        "earliest": first.isoformat(),
        "days": ["0", "1", "2", "3", "4"],
        "arrive_from": "08:00",
        "arrive_until": "17:00",
        "policy": "anyone",
    }
    for row, away in enumerate(plan.patient.away_dates.all()[:3], start=1):
        usual[f"avoid_{row}_first"] = away.first_day.isoformat()
        usual[f"avoid_{row}_last"] = away.last_day.isoformat()
        usual[f"avoid_{row}_label"] = away.label
    return usual
