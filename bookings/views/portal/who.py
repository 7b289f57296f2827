"""Whose plan to look at, where one mailbox speaks for several people."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings.models import Patient
from bookings.views.portal import door
from bookings.views.portal.signing_in import home_of, ours


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@never_cache
def who(request: HttpRequest) -> HttpResponse:
    """Choose a person; nobody but those of the mailbox is ever named."""
    people = door.people_of(request)
    if not people:
        return redirect("portal:sign-in")
    if request.method == "POST":
        patient = _chosen(request, people)
        request.session[door.CHOSEN] = patient.pk
        return redirect(home_of(patient, ours(request)))
    context = {
        "people": people,
        "chosen": door.chosen(request, people),
        "next": ours(request),
    }
    return render(request, "portal/who.html", context)


def _chosen(request: HttpRequest, people: list[Patient]) -> Patient:
    wanted = request.POST.get("patient", "")
    for one in people:
        if str(one.pk) == wanted:
            return one
    raise Http404
