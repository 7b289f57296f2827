"""Photos of a patient's skin: seen, taken, compared, handed out, put away."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from bookings.forms.photos import EraseForm, PairForm, PutAwayForm
from bookings.models import Patient, Photo
from bookings.services import patients
from bookings.services.photos import agreed, comparing, putting_away, showing
from bookings.services.photos import sheets as contact_sheets
from bookings.services.refusals import BookingRefused
from clinic.views import current_user

VIEW, CHANGE = "bookings.view_photo", "bookings.change_photo"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, noimageindex",
    "Referrer-Policy": "no-referrer",
}
# A page with addresses that run out is never shown from a browser's memory.
fresh = cache_control(private=True, no_store=True)


@require_safe
@permission_required(VIEW, raise_exception=True)
@fresh
def photos(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Every photo of a patient over time, and what is missing."""
    person = get_object_or_404(Patient.objects.current(), pk=patient_id)
    return _sheets(request, person)


@require_safe
@permission_required(VIEW, raise_exception=True)
@fresh
def photo(request: HttpRequest, photo_id: int) -> HttpResponse:
    """One photo as large as the screen allows, and what is known of it."""
    return _one(request, _shown(photo_id))


@require_POST
@permission_required(CHANGE, raise_exception=True)
@fresh
def photo_hide(request: HttpRequest, photo_id: int) -> HttpResponse:
    """Put one photo away with the reason; the second of two people is told."""
    row = get_object_or_404(Photo.objects.select_related("patient"), pk=photo_id)
    form = PutAwayForm(request.POST)
    if form.is_valid():
        try:
            putting_away.put_away(
                row,
                **form.cleaned_data,
                actor=current_user(request),
                now=timezone.now(),
            )
        except BookingRefused as refusal:
            return _sheets(request, row.patient, refusal=str(refusal))
        messages.success(request, _("Put away, with the reason."))
        return redirect("review:photos", row.patient_id)
    return _one(request, _shown(photo_id), form=form)


@require_POST
@permission_required(CHANGE, raise_exception=True)
@fresh
def photos_erase(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Erase the files of a patient who took the consent to photos back."""
    person = get_object_or_404(Patient.objects.current(), pk=patient_id)
    form = EraseForm(request.POST)
    if not form.is_valid():
        return _sheets(request, person, erase=form)
    why, actor = form.cleaned_data["why"], current_user(request)
    try:
        count = putting_away.erase_all(person, why=why, actor=actor, now=timezone.now())
    except BookingRefused as refusal:
        return _sheets(request, person, erase=form, refusal=str(refusal))
    said = ngettext(
        "The files of %(count)d photo are erased.",
        "The files of %(count)d photos are erased.",
        count,
    )
    messages.success(request, said % {"count": count})
    return redirect("review:photos", person.pk)


@require_safe
@permission_required(VIEW, raise_exception=True)
def photo_file(request: HttpRequest, photo_id: int, token: str) -> FileResponse:
    """One picture for the person whose page it stands on; it is never kept on the way."""
    try:
        opened = showing.hand_out(
            photo_id,
            token,
            request.GET.get("size", ""),
            viewer=current_user(request),
            now=timezone.now(),
        )
    except (showing.NotShown, FileNotFoundError) as lost:
        raise Http404 from lost
    return FileResponse(
        opened.file,
        as_attachment=False,
        filename=f"photo-{photo_id}{opened.ending}",
        content_type=opened.content_type,
        headers=HEADERS,
    )


def _shown(photo_id: int) -> Photo:
    try:
        return showing.find(photo_id)
    except showing.NotShown as hidden:
        raise Http404 from hidden


def _sheets(
    request: HttpRequest,
    person: Patient,
    *,
    erase: EraseForm | None = None,
    refusal: str = "",
) -> HttpResponse:
    viewer, now = current_user(request), timezone.now()
    patients.log_access(viewer, person, "photos")
    shown = list(showing.photos_of(person))
    context = {
        "patient": person,
        "consent": agreed.of(person),
        "sheets": contact_sheets.of_patient(person, shown, now=now),
        "now": now,
        "pairs": comparing.suggested(shown),
        "away": person.photos.exclude(hidden_at=None).select_related(
            "hidden_by", "area"
        ),
        "kept": putting_away.with_files(person).count(),
        "erase": erase or EraseForm(),
        "refusal": refusal,
    }
    status = 422 if erase is not None or refusal else 200
    return render(request, "review/photo_list.html", context, status=status)


def _one(
    request: HttpRequest, row: Photo, *, form: PutAwayForm | None = None
) -> HttpResponse:
    viewer, now = current_user(request), timezone.now()
    patients.log_access(viewer, row.patient, "photo page")
    context: dict[str, Any] = {
        "photo": row,
        "patient": row.patient,
        "now": now,
        "form": form or PutAwayForm(),
        "around": showing.around(row),
    }
    status = 422 if form is not None else 200
    return render(request, "review/photo_detail.html", context, status=status)


@require_safe
@permission_required(VIEW, raise_exception=True)
@fresh
def photo_compare(request: HttpRequest, patient_id: int) -> HttpResponse:
    """Two photos side by side, or one over the other."""
    person = get_object_or_404(Patient.objects.current(), pk=patient_id)
    shown = list(showing.photos_of(person))
    wanted = PairForm(request.GET).wanted()
    plan_id = wanted["plan"]
    pair = comparing.chosen(shown, wanted["before"], wanted["after"], plan_id=plan_id)
    patients.log_access(current_user(request), person, "photos compared")
    context = {
        "patient": person,
        "consent": agreed.of(person),
        "pair": pair,
        "pairs": comparing.suggested(shown, plan_id=plan_id),
        "choices": comparing.by_side(shown),
        "now": timezone.now(),
    }
    return render(request, "review/photo_compare.html", context)
