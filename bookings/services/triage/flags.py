"""What somebody should know of a requester before calling: in a word or two each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bookings.models import ConsultationRequest, Patient
from bookings.services.people import duplicates
from bookings.services.triage.verdicts import Judged


@dataclass(frozen=True, slots=True)
class Flag:
    """A badge: an icon's name and a few words."""

    icon: str
    label: str


def flags(
    row: ConsultationRequest, judged: Judged, twins: Iterable[Patient]
) -> Iterator[Flag]:
    """Yield the badges of one request, whoever it may be first."""
    if any(twins):
        yield Flag("people", _("Possible duplicate"))
    if row.comes_from or row.in_town_from or row.in_town_until:
        yield Flag("airplane", travel_words(row))
    elif is_elsewhere(row):
        yield Flag("globe2", _("Lives in another time zone"))
    if judged.would_rather_talk:
        yield Flag("chat-dots", _("Would rather talk about it"))
    if row.patient.language == "fr":
        yield Flag("translate", _("French"))


def is_elsewhere(row: ConsultationRequest) -> bool:
    """Whether the clocks of the requester show another time than those of the place."""
    place = row.location.zone if row.location else ZoneInfo(settings.TIME_ZONE)
    own = ZoneInfo(row.patient.timezone)
    return place.utcoffset(row.asked_at) != own.utcoffset(row.asked_at)


def twins(rows: Iterable[ConsultationRequest]) -> Mapping[int, list[Patient]]:
    """Other records likely of the same person, by patient, in one query."""
    people = {row.patient_id: row.patient for row in rows}
    same = Q(phone__in={one.phone for one in people.values() if one.phone})
    same |= Q(birth_date__in={one.birth_date for one in people.values()} - {None})
    same |= Q(plain_email__in={one.email.lower() for one in people.values()} - {""})
    known = Patient.objects.current().alias(plain_email=Lower("email")).filter(same)
    others = list(known)
    return {
        pk: [one for one in others if one.pk != pk and duplicates.why(person, one)]
        for pk, person in people.items()
    }


def travel_words(row: ConsultationRequest) -> str:
    """Where somebody comes from, and when they are in town, as far as known."""
    words = _("From elsewhere")
    if row.comes_from:
        words = _("From %(place)s") % {"place": row.comes_from}
    first, last = row.in_town_from, row.in_town_until
    if first and last:
        days = f"{date_format(first, 'j M')} – {date_format(last, 'j M')}"
        return _("%(words)s, here %(days)s") % {"words": words, "days": days}
    if first:
        return _("%(words)s, here from %(day)s") % {
            "words": words,
            "day": date_format(first, "j M"),
        }
    return words
