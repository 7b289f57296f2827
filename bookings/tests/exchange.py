"""Builders of problems in the exchange format whose defaults are dull.

One practitioner, one room, open from 09:00 to 12:00 on every date of June 2027 and
free; two half-hour sessions with the operator in the room, one to three days apart.
"""

from datetime import date, timedelta

from bookings.scheduling import parse, solve, to_json


def open_daily(start="09:00", end="12:00", first="2027-06-01", days=30):
    """The same hours on so many dates."""
    dates = [date.fromisoformat(first) + timedelta(days=n) for n in range(days)]
    return [[f"{day}T{start}", f"{day}T{end}"] for day in dates]


def resource(name, kind="practitioner", skills=(), opens=None, busy=()):
    return {
        "id": name,
        "kind": kind,
        "skills": list(skills),
        "open": open_daily() if opens is None else opens,
        "busy": list(busy),
    }


def series(**changed):
    return {
        "count": 2,
        "gap_days": [1, 3],
        "ideal_gap_days": 2,
        "earliest": "2027-06-01",
        "latest": "2027-06-30",
        **changed,
    }


def problem(**changed):
    """A problem; any field of `series` may be changed by its own name too."""
    own = {name: changed.pop(name) for name in list(changed) if name in SERIES_FIELDS}
    return {
        "timezone": "America/Toronto",
        "grid_minutes": 15,
        "resources": [resource("ann"), resource("r1", "room")],
        "roles": {"operator": {"kind": "practitioner"}, "room": {"kind": "room"}},
        "phases": [{"name": "care", "minutes": 30, "uses": ["operator", "room"]}],
        "series": series(**own),
        "strategy": "earliest-finish",
        **changed,
    }


SERIES_FIELDS = {
    *series(),
    *("weekdays", "arrive_between", "blackouts", "not_before", "fixed"),
}


def answer(**changed):
    """The answer to such a problem, in the exchange format."""
    return to_json(solve(parse(problem(**changed))))


def starts(answered, plan=0):
    """When the sessions of one plan start."""
    assert answered["status"] == "optimal", answered
    return [session["start"] for session in answered["plans"][plan]["sessions"]]


def objectives(answered):
    """The tuples of all plans."""
    return [plan["objective"] for plan in answered["plans"]]
