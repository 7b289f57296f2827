"""Three ways to book a series, each with its reasons, from one reading of the diary."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Count, F, Q, prefetch_related_objects
from django.utils.translation import gettext as _

from bookings.models import (
    AppointmentKind,
    AppointmentStatus,
    SeriesBooking,
    TreatmentPlan,
)
from bookings.models.appointments import GIVEN_UP
from bookings.models.plans import PlanQuerySet, PlanStatus
from bookings.ribbon import Ribbon, RibbonSession, RibbonSpan, State
from bookings.scheduling import Infeasible, Strategy, solve_each
from bookings.scheduling.alternatives import alternatives
from bookings.scheduling.problem import OPERATOR
from bookings.scheduling.why import why_not_earlier
from bookings.services import diary, ribbons
from bookings.services.judging import PlannedSession
from bookings.services.outcomes import following
from bookings.services.proposing import instead, remedies
from bookings.services.proposing.asking import Asked, Way, ask
from bookings.services.proposing.instead import Instead
from bookings.services.proposing.reasons import Scene, why_words
from bookings.services.proposing.remedies import Nothing
from bookings.services.proposing.waits import Waits
from bookings.services.proposing.wishes import Wishes
from clinic.models import Device

TITLES = {
    Strategy.EARLIEST_FINISH: lambda who: _("Earliest finish"),
    Strategy.STEADY: lambda who: _("Same weekday and time"),
    Strategy.ONE_PRACTITIONER: lambda who: _("With %(who)s throughout") % {"who": who},
}
UNDER_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class ProposedSession:
    """One session as proposed, in the location's time.

    `instead` are the next best times for it; `unpin` is the query that lets it move,
    where it was chosen by hand.
    """

    number: int
    local_start: datetime
    local_end: datetime
    roles: dict[str, int]
    with_whom: str
    instead: tuple[Instead, ...] = ()
    unpin: str = ""

    def sealed(self) -> dict[str, Any]:
        """Plain values, for the way through the browser and back."""
        return {
            "number": self.number,
            "start": self.local_start.astimezone(UTC).isoformat(),
            "end": self.local_end.astimezone(UTC).isoformat(),
            "roles": self.roles,
        }


@dataclass(slots=True)
class Proposal:
    """One way to book everything the plan still lacks."""

    strategy: Strategy
    title: str
    sessions: list[ProposedSession]
    finish: date
    practitioners: int
    why: str
    ribbon: Ribbon | None = None
    signed: str = ""

    def sealed(self) -> list[dict[str, Any]]:
        """The sessions as plain values."""
        return [session.sealed() for session in self.sessions]


@dataclass(slots=True)
class Answer:
    """The proposals, best match first; or why nothing fits and what would help.

    `numbers` are the sessions still to book. `lost` says which times chosen by hand
    can no longer be had; `query` asks for this page again, without those.
    """

    query: str
    numbers: list[int]
    lost: list[str] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    nothing: Nothing | None = None

    @property
    def is_booked(self) -> bool:
        """Whether the plan lacks nothing any more."""
        return not self.numbers

    @property
    def ribbons(self) -> list[Ribbon]:
        """What the proposals draw, to share one ruler."""
        return [p.ribbon for p in self.proposals if p.ribbon]

    @property
    def count(self) -> int:
        """How many sessions a submit would book."""
        return len(self.proposals[0].sessions) if self.proposals else 0

    def chosen(self, strategy: str) -> str:
        """The proposal to mark: the one chosen before if it is there, else the best."""
        there = [str(proposal.strategy) for proposal in self.proposals]
        return strategy if strategy in there else (there or [""])[0]


def propose(
    plan: TreatmentPlan,
    wishes: Wishes,
    *,
    now: datetime,
    running: Waits | None = None,
    way: str = "",
) -> Answer:
    """Propose one series for each strategy, from one reading of the diary.

    The proposals are optimal for what the diary held when it was read; booking judges
    them again. `running` are the waits of `plan`, if they are known already; `way` is
    the strategy whose proposal is open, so that links come back to it.
    """
    asked = ask(plan, wishes, now=now, running=running)
    answer = Answer(asked.wishes.query(way), asked.to_plan, lost=asked.lost_words())
    if answer.numbers:
        _find(asked, answer, way)
    return answer


def _find(asked: Asked, answer: Answer, way: str) -> None:
    """Fill in the proposals, best match first, or why there are none."""
    scene = _scene(asked)
    if ways := asked.ways():
        found = [_proposal(scene, asked, each) for each in ways]
        _draw(asked, scene, found)
        answer.proposals = _by_policy(found, asked.wishes.policy)
        return
    first = [Strategy.EARLIEST_FINISH]
    for blocked in solve_each(asked.base, first, workspace=asked.workspace).values():
        if isinstance(blocked, Infeasible):
            answer.nothing = remedies.nothing_fits(blocked, asked, scene, way)


def read_back(row: dict[str, Any]) -> PlannedSession:
    """A sealed session as the booking service wants it."""
    return PlannedSession(
        number=row["number"],
        starts_at=datetime.fromisoformat(row["start"]),
        ends_at=datetime.fromisoformat(row["end"]),
        roles=row["roles"],
    )


def unbooked(*, now: datetime) -> PlanQuerySet:
    """Signed plans with fewer sessions in the diary than they have, oldest first.

    What a hold keeps is in the diary until it runs out at `now`.
    """
    sessions = Q(appointments__kind=AppointmentKind.SESSION)
    live = ~Q(appointments__status__in=GIVEN_UP)
    over = Q(
        appointments__status=AppointmentStatus.HELD,
        appointments__hold__expires_at__lte=now,
    )
    return (
        TreatmentPlan.objects.filter(status=PlanStatus.APPROVED)
        .with_people()
        .annotate(booked_count=Count("appointments", filter=sessions & live & ~over))
        .filter(booked_count__lt=F("session_count"))
        .order_by("reviewed_at", "pk")
    )


def booked(booking: SeriesBooking, *, now: datetime) -> dict[str, Any]:
    """What the page of a booking shows: its sessions, their ribbon, their messages."""
    sessions = list(
        booking.appointments.with_people()
        .prefetch_related("messages")
        .order_by("number")
    )
    drawn = ribbons.of_plan(booking.plan, now=now)
    result = following.stand(booking.plan)
    told = [*sessions, *([result.review] if result.review else [])]
    return {
        "booking": booking,
        "plan": booking.plan,
        "sessions": sessions,
        "result": result,
        "series_ribbon": drawn,
        "ribbons": [drawn],
        "planned_messages": sorted(
            (message for visit in told for message in visit.messages.all()),
            key=lambda message: (message.due_at, message.pk),
        ),
    }


def _scene(asked: Asked) -> Scene:
    plan, latest = asked.plan, asked.base.series.latest
    return Scene(
        problem=asked.base,
        names=asked.names,
        wishes=asked.wishes,
        patient=str(plan.patient),
        place=str(plan.location),
        waits=asked.waits,
        closed=ribbons.closures(plan, asked.today, latest),
        devices=_devices(plan, asked.today, latest),
    )


def _devices(plan: TreatmentPlan, first: date, last: date) -> dict[str, Device]:
    """Devices at the plan's place that may not be used on each of those days."""
    rows = Device.objects.filter(location=plan.location_id, is_active=True)
    partly = (
        Q(licence_expires_on__lt=last)
        | Q(in_service_from__gt=first)
        | Q(in_service_until__lt=last)
    )
    return {str(row.pk): row for row in rows.filter(partly)}


