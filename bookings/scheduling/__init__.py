"""The series solver: exact, pure, and the only one there is.

    problem = parse(json.load(file))        # or build a Problem from rows
    answer = solve(problem)
    match answer:
        case Optimal(plans=plans): ...
        case Infeasible(blocked=blocked, relaxations=relaxations): ...

How it works, in the order in which to read the modules: `problem` says what is asked,
`clock` and `timeline` turn local days into cells of one long integer, `crew` finds
where the roles can be filled, `openings` reads that day by day, `steps` folds the
fixed sessions into their neighbours, `reach` says which days each session can have,
`rounds`, `layers` and `steadiness` lay out the candidates, `best` finds the n best
among them, `staffing` fills the roles; `explain` and `relax` answer where nothing
fits.

More can be asked of a diary once laid out, as a `Workspace`:

    workspace = Workspace(problem)
    answers = solve_each(problem, workspace=workspace)
    why_not_earlier(problem, plan, workspace=workspace)
    alternatives(problem, plan, workspace=workspace)

`why` names what keeps a plan from an earlier end: `freed` and `levels` say what each
day would take, `sooner` finds the cheapest way, `causes` are its parts. `alternatives`
lists other dates, `pins` keeps those that somebody chose, `blockers` names who leaves
no place.

Where a series stands already, `replan` finds the least change: `replan_price` says what
each visit costs, `replan_search` finds the n cheapest ways, `replan_staff` keeps people,
rooms and devices where it can; `replan_answer` is what goes in and comes out, and
`hindrance` says why somebody wanted cannot be had.

All of this imports neither Django nor our models, and no clock: values in, values out.
"""

from bookings.scheduling.alternatives import Alternative, alternatives
from bookings.scheduling.answer import (
    Answer,
    Blocked,
    Infeasible,
    Optimal,
    Plan,
    Relaxation,
    Session,
)
from bookings.scheduling.blockers import Blocker, who_blocks
from bookings.scheduling.causes import (
    Away,
    Cause,
    Earliest,
    NotBefore,
    Times,
    Unavailable,
    Weekdays,
    without,
)
from bookings.scheduling.export import problem_to_json, to_json
from bookings.scheduling.fields import Malformed
from bookings.scheduling.hindrance import Hindrance, hindrance, needed
from bookings.scheduling.parse import parse
from bookings.scheduling.pins import Pinned, pin_each, pinned, with_pins
from bookings.scheduling.problem import (
    Fixed,
    Kind,
    Phase,
    Problem,
    Resource,
    Role,
    Series,
    Span,
    Strategy,
    instant,
    moment,
)
from bookings.scheduling.replan import Replanner, replan, slack
from bookings.scheduling.replan_answer import (
    Allowance,
    DayOption,
    Replan,
    Replanned,
    Standing,
)
from bookings.scheduling.solver import solve, solve_each
from bookings.scheduling.why import Why, why_not_earlier
from bookings.scheduling.workspace import Workspace

__all__ = [
    "Allowance",
    "Alternative",
    "Answer",
    "Away",
    "Blocked",
    "Blocker",
    "Cause",
    "DayOption",
    "Earliest",
    "Fixed",
    "Hindrance",
    "Infeasible",
    "Kind",
    "Malformed",
    "NotBefore",
    "Optimal",
    "Phase",
    "Pinned",
    "Plan",
    "Problem",
    "Relaxation",
    "Replan",
    "Replanned",
    "Replanner",
    "Resource",
    "Role",
    "Series",
    "Session",
    "Span",
    "Standing",
    "Strategy",
    "Times",
    "Unavailable",
    "Weekdays",
    "Why",
    "Workspace",
    "alternatives",
    "hindrance",
    "instant",
    "moment",
    "needed",
    "parse",
    "pin_each",
    "pinned",
    "problem_to_json",
    "replan",
    "slack",
    "solve",
    "solve_each",
    "to_json",
    "who_blocks",
    "why_not_earlier",
    "with_pins",
    "without",
]
