"""The problem of one series page: what the diary holds, what was asked, what is pinned.

Laid out once, it serves the proposals, their reasons, the choice by hand and the file
for the solver alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce

from django.utils.translation import gettext as _

from bookings.models import TreatmentPlan
from bookings.scheduling import Fixed, Plan, Problem, Session, Strategy
from bookings.scheduling.explain import progress
from bookings.scheduling.pins import pin_each, pinned, with_pins
from bookings.scheduling.problem import OPERATOR
from bookings.scheduling.workspace import Workspace
from bookings.services import diary
from bookings.services.proposing import waits
from bookings.services.proposing.waits import Waits
from bookings.services.proposing.wishes import Pin, Wishes
from bookings.services.spoken import moment_words


@dataclass(frozen=True, slots=True)
class Way:
    """A plan found under one strategy: its problem, and its sessions with the pins."""

    problem: Problem
    plan: Plan
    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one page asks. `base` has nothing pinned; `wishes` only what can be had.

    `lost` are the pins that cannot be had.
    """

    plan: TreatmentPlan
    wishes: Wishes
    base: Problem
    names: dict[str, str]
    now: datetime
    waits: Waits
    workspace: Workspace
    lost: tuple[Pin, ...] = ()

    @property
    def today(self) -> date:
        """The local date at the plan's location."""
        return self.now.astimezone(self.base.zone).date()

    @property
    def problem(self) -> Problem:
        """The problem around the pins. Who leads those is settled afterwards."""
        series = self.base.series
        pins = {pin.number: Fixed(pin.at.date()) for pin in self.wishes.pins}
        fixed = {**series.fixed, **pins}
        ordered = {number: fixed[number] for number in sorted(fixed)}
        return replace(self.base, series=replace(series, fixed=ordered))

    @property
    def to_plan(self) -> list[int]:
        """The numbers of the sessions that stand nowhere yet, pinned or not."""
        series = self.base.series
        return [n for n in range(1, series.count + 1) if n not in series.fixed]

    def without_pin(self, number: int) -> "Asked":
        """The same with session `number` left to move."""
        return replace(self, wishes=self.wishes.unpinned(number))

    def ways(self) -> list[Way]:
        """The best plan under each strategy, as far as there is one."""
        pins = len(self.wishes.pins)
        wanted = list(Strategy) if pins < len(self.to_plan) else list(Strategy)[:1]
        return [way for strategy in wanted if (way := self.way(strategy))]

    def way(self, strategy: Strategy) -> Way | None:
        """The best plan under `strategy`, the pinned sessions with it; None if none."""
        if strategy is Strategy.ONE_PRACTITIONER and self.wishes.pins:
            return self._one_practitioner()
        problem = replace(self.problem, strategy=strategy)
        found = self._solved(problem)
        return Way(problem, found, self._staffed(found)) if found else None

    def problem_of(self, name: str) -> Problem:
        """The problem that the proposal of that strategy solves, or the first one's."""
        chosen = [each for each in Strategy if each.value == name]
        strategy = (chosen or list(Strategy))[0]
        way = self.way(strategy)
        return way.problem if way else replace(self.base, strategy=strategy)

    def lost_words(self) -> list[str]:
        """Say which pins were let go."""
        return [
            _("Session %(number)s cannot be %(when)s any more. It may move again.")
            % {"number": pin.number, "when": moment_words(pin.at)}
            for pin in self.lost
        ]

    def _solved(self, problem: Problem) -> Plan | None:
        plans = self.workspace.plans(problem, self.workspace.openings(problem))
        return plans[0] if plans else None

    def _staffed(self, found: Plan) -> tuple[Session, ...]:
        """The plan's sessions and the pins, led so that operators change least."""
        held = pin_each(with_pins(self.base, found.sessions), self._starts())
        pins = held.sessions if held else ()
        return _by_number([*found.sessions, *pins])

    def _one_practitioner(self) -> Way | None:
        """The best plan with one operator throughout, whoever of all that is."""
        found = (self._led_by(who) for who in self.workspace.diary.operators)
        ways = [way for way in found if way]
        return min(ways, key=lambda way: way.plan.objective, default=None)

    def _led_by(self, operator: str) -> Way | None:
        starts = self._starts()
        strict = replace(self.base, strategy=Strategy.ONE_PRACTITIONER)
        held = pin_each(strict, starts, dict.fromkeys(starts, operator))
        if not held or {s.roles[OPERATOR] for s in held.sessions} != {operator}:
            return None
        found = self._solved(held.problem)
        if not found:
            return None
        sessions = _by_number([*found.sessions, *held.sessions])
        return Way(held.problem, found, sessions)

    def _starts(self) -> dict[int, datetime]:
        zone = self.base.zone
        return {pin.number: pin.at.replace(tzinfo=zone) for pin in self.wishes.pins}


def ask(
    plan: TreatmentPlan, wishes: Wishes, *, now: datetime, running: Waits | None = None
) -> Asked:
    """Read the diary for `wishes`, and let go of the pins that cannot be had.

    `running` is what `waits.of` says of the plan, where the caller knows it already.
    """
    running = running or waits.of(plan, now=now)
    read = diary.read(plan, _request(wishes, running.until), now=now)
    asked = Asked(
        plan=plan,
        wishes=replace(wishes, pins=()),
        base=read.problem,
        names=read.names,
        now=now,
        waits=running,
        workspace=Workspace(read.problem),
    )
    return reduce(_pinned, wishes.pins, asked)


def _pinned(asked: Asked, pin: Pin) -> Asked:
    """The same with `pin`, if it and all the rest can still be had."""
    start = pin.at.replace(tzinfo=asked.base.zone)
    wanted = replace(asked, wishes=asked.wishes.pinned(pin))
    if pinned(asked.problem, pin.number, start):
        problem = wanted.problem
        openings = asked.workspace.openings(problem)
        if progress(problem, openings).blocked is None:
            return wanted
    return replace(asked, lost=(*asked.lost, pin))


def _request(wishes: Wishes, not_before: date | None) -> diary.Request:
    return diary.Request(
        earliest=wishes.earliest,
        weekdays=wishes.weekdays,
        arrive_between=wishes.arrive_between,
        avoid=tuple((first, last) for first, last, _label in wishes.kept_free),
        not_before=not_before,
    )


def _by_number(sessions: Iterable[Session]) -> tuple[Session, ...]:
    return tuple(sorted(sessions, key=lambda session: session.number))
