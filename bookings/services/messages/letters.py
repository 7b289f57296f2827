"""Writing the words of a message: subject, plain text and page.

Letters speak the patient's language, and the time of the location's clocks. Subjects
are discreet: a day and a purpose, never a treatment.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from bookings.models import Appointment, Message
from bookings.services import links, shapes
from bookings.services.amendments import amendment_letters
from bookings.services.messages import (
    cancelled,
    check_links,
    offer_letters,
    recall_letters,
    request_received,
    time_letters,
    visit_links,
)
from bookings.services.messages.care_words import CareLine, care_after, care_before
from bookings.services.messages.reminders import (
    AMENDED,
    CANCELLED,
    CONFIRMATION,
    OFFER,
    RECALL,
    REQUEST_RECEIVED,
    RULES,
    TIMES,
    care_of,
    confirmed_by,
)
from treatments.care import precare_begins

STRIP_DAYS = 7  # as many cells beside the session's as an e-mail has room for
SUBJECT_LIMIT = 200  # characters, as long as the column that keeps it
OPERATOR = "operator"
BLANKS = re.compile(r"\n\s*\n")
CARE: dict[str, Callable[[Appointment], list[CareLine]]] = {
    "pre-care": care_before,
    "after-care": care_after,
}
OWN_WORDS: dict[str, Callable[[Message, datetime], dict[str, Any]]] = {
    OFFER: offer_letters.words,
    AMENDED: amendment_letters.words,
    CANCELLED: cancelled.words,
    TIMES: time_letters.words,
    REQUEST_RECEIVED: request_received.words,
    RECALL: recall_letters.words,
}
"""What letters say that are about something else than one visit that stands."""


@dataclass(frozen=True, slots=True)
class Letter:
    """The exact words of one message."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class StripDay:
    """One local day in the picture of the days before a session."""

    day: date
    is_today: bool
    is_session: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A phase of the session as the patient lives it: [starts_at, ends_at)."""

    name: str
    starts_at: datetime
    ends_at: datetime


def read(message: Message, *, now: datetime) -> Letter:
    """The words as sent, or those of a message still to leave, as of its due time.

    Links in them are masked: they are the patient's own, and open what they name.
    """
    if message.is_sent:
        return masked(Letter(message.subject, message.text, message.html))
    return masked(write(message, now=max(now, message.due_at)))


def masked(letter: Letter) -> Letter:
    """The letter without what its links open, to keep and to show."""
    return replace(
        letter, text=links.masked(letter.text), html=links.masked(letter.html)
    )


def write(message: Message, *, now: datetime) -> Letter:
    """Write `message` as it would leave at `now`.

    Raises KeyError for a rule nobody knows; the words of a sent message are on its row.
    """
    rule = RULES[message.rule]
    folder = f"messages/{rule.code.replace('-', '_')}"
    with translation.override(message.language), timezone.override(message.zone):
        context = _context(message, now)
        subject = render_to_string(f"{folder}.subject.txt", context)
        return Letter(
            subject=" ".join(subject.split())[:SUBJECT_LIMIT],
            text=_tidy(render_to_string(f"{folder}.txt", context)),
            html=render_to_string(f"{folder}.html", context),
        )


def _tidy(text: str) -> str:
    """Plain text with no more than one empty line in a row, and one end of line."""
    return BLANKS.sub("\n\n", text.strip()) + "\n"


def week_before(session_day: date, today: date, care_days: int) -> list[StripDay]:
    """The last days of pre-care, oldest first, up to 7, and the session's day."""
    return [
        StripDay(day, is_today=day == today, is_session=day == session_day)
        for ago in range(min(care_days, STRIP_DAYS), -1, -1)
        for day in [session_day - timedelta(days=ago)]
    ]


def _context(message: Message, now: datetime) -> dict[str, Any]:
    """What every letter may speak of."""
    words: dict[str, Any] = {
        "clinic_name": settings.CLINIC_NAME,
        "phone": settings.CLINIC_PHONE,
        "language": translation.get_language(),
        "first_name": message.patient.first_name,
    }
    if message.rule in OWN_WORDS:
        return words | OWN_WORDS[message.rule](message, now)
    if (appointment := message.appointment) is None:
        return words
    words |= check_links.words(message, now)
    words |= visit_links.words(message, now)
    words["care"] = CARE[message.rule](appointment) if message.rule in CARE else []
    confirmed = confirmed_by(message)
    words["visits"] = confirmed if len(confirmed) > 1 else []
    words["is_changed"] = message.rule == CONFIRMATION and message.version > 1
    words["is_one_place"] = len({visit.location_id for visit in confirmed}) <= 1
    return words | _visit_words(appointment, now.astimezone(message.zone))


def _visit_words(appointment: Appointment, local_now: datetime) -> dict[str, Any]:
    day, today = appointment.local_date, local_now.date()
    steps = _steps(appointment)
    care_days = (day - precare_begins(care_of(appointment), day)).days
    return {
        "appointment": appointment,
        "location": appointment.location,
        "phone": appointment.location.phone,
        "starts_at": appointment.starts_at,
        "ends_at": steps[-1].ends_at if steps else appointment.ends_at,
        "days_ahead": (day - today).days,
        "count": appointment.plan.session_count if appointment.plan else 0,
        "practitioner": _practitioner(appointment),
        "steps": steps,
        "care_days": care_days,
        "week": week_before(day, today, care_days),
    }


def _practitioner(appointment: Appointment) -> str:
    """Who gives the session, or nothing where nobody is named."""
    claims = appointment.claims.filter(role=OPERATOR).select_related("resource")
    return claims[0].resource.name if claims else ""


def _steps(appointment: Appointment) -> list[Step]:
    """What happens from when to when, until the operator's work is done."""
    if appointment.plan is None or appointment.number is None:
        return []  # a talk, which may be about a plan
    steps, starts_at = [], appointment.starts_at
    for phase in shapes.with_patient(appointment.plan):
        ends_at = starts_at + timedelta(minutes=phase.minutes)
        steps.append(Step(phase.name, starts_at, ends_at))
        starts_at = ends_at
    return steps
