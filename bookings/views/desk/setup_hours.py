"""The hours of a resource: as they are, as they will be, and changing them."""

from datetime import date
from typing import Any, cast

from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bookings.forms.setup_hours import (
    WeekForm,
    copied,
    grid_of,
    seal,
    size_of,
    starts_on,
)
from bookings.services.refusals import BookingRefused
from bookings.services.setup import places, weeks
from bookings.services.setup.effects import Saving
from bookings.views.desk.setup_saving import PERMISSION, save
from clinic.models import Resource


@require_safe
@permission_required(PERMISSION, raise_exception=True)
def hours(request: HttpRequest, resource_id: int) -> HttpResponse:
    """The week as it is worked now, and every change that is planned."""
    row = _resource(resource_id)
    found = weeks.periods(list(row.hours.all()), _today(row))
    context = {"resource": row, "periods": found}
    return render(request, "desk/setup_hours.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(PERMISSION, raise_exception=True)
@transaction.atomic
def hours_change(request: HttpRequest, resource_id: int) -> HttpResponse:
    """Give another week from a day on, or for some days; who is touched comes first."""
    row = _resource(resource_id)
    if request.method != "POST":
        return _page(request, row, _asked(request, row))
    if "save" not in request.POST:
        return _page(request, row, _reworked(request))
    places.hold(row)
    form = WeekForm(request.POST, size=size_of(request.POST))
    saving = None
    if form.is_valid() and _is_fresh(form, row):
        saving = _saved(request, row, form)
    if saving and saving.is_saved:
        return redirect("desk:setup-hours", row.pk)
    return _page(request, row, form, saving)


def _resource(resource_id: int) -> Resource:
    rows = Resource.objects.select_related("location").prefetch_related("hours")
    return get_object_or_404(rows, pk=resource_id)


def _today(row: Resource) -> date:
    return timezone.localdate(timezone=row.location.zone)


def _asked(request: HttpRequest, row: Resource) -> WeekForm:
    """An empty form with the week of the day that the address names."""
    first = starts_on(request.GET.get("from", ""), _today(row))
    like = starts_on(request.GET.get("like", ""), _today(row))
    rows = list(row.hours.all())
    week = weeks.week_on(rows, like if "like" in request.GET else first)
    initial = grid_of(week) | {"first": first if rows else _today(row)}
    initial |= {"last": request.GET.get("until", ""), "seen": seal(row.hours)}
    return WeekForm(initial=initial, size=size_of(initial))


def _reworked(request: HttpRequest) -> WeekForm:
    """The form as typed, with a day copied to others, or with room for more shifts."""
    data = {name: request.POST[name] for name in request.POST}
    if "copy" in request.POST:
        source = _day(request.POST.get("source", ""))
        targets = [_day(text) for text in request.POST.getlist("target")]
        data = copied(data, source, [day for day in targets if day != source])
    return WeekForm(initial=data, size=size_of(data) + ("more" in request.POST))


def _day(text: str) -> int:
    return int(text) if text in tuple("0123456") else 0


def _is_fresh(form: WeekForm, row: Resource) -> bool:
    """Whether nobody else changed the hours; if somebody did, say so once."""
    now = seal(row.hours)
    if form.cleaned_data["seen"] == now:
        return True
    data = cast(QueryDict, form.data).copy()
    data["seen"] = now
    form.data = data
    form.add_error(
        None,
        _(
            "Somebody else saved these hours meanwhile. Theirs are shown below; yours "
            "are kept in the grid. Save again to put yours in their place."
        ),
    )
    return False


def _saved(request: HttpRequest, row: Resource, form: WeekForm) -> Saving | None:
    data, week = form.cleaned_data, form.week()

    def change() -> None:
        weeks.set_week(
            row, week, first=data["first"], last=data["last"], today=_today(row)
        )

    try:
        return save(request, change)
    except BookingRefused as refused:
        form.add_error("first", str(refused))
        return None


def _page(
    request: HttpRequest, row: Resource, form: WeekForm, saving: Saving | None = None
) -> HttpResponse:
    now = weeks.periods(list(row.hours.order_by("pk")), _today(row))
    context: dict[str, Any] = {
        "resource": row,
        "form": form,
        "periods": now,
        "saving": saving,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "desk/setup_hours_form.html", context, status=status)
