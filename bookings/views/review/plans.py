"""The clinicians' queue, and one plan to sign, return or decline."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings.forms.reviews import DeclineForm, NoteForm, ReviewForm
from bookings.models import PlanReview, TreatmentPlan
from bookings.services import (
    patients,
    plans,
    queue,
    ribbons,
    screening,
    shapes,
    verdicts,
)
from bookings.services.consenting import standing
from bookings.services.holding import held, pencils
from bookings.services.outcomes import reviews
from bookings.services.refusals import BookingRefused
from bookings.services.reviewing import (
    company,
    deciding,
    earlier,
    signatures,
    since,
)
from bookings.services.setup import devices
from clinic.views import current_user
from treatments.suitability import Verdict

REVIEW = "bookings.review_treatmentplan"


@require_safe
@permission_required(REVIEW, raise_exception=True)
def plan_list(request: HttpRequest) -> HttpResponse:
    """Plans that wait for a signature, the longest wait first."""
    rows = _queue(request, timezone.now())
    return render(request, "review/plan_list.html", {"rows": rows})


@require_safe
@permission_required(REVIEW, raise_exception=True)
def plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show one plan with its verdict, its open decisions and its protocol."""
    shown = _plan(plan_id)
    return _page(request, shown)


@require_POST
@permission_required(REVIEW, raise_exception=True)
def plan_approve(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Sign the version on the page with its decisions."""
    shown = _plan(plan_id)
    form = _form(request, shown, request.POST)
    if not form.is_valid():
        return _page(request, shown, form=form)

    user, now = current_user(request), timezone.now()

    def approve() -> PlanReview:
        return plans.approve(
            shown,
            version=form.cleaned_data["version"],
            actor=user,
            now=now,
            decisions=form.decided(),
            areas=form.settings(),
            note=form.cleaned_data["note"],
        )

    def sign() -> PlanReview:
        return reviews.with_signature(approve, actor=user, now=now)

    return _decide(request, shown, form, sign, _signed)


@require_POST
@permission_required(REVIEW, raise_exception=True)
def plan_return(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Send the plan back to the desk with what has to change."""
    shown = _plan(plan_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, shown, form=form)

    def send_back() -> PlanReview:
        return plans.send_back(
            shown,
            version=form.cleaned_data["version"],
            actor=current_user(request),
            now=timezone.now(),
            note=form.cleaned_data["note"],
        )

    done = _("Returned. The desk sees your note on %(patient)s’s plan.")
    return _decide(request, shown, form, send_back, lambda _review: done)


@require_POST
@permission_required(REVIEW, raise_exception=True)
def plan_decline(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Decline the plan, with the reason."""
    shown = _plan(plan_id)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _page(request, shown, form=form)

    def decline() -> PlanReview:
        return plans.decline(
            shown,
            version=form.cleaned_data["version"],
            actor=current_user(request),
            now=timezone.now(),
            note=form.words(),
        )

    done = _("Declined. The reason is kept with %(patient)s’s plan.")
    return _decide(request, shown, form, decline, lambda _review: done)


def _plan(plan_id: int) -> TreatmentPlan:
    found = TreatmentPlan.objects.with_people().prefetch_related(
        "concerns",
        "areas__area",
        "decisions",
        "protocol__rules",
        "protocol__phases",
        "protocol__roles",
    )
    return get_object_or_404(found, pk=plan_id)


def _form(
    request: HttpRequest,
    shown: TreatmentPlan,
    data: QueryDict | None = None,
    *,
    typed: dict[str, Any] | None = None,
) -> ReviewForm:
    """The form for what is still open: bound to `data`, or showing what was `typed`."""
    return ReviewForm(
        data,
        plan=shown,
        decisions=verdicts.open_decisions(shown, _verdict(shown, timezone.now())),
        care=deciding.milder_care(shown),
        may_override=deciding.may_override(current_user(request)),
        typed=typed,
    )


def _verdict(shown: TreatmentPlan, now: datetime) -> Verdict:
    today = now.astimezone(shown.location.zone).date()
    return screening.verdict(shown, today, now=now)


def _decide(
    request: HttpRequest,
    shown: TreatmentPlan,
    form: NoteForm,
    decide: Callable[[], PlanReview],
    done: Callable[[PlanReview], str],
) -> HttpResponse:
    """Carry the decision out; a refusal is shown with everything that was typed."""
    try:
        review = decide()
    except BookingRefused as refusal:
        return _page(request, _plan(shown.pk), form=form, refusal=str(refusal))
    messages.success(request, done(review) % {"patient": shown.patient})
    return redirect("review:queue")


def _signed(review: PlanReview) -> str:
    """What the signature did: the plan can be booked, or is, or was pencilled in vain."""
    return {
        None: _("Signed. %(patient)s’s series can be booked now."),
        True: _("Signed, and %(patient)s’s pencilled sessions are booked."),
        False: _(
            "Signed. %(patient)s’s pencilled dates no longer fit: the desk books anew."
        ),
    }[pencils.became_booked(review)]


def _page(
    request: HttpRequest,
    shown: TreatmentPlan,
    *,
    form: NoteForm | None = None,
    refusal: str = "",
) -> HttpResponse:
    """The plan with `form`, or with what `form` was given by someone who said no.

    Where another version of the plan was typed on, it is shown with the present one.
    """
    is_present = request.POST.get("version") == str(shown.version)
    full = form if is_present and isinstance(form, ReviewForm) else None
    context = _shown_with(request, shown) | {
        "problem": form,
        "refusal": refusal,
        "moved": since.opened(shown, request.POST.get("version", "")),
        "form": full or _form(request, shown, typed=request.POST.dict()),
    }
    status = 422 if form is not None else 200
    return render(request, "review/plan_detail.html", context, status=status)


def _shown_with(request: HttpRequest, shown: TreatmentPlan) -> dict[str, Any]:
    """What stands around the form: the queue, the verdict, what changed, the series."""
    now = timezone.now()
    verdict = _verdict(shown, now)
    user = current_user(request)
    patients.log_access(user, shown.patient, company.LOOK)
    rows = _queue(request, now)
    return _series(shown, verdict, now) | {
        "plan": shown,
        "rows": rows,
        "turn": queue.around(shown, rows),
        "judged": verdicts.tell(
            shown, verdict, screening.latest(shown.patient, now=now)
        ),
        "consent": standing.of_plan(shown),
        "devices": devices.of_plan(shown, now=now),
        "decline_reasons": DeclineForm.REASONS,
        "chosen_reason": request.POST.get("reason", ""),
        "company": company.others(shown, user, now=now),
        "signature": signatures.under(shown),
        "since": since.last_word(shown, verdict, now=now),
        "photos": earlier.photos(shown.patient),
        "earlier": earlier.sessions(shown.patient),
    }


def _series(shown: TreatmentPlan, verdict: Verdict, now: datetime) -> dict[str, Any]:
    """The plan's dates: pencilled, booked, or as they could be."""
    today = now.astimezone(shown.location.zone).date()
    hold, live = held.of(shown, now=now), ribbons.sessions_of(shown, now=now)
    return {
        "age": shown.patient.age_on(today),
        "shape": {
            "layer": shapes.layer_of(shown).label,
            "is_supervised": shapes.is_supervised(shown),
            "phases": shapes.phases_of(shown),
        },
        "hold": hold if hold and hold.is_pencilled else None,
        "live": live,
        "proposed": ribbons.of_plan(shown, now=now)
        if live
        else queue.proposed(shown, verdict, today=today),
    }


def _queue(request: HttpRequest, now: datetime) -> list[queue.Row]:
    """The waiting plans; each patient whose flags are seen is a look at a record."""
    rows = queue.rows(now=now)
    seen = [row.plan.patient for row in rows]
    patients.log_accesses(current_user(request), seen, "review queue")
    return rows
