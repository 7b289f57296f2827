"""Health answers and plans at the desk: ask, draft, send for review."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from bookings.forms.plans import PlanForm, contents_of
from bookings.forms.screening import AnswersForm
from bookings.models import AppointmentStatus, Message, Patient, TreatmentPlan
from bookings.services import (
    answering,
    patients,
    plans,
    queue,
    ribbons,
    screening,
    verdicts,
    waiting,
)
from bookings.services.amendments import amending
from bookings.services.holding import held
from bookings.services.refusals import BookingRefused
from bookings.services.setup import devices
from clinic.views import current_user
from treatments.models import Concern, Protocol
from treatments.suitability import Verdict


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("bookings.add_healthanswer", raise_exception=True)
def answers_record(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Ask the health questions of one treatment, which is in the address."""
    patient = get_object_or_404(Patient, pk=patient_id)
    patients.log_access(current_user(request), patient, "health answers")
    protocol = plans.protocol_to_ask(patient, request.GET.get("treatment", ""))
    context: dict[str, Any] = {
        "patient": patient,
        "treatments": plans.treatments_on_offer(),
    }
    if protocol is None:
        return render(request, "desk/answers_form.html", context)
    form = _answers_form(request, patient, protocol)
    if form.is_valid() and _record(request, patient, form):
        return redirect(_after_answers(patient, protocol))
    context |= {"protocol": protocol, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "desk/answers_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("bookings.add_treatmentplan", raise_exception=True)
def plan_draft(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Draft a plan; htmx asks for the usual number of sessions alone."""
    patient = get_object_or_404(Patient, pk=patient_id)
    if request.headers.get("HX-Target") == "sessions":
        return _usual_sessions(request)
    form = PlanForm(request.POST or None, initial=_start(request, patient))
    if form.is_valid():
        try:
            plan = plans.draft(
                patient,
                **form.contents(),
                actor=current_user(request),
                now=timezone.now(),
            )
        except BookingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("desk:plan", plan.pk)
    return _plan_form(request, patient, form)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("bookings.change_treatmentplan", raise_exception=True)
def plan_edit(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Change a draft, or a plan that a clinician returned."""
    plan = _plan(plan_id)
    patients.log_access(current_user(request), plan.patient, "plan form")
    form = PlanForm(request.POST or None, initial=contents_of(plan))
    if form.is_valid():
        try:
            plans.change(
                plan,
                version=form.cleaned_data["version"] or 0,
                **form.contents(),
                actor=current_user(request),
            )
        except BookingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("desk:plan", plan.pk)
    return _plan_form(request, plan.patient, form, plan)


@require_safe
@permission_required("bookings.view_treatmentplan", raise_exception=True)
def plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show a plan: the verdict, what is planned and booked, and the next step."""
    shown = _plan(plan_id)
    patients.log_access(current_user(request), shown.patient, "plan")
    return render(request, "desk/plan_detail.html", _context(shown))


@require_POST
@permission_required("bookings.change_treatmentplan", raise_exception=True)
def plan_submit(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Send a plan to the clinicians."""
    shown = _plan(plan_id)
    try:
        plans.submit(shown, current_user(request), timezone.now())
    except BookingRefused as refusal:
        context = {**_context(shown), "refusal": str(refusal)}
        return render(request, "desk/plan_detail.html", context, status=422)
    messages.success(request, _("Sent. A clinician will look at the plan."))
    return redirect("desk:plan", shown.pk)


def _plan(plan_id: int) -> TreatmentPlan:
    found = TreatmentPlan.objects.with_people().prefetch_related(
        "concerns", "areas__area", "decisions", "protocol__rules"
    )
    return get_object_or_404(found, pk=plan_id)


def _context(shown: TreatmentPlan) -> dict[str, Any]:
    now = timezone.now()
    today = now.astimezone(shown.location.zone).date()
    verdict = screening.verdict(shown, today, now=now)
    known = screening.latest(shown.patient, now=now)
    return _booked(shown, verdict, now) | {
        "plan": shown,
        "age": shown.patient.age_on(today),
        "judged": verdicts.tell(shown, verdict, known),
        "is_reopened": plans.is_reopened(shown, now),
        "due": shown.is_approved
        and screening.due_again(shown.protocol, shown.patient, today=today, now=now),
        "starts_on": verdicts.opens(verdict),
        "review": shown.reviews.select_related("by").first(),
        "amendment": amending.latest(shown),
        "devices": devices.of_plan(shown, now=now),
    }


def _booked(shown: TreatmentPlan, verdict: Verdict, now: datetime) -> dict[str, Any]:
    """What of the plan stands in the diary, and what is still to come of it."""
    booked = shown.appointments.exclude(status=AppointmentStatus.RELEASED).with_people()
    return {
        "appointments": booked,
        "planned_messages": Message.objects.to_come_for(shown),
        "waiting_lines": waiting.of_plan(shown, now=now),
        **_series(shown, verdict, now),
    }


def _series(shown: TreatmentPlan, verdict: Verdict, now: datetime) -> dict[str, Any]:
    """The plan's dates: those that stand or are held, else what they could be."""
    today = now.astimezone(shown.location.zone).date()
    live = ribbons.sessions_of(shown, now=now)
    return {
        "live": live,
        "hold": held.of(shown, now=now),
        "pencilled_before": held.last_pencil(shown),
        "unbooked": shown.session_count > len(live),
        "series": ribbons.of_plan(shown, now=now)
        if live
        else queue.proposed(shown, verdict, today=today),
    }


def _answers_form(
    request: HttpRequest, patient: Patient, protocol: Protocol
) -> AnswersForm:
    now = timezone.now()
    return AnswersForm(
        request.POST or None,
        questions=screening.questions_for(protocol),
        known=screening.latest(patient, now=now),
        due=screening.due_again(
            protocol, patient, today=timezone.localdate(now), now=now
        ),
    )


def _record(request: HttpRequest, patient: Patient, form: AnswersForm) -> bool:
    try:
        answering.take_down(
            patient, form.given(), actor=current_user(request), now=timezone.now()
        )
    except BookingRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _after_answers(patient: Patient, protocol: Protocol) -> str:
    """The plan that these answers are for, or a new one for this treatment."""
    if plan := plans.in_hand(patient, protocol.treatment):
        return reverse("desk:plan", args=[plan.pk])
    address = reverse("desk:plan-draft", args=[patient.pk])
    return f"{address}?{urlencode({'treatment': protocol.treatment.code})}"


def _plan_form(
    request: HttpRequest,
    patient: Patient,
    form: PlanForm,
    plan: TreatmentPlan | None = None,
) -> HttpResponse:
    protocol = plans.protocol_named(str(form["treatment"].value()))
    context = {
        "patient": patient,
        "plan": plan,
        "form": form,
        "usual": plans.usual_counts(protocol) if protocol else (),
        "sessions_url": reverse("desk:plan-draft", args=[patient.pk]),
    }
    status = 422 if form.is_bound else 200
    return render(request, "desk/plan_form.html", context, status=status)


def _start(request: HttpRequest, patient: Patient) -> dict[str, Any]:
    """What a new plan most likely holds."""
    start: dict[str, Any] = {"treatment": request.GET.get("treatment", "")}
    if patient.location:
        start["location"] = patient.location.slug
    if protocol := plans.protocol_named(start["treatment"]):
        start["session_count"] = plans.usual_count(protocol, ())
    return start


def _usual_sessions(request: HttpRequest) -> HttpResponse:
    """The number of sessions that is usual for what is chosen so far."""
    protocol = plans.protocol_named(request.GET.get("treatment", ""))
    concerns = Concern.objects.filter(code__in=request.GET.getlist("concerns"))
    count = plans.usual_count(protocol, concerns) if protocol else None
    context = {
        "form": PlanForm(initial={"session_count": count}),
        "usual": plans.usual_counts(protocol) if protocol else (),
    }
    return render(request, "desk/_plan_sessions.html", context)
