"""Setting the clinic up: the overview, and its locations, people, rooms and devices."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from bookings.forms.setup import FORMS
from bookings.services.setup import overview as overviews
from bookings.services.setup import places
from bookings.views.desk.setup_saving import PERMISSION, save
from clinic.models import Location
from clinic.stale import StaleAwareForm

METHODS = ["GET", "HEAD", "POST"]
ADDS: dict[str, Promise] = {
    "locations": _("Add a location"),
    "practitioners": _("Add a practitioner"),
    "rooms": _("Add a room"),
    "devices": _("Add a device"),
}


@require_safe
@permission_required(PERMISSION, raise_exception=True)
def setup(request: HttpRequest) -> HttpResponse:
    """Places, who and what is there, what wants attention and what is ahead."""
    now = timezone.now()
    shown = overviews.of(now=now, today=timezone.localdate(now))
    return render(request, "desk/setup_overview.html", {"shown": shown, "adds": ADDS})


@require_http_methods(METHODS)
@permission_required(PERMISSION, raise_exception=True)
def setup_add(request: HttpRequest, kind: str) -> HttpResponse:
    """Add a location, or somebody or something there; hours come next."""
    form = _form(kind)(request.POST or None, initial=_usual(request))
    if request.method == "POST" and form.is_valid():
        row = _added(form)
        if isinstance(row, Location):
            return redirect("desk:setup")
        return redirect("desk:setup-hours-change", row.pk)
    return _page(request, kind, form)


@require_http_methods(METHODS)
@permission_required(PERMISSION, raise_exception=True)
@transaction.atomic
def setup_edit(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Change one; whom that touches is shown before it is saved."""
    model = _form(kind)._meta.model
    row = get_object_or_404(model, pk=pk)
    if request.method == "POST":
        row = model._default_manager.get(pk=places.hold(row).pk)
    form = _form(kind)(request.POST or None, instance=row)
    if request.method != "POST" or not form.is_valid():
        return _page(request, kind, form)
    saving = save(request, form.save)
    if saving.is_saved:
        return redirect("desk:setup")
    return _page(request, kind, form, saving=saving)


def _form(kind: str) -> Any:
    if kind not in FORMS:
        raise Http404
    return FORMS[kind]


def _usual(request: HttpRequest) -> dict[str, Any]:
    """What the address says already: where it is to be."""
    place = request.GET.get("location", "")
    return {"location": place} if place.isdecimal() else {}


def _added(form: StaleAwareForm) -> Any:
    row = form.save(commit=False)
    if not isinstance(row, Location):
        row.code = places.free_code(row.name)
    row.save()
    return row


def _page(
    request: HttpRequest, kind: str, form: StaleAwareForm, **shown: Any
) -> HttpResponse:
    context = {
        "form": form,
        "kind": kind,
        "row": form.instance if form.instance.pk else None,
        "title": ADDS[kind],
        "back": reverse("desk:setup"),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "desk/setup_form.html", context | shown, status=status)
