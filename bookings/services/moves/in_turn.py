"""Several series of one location re-planned one after the other, on one reading.

The diary is read once, whatever the number of series. Each is re-planned as if its own
sessions to come were not there; what it then takes is gone for those after it, and
what it leaves is free for them. So no two of the plans compete.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from psycopg2.extras import DateTimeTZRange

from bookings.models import Appointment, AppointmentKind, TreatmentPlan
from bookings.scheduling import (
    Blocked,
    Problem,
    Replan,
    Resource,
    Session,
    Span,
    instant,
)
from bookings.scheduling.spans import gaps
from bookings.services import diary, screening
from bookings.services.moves.standing import Scene
from treatments.suitability import Outcome, Verdict

Answer = Replan | Blocked


@dataclass(frozen=True, slots=True)
class Turn:
    """One series when it was its turn: what it looked at, and what came of it."""

    scene: Scene
    answer: Answer


class Board:
    """The resources of a location and the visits of some patients, as they will be."""

    def __init__(
        self,
        resources: Iterable[Resource],
        names: dict[str, str],
        visits: Iterable[Appointment],
    ) -> None:
        self.names = names
        self._resources = {resource.id: resource for resource in resources}
        self._visits: dict[int, list[Appointment]] = {}
        for visit in visits:
            self._visits.setdefault(visit.patient_id, []).append(visit)

    def read(self, scene: Scene) -> diary.Diary:
        """The diary for `scene`: without its sessions that may move."""
        own = _claimed(scene.movable.values())
        resources = [
            _without(resource, own.get(resource.id, ()))
            for resource in self._resources.values()
        ]
        visits = self._visits.get(scene.plan.patient_id, ())
        request = scene.request()
        return diary.compose(scene.plan, request, resources, self.names, visits)

    def settle(self, scene: Scene, sessions: Iterable[Session]) -> None:
        """Put the sessions of `scene` where they will be, for those whose turn comes."""
        for who, spans in _claimed(scene.movable.values()).items():
            if who in self._resources:
                self._resources[who] = _without(self._resources[who], spans)
        for session in sessions:
            for who, span in _needs(scene.problem, session):
                resource = self._resources[who]
                busy = (*resource.busy, span)
                self._resources[who] = replace(resource, busy=busy)
            self._move_visit(scene, session)

    def _move_visit(self, scene: Scene, session: Session) -> None:
        row = scene.movable.get(session.number)
        for visit in self._visits.get(scene.plan.patient_id, ()):
            if row and visit.pk == row.pk:
                visit.during = DateTimeTZRange(session.start, session.end)


def turns(plans: Sequence[int], *, now: datetime) -> Iterator[Turn]:
    """Yield each of `plans` (keys, all of one location) re-planned when it is its turn.

    A fixed number of queries, whatever the number of plans.
    """
    scenes = _scenes(plans, now)
    if not scenes:
        return
    board = _board(scenes, now)
    for scene in scenes:
        vars(scene)["read"] = board.read(scene)  # instead of reading for itself
        answer = scene.replanner.replan()
        if isinstance(answer, Replan):
            board.settle(scene, answer.plans[0].sessions)
        yield Turn(scene, answer)


def _scenes(plans: Sequence[int], now: datetime) -> list[Scene]:
    """The plans in the given order, each with its sessions and first suitable day."""
    rows = {
        row.pk: row
        for row in TreatmentPlan.objects.with_people()
        .prefetch_related(
            "decisions",
            "overrides",
            "patient__away_dates",
            "protocol__phases",
            "protocol__roles",
            "protocol__rules",
            "protocol__care_instructions",
        )
        .filter(pk__in=plans)
    }
    sessions = _sessions(rows)
    judged = screening.verdicts(list(rows.values()), now=now)
    scenes = [Scene(rows[pk], sessions.get(pk, {}), now) for pk in plans]
    for scene in scenes:
        verdict = judged[scene.plan.pk]
        vars(scene)["not_before"] = _first_day(verdict, scene.today)
    return scenes


def _sessions(plans: Mapping[int, TreatmentPlan]) -> dict[int, dict[int, Appointment]]:
    rows = (
        Appointment.objects.live()
        .filter(plan__in=plans, kind=AppointmentKind.SESSION)
        .with_people()
        .order_by("number")
    )
    found: dict[int, dict[int, Appointment]] = {}
    for row in rows:
        found.setdefault(row.plan_id or 0, {})[row.number or 0] = row
    return found


def _first_day(verdict: Verdict, today: date) -> date | None:
    if verdict.outcome is Outcome.SUITABLE_FROM:
        return verdict.from_date
    return today if verdict.is_suitable else None


def _board(scenes: Sequence[Scene], now: datetime) -> Board:
    last = max(diary.horizon(scene.plan, scene.request()) for scene in scenes)
    place, today = scenes[0].plan.location, scenes[0].today
    resources, names = diary.resources_of(place, today, last, now=now)
    patients = {scene.plan.patient_id for scene in scenes}
    return Board(resources, names, diary.visits_of(patients, now=now))


def _claimed(rows: Iterable[Appointment]) -> dict[str, list[Span]]:
    """What `rows` have claimed, by resource; a busy part-minute is busy."""
    found: dict[str, list[Span]] = {}
    for row in rows:
        for claim in row.claims.all():
            up = claim.during.upper + timedelta(seconds=59, microseconds=999_999)
            span = instant(claim.during.lower), instant(up)
            found.setdefault(str(claim.resource_id), []).append(span)
    return found


def _without(resource: Resource, spans: Sequence[Span]) -> Resource:
    """`resource` with `spans` of its busy time given back."""
    if not spans:
        return resource
    left = (span for busy in resource.busy for span in gaps(spans, *busy))
    return replace(resource, busy=tuple(left))


def _needs(problem: Problem, session: Session) -> Iterator[tuple[str, Span]]:
    """Yield what `session` takes of each resource; a shared role takes nothing."""
    start = instant(session.start)
    for role, who in session.roles.items():
        if role != diary.PATIENT and not problem.roles[role].shared:
            for opens, closes in problem.runs(role):
                yield who, (start + opens, start + closes)
