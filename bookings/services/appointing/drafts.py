"""What the booking page shows of one visit that is being arranged: nothing is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentKind,
    Patient,
    PlanStatus,
    TreatmentPlan,
)
from bookings.scheduling.problem import EVERY_WEEKDAY, OPERATOR
from bookings.services import shapes, unavailable
from bookings.services.appointing import absent, rules, single, soonest, talks
from bookings.services.appointing.rules import ROOM, Talk
from bookings.services.appointing.soonest import ANY_TIME, Place, Sought
from bookings.services.proposing.wishes import (
    FIRST_ARRIVAL,
    LAST_ARRIVAL,
    Pin,
    Wishes,
)
from bookings.services.refusals import BookingRefused
from clinic.models import Location, Resource

SESSION, REVIEW = AppointmentKind.SESSION, AppointmentKind.RESULT_REVIEW
WITH_RESULTS = [PlanStatus.APPROVED, PlanStatus.COMPLETED]
AROUND = 60  # minutes around a chosen time in which the other sessions would be


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that could be booked for a patient: a kind, and of which plan."""

    kind: str
    words: str
    minutes: int
    plan: TreatmentPlan | None = None
    number: int | None = None
    missing: int = 0

    @property
    def value(self) -> str:
        """How an address names it: consultation, session-12."""
        return f"{self.kind}-{self.plan.pk}" if self.plan else str(self.kind)

    @property
    def is_series(self) -> bool:
        """Whether more than this one session of the plan has no time."""
        return self.missing > 1


@dataclass(frozen=True, slots=True)
class Draft:
    """One visit as far as it is arranged. Keys are those of resources.

    `first` is the local day from which free times are looked for.
    """

    location: Location
    option: Option
    first: date
    start: datetime | None = None
    patient: Patient | None = None
    practitioner: int | None = None
    room: int | None = None
    weekdays: frozenset[int] = EVERY_WEEKDAY
    arrive_between: tuple[time, time] = ANY_TIME

    @property
    def sought(self) -> Sought:
        """The visit without its time."""
        return Sought(
            location=self.location,
            kind=self.option.kind,
            patient=self.patient,
            plan=self.option.plan if self.option.number else None,
            number=self.option.number,
            practitioner=self.practitioner,
            weekdays=self.weekdays,
            arrive_between=self.arrive_between,
        )

    def talk(self, patient: Patient, place: Place) -> Talk:
        """The talk with `patient` at `place`."""
        return Talk(
            kind=AppointmentKind(self.option.kind),
            patient=patient,
            location=self.location,
            starts_at=place.local_start,
            practitioner=place.practitioner or 0,
            room=place.room or 0,
            plan=self.option.plan,
        )


@dataclass(slots=True)
class Look:
    """What the diary says to a draft.

    `place` is who and what it would have; `instead` says whom it cannot have. With a
    `refusal` it cannot be booked as it stands; `places` are the nearest ones then, or
    the next free ones where no time was chosen.
    """

    place: Place | None = None
    instead: str = ""
    refusal: str = ""
    next_words: str = ""
    second_visit: Appointment | None = None
    places: list[Place] = field(default_factory=list)

    @property
    def days(self) -> list[tuple[date, list[Place]]]:
        """The places by local day."""
        found: dict[date, list[Place]] = {}
        for one in self.places:
            found.setdefault(one.local_start.date(), []).append(one)
        return list(found.items())

    @property
    def can_be_booked(self) -> bool:
        return self.place is not None and not self.refusal


def look(draft: Draft, *, now: datetime) -> Look:
    """Ask the diary: who and what is free then, or when it could be."""
    if draft.start is None:
        return Look(places=soonest.free(draft.sought, draft.first, now=now))
    seen = Look()
    try:
        seen.place = _place(draft, draft.start, now)
        seen.instead = _instead(draft, seen.place)
        seen.second_visit = _judge(draft, seen.place, now)
    except BookingRefused as refused:
        seen.refusal = str(refused)
        near(seen, draft, draft.start, now=now)
    return seen


def near(seen: Look, draft: Draft, start: datetime, *, now: datetime) -> None:
    """Put the places nearest to `start` beside why it cannot be then."""
    seen.places = soonest.nearest(draft.sought, start, now=now)
    seen.next_words = soonest.next_words(seen.places, start)


def options(patient: Patient | None, *, now: datetime) -> list[Option]:
    """What could be booked for `patient`: the next sessions of signed plans first."""
    rows = TreatmentPlan.objects.with_people().prefetch_related("protocol__phases")
    plans = list(rows.filter(patient=patient, status__in=WITH_RESULTS))
    lacking = _lacking(plans, now)
    sessions = [_session(plan, lacking[plan.pk]) for plan in plans if lacking[plan.pk]]
    minutes = rules.minutes_of(AppointmentKind.CONSULTATION)
    talk = Option(AppointmentKind.CONSULTATION, _("Consultation"), minutes)
    return [*sessions, talk, *_reviews(plans)]


def chosen(found: list[Option], value: str, kind: str, plan: str) -> Option:
    """The option that an address names, by its value or by kind and plan, or the first.

    Without any name it is what the patient is likeliest to come for.
    """
    for name in (value, f"{kind}-{plan}", f"{SESSION}-{plan}", kind):
        for one in found:
            if name in (one.value, one.kind):
                return one
    return found[0]


