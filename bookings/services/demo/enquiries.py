"""The demo's requests from the site: who would like to talk, and how far that has come.

All four verdicts are among them, as are a traveller, a French speaker and somebody whom
the clinic may know already.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from bookings.models import (
    AnswerValue,
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    ConsultationRequest,
    HealthAnswer,
    Message,
    Patient,
    ProposedTime,
    RequestSource,
    RequestStatus,
)
from bookings.services import inviting
from bookings.services.demo import letters
from bookings.services.demo.answers import questions
from bookings.services.demo.names import ASKERS
from bookings.services.demo.world import World
from bookings.services.messages import time_letters
from bookings.services.triage import unanswered
from treatments.models import BodyArea, Concern, Treatment

YES, UNSURE = AnswerValue.YES, AnswerValue.UNSURE
SAME_NUMBER = "Priscilla", "Yeung"  # known as such; asks as Cilla now


@dataclass(frozen=True, slots=True)
class Wish:
    """What one of `ASKERS` asked for: days ago, at that hour; answers that are not no."""

    status: RequestStatus
    asked: tuple[int, int, int]
    words: str
    treatment: str = ""
    concern: str = ""
    area: str = "face"
    weekdays: tuple[int, ...] = ()
    arrive: tuple[time | None, time | None] = (None, None)
    said: dict[str, tuple[str, int]] = field(default_factory=dict)
    comes_from: str = ""
    zone: str = ""
    in_town: tuple[int, int] | None = None


WISHES = (
    Wish(
        RequestStatus.BOOKED,
        (6, 11, 20),
        "Fine lines around the eyes. Mornings suit me best.",
        concern="fine-lines",
        weekdays=(1, 2, 3, 4, 5),
        arrive=(time(8), time(12)),
    ),
    Wish(
        RequestStatus.DONE,
        (30, 9, 45),
        "How many sessions would an old burn scar on my arm take?",
        concern="other-scars",
        area="arms",
    ),
    Wish(
        RequestStatus.CONTACTED,
        (3, 18, 5),
        "I visit my sister in Ottawa and would like to use the time. "
        "The skin of my neck feels loose; is RF something for me?",
        treatment="microneedling-rf",
        concern="loss-of-firmness",
        area="neck",
        comes_from="Vancouver",
        zone="America/Vancouver",
        in_town=(8, 26),
    ),
    Wish(
        RequestStatus.NEW,
        (5, 14, 30),
        "Dark patches after the summer, mostly on my cheeks. "
        "I once had a lumpy scar after an ear piercing.",
        treatment="microneedling",
        concern="hyperpigmentation",
        said={"keloid": (YES, 0)},
    ),
    Wish(
        RequestStatus.NEW,
        (4, 10, 15),
        "J’aimerais parler d’une cicatrice au genou. "
        "Il y a une question à laquelle je préfère répondre de vive voix.",
        concern="other-scars",
        area="legs",
        weekdays=(2, 4),
        arrive=(time(15), time(18)),
        said={"pregnancy": (UNSURE, 0)},
    ),
    Wish(
        RequestStatus.NEW,
        (1, 16, 40),
        "Acne scars on both cheeks. I finished my capsules not long ago; "
        "I can wait if I have to.",
        treatment="microneedling-rf",
        concern="acne-scars",
        arrive=(time(16), None),
        said={"isotretinoin": (YES, 40)},
    ),
    Wish(
        RequestStatus.NEW,
        (1, 20, 10),
        "My skin looks tired and uneven. What would you do first?",
        treatment="microneedling",
        concern="uneven-tone",
        weekdays=(1, 3, 5),
    ),
)


def write(world: World) -> None:
    """Write the requests, their answers, and what the desk has done about them."""
    people = world.patients[-len(ASKERS) :]
    _place(people)
    for patient, wish in zip(people, WISHES, strict=True):
        row = _request(world, patient, wish)
        _answers(world, row, wish)
        if row.status == RequestStatus.CONTACTED:
            _propose(world, row)
    unanswered.reconcile(now=world.midnight)


def _place(people: list[Patient]) -> None:
    """Give the traveller another clock, and the likely twin the number we know."""
    for patient, wish in zip(people, WISHES, strict=True):
        patient.timezone = wish.zone or "America/Toronto"
    known = Patient.objects.get(first_name=SAME_NUMBER[0], last_name=SAME_NUMBER[1])
    twin = next(one for one in people if one.last_name == SAME_NUMBER[1])
    twin.phone = known.phone
    Patient.objects.bulk_update(people, ["timezone", "phone"])


def _request(world: World, patient: Patient, wish: Wish) -> ConsultationRequest:
    talk = _talk(patient, wish)
    first, last = wish.in_town or (None, None)
    row = ConsultationRequest.objects.create(
        patient=patient,
        location=patient.location,
        source=RequestSource.WEB,
        words=wish.words,
        treatment=Treatment.objects.filter(code=wish.treatment).first(),
        weekdays=list(wish.weekdays),
        arrive_from=wish.arrive[0],
        arrive_until=wish.arrive[1],
        comes_from=wish.comes_from,
        in_town_from=_day(world, first),
        in_town_until=_day(world, last),
        status=wish.status if talk or not _is_answered(wish) else RequestStatus.NEW,
        appointment=talk,
        asked_at=_asked_at(world, wish, talk),
    )
    row.concerns.set(Concern.objects.filter(code=wish.concern))
    row.areas.set(BodyArea.objects.filter(code=wish.area))
    return row


def _asked_at(world: World, wish: Wish, talk: Appointment | None) -> datetime:
    if talk and wish.status == RequestStatus.DONE:
        return talk.starts_at - timedelta(days=9)
    days, hour, minute = wish.asked
    return world.moment(world.today - timedelta(days=days), hour, minute)


def _is_answered(wish: Wish) -> bool:
    return wish.status in (RequestStatus.BOOKED, RequestStatus.DONE)


def _day(world: World, ahead: int | None) -> Any:
    return None if ahead is None else world.today + timedelta(days=ahead)


def _talk(patient: Patient, wish: Wish) -> Appointment | None:
    """The consultation in the diary that answers it, if it is answered."""
    if not _is_answered(wish):
        return None
    is_done = wish.status == RequestStatus.DONE
    rows: QuerySet[Appointment] = Appointment.objects.filter(
        patient=patient, kind=AppointmentKind.CONSULTATION
    )
    if is_done:
        done = rows.filter(status=AppointmentStatus.DONE)
        return done.select_related("location").order_by("-during").first()
    ahead = [AppointmentStatus.BOOKED, AppointmentStatus.CONFIRMED]
    return rows.filter(status__in=ahead).order_by("during").first()


def _answers(world: World, row: ConsultationRequest, wish: Wish) -> None:
    """Every question was answered on the site: no, unless said otherwise."""
    for question in questions(world):
        value, ago = wish.said.get(question, (AnswerValue.NO, 0))
        HealthAnswer.objects.create(
            patient=row.patient,
            question=question,
            value=value,
            on_date=world.today - timedelta(days=ago) if ago else None,
            answered_at=row.asked_at,
        )


def _propose(world: World, row: ConsultationRequest) -> None:
    """Three times that were free were sent the evening before."""
    at = world.moment(world.today - timedelta(days=1), 15, 10)
    slots = inviting.offered(row, now=world.midnight).slots
    times = ProposedTime.objects.bulk_create(
        ProposedTime(
            request=row,
            location=slot.location,
            practitioner=slot.practitioner,
            starts_at=slot.starts_at,
            proposed_at=at,
            proposed_by=world.staff["Boyer"],
        )
        for slot in [*slots[:: max(1, len(slots) // 3)]][:3]
    )
    if times:
        _send(time_letters.promise(row, times[0], now=at), at)


def _send(message: Message, at: datetime) -> None:
    letters.send(message)
    message.save(
        update_fields=["subject", "text", "html", "status", "sent_at", "attempts"]
    )
