"""The day's list."""

from datetime import date, datetime, timedelta

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from bookings.services import days
from clinic.models import Location


@permission_required("bookings.view_appointment", raise_exception=True)
def day(request: HttpRequest) -> HttpResponse:
    """Show one local day at one location; both are in the address."""
    locations = Location.objects.filter(is_active=True)
    location = _chosen(request, list(locations))
    if location is None:
        return render(request, "desk/day_empty.html")
    shown = _date(request.GET.get("date", ""), timezone.now(), location)
    context = {
        "locations": locations,
        "location": location,
        "day": shown,
        "previous": shown - timedelta(days=1),
        "next": shown + timedelta(days=1),
        "today": timezone.now().astimezone(location.zone).date(),
        "appointments": days.appointments(location, shown),
    }
    return render(request, "desk/day.html", context)


def _chosen(request: HttpRequest, locations: list[Location]) -> Location | None:
    wanted = request.GET.get("location", "")
    named = [place for place in locations if place.slug == wanted]
    return next(iter(named or locations), None)


def _date(text: str, now: datetime, location: Location) -> date:
    """The date asked for, or today at `location` where it is missing or no date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return now.astimezone(location.zone).date()
