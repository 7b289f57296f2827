"""Reactions after sessions: the open ones first, each followed until it is closed."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from bookings.forms.reactions import ActForm, CloseForm, FilterForm, LookForm, RateForm
from bookings.models import Reaction
from bookings.services import patients
from bookings.services.reacting import board, following, signs, tracing, trail
from bookings.services.reacting.board import Row
from bookings.services.refusals import BookingRefused
from clinic import sheets
from clinic.views import current_user

SEE = "bookings.view_reaction"
RATE = "bookings.change_reaction"
CLOSE = "bookings.close_reaction"
PER_PAGE = 40
FORMS: dict[str, type[ActForm]] = {
    "rate": RateForm,
    "look": LookForm,
    "close": CloseForm,
}


@require_safe
@permission_required(SEE, raise_exception=True)
def reaction_list(request: HttpRequest) -> HttpResponse:
    """Reactions of one state, what waits for a clinician on top; CSV saves them all."""
    form, now = FilterForm(request.GET), timezone.now()
    wanted = form.wanted()
    reactions = board.listed(wanted)
    if sheets.is_wanted(request):
        return _sheet(request, board.rows_of(reactions, now=now))
    page = Paginator(reactions, PER_PAGE).get_page(request.GET.get("page"))
    rows = board.rows_of(page.object_list, now=now)
    _log(request, rows, "reactions")
    context = {
        "form": form,
        "wanted": wanted,
        "states": board.counts(wanted),
        "page": page,
        "rows": rows,
    }
    return render(request, "review/reaction_list.html", context)


@require_safe
@permission_required(SEE, raise_exception=True)
def reaction(request: HttpRequest, reaction_id: int) -> HttpResponse:
    """One reaction from the first word to the last, and what touched the skin."""
    return _page(request, _reaction(reaction_id))


@require_POST
@permission_required(RATE, raise_exception=True)
def reaction_rate(request: HttpRequest, reaction_id: int) -> HttpResponse:
    """Say how bad it is, what was advised and when somebody looks again."""
    done = gettext_lazy("Rated. It comes back on the day you gave.")
    return _act(request, reaction_id, "rate", following.rate, done)


@require_POST
@permission_required(RATE, raise_exception=True)
def reaction_look(request: HttpRequest, reaction_id: int) -> HttpResponse:
    """Note what was seen or heard since, and when somebody looks again."""
    done = gettext_lazy("Noted. It comes back on the day you gave.")
    return _act(request, reaction_id, "look", following.look_again, done)


@require_POST
@permission_required(CLOSE, raise_exception=True)
def reaction_close(request: HttpRequest, reaction_id: int) -> HttpResponse:
    """Close it with how it ended."""
    done = gettext_lazy("Closed, with how it ended.")
    return _act(request, reaction_id, "close", following.close, done)


def _reaction(reaction_id: int) -> Reaction:
    return get_object_or_404(board.with_people(Reaction.objects.all()), pk=reaction_id)


def _act(
    request: HttpRequest,
    reaction_id: int,
    name: str,
    do: Callable[..., None],
    done: Promise,
) -> HttpResponse:
    """Do it, or show the page as it stands by now with what was typed and why not."""
    found, now = _reaction(reaction_id), timezone.now()
    form = FORMS[name](request.POST, reaction=found, today=localdate(now))
    if not form.is_valid():
        return _page(request, found, typed={name: form})
    try:
        do(found, **form.cleaned_data, actor=current_user(request), now=now)
    except BookingRefused as refused:
        fresh = _reaction(reaction_id)
        form.renewed(fresh)
        return _page(request, fresh, typed={name: form}, refusal=str(refused))
    messages.success(request, str(done))
    return redirect("review:reaction", found.pk)


def _page(
    request: HttpRequest,
    found: Reaction,
    *,
    typed: dict[str, ActForm] | None = None,
    refusal: str = "",
) -> HttpResponse:
    now = timezone.now()
    [row] = board.rows_of([found], now=now)
    _log(request, [row], "reaction")
    context: dict[str, Any] = {
        "row": row,
        "trail": trail.of(row),
        "forms": _forms(found, typed or {}),
        "typed": list(typed or {}),
        "refusal": refusal,
        "means": signs.MEANS,
    }
    if request.user.has_perm("bookings.view_sessionrecord"):
        context["touch"] = tracing.of_session(row.session)
    status = 422 if typed else 200
    return render(request, "review/reaction_detail.html", context, status=status)


def _forms(found: Reaction, typed: dict[str, ActForm]) -> dict[str, ActForm]:
    """A form for each thing that can be done, with what was typed into one."""
    today = localdate()
    return {
        name: typed.get(name) or kind(reaction=found, today=today)
        for name, kind in FORMS.items()
    }


def _log(request: HttpRequest, rows: list[Row], what: str) -> None:
    seen = {row.patient.pk: row.patient for row in rows}
    patients.log_accesses(current_user(request), seen.values(), what)


def _sheet(request: HttpRequest, rows: list[Row]) -> HttpResponse:
    _log(request, rows, "reactions saved")
    head = (
        _("Reported"),
        _("Patient"),
        _("Treatment"),
        _("Session"),
        _("Performed"),
        _("Severity"),
        _("Signs"),
        _("State"),
        _("Look again on"),
        _("Closed"),
    )
    return sheets.csv_response("reactions", head, _cells(rows))


def _cells(rows: list[Row]) -> Iterator[tuple[object, ...]]:
    for row in rows:
        told, session = row.reaction, row.session
        zone = session.location.zone
        yield (
            f"{told.reported_at.astimezone(zone):%Y-%m-%d %H:%M}",
            row.patient,
            session.plan.protocol.treatment if session.plan else "",
            session.number,
            session.anchor_date,
            told.get_severity_display(),
            ", ".join(row.signs),
            row.state_words,
            told.follow_up_on,
            f"{told.closed_at.astimezone(zone):%Y-%m-%d}" if told.closed_at else "",
        )
