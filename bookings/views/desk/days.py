"""The diary: a day or a week as a page, as data and as a sheet to print."""

from datetime import date, datetime, timedelta

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings.services import days
from bookings.services.daybook import feed, reading
from bookings.services.daybook.blocks import Block
from bookings.views.desk import looking
from clinic.models import Location

SEES = permission_required("bookings.view_appointment", raise_exception=True)


@require_safe
@SEES
def day_feed(request: HttpRequest) -> HttpResponse:
    """The diary as data; 304 where the browser has this version already."""
    locations = looking.places()
    if not locations:
        return JsonResponse({"columns": [], "blocks": [], "off": []}, status=404)
    now = timezone.now()
    rows = reading.read(looking.asked_by(request, locations, now=now), now=now)
    contents = feed.feed_of(feed.daybook_of(rows), _link)
    tag = f'"{contents["version"]}"'
    unchanged = tag in request.headers.get("If-None-Match", "")
    response = HttpResponse(status=304) if unchanged else JsonResponse(contents)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Updated"] = contents["updated"]
    return response


def _link(block: Block) -> str:
    """Where a block leads: its appointment, or for an offered time the waiting list."""
    if block.appointment is None:
        return reverse("desk:waiting")
    return reverse("desk:appointment", args=[block.appointment])


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
