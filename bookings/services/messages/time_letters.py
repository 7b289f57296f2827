"""The one letter that proposes times for a consultation, each with its own link.

It tells what stands when it leaves: times that are chosen, past or taken back by then
are not in it, and without any it does not leave. Its key names the first of its times.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from bookings.models import (
    ConsultationRequest,
    Message,
    MessageStatus,
    ProposedTime,
    RequestStatus,
)
from bookings.services import links, told
from bookings.services.messages.moments import GRACE
from bookings.services.messages.reminders import TIMES
from clinic.models import Practitioner

CHOOSE = "public:request-choose"


@dataclass(frozen=True, slots=True)
class Told:
    """A proposed time as a patient reads it; `own` is empty where the clocks agree."""

    when: str
    own: str
    where: str
    who: str


def promise(row: ConsultationRequest, first: ProposedTime, *, now: datetime) -> Message:
    """Plan the letter, in the transaction that proposes the times; `first` is one of them.

    It waits its grace: a slip taken back by then is never heard of.
    """
    return Message.objects.create(
        patient=row.patient,
        request=row,
        rule=TIMES,
        language=row.patient.language,
        due_at=now + GRACE,
        status=MessageStatus.PLANNED,
        recipient=row.patient.email,
        dedupe_key=f"times:{first.pk}",
    )


def withdraw(row: ConsultationRequest) -> None:
    """Take back what has not left; a sender that has it in hand looks once more."""
    Message.objects.filter(
        request=row, rule=TIMES, status=MessageStatus.PLANNED
    ).update(
        status=MessageStatus.SUPERSEDED,
        problem=_("The times were taken back."),
        lease_until=None,
        lease_token=None,
    )


def too_late(message: Message, now: datetime) -> tuple[MessageStatus, str] | None:
    """In what state it ends where it must not leave at `now`, and why; else None."""
    row = message.request
    if row is None or row.status not in (RequestStatus.NEW, RequestStatus.CONTACTED):
        return MessageStatus.SUPERSEDED, _("The request is answered already.")
    times = _times(message)
    if not times:
        return MessageStatus.SUPERSEDED, _("The times were taken back.")
    if all(one.starts_at <= now for one in times):
        return MessageStatus.MISSED, _("It came too late to be of help.")
    return None


def words(message: Message, now: datetime) -> dict[str, Any]:
    """What the letter says: each time with its link, and one link to all of it."""
    row = message.request
    if row is None:
        return {}
    times = [one for one in _times(message) if one.starts_at > now]
    places = {one.location for one in times}
    one = places.pop() if len(places) == 1 else None
    token = links.token(links.Purpose.REQUEST, row, now=now)
    return {
        "location": one,
        "phone": one.phone if one else settings.CLINIC_PHONE,
        "times": [
            (
                tell(one.practitioner, one.starts_at, row, now=now),
                address_of(token, one),
            )
            for one in times
        ],
        "minutes": settings.CONSULTATION_MINUTES,
        "follow_url": links.address(links.Purpose.REQUEST, row, now=now),
    }


def tell(
    practitioner: Practitioner,
    starts_at: datetime,
    row: ConsultationRequest,
    *,
    now: datetime,
) -> Told:
    """A time with `practitioner`, in words of the language now spoken."""
    place = practitioner.location
    year = now.astimezone(place.zone).year
    return Told(
        when=told.moment(starts_at.astimezone(place.zone), year),
        own=own_words(starts_at, place.zone, row.patient.timezone, year),
        where=f"{place.name}, {place.address}",
        who=practitioner.name,
    )


def address_of(token: str, time: ProposedTime) -> str:
    """The whole address that shows `time` first among those that can be chosen."""
    path = reverse(CHOOSE, args=[token])
    return f"{settings.SITE_URL}{path}?{urlencode({'time': time.pk})}"


def own_words(at: datetime, zone: ZoneInfo, own: str, year: int) -> str:
    """The time on the patient's own clocks, where those differ: 10:30 in Halifax."""
    local, theirs = at.astimezone(zone), at.astimezone(ZoneInfo(own))
    if local.utcoffset() == theirs.utcoffset():
        return ""
    same_day = local.date() == theirs.date()
    when = told.hour(theirs) if same_day else told.moment(theirs, year)
    city = own.rpartition("/")[2].replace("_", " ")
    return _("%(when)s by your clock (%(city)s time)") % {"when": when, "city": city}


def _times(message: Message) -> list[ProposedTime]:
    """The times of the round that the letter is about, as far as they stand."""
    key = message.dedupe_key.removeprefix("times:")
    first = ProposedTime.objects.filter(pk=int(key) if key.isdecimal() else 0)
    rows = ProposedTime.objects.filter(
        request=message.request_id,
        proposed_at__in=first.values("proposed_at"),
        is_withdrawn=False,
    )
    return list(rows.select_related("location", "practitioner__location"))
