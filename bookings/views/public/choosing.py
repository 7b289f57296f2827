"""Choosing a time for the consultation by the link of a letter: one look, one click."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings.models import ConsultationRequest
from bookings.services import chosen_times
from bookings.services.chosen_times import Choice, TimeLost
from bookings.services.refusals import BookingRefused
from bookings.views.public.following import request_linked


@require_http_methods(["GET", "HEAD", "POST"])
@request_linked
def request_choose(
    request: HttpRequest, row: ConsultationRequest, token: str
) -> HttpResponse:
    """Show the times on offer, the one of the link first; a click books it."""
    if request.method == "POST":
        return _choose(request, row, token)
    choice = chosen_times.named(row, request.GET.get("time", ""))
    return _page(request, row, token, choice=choice)


def _choose(request: HttpRequest, row: ConsultationRequest, token: str) -> HttpResponse:
    """Book what was clicked; a time that is lost is answered with the nearest free."""
    choice = chosen_times.named(row, request.POST.get("time", ""))
    if choice is None:
        return _page(request, row, token, refusal=_("Choose one of the times."))
    try:
        chosen_times.choose(row, choice, now=timezone.now())
    except TimeLost as lost:
        return _page(request, row, token, refusal=str(lost), nearest=lost.nearest)
    except BookingRefused as refused:
        return _page(request, row, token, refusal=str(refused))
    return redirect(reverse("public:request-choose", args=[token]))


def _page(
    request: HttpRequest,
    row: ConsultationRequest,
    token: str,
    *,
    choice: Choice | None = None,
    refusal: str = "",
    nearest: list[Choice] | None = None,
) -> HttpResponse:
    now, row = timezone.now(), chosen_times.with_all(row)
    context = {
        "row": row,
        "token": token,
        "refusal": refusal,
        "is_lost": nearest is not None,
        "booked": chosen_times.booked_as(row, now=now),
        "shown": chosen_times.shown(row, now=now, first=choice, nearest=nearest),
    }
    status = 422 if refusal else 200
    return render(request, "public/request_choose.html", context, status=status)
