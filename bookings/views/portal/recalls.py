"""A patient whose series is over asks for another session, by the link in a letter."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from bookings.forms.portal.visits import AskForm
from bookings.models import TreatmentPlan
from bookings.services.links import Purpose
from bookings.services.outcomes import asked
from bookings.services.portal.asking import What
from bookings.views.portal.door import link_required


@require_http_methods(["GET", "HEAD", "POST"])
@link_required(Purpose.RECALL)
def recall(request: HttpRequest, plan: TreatmentPlan) -> HttpResponse:
    """When it would suit; opening the page alone changes nothing."""
    now = timezone.now()
    form = AskForm(request.POST or None, what=What.NEW)
    is_open = not asked.open_wish(plan) and not asked.is_booked(plan, now=now)
    if is_open and form.is_valid():
        asked.ask(plan, form.wish(), now=now)
        return redirect(request.path)
    context: dict[str, Any] = {
        "plan": plan,
        "location": plan.location,
        "form": form,
        "is_asked": asked.open_wish(plan) is not None,
        "is_booked": asked.is_booked(plan, now=now),
        "account": reverse("portal:plan"),
    }
    status = 422 if is_open and form.errors else 200
    return render(request, "portal/recall.html", context, status=status)
