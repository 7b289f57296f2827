"""Three ways to book a series, each with its reasons, from one reading of the diary."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from bookings.models import AppointmentKind, SeriesBooking, TreatmentPlan
from bookings.models.appointments import GIVEN_UP
from bookings.models.plans import PlanQuerySet, PlanStatus
from bookings.ribbon import Ribbon, RibbonSession, RibbonSpan, State
from bookings.scheduling import Infeasible, Optimal, Plan, Problem, Strategy, solve_each
from bookings.services import diary, reasons, ribbons, screening
from bookings.services.judging import PlannedSession
from bookings.services.wishes import Wishes

TITLES = {
    Strategy.EARLIEST_FINISH: lambda who: _("Earliest finish"),
    Strategy.STEADY: lambda who: _("Same weekday and time"),
    Strategy.ONE_PRACTITIONER: lambda who: _("With %(who)s throughout") % {"who": who},
}
UNDER_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class ProposedSession:
    """One session as proposed, in the location's time."""

    number: int
    local_start: datetime
    local_end: datetime
    roles: dict[str, int]
    with_whom: str

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
    """The proposals, best match first; or why nothing fits and what would help."""

    proposals: list[Proposal] = field(default_factory=list)
    reason: str = ""
    relaxations: list[reasons.Relaxation] = field(default_factory=list)
    is_booked: bool = False

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


def propose(plan: TreatmentPlan, wishes: Wishes, *, now: datetime) -> Answer:
    """Propose one series for each strategy, from one reading of the diary.

    The proposals are optimal for what the diary held when it was read; booking judges
    them again.
    """
    today = now.astimezone(plan.location.zone).date()
    not_before = screening.first_suitable_date(plan, today=today, now=now)
    read = diary.read(plan, _request(wishes, not_before), now=now)
    answers = solve_each(read.problem)
    scene = _Scene(plan, wishes, read, today, not_before)
    found = [
        _proposal(scene, strategy, answer.plans[0])
        for strategy, answer in answers.items()
        if isinstance(answer, Optimal) and answer.plans
    ]
    if found:
        _draw(scene, found)
        return Answer(proposals=_by_policy(found, wishes.policy))
    return _nothing_fits(read.problem, answers[Strategy.EARLIEST_FINISH], wishes)


@dataclass(frozen=True, slots=True)
class _Scene:
    """What every proposal of one page shares."""

    plan: TreatmentPlan
    wishes: Wishes
    read: diary.Diary
    today: date
    not_before: date | None


def _request(wishes: Wishes, not_before: date | None) -> diary.Request:
    return diary.Request(
        earliest=wishes.earliest,
        weekdays=wishes.weekdays,
        arrive_between=wishes.arrive_between,
        avoid=tuple((first, last) for first, last, _label in wishes.avoid),
        not_before=not_before,
    )


def _nothing_fits(
    problem: Problem, answer: Optimal | Infeasible, wishes: Wishes
) -> Answer:
    if isinstance(answer, Optimal):  # every session is booked: nothing to propose
        return Answer(is_booked=True)
    return Answer(
        reason=reasons.blocked_words(
            answer.blocked, wishes, until=problem.series.latest
        ),
        relaxations=reasons.relaxations(answer, wishes),
    )


def read_back(row: dict[str, Any]) -> PlannedSession:
    """A sealed session as the booking service wants it."""
    return PlannedSession(
        number=row["number"],
        starts_at=datetime.fromisoformat(row["start"]),
        ends_at=datetime.fromisoformat(row["end"]),
        roles=row["roles"],
    )


def unbooked() -> PlanQuerySet:
    """Signed plans with fewer sessions in the diary than they have, oldest first."""
    sessions = Q(appointments__kind=AppointmentKind.SESSION)
    live = ~Q(appointments__status__in=GIVEN_UP)
    return (
        TreatmentPlan.objects.filter(status=PlanStatus.APPROVED)
        .with_people()
        .annotate(booked_count=Count("appointments", filter=sessions & live))
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
    return {
        "booking": booking,
        "plan": booking.plan,
        "sessions": sessions,
        "series_ribbon": drawn,
        "ribbons": [drawn],
        "planned_messages": sorted(
            (message for session in sessions for message in session.messages.all()),
            key=lambda message: (message.due_at, message.pk),
        ),
    }


def _proposal(scene: _Scene, strategy: Strategy, found: Plan) -> Proposal:
    sessions = [_session(session, scene.read.names) for session in found.sessions]
    operators = {row.roles["operator"] for row in sessions if "operator" in row.roles}
    finish = sessions[-1].local_start.date()
    who = scene.read.names.get(str(next(iter(operators), "")), "")
    return Proposal(
        strategy=strategy,
        title=TITLES[strategy](who),
        sessions=sessions,
        finish=finish,
        practitioners=len(operators),
        why=reasons.why_not_earlier(scene.read.problem, strategy, finish, scene.wishes),
    )


def _draw(scene: _Scene, found: list[Proposal]) -> None:
    """Give every proposal its ribbon, with the same closures and kept sessions."""
    kept = ribbons.sessions_of(scene.plan)
    last = max(proposal.finish for proposal in found)
    waits = scene.not_before and scene.not_before > scene.today
    around = ribbons.Around(
        today=scene.today,
        away=tuple(RibbonSpan(*dates) for dates in scene.wishes.avoid),
        closed=ribbons.closures(scene.plan, scene.today, last),
        not_before=scene.not_before if waits else None,
    )
    for proposal in found:
        sessions = [*kept, *(_marker(session) for session in proposal.sessions)]
        proposal.ribbon = ribbons.drawn(scene.plan, sessions, around)


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
