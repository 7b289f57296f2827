"""Problems and answers in the exchange format, ready for `json.dumps`."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from bookings.scheduling.answer import Answer, Blocked, Optimal, Plan, Session
from bookings.scheduling.problem import (
    ANY_TIME,
    EVERY_WEEKDAY,
    Fixed,
    Phase,
    Problem,
    Resource,
    Role,
    Series,
    Span,
    moment,
)

Json = dict[str, object]

_UTC = ZoneInfo("UTC")

_FIELDS: dict[str, Callable[[Series], object]] = {
    "count": lambda series: series.count,
    "gap_days": lambda series: list(series.gap_days),
    "ideal_gap_days": lambda series: series.ideal_gap_days,
    "earliest": lambda series: series.earliest.isoformat(),
    "latest": lambda series: series.latest.isoformat(),
    "weekdays": lambda series: sorted(series.weekdays),
    "arrive_between": lambda series: [_time(each) for each in series.arrive_between],
    "blackouts": lambda series: [
        [first.isoformat(), last.isoformat()] for first, last in series.blackouts
    ],
    "not_before": lambda series: {
        str(number): day.isoformat() for number, day in series.not_before.items()
    },
    "fixed": lambda series: {
        str(number): _fixed(each) for number, each in series.fixed.items()
    },
}


def to_json(answer: Answer) -> Json:
    """An answer as the exchange format has it."""
    if isinstance(answer, Optimal):
        return {
            "status": "optimal",
            "strategy": answer.strategy.value,
            "plans": [_plan(plan) for plan in answer.plans],
        }
    return {
        "status": "infeasible",
        "blocked": _blocked(answer.blocked),
        "relaxations": [
            {
                "change": {each.field: _FIELDS[each.field](each.series)},
                "objective": list(each.objective),
            }
            for each in answer.relaxations
        ],
    }


def problem_to_json(problem: Problem) -> Json:
    """A problem as the exchange format has it: `parse` reads back an equal one."""
    return {
        "timezone": problem.zone.key,
        "grid_minutes": problem.grid_minutes,
        "resources": [_resource(each) for each in problem.resources],
        "roles": {name: _role(role) for name, role in problem.roles.items()},
        "phases": [_phase(phase) for phase in problem.phases],
        "series": _series(problem.series),
        "strategy": problem.strategy.value,
        "proposals": problem.proposals,
    }


def _plan(plan: Plan) -> Json:
    return {
        "objective": list(plan.objective),
        "sessions": [_session(session) for session in plan.sessions],
    }


def _session(session: Session) -> Json:
    return {
        "number": session.number,
        "start": _local(session.start),
        "end": _local(session.end),
        "roles": dict(session.roles),
    }


def _blocked(blocked: Blocked) -> Json:
    return {
        "session": blocked.session,
        "window": [day.isoformat() for day in blocked.window],
        "roles": list(blocked.roles),
        "reason": blocked.reason,
    }


def _resource(resource: Resource) -> Json:
    return {
        "id": resource.id,
        "kind": resource.kind.value,
        "skills": sorted(resource.skills),
        "open": [_span(span) for span in resource.open],
        "busy": [_span(span) for span in resource.busy],
    }


def _role(role: Role) -> Json:
    return {
        "kind": role.kind.value,
        "skills": sorted(role.skills),
        "shared": role.shared,
    }


def _phase(phase: Phase) -> Json:
    return {"name": phase.name, "minutes": phase.minutes, "uses": list(phase.uses)}


def _series(series: Series) -> Json:
    """Leave out the days and times that mean any."""
    found = {name: write(series) for name, write in _FIELDS.items()}
    if series.weekdays == EVERY_WEEKDAY:
        del found["weekdays"]
    if series.arrive_between == ANY_TIME:
        del found["arrive_between"]
    return found


def _fixed(fixed: Fixed) -> Json:
    found: Json = {"date": fixed.date.isoformat()}
    if fixed.operator is not None:
        found["operator"] = fixed.operator
    return found


def _span(span: Span) -> list[str]:
    return [f"{_local(moment(instant, _UTC))}Z" for instant in span]


def _local(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="minutes")


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
