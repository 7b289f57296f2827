"""Results: whose is due, and one to score and decide on."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from bookings.forms.outcomes import DecideForm, ScoreForm
from bookings.models import TreatmentPlan
from bookings.services import patients
from bookings.services.outcomes import deciding, listing, scoring, showing
from bookings.services.outcomes.showing import Page
from bookings.services.refusals import BookingRefused
from clinic.views import current_user

SEE = "bookings.view_outcomereview"
WRITE = "bookings.add_outcomereview"
A_PAGE = 25


@require_safe
@permission_required(SEE, raise_exception=True)
def outcomes(request: HttpRequest) -> HttpResponse:
    """Series that are over and wait for a word on their result, the longest first."""
    now = timezone.now()
    board = listing.board(now=now)
    page = Paginator(board.due, A_PAGE).get_page(request.GET.get("page"))
    recalls = list(listing.recalls(now=now))
    rows = [*page.object_list, *board.soon]
    seen = {row.plan.patient.pk: row.plan.patient for row in rows}
    seen |= {one.patient.pk: one.patient for one in recalls}
    patients.log_accesses(current_user(request), seen.values(), "outcomes")
    context = {"board": board, "page": page, "recalls": recalls}
    return render(request, "review/outcomes.html", context)


@require_safe
@permission_required(SEE, raise_exception=True)
def outcome(request: HttpRequest, plan_id: int) -> HttpResponse:
    """One plan's result: scores against the baseline, and what comes next."""
    plan, now = _plan(plan_id), timezone.now()
    patients.log_access(current_user(request), plan.patient, "outcome")
    shown = showing.page(plan, now=now)
    return _page(request, shown, _form(None, shown, now))


@require_POST
@permission_required(WRITE, raise_exception=True)
def outcome_score(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Keep the scores alone."""
    plan, now = _plan(plan_id), timezone.now()
    shown = showing.page(plan, now=now)
    form = ScoreForm(request.POST, scored=shown.scored, has_begun=shown.has_begun)
    if not form.is_valid():
        return _page(request, shown, _form(request, shown, now), problem=form)
    try:
        count = scoring.score(plan, form.scores(), actor=current_user(request), now=now)
    except BookingRefused as refused:
        return _page(request, shown, _form(request, shown, now), refusal=str(refused))
    words = ngettext("%(count)s score kept.", "%(count)s scores kept.", count)
    messages.success(request, words % {"count": count})
    return redirect("review:outcome", plan.pk)


@require_POST
@permission_required(WRITE, raise_exception=True)
def outcome_decide(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Sign what is decided, with the scores on the page."""
    plan, now = _plan(plan_id), timezone.now()
    shown = showing.page(plan, now=now)
    form = _form(request, shown, now)
    if not form.is_valid():
        return _page(request, shown, form, problem=form)
    try:
        decided = deciding.decide(
            plan,
            form.choice(),
            seen=form.cleaned_data["seen"],
            actor=current_user(request),
            now=now,
            scores=form.scores(),
        )
    except BookingRefused as refused:
        fresh = showing.page(_plan(plan_id), now=now)
        return _page(request, fresh, form, refusal=str(refused))
    messages.success(request, _said(decided))
    if decided.draft:
        return redirect("desk:plan", decided.draft.pk)
    return redirect("review:outcome", plan.pk)


def _said(decided: deciding.Decided) -> str:
    """What the signature did."""
    told = {"patient": decided.outcome.plan.patient}
    if decided.draft:
        words = _("Signed. This is a draft of the sessions to come for %(patient)s.")
    elif decided.outcome.recall_on:
        words = _("Signed. %(patient)s is written to when the next session is due.")
    else:
        words = _("Signed. %(patient)s’s series is finished.")
    return words % told


def _plan(plan_id: int) -> TreatmentPlan:
    rows = TreatmentPlan.objects.with_people().prefetch_related("concerns")
    return get_object_or_404(rows, pk=plan_id)


def _form(request: HttpRequest | None, shown: Page, now: datetime) -> DecideForm:
    return DecideForm(
        request.POST if request else None,
        scored=shown.scored,
        has_begun=shown.has_begun,
        plan=shown.plan,
        seen=shown.seen,
        now=now,
    )


def _page(
    request: HttpRequest,
    shown: Page,
    form: DecideForm,
    *,
    problem: ScoreForm | None = None,
    refusal: str = "",
) -> HttpResponse:
    """The page with `form`; 422 where it has to say no."""
    context = {
        "plan": shown.plan,
        "age": shown.plan.patient.age_on(shown.today),
        "shown": shown,
        "form": form,
        "problem": problem,
        "refusal": refusal,
        "may_write": current_user(request).has_perm(WRITE),
    }
    status = 422 if problem or refusal else 200
    return render(request, "review/outcome.html", context, status=status)
