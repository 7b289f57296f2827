"""The diary: a day or a week as a page, as data and as a sheet to print."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings.forms.looking import address_of
from bookings.services import patients
from bookings.services.daybook import agenda, feed, reading, sheet
from bookings.services.daybook.asked import By, Extent
from bookings.services.daybook.blocks import Block
from bookings.services.daybook.feed import Daybook
from bookings.views.desk import day_links, looking, moves
from clinic.models import Location
from clinic.sheets import csv_response, is_wanted
from clinic.views import current_user

SEES = permission_required("bookings.view_appointment", raise_exception=True)
PAPER = {
    "by": By.PRACTITIONERS,
    "extent": Extent.DAY,
    "treatment": "",
    "initials": False,
}
NO_PLACE = "desk/day_empty.html"


@require_safe
@SEES
def day(request: HttpRequest) -> HttpResponse:
    """Show a local day or week at one location: the address says which, and how."""
    locations = looking.places()
    if not locations:
        return render(request, NO_PLACE)
    if is_wanted(request):
        return _file(request, _book(request, locations, initials=False))
    book = _book(request, locations)
    looking.keep(request, book.rows.asked)
    return render(request, "desk/day.html", _page(request, book, locations))


@require_safe
@SEES
def day_feed(request: HttpRequest) -> HttpResponse:
    """The diary as data; 304 where the browser has this version already."""
    locations = looking.places()
    if not locations:
        return JsonResponse({"columns": [], "blocks": [], "off": []}, status=404)
    contents = feed.feed_of(_book(request, locations), _link)
    tag = f'"{contents["version"]}"'
    unchanged = tag in request.headers.get("If-None-Match", "")
    response = HttpResponse(status=304) if unchanged else JsonResponse(contents)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Updated"] = contents["updated"]
    return response


@require_safe
@SEES
def day_sheet(request: HttpRequest) -> HttpResponse:
    """One day on paper, a page for each practitioner; names in full, so it is logged."""
    locations = looking.places()
    if not locations:
        return render(request, NO_PLACE)
    book = _book(request, locations, **PAPER)
    pages = sheet.sheet_of(book)
    seen = [line.entry.row for page in pages for line in page.lines if line.entry]
    _log(request, seen, "day sheet")
    asked = book.rows.asked
    back = looking.address("desk:day", asked, span="day")
    context = {"pages": pages, "asked": asked, "book": book, "back": back}
    return render(request, "desk/day_sheet.html", context)


def _book(request: HttpRequest, locations: list[Location], **changes: Any) -> Daybook:
    now = timezone.now()
    asked = looking.asked_by(request, locations, now=now)
    rows = reading.read(replace(asked, **changes), now=now)
    return feed.daybook_of(rows)


def _link(block: Block) -> str:
    """Where a block leads: its appointment, or for an offered time the waiting list."""
    if block.appointment is None:
        return reverse("desk:waiting")
    return reverse("desk:appointment", args=[block.appointment])


def _file(request: HttpRequest, book: Daybook) -> HttpResponse:
    """The list as a file; it has phone numbers in it, so it is logged."""
    asked = book.rows.asked
    _log(request, [entry.row for entry in book.entries], "list of the day as a file")
    name = f"diary-{asked.location.slug}-{asked.first.isoformat()}"
    return csv_response(name, *agenda.table(book.entries))


def _log(request: HttpRequest, rows: list[Any], what: str) -> None:
    """Remember once for each patient who is in `rows`."""
    seen = {row.patient_id: row.patient for row in rows}
    patients.log_accesses(current_user(request), seen.values(), what)


def _page(
    request: HttpRequest, book: Daybook, locations: list[Location]
) -> dict[str, Any]:
    asked = book.rows.asked
    return {
        "book": book,
        "asked": asked,
        "address": address_of(asked),
        "location": asked.location,
        "day": asked.day,
        "today": book.rows.local_now.date(),
        "agenda": agenda.agenda_of(book),
        "is_list": request.GET.get("view") == "list",
        "feed_url": looking.address("desk:day-feed", asked),
        "moving": moves.strip(request, asked.day),
        "links": day_links.links_of(request, book, locations),
    }
