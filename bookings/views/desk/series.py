"""Booking a whole series: preferences, proposals, one submit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core import signing
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings.forms.series import (
    AVOID_ROWS,
    PreferencesForm,
    ProposalChoiceForm,
    sign,
)
from bookings.models import PlanArea, SeriesBooking, TreatmentPlan
from bookings.scheduling import problem_to_json
from bookings.services import patients, series
from bookings.services.holding import held
from bookings.services.judging import PlannedSession
from bookings.services.outcomes import reviews
from bookings.services.proposing import choosing, proposals, waits
from bookings.services.proposing.asking import Asked, ask
from bookings.services.proposing.wishes import Avoided, Wishes
from bookings.services.refusals import BookingRefused
from clinic.views import current_user
from treatments.services import sealed

DAYS_A_PAGE = 15
REVIEW = "review"  # the tick that books the look at the result too


@require_safe
@permission_required("bookings.add_appointment", raise_exception=True)
def series_propose(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show three ways to book what the plan still lacks; preferences in the address."""
    plan = _plan(plan_id)
    if kept := held.of(plan, now=timezone.now()):
        return redirect("desk:hold", kept.key)
    patients.log_access(current_user(request), plan.patient, "series")
    return _page(request, plan)


@require_safe
@permission_required("bookings.add_appointment", raise_exception=True)
def series_choose(request: HttpRequest, plan_id: int, number: int) -> HttpResponse:
    """Show every day that one session could have, whatever else must follow."""
    plan = _plan(plan_id)
    here = reverse("desk:series-propose", args=[plan.pk])
    asked = _problem(request, plan)
    if asked is None or number not in asked.to_plan:
        return redirect(f"{here}?{request.GET.urlencode()}")
    patients.log_access(current_user(request), plan.patient, "series")
    shown = choosing.by_hand(asked, number, request.GET.get("way", ""))
    if shown.following:
        here = reverse("desk:series-choose", args=[plan.pk, shown.following])
    page = Paginator(shown.days, DAYS_A_PAGE).get_page(request.GET.get("page"))
    context = {"plan": plan, "by_hand": shown, "page": page, "after": here}
    return render(request, "desk/series_choose.html", context)


@require_safe
@permission_required("bookings.add_appointment", raise_exception=True)
def series_problem(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Hand out the page's problem as the solver has it: ids, and nobody's name."""
    plan = _plan(plan_id)
    asked = _problem(request, plan)
    if asked is None:
        return redirect("desk:series-propose", plan.pk)
    patients.log_access(current_user(request), plan.patient, "series problem")
    problem = asked.problem_of(request.GET.get("way", ""))
    response = JsonResponse(problem_to_json(problem), json_dumps_params={"indent": 1})
    name = f'attachment; filename="series-problem-{plan.pk}.json"'
    response["Content-Disposition"] = name
    return response


@require_POST
@permission_required("bookings.add_appointment", raise_exception=True)
def series_book(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Book the chosen proposal; where that fails, keep every input and propose anew."""
    return submitted(request, plan_id, _book)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The proposal that was submitted, with the submit's key and what was asked for."""

    sessions: list[PlannedSession]
    key: UUID
    strategy: str
    wishes: Wishes | None

    @property
    def review_wish(self) -> reviews.Wish:
        """When the patient comes, for the look at the result as well."""
        if self.wishes is None:
            return reviews.ANY
        return reviews.Wish(self.wishes.weekdays, self.wishes.arrive_between)

    @property
    def avoid(self) -> tuple[Avoided, ...]:
        """The dates to avoid; none where the wishes could not be read."""
        return self.wishes.avoid if self.wishes else ()


Act = Callable[[HttpRequest, TreatmentPlan, Chosen], HttpResponse]


def submitted(request: HttpRequest, plan_id: int, act: Act) -> HttpResponse:
    """Let `act` take the chosen proposal; where it refuses, propose anew."""
    plan = _plan(plan_id)
    form = ProposalChoiceForm(request.POST)
    if not form.is_valid():
        return _page(request, plan, refusal=_("Choose one of these."))
    try:
        return act(request, plan, _chosen(request, plan, form))
    except signing.BadSignature:
        refusal = _("That proposal is no longer on this page. Choose one of these.")
    except BookingRefused as refused:
        refusal = str(refused)
    if kept := held.of(plan, now=timezone.now()):
        messages.error(request, refusal)
        return redirect("desk:hold", kept.key)
    return _page(request, plan, refusal=refusal, chosen=form.cleaned_data["strategy"])


def _chosen(
    request: HttpRequest, plan: TreatmentPlan, form: ProposalChoiceForm
) -> Chosen:
    asked = PreferencesForm(request.GET, first_allowed=date.min)
    return Chosen(
        sessions=[proposals.read_back(row) for row in form.proposal(plan)],
        key=form.cleaned_data["key"],
        strategy=form.cleaned_data["strategy"],
        wishes=asked.wishes() if asked.is_valid() else None,
    )


def _book(request: HttpRequest, plan: TreatmentPlan, chosen: Chosen) -> HttpResponse:
    user, now = current_user(request), timezone.now()

    def book() -> SeriesBooking:
        return series.book(
            plan,
            chosen.sessions,
            key=chosen.key,
            strategy=chosen.strategy,
            actor=user,
            now=now,
            avoid=chosen.avoid,
        )

    if REVIEW not in request.POST:
        return redirect("desk:series-booked", book().key)
    wish = chosen.review_wish
    booked = reviews.with_series(book, actor=user, now=now, wish=wish)
    return redirect("desk:series-booked", booked.key)


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
        "decisions",
        Prefetch("areas", PlanArea.objects.select_related("area")),
        "patient__away_dates",
    )
    plan = get_object_or_404(plans, pk=plan_id)
    sealed.open_up(plan.protocol)
    return plan


