"""Appointments for which who or what they take is no longer there, as it is set up.

It looks at hours, closures, licences, service, skills, places and supervision. Of
absences and outages it knows only who is kept from supervising: they open tasks of
their own.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from bookings.models import (
    Appointment,
    AppointmentKind,
    Claim,
    Task,
    TaskKind,
    TreatmentPlan,
)
from bookings.models.appointments import AppointmentQuerySet
from bookings.scheduling import Span, instant
from bookings.services import hours, todo, unavailable
from bookings.services.missing.affected import UNDER_WAY
from bookings.services.supervising import able, presence
from bookings.services.supervising.presence import There, covers
from clinic.models import Closure, Location, Resource, ResourceKind, User
from treatments.models import ProtocolRole
from treatments.services import sealed

KEY = f"{TaskKind.OUTAGE}:setup:"  # these tasks close by themselves, as outages' do
PROTOCOL = "plan__protocol"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lack:
    """What one appointment lacks: a resource from `start` on (in minutes, UTC).

    Without a resource, somebody to supervise; `is_away` says that an absence keeps
    them away. `is_gone` says that the resource was taken out of use for good. Each of
    these opens a task of its own (`outages`, `stranded`).
    """

    appointment: int
    resource: Any
    start: int
    location: Location
    closures: Sequence[Closure]
    skills: frozenset[str] = frozenset()
    is_away: bool = False

    @property
    def is_gone(self) -> bool:
        return self.resource is not None and not self.resource.is_active

    @property
    def words(self) -> str:
        """Why the appointment cannot stand, as a sentence."""
        who, place = self.resource, self.location
        if not place.is_active:
            return _("%(place)s is no longer in use.") % {"place": place.name}
        if who is None:
            return _("Nobody who may supervise is there then.")
        facts = {"who": who.name, "place": place.name}
        if self.is_gone:
            return _("%(who)s is no longer in use.") % facts
        if who.location_id != place.pk:
            return _("%(who)s is no longer at %(place)s.") % facts
        if not self.skills <= able.skills_of(who):
            return _("%(who)s no longer has the skill for it.") % facts
        return self._not_there(who)

    def _not_there(self, who: Resource) -> str:
        at = datetime.fromtimestamp(self.start * 60, UTC).astimezone(self.location.zone)
        facts = {"who": who.name, "why": unavailable.why(who, at.date(), self.closures)}
        if facts["why"]:
            return _("%(who)s is not available then: %(why)s.") % facts
        if who.kind == ResourceKind.PRACTITIONER:
            return _("%(who)s does not work then.") % facts
        return _("%(who)s is not open then.") % facts


def found(*, now: datetime, only: Collection[int] | None = None) -> dict[int, Lack]:
    """The first thing that each appointment to come lacks, by its primary key.

    Held ones count; what is under way or over at `now` does not. `only` names the
    appointments to look at. A fixed number of queries for each location.
    """
    rows = Appointment.objects.standing(now).filter(during__endswith__gt=now)
    rows = rows.exclude(status__in=UNDER_WAY)
    if only is not None:
        rows = rows.filter(pk__in=only)
    last = rows.order_by("-during__endswith").values_list("during", flat=True).first()
    if last is None:
        return {}
    clinic = _Clinic(now, last.upper.date() + DAY)
    lost: dict[int, Lack] = {}
    for lack in (*clinic.lacking(rows), *clinic.unsupervised(rows)):
        lost.setdefault(lack.appointment, lack)
    return lost


class _Clinic:
    """Who and what is there from `now` to the local day `last`, as it is set up."""

    def __init__(self, now: datetime, last: date) -> None:
        self._now = now
        self._last = last
        self._places = {row.pk: row for row in Location.objects.all()}
        resources = able.with_ticks(Resource.objects.select_related("location"))
        self._known: dict[int, Any] = {row.pk: row for row in resources}
        self._there: list[There] = []
        self._open = dict(self._opened())

    def lacking(self, rows: AppointmentQuerySet) -> Iterator[Lack]:
        """Yield what is claimed and is not there, or cannot do what it is for."""
        taken = Claim.objects.filter(appointment__in=rows).order_by("during")
        columns = ("appointment", "resource", "role", "during")
        about = [f"appointment__{name}" for name in ("location", "kind", PROTOCOL)]
        for pk, who, role, during, place, kind, protocol in taken.values_list(
            *columns, *about
        ):
            is_session = kind == AppointmentKind.SESSION
            skills = self._skills[protocol, role] if is_session else frozenset()
            resource, start = self._known[who], instant(during.lower)
            fits = self._is_at(resource, place) and skills <= able.skills_of(resource)
            if not fits or not covers(self._open[who], start, instant(during.upper)):
                yield Lack(pk, resource, start, *self._where(place), skills)

    def unsupervised(self, rows: AppointmentQuerySet) -> Iterator[Lack]:
        """Yield sessions with a stretch during which nobody is there to supervise.

        Here those who are absent are missed: another one's hours may have to make up
        for them.
        """
        sessions = rows.filter(presence.MAY_NEED_IT, kind=AppointmentKind.SESSION)
        found = list(sessions.values_list("pk", "during", "location", "plan"))
        plans = _shaped({plan for *_about, plan in found})
        for pk, during, place, key in found:
            spans = presence.stretches(plans[key], during.lower)
            here = [one for one in self._there if one[0].location_id == place]
            able_ones = presence.supervisors(plans[key], here)
            if alone := presence.missing(spans, able_ones):
                kept = [(who, self._open[who.pk]) for who, _out in able_ones]
                is_away = presence.missing(spans, kept) is None
                where = self._where(place)
                yield Lack(pk, None, alone[0], *where, is_away=is_away)

    @cached_property
    def _roles(self) -> list[ProtocolRole]:
        return list(ProtocolRole.objects.all())

    @cached_property
    def _skills(self) -> Mapping[tuple[int, str], frozenset[str]]:
        asked = {(row.protocol_id, row.name): row.skills for row in self._roles}
        return defaultdict(frozenset, {key: frozenset(of) for key, of in asked.items()})

    @cached_property
    def _closures(self) -> list[Closure]:
        return list(Closure.objects.filter(last_day__gte=self._now.date() - DAY))

    def _where(self, place: int) -> tuple[Location, list[Closure]]:
        return self._places[place], self._closures

    def _is_at(self, resource: Resource, place: int) -> bool:
        return resource.location_id == place and resource.pk in self._open

    def _opened(self) -> Iterator[tuple[int, tuple[Span, ...]]]:
        """Yield when each is open, absences aside, and keep when each is there."""
        for place in self._places.values():
            if not place.is_active:
                continue
            days = self._now.astimezone(place.zone).date(), self._last
            for row in hours.resources_of(place, *days):
                resource: Any = row
                if resource.may_supervise:
                    self._there.append((row, hours.spans(row, place.zone, *days)))
                resource.out = []  # absences have tasks of their own
                yield row.pk, hours.spans(row, place.zone, *days)


def _shaped(keys: Collection[int]) -> dict[int, TreatmentPlan]:
    """These plans, with what the shape of their sessions needs."""
    plans = TreatmentPlan.objects.select_related("protocol").in_bulk(keys)
    for plan in plans.values():
        sealed.open_up(plan.protocol)
    return plans


def reconcile(*, now: datetime) -> None:
    """Close the tasks of whatever stands in order again, or stands no more."""
    _close_settled(Task.objects.open(), actor=None, now=now)


def follow(plan: TreatmentPlan, *, actor: User | None, now: datetime) -> None:
    """The same for `plan` alone, after a change of it and under its lock."""
    _close_settled(Task.objects.open().filter(plan=plan), actor=actor, now=now)


def _close_settled(tasks: Any, *, actor: User | None, now: datetime) -> None:
    waiting = tasks.filter(key__startswith=KEY)
    about = set(waiting.values_list("appointment", flat=True))
    if about:
        settled = about - set(found(now=now, only=about))
        todo.close(waiting.filter(appointment__in=settled), actor=actor, now=now)