def _proposal(scene: Scene, asked: Asked, way: Way) -> Proposal:
    strategy = way.problem.strategy
    why = why_not_earlier(way.problem, way.plan, workspace=asked.workspace)
    sessions = _sessions(asked, way)
    operators = {row.roles[OPERATOR] for row in sessions if OPERATOR in row.roles}
    who = asked.names.get(str(next(iter(operators), "")), "")
    return Proposal(
        strategy=strategy,
        title=TITLES[strategy](who) if way.plan.sessions else _("As chosen by hand"),
        sessions=sessions,
        finish=sessions[-1].local_start.date(),
        practitioners=len(operators),
        why=why_words(why, way.plan, replace(scene, problem=way.problem)),
    )


def _sessions(asked: Asked, way: Way) -> list[ProposedSession]:
    """The sessions of a proposal, with other times for those not chosen by hand."""
    name, finish = str(way.problem.strategy), way.sessions[-1].start.date()
    others = alternatives(way.problem, way.plan, workspace=asked.workspace)
    shown = []
    for session in way.sessions:
        row = _session(session, asked.names)
        if session.number in others:
            found = others[session.number]
            row = replace(row, instead=instead.told(found, finish, asked.wishes, name))
        else:
            row = replace(row, unpin=asked.wishes.unpinned(session.number).query(name))
        shown.append(row)
    return shown


def _draw(asked: Asked, scene: Scene, found: list[Proposal]) -> None:
    """Give every proposal its ribbon, with the same closures and kept sessions."""
    prefetch_related_objects([asked.plan], "overrides")
    stands = bool(asked.base.series.fixed)
    kept = ribbons.sessions_of(asked.plan, now=asked.now) if stands else []
    last = max(proposal.finish for proposal in found)
    until = asked.waits.until
    around = ribbons.Around(
        today=asked.today,
        away=tuple(RibbonSpan(*dates) for dates in asked.wishes.avoid),
        closed=tuple(dates for dates in scene.closed if dates.first <= last),
        not_before=until if until and until > asked.today else None,
    )
    for proposal in found:
        sessions = [*kept, *(_marker(session) for session in proposal.sessions)]
        proposal.ribbon = ribbons.drawn(asked.plan, sessions, around)


def _marker(session: ProposedSession) -> RibbonSession:
    return RibbonSession(
        number=session.number,
        day=session.local_start.date(),
        state=State.PROPOSED,
        time=f"{session.local_start:%H:%M}",
        lines=(),
    )


def _session(session: Any, names: dict[str, str]) -> ProposedSession:
    roles = {
        role: int(resource)
        for role, resource in session.roles.items()
        if role != diary.PATIENT
    }
    shown = [names[str(pk)] for role, pk in roles.items() if role != "supervisor"]
    return ProposedSession(
        session.number, session.start, session.end, roles, ", ".join(shown)
    )


def _by_policy(found: list[Proposal], policy: str) -> list[Proposal]:
    """Best match first: one person first where the patient asked for it."""
    one = next((p for p in found if p.strategy is Strategy.ONE_PRACTITIONER), None)
    soonest = min(proposal.finish for proposal in found)
    wanted = policy == "one" or (
        policy == "one-if-soon"
        and one is not None
        and (one.finish - soonest).days < UNDER_A_WEEK
    )
    return sorted(found, key=lambda p: p is not one) if wanted else found
