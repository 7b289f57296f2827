"""Following a request by the link in its letter: how it stands, changing it, an end."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bookings.forms.public.changing import ChangeForms, stay_of
from bookings.forms.public.health import HealthForm
from bookings.models import ConsultationRequest, RequestStatus
from bookings.services import chosen_times, links
from bookings.services.enquiries import following
from bookings.services.links import LinkRefused, Purpose
from bookings.services.refusals import BookingRefused

View = Callable[..., HttpResponse]


def request_linked(view: View) -> View:
    """Call `view(request, row, token)`; 404 with a plain word where the link opens nothing."""

    @login_not_required
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        try:
            opened = links.opened(Purpose.REQUEST, token, now=timezone.now())
        except LinkRefused:
            return render(request, "public/request_no_link.html", status=404)
        return view(request, cast(ConsultationRequest, opened), token)

    return guarded


@require_safe
@request_linked
def follow(request: HttpRequest, row: ConsultationRequest, token: str) -> HttpResponse:
    """How the request stands, what was told, and what can be done."""
    row = chosen_times.with_all(row)
    times = chosen_times.shown(row, now=timezone.now())
    return _page(request, "follow", row, token, shown=times)


@require_http_methods(["GET", "HEAD", "POST"])
@request_linked
def change(request: HttpRequest, row: ConsultationRequest, token: str) -> HttpResponse:
    """What one would like, again; then the health questions that this brings up."""
    if not following.followed(row).may_change:
        return redirect("public:request-follow", token)
    if request.GET.get("part") == "health":
        return _health(request, row, token)
    if request.method != "POST":
        return _page(request, "change", row, token, forms=ChangeForms.of(row, _today()))
    forms = ChangeForms.typed(dict(request.POST.lists()), _today())
    if not forms.are_valid():
        return _page(request, "change", row, token, 422, forms=forms)
    try:
        following.change(row, forms.wishes(), timezone.now())
    except BookingRefused as refusal:
        return _page(request, "change", row, token, 422, forms=forms, refusal=refusal)
    if following.unanswered(row, following.matters(row)):
        here = reverse("public:request-change", args=[token])
        return redirect(f"{here}?part=health")
    return _changed(token)


@require_http_methods(["GET", "HEAD", "POST"])
@request_linked
def withdraw(
    request: HttpRequest, row: ConsultationRequest, token: str
) -> HttpResponse:
    """Take it back, after one more look; a booked consultation is another matter."""
    if not following.followed(row).may_withdraw:
        return redirect("public:request-follow", token)
    if request.method != "POST":
        return _page(request, "withdraw", row, token)
    try:
        following.withdraw(row, now=timezone.now())
    except BookingRefused as refusal:
        return _page(request, "withdraw", row, token, 422, refusal=refusal)
    return redirect("public:request-follow", token)


def _health(request: HttpRequest, row: ConsultationRequest, token: str) -> HttpResponse:
    """Questions never answered, which need an answer, and the others for a change."""
    about = following.matters(row)
    form = HealthForm(
        dict(request.POST.lists()) if request.method == "POST" else None,
        questions=about.questions,
        today=_today(),
        needed=following.unanswered(row, about),
    )
    context: dict[str, Any] = {"form": form, "asked": list(form.asked({}))}
    if request.method != "POST":
        return _page(request, "answer", row, token, **context)
    form.tells = True
    if not form.is_valid():
        return _page(request, "answer", row, token, 422, **context)
    try:
        following.answer(row, form.given(), timezone.now())
    except BookingRefused as refusal:
        return _page(request, "answer", row, token, 422, refusal=refusal, **context)
    return _changed(token)


def _changed(token: str) -> HttpResponse:
    return redirect(f"{reverse('public:request-follow', args=[token])}?changed=1")


def _today() -> Any:
    return timezone.localdate(timezone.now())


def _page(
    request: HttpRequest,
    name: str,
    row: ConsultationRequest,
    token: str,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    context = {
        "one": following.followed(row),
        "row": row,
        "token": token,
        "stay": stay_of(row),
        "is_booked": row.status == RequestStatus.BOOKED,
        "is_changed": "changed" in request.GET,
        "visit_token": following.visit_link(row, now=timezone.now()),
        **context,
    }
    return render(request, f"public/request_{name}.html", context, status=status)
