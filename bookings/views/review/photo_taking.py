"""Photos being taken: many at once, each for its side of the skin."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from bookings.forms.photos import ShotsForm
from bookings.models import Patient, Photo
from bookings.services import patients
from bookings.services.photos import agreed, keeping, shots, slots
from bookings.services.photos.shots import Occasion
from bookings.services.refusals import BookingRefused
from clinic.views import current_user

ADD = "bookings.add_photo"


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not kept: its name as it came, and why."""

    name: str
    why: str


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(ADD, raise_exception=True)
@cache_control(private=True, no_store=True)
def photo_add(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Take photos side by side of the skin; what cannot be kept is named, with why."""
    person = get_object_or_404(Patient.objects.current(), pk=patient_id)
    now = timezone.now()
    found = shots.occasions(person, now=now)
    if request.method != "POST":
        form = ShotsForm(occasions=found, initial=_initial(request, person, found, now))
        return _page(request, person, form)
    form = ShotsForm(request.POST, request.FILES, occasions=found)
    if not form.is_valid():
        return _page(request, person, form)
    kept, refused = _keep(request, person, form, now)
    if refused:
        return _page(request, person, form, kept=kept, refused=refused)
    messages.success(request, _told(len(kept)))
    return redirect("review:photos", person.pk)


def _keep(
    request: HttpRequest, person: Patient, form: ShotsForm, now: datetime
) -> tuple[list[Photo], list[Refused]]:
    """Keep each photo by itself, so that one bad file costs no other."""
    kept, refused = [], []
    for angle, upload in form.uploads():
        try:
            actor, shot = current_user(request), form.shot(angle)
            kept.append(keeping.keep(person, upload, shot, actor=actor, now=now))
        except BookingRefused as refusal:
            refused.append(Refused(upload.name or "", str(refusal)))
    return kept, refused


def _told(count: int) -> str:
    said = ngettext("%(count)d photo is kept.", "%(count)d photos are kept.", count)
    return said % {"count": count}


def _initial(
    request: HttpRequest, person: Patient, found: list[Occasion], now: datetime
) -> Mapping[str, Any]:
    """What the address asks for, else what a photo taken now is most likely of."""
    codes = {one.code: one for one in found}
    about = codes.get(request.GET.get("about", "")) or shots.usual(found, now=now)
    return {
        "about": about.code,
        "area": request.GET.get("area") or shots.area_of(about),
    }


def _page(
    request: HttpRequest,
    person: Patient,
    form: ShotsForm,
    *,
    kept: list[Photo] | None = None,
    refused: list[Refused] | None = None,
) -> HttpResponse:
    patients.log_access(current_user(request), person, "photo form")
    area = str(form["area"].value() or "")
    context = {
        "patient": person,
        "consent": agreed.of(person),
        "form": form,
        "slots": slots.of(person, area, first=request.GET.get("angle", "")),
        "kept": _told(len(kept)) if kept else "",
        "refused": refused or (),
        "now": timezone.now(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "review/photo_form.html", context, status=status)
