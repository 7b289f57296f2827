"""The catalogue to read and to vouch for: what is published, and where it comes from."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from bookings.services.vouching import comparing, overview, shown
from bookings.services.vouching.overview import Version
from clinic.views import current_user
from treatments.models import Treatment
from treatments.services import catalogue, editing, publishing
from treatments.services.editing import CatalogueRefused

VIEW = "treatments.view_protocol"


@require_safe
@permission_required(VIEW, raise_exception=True)
def catalogue_list(request: HttpRequest) -> HttpResponse:
    """Every treatment with its current version, its draft, and what waits."""
    rows = overview.rows()
    context = {"rows": rows, "waiting": sum(row.waiting for row in rows)}
    return render(request, "review/catalogue_list.html", context)


@require_safe
@permission_required(VIEW, raise_exception=True)
def catalogue_treatment(request: HttpRequest, code: str) -> HttpResponse:
    """One version with the source of each value, and what it changed."""
    treatment = get_object_or_404(Treatment, code=code)
    versions = overview.versions(treatment)
    chosen = _chosen(versions, request.GET.get("version", ""))
    draft = editing.draft_of(treatment)
    context = {
        "treatment": treatment,
        "versions": versions,
        "version": chosen,
        "is_current": chosen is versions[0],
        "sections": (sections := shown.sections(chosen.protocol)),
        "waiting": sum(section.unconfirmed for section in sections),
        "changes": _changes(versions, chosen),
        "draft": draft,
        "draft_note": overview.last_note(draft) if draft else None,
    }
    return render(request, "review/catalogue_treatment.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(publishing.PERMISSION, raise_exception=True)
def catalogue_confirm(request: HttpRequest, code: str) -> HttpResponse:
    """Put one's name under published values, one by one or all at once."""
    treatment = get_object_or_404(Treatment, code=code)
    current = _chosen(overview.versions(treatment), "").protocol
    keys = set(request.POST.getlist("confirm"))
    refusal = ""
    if request.method == "POST":
        try:
            return _confirmed(request, treatment, keys)
        except CatalogueRefused as refused:
            refusal = str(refused)
    context: dict[str, Any] = {
        "treatment": treatment,
        "protocol": current,
        "sections": [one for one in shown.sections(current) if one.unconfirmed],
        "chosen": keys,
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    return render(request, "review/catalogue_confirm.html", context, status=status)


@require_safe
@permission_required(VIEW, raise_exception=True)
def unconfirmed_list(request: HttpRequest) -> HttpResponse:
    """List the values that nobody has vouched for, the clinic's own defaults first."""
    waiting = catalogue.unconfirmed()
    context = {
        "defaults": [value for value in waiting if value.is_clinic_default],
        "stated": [value for value in waiting if not value.is_clinic_default],
    }
    return render(request, "review/unconfirmed_list.html", context)


def _chosen(versions: list[Version], number: str) -> Version:
    """The version called `number`, or the newest; 404 where there is none."""
    found = [
        one for one in versions if not number or str(one.protocol.version) == number
    ]
    if not found:
        raise Http404
    return found[0]


def _changes(versions: list[Version], chosen: Version) -> list[comparing.Change]:
    """What `chosen` changed in the version before it; nothing for the first."""
    older = versions[versions.index(chosen) + 1 :]
    return comparing.changes(older[0].protocol, chosen.protocol) if older else []


def _confirmed(
    request: HttpRequest, treatment: Treatment, keys: set[str]
) -> HttpResponse:
    version = request.POST.get("version", "")
    read = _chosen(overview.versions(treatment), version).protocol
    actor, now = current_user(request), timezone.now()
    count = publishing.confirm(read, keys, actor=actor, now=now)
    said = ngettext("%(count)s value confirmed.", "%(count)s values confirmed.", count)
    messages.success(request, said % {"count": count})
    return redirect("review:catalogue-treatment", treatment.code)
