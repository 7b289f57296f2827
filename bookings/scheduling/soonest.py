"""Every visit that one session could have, the soonest first: for a freed time.

    search = Soonest(problem, number)
    for session in search.visits():
        if whole := search.with_the_rest(session): ...

`number` is the session sought, the first of what `problem` still has to plan. The
sessions in `series.fixed` stay where they are.
"""

from collections.abc import Iterator
from datetime import date

from bookings.scheduling.answer import Session
from bookings.scheduling.clock import instant_at
from bookings.scheduling.masks import bits
from bookings.scheduling.problem import Problem, moment
from bookings.scheduling.reach import within
from bookings.scheduling.replan import Replanner
from bookings.scheduling.replan_answer import Replan, Standing
from bookings.scheduling.steps import steps
from bookings.scheduling.workspace import Workspace


class Soonest:
    """One diary, asked for the visits of one session and for what would follow."""

    def __init__(
        self, problem: Problem, number: int, rest: Problem | None = None
    ) -> None:
        """`rest` says what is asked of the other sessions; the same, if left out.

        It has the diary and the first date of `problem`, and no earlier last one.
        """
        self._problem, self._number = problem, number
        self._rest = rest or problem
        self._workspace = Workspace(self._rest)
        self._placer = Replanner(problem, {}, self._workspace)
        self._follower = Replanner(self._rest, {}, self._workspace)
        self._hopeless: set[date] = set()

    def visits(self) -> Iterator[Session]:
        """Yield each visit inside the session's window, at every time it could start.

        The window is that of the fixed sessions on either side; where the session
        before it has no date, there is none.
        """
        problem = self._problem
        openings = self._workspace.openings(problem)
        step = next(one for one in steps(problem) if one.number == self._number)
        days = within(problem, step, 0, openings) & openings.dates()
        for index in bits(days):
            for minute in openings.minutes(index):
                start = instant_at(problem.zone, openings.origin + index, minute)
                where = moment(start, problem.zone)
                if session := self._placer.place(self._number, where):
                    yield session

    def with_the_rest(self, session: Session) -> tuple[Session, ...] | None:
        """`session` and all that is still to plan, as soon as can be; None if one fails.

        Where nothing else is to plan, that is `session` alone.
        """
        series = self._rest.series
        if len({*series.fixed, session.number}) == series.count:
            return (session,)
        if (day := session.start.date()) in self._hopeless:
            return None
        pinned = {session.number: Standing(session.start, session.roles)}
        answer = self._follower.replan(pinned=pinned)
        if isinstance(answer, Replan):
            return answer.plans[0].sessions
        self._hopeless.add(day)
        return None
