"""Consent to treatment, one for each plan, and to photos, apart."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bookings.forms.portal.consents import PhotosForm, SignForm
from bookings.models import ConsentKind, Patient, TreatmentPlan
from bookings.services import patients
from bookings.services.consenting import signing, standing, wording
from bookings.services.refusals import BookingRefused
from bookings.views.portal.door import patient_required
from clinic.views import current_user

TAKE_BACK = "take-back"


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def consent(request: HttpRequest, patient: Patient, kind: str) -> HttpResponse:
    """Show the words, take the signature, or take it back."""
    if kind == ConsentKind.PHOTOS:
        return _photos(request, patient)
    if kind != ConsentKind.TREATMENT:
        raise Http404
    if "plan" not in request.GET:
        return _only_one(patient)
    plan = _plan(patient, request.GET["plan"])
    if request.POST.get("do") == TAKE_BACK:
        return _take_back(request, patient, plan)
    return _treatment(request, patient, plan)


def _plan(patient: Patient, key: str) -> TreatmentPlan:
    """The patient's own plan; anybody else's, or none, is not found."""
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        raise Http404
    own = TreatmentPlan.objects.with_people().filter(patient=patient)
    return get_object_or_404(own, pk=int(key))


def _only_one(patient: Patient) -> HttpResponse:
    """To the one consent that is due; to the list where none is, or several are."""
    plans = TreatmentPlan.objects.with_people().filter(patient=patient)
    waiting = standing.due(patient, plans)
    if len(waiting) == 1:
        return redirect(waiting[0].path)
    return redirect("portal:documents")


def _treatment(
    request: HttpRequest, patient: Patient, plan: TreatmentPlan
) -> HttpResponse:
    """The words and the form; what was signed where it is signed."""
    now, refusal = timezone.now(), ""
    form = SignForm(request.POST if request.method == "POST" else None, patient=patient)
    if form.is_valid():
        try:
            signing.sign(plan, form.signature(), actor=current_user(request), now=now)
        except BookingRefused as refused:
            refusal = str(refused)
        else:
            messages.success(request, _("Thank you. Your consent is signed."))
            return redirect(request.get_full_path())
    patients.log_access(current_user(request), patient, "consent")
    context = _about(plan) | {"form": form, "refusal": refusal}
    status = 422 if form.is_bound else 200
    return render(request, "portal/consent.html", context, status=status)


def _about(plan: TreatmentPlan) -> dict[str, Any]:
    return {
        "plan": plan,
        "standing": standing.of_plan(plan),
        "words": wording.for_plan(plan, _language()),
    }


def _language() -> str:
    return (get_language() or "en")[:2]


def _take_back(
    request: HttpRequest, patient: Patient, plan: TreatmentPlan
) -> HttpResponse:
    try:
        signing.take_back(plan, actor=current_user(request), now=timezone.now())
    except BookingRefused as refusal:
        form = SignForm(patient=patient)
        context = _about(plan) | {"form": form, "refusal": str(refusal)}
        return render(request, "portal/consent.html", context, status=422)
    messages.success(request, _("You have taken your consent back. We will call you."))
    return redirect(request.get_full_path())


def _photos(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Yes or no to photos, whatever was said before."""
    refusal = ""
    form = PhotosForm(
        request.POST if request.method == "POST" else None, patient=patient
    )
    if form.is_valid():
        try:
            _answer(request, patient, form)
        except BookingRefused as refused:
            refusal = str(refused)
        else:
            return redirect(reverse("portal:consent", args=[ConsentKind.PHOTOS.value]))
    patients.log_access(current_user(request), patient, "consent to photos")
    context = {
        "form": form,
        "refusal": refusal,
        "last": signing.photos(patient),
        "words": wording.for_photos(_language()),
    }
    status = 422 if form.is_bound else 200
    return render(request, "portal/consent_photos.html", context, status=status)


def _answer(request: HttpRequest, patient: Patient, form: PhotosForm) -> None:
    signing.answer_photos(
        patient,
        form.signature(),
        is_given=form.is_yes,
        actor=current_user(request),
        now=timezone.now(),
    )
    said = {
        True: _("Thank you. Your yes to photos is signed."),
        False: _("Noted: no photos. Your treatment does not change."),
    }
    messages.success(request, said[form.is_yes])
