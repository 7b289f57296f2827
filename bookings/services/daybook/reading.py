"""Everything a view of the diary is made of, in a constant number of queries: eight,
a ninth on days on which a visit was given up, and one more where an answer may stand
in a session's way.

Resources with their hours; appointments, the claims on them, and who is claimed; claims
that no appointment has; closures and outages by name; health answers. Published protocols
are sealed, so each is read only once while the server runs.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from psycopg2.extras import DateTimeTZRange

from bookings.models import (
    Appointment,
    AppointmentKind,
    AppointmentStatus,
    Claim,
    ClaimReason,
    HealthAnswer,
    Outage,
)
from bookings.services import holding_back, hours, screening
from bookings.services.consenting import standing
from bookings.services.daybook import places
from bookings.services.daybook.asked import Asked
from bookings.services.moves import given_up
from clinic.models import Closure, Resource
from treatments.models import Protocol
from treatments.services import sealed


@dataclass(frozen=True, slots=True)
class Rows:
    """What was read, as at `now`, for the days asked for.

    `resources` are those of the location that are active, and any other that an
    appointment still claims; `visits` are appointments that stand, stood or were
    missed, by time; `others` are claims without an appointment. `questions` are the
    codes of what each protocol asks; `kept_back` says why a session may not begin, by
    its key; `given_up` is what a visit had, by its key.
    """

    asked: Asked
    now: datetime
    resources: Sequence[Any]
    visits: Sequence[Any]
    others: Sequence[Claim]
    closures: Sequence[Closure]
    outages: Sequence[Outage]
    answers: dict[int, list[HealthAnswer]]
    kept_back: dict[int, str]
    questions: dict[int, frozenset[str]]
    given_up: dict[int, list[tuple[int, datetime, datetime]]]

    @property
    def local_now(self) -> datetime:
        """Now, in the location's zone."""
        return self.now.astimezone(self.asked.location.zone)


def read(asked: Asked, *, now: datetime) -> Rows:
    """Read what `asked` shows: eight or nine queries, however much there is of it."""
    within = hours.between(asked.location.zone, asked.first, asked.last)
    visits = list(_visits(asked, within, now))
    protocols = _protocols(visits)
    resources = _resources(asked, visits)
    answers = _answers(visits, now)
    return Rows(
        asked=replace(asked, who=_who(asked, resources)),
        now=now,
        resources=resources,
        visits=visits,
        others=list(_others(asked, within, now)),
        closures=list(_closures(asked.first, asked.last, asked)),
        outages=list(_outages(asked, within)),
        answers=answers,
        kept_back=holding_back.why_each(visits, answers),
        questions={pk: _questions(one) for pk, one in protocols.items()},
        given_up=given_up.taken_by(row for row in visits if not row.is_live),
    )


def _who(asked: Asked, resources: Sequence[Any]) -> int | None:
    """The practitioner asked for, if there is one here; a week is always of somebody."""
    keys = [row.pk for row in places.people(resources)]
    if asked.who in keys:
        return asked.who
    return next(iter(keys), None) if asked.is_week else None


def _visits(
    asked: Asked, within: DateTimeTZRange, now: datetime
) -> QuerySet[Appointment]:
    """Appointments of the days: neither those let go nor those no longer held."""
    lapsed = Q(status=AppointmentStatus.HELD, hold__expires_at__lte=now)
    return (
        Appointment.objects.with_people()
        .select_related("hold")
        .filter(location=asked.location, during__overlap=within)
        .exclude(status=AppointmentStatus.RELEASED)
        .exclude(lapsed)
        .annotate(has_been=Exists(_earlier()), **standing.for_visits())
        .order_by("during", "pk")
    )


def _protocols(visits: Iterable[Any]) -> dict[int, Protocol]:
    """The protocols of the visits, each with its phases at hand, as all its copies."""
    found = {}
    for visit in visits:
        if visit.plan is not None:
            found[visit.plan.protocol_id] = sealed.open_up(visit.plan.protocol)
    return found


def _questions(protocol: Protocol) -> frozenset[str]:
    return frozenset(one.code for one in screening.questions_for(protocol))


def _earlier() -> QuerySet[Appointment]:
    """Visits of the same patient before this one that stood or were kept."""
    return Appointment.objects.firm().filter(
        patient=OuterRef("patient"), during__fully_lt=OuterRef("during")
    )


def _resources(asked: Asked, visits: Iterable[Appointment]) -> list[Any]:
    rows: list[Any] = list(
        hours.resources_of(asked.location, asked.first, asked.last).select_related(
            "device", "practitioner"
        )
    )
    known = {row.pk for row in rows}
    strays: dict[int, Resource] = {}
    for visit in visits:
        for claim in visit.claims.all():
            if claim.resource_id not in known:
                strays[claim.resource_id] = claim.resource
    return rows + [_without_hours(row) for row in strays.values()]


def _without_hours(resource: Any) -> Any:
    """A resource that is set aside: it has no hours, but bookings stand with it."""
    resource.shifts, resource.shut, resource.out = [], [], []
    resource.may_supervise = False  # where they are not
    return resource


def _others(asked: Asked, within: DateTimeTZRange, now: datetime) -> QuerySet[Claim]:
    """Offered times and blocked times; absences are drawn whole, from their outage."""
    return (
        Claim.objects.standing(now)
        .filter(resource__location=asked.location, during__overlap=within)
        .filter(appointment=None, outage=None)
        .exclude(why=ClaimReason.APPOINTMENT)
        .select_related(
            "resource",
            "offer__entry__patient",
            "offer__entry__plan__protocol__treatment",
        )
        .order_by("during", "resource")
    )


def _closures(first: date, last: date, asked: Asked) -> QuerySet[Closure]:
    place = Q(resource=None, location=None) | Q(location=asked.location)
    return Closure.objects.touching(first, last).filter(
        place | Q(resource__location=asked.location)
    )


def _outages(asked: Asked, within: DateTimeTZRange) -> QuerySet[Outage]:
    return Outage.objects.standing().filter(
        resource__location=asked.location, during__overlap=within
    )


def _answers(
    visits: Iterable[Appointment], now: datetime
) -> dict[int, list[HealthAnswer]]:
    """The newest answers of everybody with a session, by patient."""
    who = {row.patient_id for row in visits if row.kind == AppointmentKind.SESSION}
    found: dict[int, list[HealthAnswer]] = defaultdict(list)
    for row in HealthAnswer.objects.filter(patient__in=who).latest_by(now):
        found[row.patient_id].append(row)
    return found