def as_asked(draft: Draft, start: datetime, *, now: datetime) -> Place:
    """The place with exactly whom the draft names; who is free where it names nobody."""
    if draft.practitioner is None or draft.room is None:
        return _place(draft, start, now)
    roles = {OPERATOR: draft.practitioner, ROOM: draft.room}
    local = start.astimezone(draft.location.zone)
    return Place(local, local + timedelta(minutes=draft.option.minutes), roles, "")


def booked_before(patient: Patient, key: UUID) -> Appointment | None:
    """What the submit with `key` booked for `patient` before, whatever kind it was."""
    rows = Appointment.objects.with_people()
    session = rows.filter(patient=patient, booking__key=key).order_by("number").first()
    return session or talks.booked_before(patient, key)


def series_query(draft: Draft) -> str:
    """The wishes with which the whole series is looked for: around the chosen time."""
    start, number = draft.start, draft.option.number
    if start is None or number is None:
        return ""
    local = start.astimezone(draft.location.zone)
    wishes = Wishes(
        earliest=local.date(),
        weekdays=frozenset({*range(5), min(local.weekday(), 5)}),
        arrive_between=(_shifted(local, -AROUND), _shifted(local, AROUND)),
        pins=(Pin(number, local.replace(tzinfo=None)),),
    )
    return wishes.query()


def _lacking(plans: list[TreatmentPlan], now: datetime) -> dict[int, list[int]]:
    """The numbers of the sessions without a time, by plan; none of a plan unsigned."""
    rows = Appointment.objects.standing(now).filter(plan__in=plans, kind=SESSION)
    kept = set(rows.values_list("plan", "number"))
    return {
        plan.pk: [
            number
            for number in range(1, plan.session_count + 1)
            if plan.is_approved and (plan.pk, number) not in kept
        ]
        for plan in plans
    }


def _session(plan: TreatmentPlan, missing: list[int]) -> Option:
    """The next session of a signed plan that has no time."""
    words = _("Session %(number)s of %(count)s, %(treatment)s") % {
        "number": missing[0],
        "count": plan.session_count,
        "treatment": plan.protocol.treatment,
    }
    minutes = shapes.minutes_of(plan)
    return Option(SESSION, words, minutes, plan, missing[0], len(missing))


def _reviews(plans: list[TreatmentPlan]) -> Iterator[Option]:
    """A look at the results, of each plan that could have some; else of none."""
    minutes = rules.minutes_of(REVIEW)
    for plan in plans:
        words = _("Result review, %(treatment)s") % {
            "treatment": plan.protocol.treatment
        }
        yield Option(REVIEW, words, minutes, plan)
    if not plans:
        yield Option(REVIEW, _("Result review"), minutes)


def _place(draft: Draft, start: datetime, now: datetime) -> Place:
    """Who and what the visit would have, those wanted first, or a refusal."""
    if start <= now:
        raise BookingRefused(_("That time has passed. Choose a later one."))
    unavailable.judge_place(draft.location)
    wanted = {OPERATOR: draft.practitioner, ROOM: draft.room}
    prefer = {role: str(pk) for role, pk in wanted.items() if pk}
    sought = draft.sought
    anyone = Sought(
        sought.location, sought.kind, plan=sought.plan, number=sought.number
    )
    found = soonest.at(anyone, start, now=now, prefer=prefer)
    if found is None:
        raise BookingRefused(
            f"{_nobody_words(draft)} {_absent(draft, start, wanted)}".strip()
        )
    return found


def _absent(draft: Draft, start: datetime, wanted: Mapping[str, int | None]) -> str:
    """Who or what of the wanted, or of all who could, is not there then, and why."""
    plan, end = draft.option.plan, start + timedelta(minutes=draft.option.minutes)
    if plan and draft.option.number:
        needs = absent.for_session(plan, start)
    else:
        needs = absent.for_talk(start, end)
    return absent.words(draft.location, needs, wanted)


def _nobody_words(draft: Draft) -> str:
    if draft.option.number:
        return _("Not everybody and everything the session needs is free then.")
    return _("Nobody is free then who does consultations, or no room is.")


def _judge(draft: Draft, place: Place, now: datetime) -> Appointment | None:
    """Refuse what the rules do not allow; another visit of that day, which needs words."""
    option = draft.option
    if option.plan and option.number:
        single.judge(option.plan, option.number, place, now=now)
    elif draft.patient:
        talk = draft.talk(draft.patient, place)
        rules.judge(talk, now=now)
        return rules.second_visit(talk, now=now)
    return None


def _instead(draft: Draft, place: Place) -> str:
    """Whom and what of the wanted it cannot have then, and whom it gets."""
    wanted = {OPERATOR: draft.practitioner, ROOM: draft.room}
    missed = {
        role: pk
        for role, pk in wanted.items()
        if pk not in (None, place.roles.get(role))
    }
    names = Resource.objects.filter(pk__in=missed.values()).order_by("kind")
    if not names:
        return ""
    words = _("%(who)s cannot be had for this then. It would be with %(instead)s.")
    who = ", ".join(row.name for row in names)
    said = words % {"who": who, "instead": place.with_whom}
    return f"{said} {_absent(draft, place.local_start, missed)}".strip()


def _shifted(local: datetime, minutes: int) -> time:
    """The time of day so much earlier or later, on the quarter, as far as one can choose."""
    moved = local.replace(tzinfo=None) + timedelta(minutes=minutes)
    if moved.date() != local.date():
        return FIRST_ARRIVAL if minutes < 0 else LAST_ARRIVAL
    at = moved.time().replace(minute=moved.minute // 15 * 15)
    return min(max(at, FIRST_ARRIVAL), LAST_ARRIVAL)