def _page(
    request: HttpRequest, plan: TreatmentPlan, *, refusal: str = "", chosen: str = ""
) -> HttpResponse:
    """The series screen, with a fresh key; 422 where it has to say no."""
    asked = _asked(request, plan, now := timezone.now())
    context: dict[str, Any] = {
        **asked,
        "plan": plan,
        "key": uuid4(),
        "refusal": refusal,
        "touched": _touched(request),
        "can_be_kept": plan.is_approved or plan.is_waiting,
        **review_too(request, plan),
        "hold_minutes": settings.HOLD_MINUTES,
    }
    if asked["form"].is_valid():
        way = chosen or request.GET.get("way", "")
        answer = proposals.propose(
            plan, asked["form"].wishes(), now=now, running=asked["waits"], way=way
        )
        for proposal in answer.proposals:
            proposal.signed = sign(proposal.sealed(), plan)
        context |= {"answer": answer, "chosen": answer.chosen(way)}
    status = 422 if refusal or asked["form"].errors else 200
    return render(request, "desk/series_propose.html", context, status=status)


def review_too(request: HttpRequest, plan: TreatmentPlan) -> dict[str, bool]:
    """Whether a look at the result may be booked with the series, and is wished for."""
    return {
        "offers_review": reviews.may_offer(plan),
        "wants_review": request.method != "POST" or REVIEW in request.POST,
    }


def _problem(request: HttpRequest, plan: TreatmentPlan) -> Asked | None:
    """What the address asks of the diary; None where it makes no sense."""
    now = timezone.now()
    asked = _asked(request, plan, now)
    if not asked["form"].is_valid():
        return None
    return ask(plan, asked["form"].wishes(), now=now, running=asked["waits"])


def _asked(request: HttpRequest, plan: TreatmentPlan, now: datetime) -> dict[str, Any]:
    """The preferences of the address, the first day they allow, and what waits."""
    running = waits.of(plan, now=now)
    tomorrow = now.astimezone(plan.location.zone).date() + timedelta(days=1)
    first = max(tomorrow, running.until or tomorrow)
    form = PreferencesForm(_preferences(request.GET, plan, first), first_allowed=first)
    return {"form": form, "first_allowed": first, "waits": running}


def _touched(request: HttpRequest) -> str:
    """The session whose link was followed, so that the focus can go back there."""
    link = request.headers.get("HX-Trigger", "")
    return link.rpartition("-session-")[2].partition("-")[0] if link else ""


def _preferences(query: QueryDict, plan: TreatmentPlan, first: date) -> QueryDict:
    """What was asked for in the address, or what most people would ask for."""
    if "days" in query or "earliest" in query:
        return query
    usual = query.copy()
    usual["earliest"] = first.isoformat()
    usual.setlist("days", ["0", "1", "2", "3", "4"])
    usual["arrive_from"], usual["arrive_until"] = "08:00", "17:00"
    usual["policy"] = "anyone"
    for row, away in enumerate(plan.patient.away_dates.all()[:AVOID_ROWS], start=1):
        usual[f"avoid_{row}_first"] = away.first_day.isoformat()
        usual[f"avoid_{row}_last"] = away.last_day.isoformat()
        usual[f"avoid_{row}_label"] = away.label
    return usual
