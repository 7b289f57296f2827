"""Whole days on which the clinic, a place or a resource is closed; Ontario's holidays."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import holidays
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.services.refusals import BookingRefused
from clinic.models import Closure, ClosureKind, Location

LONGEST = 366  # days; what is closed for longer is taken out of use
PAST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A public holiday of Ontario; `is_there` where the clinic is closed then anyway."""

    day: date
    name: str
    is_there: bool


def ahead(today: date) -> QuerySet[Closure]:
    """Closures that are not over on the local day `today`, in order."""
    return _listed().filter(last_day__gte=today)


def past(today: date) -> QuerySet[Closure]:
    """The latest closures that are over."""
    return _listed().filter(last_day__lt=today).order_by("-first_day")[:PAST_SHOWN]


def _listed() -> QuerySet[Closure]:
    rows = Closure.objects.select_related("location", "resource__location")
    return rows.order_by("first_day", "pk")


def suggestions(today: date) -> list[Suggestion]:
    """Ontario's public holidays from `today` to the end of next year."""
    years = (today.year, today.year + 1)
    days = holidays.country_holidays("CA", subdiv="ON", years=years, language="en_CA")
    clinic = Closure.objects.touching(today, date(years[1], 12, 31))
    rows = list(clinic.filter(location=None, resource=None))
    return [
        Suggestion(day, name, any(row.first_day <= day <= row.last_day for row in rows))
        for day, name in sorted(days.items())
        if day >= today
    ]


def add_holidays(chosen: Collection[date], *, today: date) -> int:
    """Close the clinic on those of the suggested days; say how many are new."""
    fresh = [
        Closure(
            kind=ClosureKind.HOLIDAY,
            name=one.name,
            first_day=one.day,
            last_day=one.day,
        )
        for one in suggestions(today)
        if one.day in chosen and not one.is_there
    ]
    return len(Closure.objects.bulk_create(fresh))


def add(*, today: date, **facts: Any) -> Closure:
    """Close for whole local days, or refuse what is past, turned round or too long."""
    _judge(facts["first_day"], facts["last_day"])
    if facts["first_day"] < today:
        raise BookingRefused(
            _("What is past stays as it was. Choose today, %(today)s, or a later day.")
            % {"today": date_format(today, "D j M Y")}
        )
    return Closure.objects.create(**facts)


def change(closure: Closure, *, before: tuple[date, date], today: date) -> None:
    """Save `closure`, which lay on the days `before`; days that are past stay closed."""
    _judge(closure.first_day, closure.last_day)
    first, last = before
    if last < today:
        raise BookingRefused(_("It is over. What is past stays as it was."))
    if first != closure.first_day and min(first, closure.first_day) < today:
        raise BookingRefused(
            _("It has begun, or would have: its first day cannot move to or from then.")
        )
    if closure.last_day < min(last, today - timedelta(days=1)):
        raise BookingRefused(
            _("The days up to yesterday have been closed already. End it later.")
        )
    closure.save(update_fields=["kind", "name", "first_day", "last_day"])


def remove(closure: Closure, *, today: date) -> None:
    """Take a closure back that has not begun, or refuse."""
    if closure.first_day < today:
        raise BookingRefused(
            _("It has begun, and its days stay in the history. End it earlier instead.")
        )
    closure.delete()


def hold_all() -> None:
    """Hold every location, so that nobody else changes closures meanwhile."""
    list(Location.objects.select_for_update(no_key=True).order_by("pk"))


def _judge(first: date, last: date) -> None:
    days = (last - first).days + 1
    if days < 1:
        raise BookingRefused(_("The last day is before the first."))
    if days > LONGEST:
        words = ngettext(
            "That is %(days)s day. A closure lasts %(most)s at most; what is closed "
            "for longer is set out of use.",
            "That is %(days)s days. A closure lasts %(most)s at most; what is closed "
            "for longer is set out of use.",
            days,
        )
        raise BookingRefused(words % {"days": days, "most": LONGEST})
