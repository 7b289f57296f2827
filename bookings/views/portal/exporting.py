"""What the clinic keeps about me, to take away."""

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings.models import Patient
from bookings.services import patients
from bookings.services.portal import accounts, export_files, exports
from bookings.views.portal.door import patient_required


@require_safe
@patient_required
def export(request: HttpRequest, patient: Patient) -> HttpResponseBase:
    """A page that says what there is, or the file itself with `?as=zip` or `?as=json`."""
    wanted, now = request.GET.get("as"), timezone.now()
    if wanted not in ("zip", "json") or request.method == "HEAD":
        return render(request, "portal/export.html", {"patient": patient})
    patients.log_access(accounts.account_of(patient), patient, f"export as {wanted}")
    if wanted == "zip":
        pieces = export_files.as_zip(patient, now=now)
        return _sent(StreamingHttpResponse(pieces, "application/zip"), "zip")
    document = exports.as_json(patient, now=now)
    return _sent(StreamingHttpResponse(document, "application/json"), "json")


def _sent(response: StreamingHttpResponse, ending: str) -> HttpResponseBase:
    """With a name that does not say whose it is."""
    day = timezone.localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="my-record-{day}.{ending}"'
    return response
